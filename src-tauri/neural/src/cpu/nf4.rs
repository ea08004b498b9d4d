//! Weights in four bits: NF4 with double quantisation (Dettmers et al. 2023,
//! <https://arxiv.org/abs/2305.14314>), to the values of bitsandbytes' `quantize_4bit`.

use std::sync::OnceLock;

/// Weights that share a scale.
pub(crate) const BLOCK: usize = 64;
/// Scales that share a scale of their own.
pub(crate) const SCALES: usize = 256;
/// What four bits stand for: the quantiles of a normal distribution.
pub(crate) const VALUES: [f32; 16] = [
    -1.0,
    -0.696_192_8,
    -0.525_073_05,
    -0.394_917_5,
    -0.284_441_38,
    -0.184_773_43,
    -0.091_050_036,
    0.0,
    0.079_580_3,
    0.160_930_2,
    0.246_112_3,
    0.337_915_24,
    0.440_709_83,
    0.562_617,
    0.722_956_84,
    1.0,
];

/// Weights of a matrix, row after row, two to a byte.
#[derive(Debug, Clone)]
pub struct Nf4 {
    bits: Vec<u8>,
    /// A block's scale, in eight bits.
    scales: Vec<u8>,
    /// What the scales' bits are multiplied with.
    outer: Vec<f32>,
    /// What is added to each scale.
    offset: f32,
    count: usize,
}

/// What the eight bits of a scale stand for: more values near nought (Dettmers 2016,
/// <https://arxiv.org/abs/1511.04561>).
pub(crate) fn dynamic() -> &'static [f32] {
    static MAP: OnceLock<Vec<f32>> = OnceLock::new();
    MAP.get_or_init(|| {
        let mut values = vec![0.0, 1.0];
        for exponent in 0..7_i32 {
            let items = 1 << exponent;
            let edge = |at: i32| 0.1 + 0.9 * f64::from(at) / f64::from(items);
            for at in 0..items {
                let mean = (edge(at) + edge(at + 1)) / 2.0 * 10_f64.powi(exponent - 6);
                values.extend([mean as f32, -mean as f32]);
            }
        }
        values.sort_by(f32::total_cmp);
        // So that the least has its place as the largest has, as bitsandbytes' code for processors does it.
        values[0] = -1.0;
        values
    })
}

/// The place of the nearest of ordered values.
fn nearest(values: &[f32], x: f32) -> usize {
    let above = values.partition_point(|&value| value < x);
    if above == 0 {
        return 0;
    }
    if above == values.len() || x - values[above - 1] <= values[above] - x {
        return above - 1;
    }
    above
}

fn largest(numbers: &[f32]) -> f32 {
    numbers.iter().fold(0.0, |most, x| most.max(x.abs()))
}

impl Nf4 {
    /// The nearest there is to some numbers.
    #[must_use]
    pub fn new(numbers: &[f32]) -> Self {
        let most: Vec<f32> = numbers.chunks(BLOCK).map(largest).collect();
        let mut bits = vec![0; numbers.len().div_ceil(2)];
        for (block, (numbers, most)) in numbers.chunks(BLOCK).zip(&most).enumerate() {
            let share = if *most > 0.0 { 1.0 / most } else { 0.0 };
            for (at, number) in numbers.iter().enumerate() {
                let place = block * BLOCK + at;
                bits[place / 2] |= (nearest(&VALUES, number * share) as u8) << (place % 2 * 4);
            }
        }
        let mean = most.iter().map(|&x| f64::from(x)).sum::<f64>() / most.len().max(1) as f64;
        let offset = mean as f32;
        let apart: Vec<f32> = most.iter().map(|most| most - offset).collect();
        let outer: Vec<f32> = apart.chunks(SCALES).map(largest).collect();
        let scales = apart.chunks(SCALES).zip(&outer).flat_map(|(apart, outer)| {
            let outer = if *outer > 0.0 { *outer } else { 1.0 };
            apart.iter().map(move |x| nearest(dynamic(), x / outer) as u8)
        });
        Self { scales: scales.collect(), bits, outer, offset, count: numbers.len() }
    }

    /// Two weights a byte, a block's scales in eight bits, what these are multiplied with, and what is then
    /// added.
    #[cfg(feature = "candle")]
    pub(crate) fn parts(&self) -> (&[u8], &[u8], &[f32], f32) {
        (&self.bits, &self.scales, &self.outer, self.offset)
    }

    /// How many weights.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Bytes of memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bits.len() + self.scales.len() + size_of_val(self.outer.as_slice())
    }

    /// What the numbers from `at` on stand for.
    pub fn read(&self, at: usize, out: &mut [f32]) {
        let mut at = at;
        let mut out = &mut out[..];
        while !out.is_empty() {
            let block = at / BLOCK;
            let count = (BLOCK - at % BLOCK).min(out.len());
            let scale = dynamic()[usize::from(self.scales[block])] * self.outer[block / SCALES]
                + self.offset;
            let values = VALUES.map(|value| value * scale);
            let (some, rest) = out.split_at_mut(count);
            for (place, out) in (at..).zip(some) {
                *out = values[usize::from(self.bits[place / 2] >> (place % 2 * 4) & 15)];
            }
            (at, out) = (at + count, rest);
        }
    }
}
