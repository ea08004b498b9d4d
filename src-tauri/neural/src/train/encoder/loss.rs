//! How far sums are from what is right, and which way they would be nearer.

use std::ops::Range;

use crate::cpu::spread;

use super::{Known, Right};

/// The cross-entropy of a row of sums, which becomes what the sums get of it.
fn cross_entropy(sums: &mut [f32], right: usize) -> f64 {
    let most = sums.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let whole: f64 = sums.iter().map(|&sum| f64::from(sum - most).exp()).sum();
    let loss = whole.ln() + f64::from(most) - f64::from(sums[right]);
    spread::with(|cpu| cpu.softmax(sums));
    sums[right] -= 1.0;
    loss
}

/// The sum of all losses of `sequences`, whose rows of `labels` sums become what they get of `share` times
/// that. `weights` says what examples of each class count.
pub(super) fn losses(
    sequences: &[&Known],
    ranges: &[Range<usize>],
    labels: usize,
    weights: &[f32],
    share: f32,
    sums: &mut [f32],
) -> f64 {
    let mut loss = 0.0;
    for (at, (known, range)) in sequences.iter().zip(ranges).enumerate() {
        match &known.right {
            Right::Class(right) => {
                let weight = weights.get(*right as usize).copied().unwrap_or(1.0);
                let sums = &mut sums[at * labels..][..labels];
                loss += f64::from(weight) * cross_entropy(sums, *right as usize);
                sums.iter_mut().for_each(|sum| *sum *= share * weight);
            }
            Right::Tags(tags) => {
                let rows = sums[range.start * labels..range.end * labels].chunks_exact_mut(labels);
                for (sums, tag) in rows.zip(tags) {
                    match tag {
                        Some(right) => {
                            loss += cross_entropy(sums, *right as usize);
                            sums.iter_mut().for_each(|sum| *sum *= share);
                        }
                        None => sums.fill(0.0),
                    }
                }
            }
            Right::Span(start, end) => {
                let rows = &mut sums[range.start * labels..range.end * labels];
                for (side, right) in [start, end].into_iter().enumerate() {
                    let mut of_side: Vec<f32> =
                        rows.iter().skip(side).step_by(labels).copied().collect();
                    // The mean of both.
                    loss += 0.5 * cross_entropy(&mut of_side, *right);
                    let into = rows.iter_mut().skip(side).step_by(labels);
                    into.zip(of_side).for_each(|(sum, slope)| *sum = 0.5 * share * slope);
                }
            }
        }
    }
    loss
}
