//! Placing further rows among rows that have a place.

use rayon::prelude::*;

use super::neighbours::{NONE, Neighbours};
use super::{lanes, random};
use crate::progress::{Cancelled, Progress};

/// How far at most a seeded jitter moves a placed point, so that none share a spot.
const JITTER: f64 = 1e-2;

/// Appends a point for each row of `neighbours` that has none: the mean of its neighbours that
/// have one, weighted `exp(-(d - ρ) / mean(d - ρ))`, ρ the least distance. Rows without such a
/// neighbour wait for the next round; those that no round reaches come to the origin.
///
/// # Errors
/// A stop.
pub(super) fn place(
    points: &mut Vec<[f32; 2]>,
    neighbours: &Neighbours,
    seed: u64,
    progress: &dyn Progress,
) -> Result<(), Cancelled> {
    let k = neighbours.k.max(1);
    let rows = neighbours.ids.len() / k;
    let mut waiting: Vec<u32> = (points.len() as u32..rows as u32).collect();
    points.resize(rows, UNPLACED);
    while !waiting.is_empty() {
        progress.check()?;
        let at = |&row: &u32| {
            let own = row as usize * k..(row as usize + 1) * k;
            mean(points, &neighbours.ids[own.clone()], &neighbours.squared[own])
        };
        let found: Vec<Option<[f32; 2]>> = waiting.par_iter().map(at).collect();
        let reached = found.iter().any(Option::is_some);
        let mut left = Vec::new();
        for (row, point) in waiting.into_iter().zip(found) {
            match point.or((!reached).then_some([0.0; 2])) {
                Some(point) => {
                    points[row as usize] = [0, 1].map(|axis| {
                        let place = u64::from(row) * 2 + axis as u64;
                        point[axis] + (random::signed_unit(seed, place) * JITTER) as f32
                    });
                }
                None => left.push(row),
            }
        }
        waiting = left;
    }
    Ok(())
}

/// Marks a row without a point.
const UNPLACED: [f32; 2] = [f32::NAN; 2];

/// The weighted mean of the neighbours that have a point.
fn mean(points: &[[f32; 2]], ids: &[u32], squared: &[f32]) -> Option<[f32; 2]> {
    let placed = || {
        ids.iter()
            .zip(squared)
            .filter(|&(&id, squared)| id != NONE && squared.is_finite())
            .map(|(&id, &squared)| (points[id as usize], squared.sqrt()))
            .filter(|(point, _)| !point[0].is_nan())
    };
    let (_, nearest) = placed().next()?;
    let count = placed().count();
    let spread = placed().map(|(_, d)| d - nearest).sum::<f32>() / count as f32;
    let (mut sum, mut total) = ([0.0_f32; 2], 0.0_f32);
    for (point, distance) in placed() {
        let beyond = (distance - nearest) / spread.max(f32::MIN_POSITIVE);
        let weight = lanes::exp2(-beyond * std::f32::consts::LOG2_E);
        sum[0] += weight * point[0];
        sum[1] += weight * point[1];
        total += weight;
    }
    Some([sum[0] / total, sum[1] / total])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Unwatched;

    #[test]
    fn rows_are_placed_by_neighbours_that_may_have_been_placed_before() {
        let mut points = vec![[0.0, 0.0], [4.0, 0.0]];
        // Row 2 lies between 0 and 1, row 3 next to 2 alone, and 4 and 5 know only each other.
        let ids = vec![1, NONE, 0, NONE, 0, 1, 2, NONE, 5, NONE, 4, NONE];
        let squared = vec![1.0; 12];
        place(&mut points, &Neighbours { k: 2, ids, squared }, 1, &Unwatched).unwrap();
        let near =
            |at: usize, x: f32| (points[at][0] - x).abs() < 0.05 && points[at][1].abs() < 0.05;
        assert!(near(2, 2.0) && near(3, 2.0) && near(4, 0.0) && near(5, 0.0), "{points:?}");
        assert_ne!(points[4], points[5]);
    }
}
