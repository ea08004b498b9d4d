//! What distance adds to the scores of attention, by buckets (Raffel et al. 2019,
//! <https://arxiv.org/abs/1910.10683>), as MPNet has it.

use crate::error::Result;

use super::{Config, Found};

/// Distances from here on share the last bucket.
const FARTHEST: f32 = 128.0;

/// A number for every bucket and head.
#[derive(Debug)]
pub(super) struct RelativeBias {
    buckets: usize,
    heads: usize,
    numbers: Vec<f32>,
}

impl RelativeBias {
    /// Those of a model, if it has any.
    pub(super) fn load(found: &Found, config: &Config) -> Result<Option<Self>> {
        let Some(buckets) = config.buckets else { return Ok(None) };
        let name = "encoder.relative_attention_bias.weight";
        let numbers = found.load(name, &[buckets, config.heads])?;
        Ok(Some(Self { buckets, heads: config.heads, numbers }))
    }

    /// For every head, a row for every query with a number for every key.
    pub(super) fn of_length(&self, length: usize) -> Vec<f32> {
        let mut bias = Vec::with_capacity(self.heads * length * length);
        let reach = length as isize;
        let buckets: Vec<_> = (1 - reach..reach).map(|ahead| self.bucket(ahead)).collect();
        for head in 0..self.heads {
            for query in 0..length {
                let of_row = &buckets[length - 1 - query..][..length];
                bias.extend(of_row.iter().map(|bucket| self.numbers[bucket * self.heads + head]));
            }
        }
        bias
    }

    /// The bucket of a key that lies `ahead` of its query: one each for small distances, then ever
    /// wider ones; half of them for keys ahead.
    fn bucket(&self, ahead: isize) -> usize {
        let half = self.buckets / 2;
        let exact = half / 2;
        let far = ahead.unsigned_abs();
        let first = if ahead > 0 { half } else { 0 };
        if far < exact {
            return first + far;
        }
        // In single precision, as the reference has it: at a bucket's edge the last digit decides.
        let ratio = (far as f32 / exact as f32).ln() / (FARTHEST / exact as f32).ln();
        first + (exact + (ratio * (half - exact) as f32) as usize).min(half - 1)
    }
}
