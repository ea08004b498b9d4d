//! Where the points begin: the first two principal components.

use rayon::prelude::*;

use super::distinct::Points;
use super::{ProjectError, eigen, random};
use crate::progress::Progress;

/// The largest coordinate of the start.
const EXTENT: f64 = 10.0;
/// How far at most a seeded jitter moves a point, so that no two begin on one spot.
const JITTER: f64 = 1e-3;
/// Rows from which the components are found: more change the third digit at most.
const ROWS: usize = 20_000;
const ROUNDS: usize = 12;

/// The first `count` rows on the first two principal components, the larger extent scaled to 10.
pub(super) fn principal(
    points: &Points,
    count: usize,
    seed: u64,
    progress: &dyn Progress,
) -> Result<Vec<[f32; 2]>, ProjectError> {
    let width = points.width();
    let used = count.min(ROWS);
    let mut mean = vec![0.0_f64; width];
    for row in 0..used {
        for (sum, &value) in mean.iter_mut().zip(points.row(row)) {
            *sum += f64::from(value);
        }
    }
    mean.iter_mut().for_each(|sum| *sum /= used.max(1) as f64);

    // The covariance is applied, not formed: 2 · rows · width a vector, whatever the width.
    let components = eigen::leading(width, 2, ROUNDS, seed, |block, columns| {
        progress.check()?;
        let parts: Vec<Vec<f64>> = (0..used.div_ceil(CHUNK))
            .into_par_iter()
            .map(|chunk| {
                let mut part = vec![0.0; width * columns];
                for row in chunk * CHUNK..((chunk + 1) * CHUNK).min(used) {
                    let row: Vec<f64> = centred(points.row(row), &mean);
                    for (vector, sum) in block.chunks_exact(width).zip(part.chunks_exact_mut(width))
                    {
                        let along: f64 = vector.iter().zip(&row).map(|(v, x)| v * x).sum();
                        for (sum, x) in sum.iter_mut().zip(&row) {
                            *sum += along * x;
                        }
                    }
                }
                part
            })
            .collect();
        let mut total = vec![0.0; width * columns];
        for part in parts {
            for (total, value) in total.iter_mut().zip(part) {
                *total += value;
            }
        }
        Ok(total)
    })?;

    let along = |row: usize| -> [f64; 2] {
        let row = centred(points.row(row), &mean);
        let mut at = [0.0; 2];
        for (at, vector) in at.iter_mut().zip(components.vectors.chunks_exact(width.max(1))) {
            *at = vector.iter().zip(&row).map(|(v, x)| v * x).sum();
        }
        at
    };
    let raw: Vec<[f64; 2]> = (0..count).into_par_iter().map(along).collect();
    let extent = raw.iter().flatten().fold(0.0_f64, |m, v| m.max(v.abs()));
    let scale = if extent > 0.0 { EXTENT / extent } else { 0.0 };
    Ok(raw
        .iter()
        .enumerate()
        .map(|(row, at)| {
            [0, 1].map(|axis| {
                let jitter = random::signed_unit(seed, (2 * row + axis) as u64) * JITTER;
                (at[axis] * scale + jitter) as f32
            })
        })
        .collect())
}

const CHUNK: usize = 1024;

fn centred(row: &[f32], mean: &[f64]) -> Vec<f64> {
    row.iter().zip(mean).map(|(&x, mean)| f64::from(x) - mean).collect()
}
