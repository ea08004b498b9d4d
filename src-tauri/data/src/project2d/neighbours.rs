//! Each row's nearest others: by comparing all pairs where that is cheap, approximately beyond.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::ProjectError;
use super::candidates::Candidate;
use super::descent::descend;
use super::distinct::Points;
use super::forest::{Leaves, nearest_in_leaves};
use crate::progress::Progress;

/// Up to this many rows all pairs are compared.
const EXACT_ROWS: usize = 4096;
/// Trees, before a round of descent.
const TREES: usize = 4;
/// Rows between two looks at the caller's wish to stop: about 20 ms of work.
const BLOCK: usize = 128;
/// Marks a place that no neighbour fills.
pub(super) const NONE: u32 = u32::MAX;

/// The nearest neighbours of some rows: `k` places a row, nearest first, by (distance, number),
/// the row itself not among them; places left over hold [`NONE`].
#[derive(Debug)]
pub(super) struct Neighbours {
    /// Places a row.
    pub(super) k: usize,
    /// The neighbours' numbers.
    pub(super) ids: Vec<u32>,
    /// Their squared Euclidean distances.
    pub(super) squared: Vec<f32>,
}

/// Counts finished rows from any thread.
pub(super) struct Meter<'a> {
    progress: &'a dyn Progress,
    done: AtomicU64,
}

impl<'a> Meter<'a> {
    pub(super) fn new(progress: &'a dyn Progress) -> Self {
        Self { progress, done: AtomicU64::new(0) }
    }

    /// Counts rows, and looks whether to stop.
    pub(super) fn add(&self, rows: usize) -> Result<(), ProjectError> {
        let rows = rows as u64;
        self.progress.at(self.done.fetch_add(rows, Ordering::Relaxed) + rows);
        self.check()
    }

    /// Looks whether to stop.
    pub(super) fn check(&self) -> Result<(), ProjectError> {
        Ok(self.progress.check()?)
    }
}

/// All neighbours of the first `count` rows among themselves, every pair compared.
fn exact(
    points: &Points,
    count: usize,
    k: usize,
    meter: &Meter<'_>,
) -> Result<Neighbours, ProjectError> {
    let mut ids = vec![NONE; count * k];
    let mut squared = vec![f32::INFINITY; count * k];
    ids.par_chunks_mut(BLOCK * k)
        .zip(squared.par_chunks_mut(BLOCK * k))
        .enumerate()
        .try_for_each_init(Vec::new, |found, (block, (ids, squared))| {
            for (at, (ids, squared)) in
                ids.chunks_exact_mut(k).zip(squared.chunks_exact_mut(k)).enumerate()
            {
                let row = block * BLOCK + at;
                found.clear();
                found.extend((0..count).filter(|&other| other != row).map(|other| Candidate {
                    squared: points.squared_distance(row, other),
                    id: other as u32,
                }));
                if found.len() > k {
                    found.select_nth_unstable_by(k - 1, Candidate::order);
                    found.truncate(k);
                }
                found.sort_unstable_by(Candidate::order);
                for (place, found) in found.iter().enumerate() {
                    ids[place] = found.id;
                    squared[place] = found.squared;
                }
            }
            meter.add(ids.len() / k)
        })?;
    Ok(Neighbours { k, ids, squared })
}

/// The nearest of each of the first `count` rows among them, `k` at least 1: exact for few, and
/// beyond by trees of random projection and a round of descent, which miss some. The same for one
/// seed, whatever the number of threads.
pub(super) fn nearest(
    points: &Points,
    count: usize,
    k: usize,
    seed: u64,
    meter: &Meter<'_>,
) -> Result<Neighbours, ProjectError> {
    if count <= EXACT_ROWS {
        return exact(points, count, k, meter);
    }
    let Leaves { order, lists } = nearest_in_leaves(points, count, k, TREES, seed, meter)?;
    let lists = descend(&points.in_order(&order), k, &lists, meter)?;
    let mut ids = vec![NONE; lists.len()];
    let mut squared = vec![f32::INFINITY; lists.len()];
    for (list, &row) in lists.chunks_exact(k).zip(&order) {
        let own = row as usize * k..(row as usize + 1) * k;
        for ((id, squared), near) in ids[own.clone()].iter_mut().zip(&mut squared[own]).zip(list) {
            *id = order.get(near.id as usize).copied().unwrap_or(NONE);
            *squared = near.squared;
        }
    }
    Ok(Neighbours { k, ids, squared })
}

/// How far a [`Meter`] goes in [`nearest`].
pub(super) fn work(count: usize) -> u64 {
    (count * if count <= EXACT_ROWS { 1 } else { TREES + 1 }) as u64
}

#[cfg(test)]
mod tests {
    use super::super::distinct::distinct;
    use super::super::{Dense, random};
    use super::*;
    use crate::progress::Unwatched;

    #[test]
    fn most_of_the_true_neighbours_are_found() {
        // Twenty uneven groups in thirty dimensions, of which later ones vary less.
        let (rows, dims) = (9_000, 30);
        let value = |at: usize| random::signed_unit(5, at as u64) as f32;
        let values = (0..rows * dims)
            .map(|at| {
                let (row, dim) = (at / dims, at % dims);
                let group = (row * row) % 20;
                (value(group * dims + dim) * 0.7 + value(1_000_000 + at)) / (1 + dim) as f32
            })
            .collect();
        let (points, _) = distinct(&Dense { rows, dims, values }, 3, &Unwatched).unwrap();
        let meter = Meter::new(&Unwatched);
        let (near, all) = (nearest(&points, rows, 15, 1, &meter), exact(&points, rows, 15, &meter));
        let (near, all) = (near.unwrap(), all.unwrap());
        let found = near.ids.chunks_exact(15).zip(all.ids.chunks_exact(15));
        let hits: usize =
            found.map(|(near, all)| near.iter().filter(|id| all.contains(id)).count()).sum();
        let recall = hits as f64 / all.ids.len() as f64;
        assert!(recall > 0.97, "{recall}");
        for (row, near) in near.ids.chunks_exact(15).enumerate() {
            assert!(!near.contains(&(row as u32)) && !near.contains(&NONE), "row {row}: {near:?}");
        }
    }
}
