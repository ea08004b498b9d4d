//! How far a decoder is from the tokens that come, and which way it would be nearer.

use rayon::prelude::*;

use crate::cpu::product::{Frozen, Matrix, Onto, product};
use crate::cpu::spread;

/// Scores that are there at once, 64 MB of them: those of all tokens of a batch would take more memory than
/// the model.
const SCORES: usize = 1 << 24;

/// Rows whose scores are there at once.
pub(super) fn some(tokens: usize) -> usize {
    (SCORES / tokens.max(1)).clamp(32, 256)
}

/// The sum of cross-entropies of rows whose next tokens are known; `grad` gets what each row gets of it,
/// times `share`. `head` has a row of as many numbers for every token.
pub(super) fn cross_entropy(
    rows: &[f32],
    next: &[u32],
    (head, tokens, width): (&Frozen, usize, usize),
    share: f32,
    mut grad: Option<&mut [f32]>,
) -> f64 {
    let head = Matrix::frozen(head, tokens, width);
    let (mut sum, some) = (0.0, some(tokens));
    let mut scores = vec![0.0; some.min(next.len()) * tokens];
    for (at, next) in next.chunks(some).enumerate() {
        let rows = &rows[at * some * width..][..next.len() * width];
        let scores = &mut scores[..next.len() * tokens];
        product(Matrix::of(rows, width), head.turned(), Onto::rows(scores, tokens));
        let losses: Vec<f64> = scores
            .par_chunks_mut(tokens)
            .zip(next)
            .map(|(scores, &next)| {
                let next = next as usize;
                let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let behind = f64::from(most) - f64::from(scores[next]);
                spread::with(|cpu| cpu.softmax(scores));
                let largest = scores.iter().copied().fold(0.0, f32::max);
                scores[next] -= 1.0;
                behind - f64::from(largest).ln()
            })
            .collect();
        sum += losses.iter().sum::<f64>();
        if let Some(grad) = &mut grad {
            let into = &mut grad[at * some * width..][..next.len() * width];
            product(Matrix::of(scores, tokens), head, Onto::rows(into, width).adding(share));
        }
    }
    sum
}
