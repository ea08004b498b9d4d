//! How far a map can be believed.

use rayon::prelude::*;

use super::{Dense, ProjectError, random};

/// Trustworthiness (Venna & Kaski 2001): 1 where each row's `k` nearest in the plane are among its
/// nearest in `high`, less the further off they are there. Equal to scikit-learn's
/// `sklearn.manifold.trustworthiness` with Euclidean distances, but for ties; with `sample`, the
/// mean over so many rows chosen by `seed`, each judged against all rows.
///
/// # Errors
/// A wrong shape, a value that is not finite, a wrong number of points, or `k` of 0 or not below
/// half of the rows.
pub fn trustworthiness(
    high: &Dense,
    low: &[[f32; 2]],
    k: usize,
    sample: Option<usize>,
    seed: u64,
) -> Result<f64, ProjectError> {
    high.validate()?;
    let rows = high.rows;
    if low.len() != rows {
        return Err(ProjectError::PointCount { points: low.len(), rows });
    }
    if k == 0 || 2 * k >= rows {
        return Err(ProjectError::NeighbourCount { neighbours: k, rows });
    }
    let mut judged = random::shuffled(rows as u32, seed);
    judged.truncate(sample.unwrap_or(rows).max(1));
    let penalties: Vec<usize> =
        judged.par_iter().map(|&row| penalty(high, low, row as usize, k)).collect();
    let mean = penalties.iter().sum::<usize>() as f64 / penalties.len() as f64;
    Ok(1.0 - mean * 2.0 / (k as f64 * (2.0 * rows as f64 - 3.0 * k as f64 - 1.0)))
}

/// By how many ranks one row's nearest in the plane miss its `k` nearest in `high`, together.
fn penalty(high: &Dense, low: &[[f32; 2]], row: usize, k: usize) -> usize {
    let mut near: Vec<(f64, usize)> = low
        .iter()
        .enumerate()
        .filter(|&(other, _)| other != row)
        .map(|(other, point)| {
            let along = |axis: usize| f64::from(point[axis]) - f64::from(low[row][axis]);
            (along(0) * along(0) + along(1) * along(1), other)
        })
        .collect();
    let order = |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    near.select_nth_unstable_by(k - 1, order);
    near.truncate(k);

    let own = high.row(row);
    let distances: Vec<f64> = (0..high.rows)
        .map(|other| {
            own.iter()
                .zip(high.row(other))
                .map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2))
                .sum()
        })
        .collect();
    near.iter()
        .map(|&(_, other)| {
            let distance = distances[other];
            let before = distances
                .iter()
                .enumerate()
                .filter(|&(at, &d)| d < distance || (d == distance && at < other))
                .count();
            // `before` counts the row itself, at distance 0, unless `other` ties with it.
            let own_counted = distance > 0.0 || row < other;
            (before + usize::from(!own_counted)).saturating_sub(k)
        })
        .sum()
}
