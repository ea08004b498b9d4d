//! Near rows by random projection trees (Dasgupta & Freund 2008): each halves the rows, again and
//! again, along directions in which they vary; within a leaf all pairs are compared. A leaf's rows
//! lie side by side in the cache, so that a pair costs a few nanoseconds.

use rayon::prelude::*;

use super::ProjectError;
use super::candidates::{Candidate, offer};
use super::distinct::Points;
use super::lanes;
use super::neighbours::{Meter, NONE};
use super::random::{below, mix};

/// Most rows of a leaf.
const LEAF: usize = 256;
/// Rows from which a node's direction is found.
const SAMPLE: usize = 48;
/// How often a direction is turned towards the one in which the sample varies most.
const TURNS: usize = 2;
/// Nodes of at least so many rows are halved by several threads.
const WIDE: usize = 8192;

/// Rows in the order of a tree's leaves, so that near rows lie near in memory, and what was found.
#[derive(Debug)]
pub(super) struct Leaves {
    /// The row at each place.
    pub(super) order: Vec<u32>,
    /// `k` candidates a place, nearest first, numbered by place.
    pub(super) lists: Vec<Candidate>,
}

/// The `k` nearest of each of the first `count` rows among those that share a leaf with it in any
/// of `trees` trees, at least one.
pub(super) fn nearest_in_leaves(
    points: &Points,
    count: usize,
    k: usize,
    trees: usize,
    seed: u64,
    meter: &Meter<'_>,
) -> Result<Leaves, ProjectError> {
    let leaves = count.div_ceil(LEAF).next_power_of_two();
    let bounds: Vec<usize> = (0..=leaves).map(|leaf| leaf * count / leaves).collect();
    // Lists lie in the order of the last tree's leaves; `place` says where each row's list lies.
    let mut lists = vec![Candidate::EMPTY; count * k];
    let mut next = lists.clone();
    let mut order: Vec<u32> = (0..count as u32).collect();
    let mut place = order.clone();
    for tree in 0..trees {
        let splitter = Splitter { points, bounds: &bounds, meter };
        splitter.split(&mut order, 0..leaves, mix(seed ^ mix(tree as u64)))?;

        let mut work = Vec::with_capacity(leaves);
        let mut rest = next.as_mut_slice();
        for leaf in bounds.windows(2) {
            let (own, tail) = rest.split_at_mut((leaf[1] - leaf[0]) * k);
            work.push((&order[leaf[0]..leaf[1]], own));
            rest = tail;
        }
        work.into_par_iter().try_for_each_init(Vec::new, |gathered, (rows, own)| {
            for (&row, own) in rows.iter().zip(own.chunks_exact_mut(k)) {
                let at = place[row as usize] as usize * k;
                own.copy_from_slice(&lists[at..at + k]);
            }
            gathered.clear();
            rows.iter().for_each(|&row| gathered.extend_from_slice(points.row(row as usize)));
            compare_all(rows, gathered, points.width(), k, own);
            meter.add(rows.len())
        })?;
        std::mem::swap(&mut lists, &mut next);
        for (at, &row) in order.iter().enumerate() {
            place[row as usize] = at as u32;
        }
    }
    for list in lists.chunks_exact_mut(k) {
        for near in list.iter_mut().filter(|near| near.id != NONE) {
            near.id = place[near.id as usize];
        }
        list.sort_unstable_by(Candidate::order);
    }
    Ok(Leaves { order, lists })
}

/// Halves rows until they are leaves.
struct Splitter<'a> {
    points: &'a Points,
    /// Where each leaf begins among all rows, and where the last one ends.
    bounds: &'a [usize],
    meter: &'a Meter<'a>,
}

impl Splitter<'_> {
    /// Orders `rows`, which are to become `leaves`, leaf by leaf.
    fn split(
        &self,
        rows: &mut [u32],
        leaves: std::ops::Range<usize>,
        key: u64,
    ) -> Result<(), ProjectError> {
        if leaves.len() < 2 {
            return Ok(());
        }
        self.meter.check()?;
        let direction = self.direction(rows, key);
        let along = |&row: &u32| (lanes::dot(self.points.row(row as usize), &direction), row);
        let mut keys: Vec<(f32, u32)> = if rows.len() >= WIDE {
            rows.par_iter().map(along).collect()
        } else {
            rows.iter().map(along).collect()
        };
        let middle = leaves.start.midpoint(leaves.end);
        let half = self.bounds[middle] - self.bounds[leaves.start];
        let by_place = |a: &(f32, u32), b: &(f32, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        keys.select_nth_unstable_by(half, by_place);
        for (row, key) in rows.iter_mut().zip(&keys) {
            *row = key.1;
        }
        drop(keys);
        let (low, high) = rows.split_at_mut(half);
        let (low_key, high_key) = (mix(key ^ 1), mix(key ^ 2));
        let (first, second) = rayon::join(
            || self.split(low, leaves.start..middle, low_key),
            || self.split(high, middle..leaves.end, high_key),
        );
        first.and(second)
    }

    /// A direction in which the rows vary: from one row to another, turned towards the first
    /// principal component of a sample (power iteration), which no two trees draw alike.
    fn direction(&self, rows: &[u32], key: u64) -> Vec<f32> {
        let count = rows.len() as u32;
        let drawn: Vec<&[f32]> = (0..SAMPLE as u64)
            .map(|at| {
                let bits = (mix(key.wrapping_add(at)) >> 32) as u32;
                self.points.row(rows[below(bits, count) as usize] as usize)
            })
            .collect();
        let mut mean = vec![0.0_f32; self.points.width()];
        for row in &drawn {
            mean.iter_mut().zip(*row).for_each(|(mean, value)| *mean += value / SAMPLE as f32);
        }
        let mut direction: Vec<f32> = drawn[0].iter().zip(drawn[1]).map(|(a, b)| a - b).collect();
        for _ in 0..TURNS {
            let from_mean = lanes::dot(&mean, &direction);
            let mut turned = vec![0.0_f32; direction.len()];
            for row in &drawn {
                let along = lanes::dot(row, &direction) - from_mean;
                for ((turned, value), mean) in turned.iter_mut().zip(*row).zip(&mean) {
                    *turned += along * (value - mean);
                }
            }
            let length = lanes::dot(&turned, &turned).sqrt();
            if !(length > 0.0 && length.is_finite()) {
                break;
            }
            turned.iter_mut().for_each(|value| *value /= length);
            direction = turned;
        }
        direction
    }
}

/// Offers each row of a leaf to the lists of all others. `gathered` holds the rows side by side.
fn compare_all(rows: &[u32], gathered: &[f32], width: usize, k: usize, lists: &mut [Candidate]) {
    let mut squared = vec![0.0_f32; rows.len()];
    for at in 0..rows.len() {
        let (row, others) = gathered[at * width..].split_at(width);
        let squared = &mut squared[at + 1..];
        lanes::squared_distances(row, others, squared);
        let (own, lists) = lists[at * k..].split_at_mut(k);
        for ((&squared, &other), list) in
            squared.iter().zip(&rows[at + 1..]).zip(lists.chunks_exact_mut(k))
        {
            offer(own, Candidate { squared, id: other });
            offer(list, Candidate { squared, id: rows[at] });
        }
    }
}
