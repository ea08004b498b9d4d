//! A rotation that spreads what a vector says evenly over its numbers: rounds of random signs and fast
//! Walsh-Hadamard transforms of its first and of its last numbers by turns.

use crate::hash::hash;

/// Rounds: two of them reach every number from every other.
const ROUNDS: usize = 4;

/// An orthogonal map of vectors of one width.
#[derive(Debug, Clone)]
pub(super) struct Rotation {
    /// A row of 1 and -1 for every round.
    signs: Vec<f32>,
    width: usize,
    /// The widest power of two that fits.
    span: usize,
}

impl Rotation {
    pub(super) fn new(width: usize) -> Self {
        let span = if width == 0 { 1 } else { 1 << width.ilog2() };
        // The same for all time and everywhere: sketches on disk were made with them.
        let sign = |at: usize| if hash(&(at as u64).to_le_bytes()) >> 63 == 0 { 1.0 } else { -1.0 };
        let signs = (0..ROUNDS * width).map(sign);
        Self { signs: signs.collect(), width, span }
    }

    /// Rotates a vector in place.
    pub(super) fn apply(&self, vector: &mut [f32]) {
        let norm = 1.0 / (self.span as f32).sqrt();
        for (round, signs) in self.signs.chunks_exact(self.width.max(1)).enumerate() {
            vector.iter_mut().zip(signs).for_each(|(x, sign)| *x *= sign);
            let from = if round % 2 == 0 { 0 } else { self.width - self.span };
            let part = &mut vector[from..from + self.span];
            transform(part);
            part.iter_mut().for_each(|x| *x *= norm);
        }
    }
}

/// The Walsh-Hadamard transform of as many numbers as a power of two, in place, not normalised.
fn transform(numbers: &mut [f32]) {
    let mut half = 1;
    while half < numbers.len() {
        for pair in numbers.chunks_exact_mut(2 * half) {
            let (left, right) = pair.split_at_mut(half);
            for (one, other) in left.iter_mut().zip(right) {
                (*one, *other) = (*one + *other, *one - *other);
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_angles_stay_and_one_number_reaches_all() {
        for width in [1, 2, 3, 32, 100, 384] {
            let rotation = Rotation::new(width);
            let (mut one, mut other) = (vec![0.0; width], vec![0.0; width]);
            one[0] = 1.0;
            other[width - 1] = 0.6;
            other[0] = 0.8;
            let dot = |one: &[f32], other: &[f32]| -> f32 {
                one.iter().zip(other).map(|(one, other)| one * other).sum()
            };
            let before = (dot(&one, &one), dot(&one, &other), dot(&other, &other));
            rotation.apply(&mut one);
            rotation.apply(&mut other);
            let after = (dot(&one, &one), dot(&one, &other), dot(&other, &other));
            for (before, after) in [(before.0, after.0), (before.1, after.1), (before.2, after.2)] {
                assert!((before - after).abs() < 1e-5, "{width}: {before} {after}");
            }
            let widest = one.iter().fold(0.0_f32, |widest, x| widest.max(x.abs()));
            assert!(width < 32 || widest < 0.5, "{width}: {widest}");
        }
    }
}
