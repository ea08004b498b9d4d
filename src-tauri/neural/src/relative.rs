//! What distance adds to the scores of attention, by buckets, as T5 (Raffel et al. 2019,
//! <https://arxiv.org/abs/1910.10683>) and MPNet have it.

use std::ops::Range;

use crate::error::Result;
use crate::linear::Found;

/// How distances are told apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Buckets {
    /// How many.
    pub(crate) count: usize,
    /// Distances from here on share the last one.
    pub(crate) farthest: usize,
    /// Whether half of them are for keys ahead; else those count as no distance.
    pub(crate) both_ways: bool,
}

/// A number for every bucket and head.
#[derive(Debug)]
pub(crate) struct RelativeBias {
    buckets: Buckets,
    heads: usize,
    numbers: Vec<f32>,
}

impl RelativeBias {
    /// Those of a tensor.
    pub(crate) fn load(found: &Found, name: &str, buckets: Buckets, heads: usize) -> Result<Self> {
        let numbers = found.load(name, &[buckets.count, heads])?;
        Ok(Self { buckets, heads, numbers })
    }

    /// For every head, a row for every query with a number for every key.
    pub(crate) fn of(&self, queries: Range<usize>, keys: usize) -> Vec<f32> {
        let mut bias = Vec::with_capacity(self.heads * queries.len() * keys);
        let (first, last) = (queries.start as isize, queries.end as isize - 1);
        let buckets: Vec<_> =
            (-last..keys as isize - first).map(|ahead| self.buckets.of(ahead)).collect();
        for head in 0..self.heads {
            for query in queries.clone() {
                let of_row = &buckets[last as usize - query..][..keys];
                bias.extend(of_row.iter().map(|bucket| self.numbers[bucket * self.heads + head]));
            }
        }
        bias
    }
}

impl Buckets {
    /// The bucket of a key that lies `ahead` of its query: one each for small distances, then ever
    /// wider ones.
    fn of(self, ahead: isize) -> usize {
        let (count, first, far) = match (self.both_ways, ahead > 0) {
            (true, true) => (self.count / 2, self.count / 2, ahead.unsigned_abs()),
            (true, false) => (self.count / 2, 0, ahead.unsigned_abs()),
            (false, true) => (self.count, 0, 0),
            (false, false) => (self.count, 0, ahead.unsigned_abs()),
        };
        let exact = count / 2;
        if far < exact {
            return first + far;
        }
        // In single precision, as the reference has it: at a bucket's edge the last digit decides.
        let ratio =
            (far as f32 / exact as f32).ln() / ((self.farthest as f64 / exact as f64).ln() as f32);
        first + (exact + (ratio * (count - exact) as f32) as usize).min(count - 1)
    }
}
