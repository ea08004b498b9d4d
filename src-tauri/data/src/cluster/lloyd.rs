//! Lloyd's algorithm from given centroids to convergence.

use super::centroids::Centroids;
use super::kernel::Visitor;
use super::lanes::{Instructions, LANES, Lanes};
use super::relocate::relocate_empty;
use super::share::{cut, share, workers};
use super::sums::{self, Sums};
use crate::progress::{Cancelled, Progress};
use crate::tfidf::{RowBlock, SparseRows};

/// The mark of a row without a cluster yet.
pub(super) const NONE: u32 = u32::MAX;

/// Scores this close are recomputed in scikit-learn's order of operations; the fast sums are
/// exact to about 1e-15.
const NEAR_TIE: f64 = 1e-11;

/// Up to so many rows the centroids are summed row by row in doubles, as scikit-learn does on one
/// thread: small tables are full of exact ties, which only the same roundings settle the same way.
pub(super) const SUMMED_IN_ORDER: usize = 20_000;

/// One run's end.
pub(super) struct Run {
    pub(super) labels: Vec<u32>,
    pub(super) centroids: Centroids,
    pub(super) inertia: f64,
    pub(super) iterations: usize,
}

/// What all runs share.
pub(super) struct Lloyd<'a> {
    pub(super) rows: &'a SparseRows,
    pub(super) order: Option<&'a [u32]>,
    pub(super) max_iter: usize,
    /// Absolute, on the squared shift of all centroids together.
    pub(super) tolerance: f64,
    pub(super) progress: &'a dyn Progress,
}

/// Finds each row's nearest centroid.
struct Nearest<'a> {
    block: &'a RowBlock,
    centroids: &'a Centroids,
    idf: &'a [f64],
    /// Squared lengths by group; infinite where a group is filled up.
    squares: &'a [Lanes],
    labels: &'a mut [u32],
}

impl Visitor for Nearest<'_> {
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "clusters are u32")]
    fn visit<I: Instructions>(&mut self, i: I, row: usize, length: f64, products: &[I::Vector]) {
        // Scores are the squared distances times the row's length, less what all share.
        let score = |group: usize| {
            let squares = i.mul(i.load(&self.squares[group]), i.splat(length));
            i.sub(squares, i.add(products[group], products[group]))
        };
        let mut least = score(0);
        for group in 1..products.len() {
            least = i.min(least, score(group));
        }
        let limit = i.splat(i.least(least) + NEAR_TIE * length);
        let (mut label, mut near) = (0, 0);
        for group in 0..products.len() {
            let lanes = i.less(score(group), limit);
            if lanes != 0 {
                label = group as u32 * LANES as u32 + lanes.trailing_zeros();
                near += lanes.count_ones();
            }
        }
        self.labels[row] = if near == 1 { label } else { self.exact(row) };
    }
}

impl Nearest<'_> {
    #[cold]
    #[inline(never)]
    #[allow(clippy::cast_possible_truncation, reason = "clusters are u32")]
    fn exact(&self, row: usize) -> u32 {
        self.centroids.nearest(&self.block.row(row), self.idf) as u32
    }
}

struct Worker {
    moved: Sums,
    changed: u64,
    labels: Vec<u32>,
}

impl Lloyd<'_> {
    /// Runs to convergence; `at` hears how far it is, of [`Lloyd::max_iter`] parts.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of max_iter"
    )]
    pub(super) fn run(&self, seeds: Centroids, at: &dyn Fn(usize)) -> Result<Run, Cancelled> {
        let (clusters, features) = (seeds.len(), self.rows.features());
        let scale = sums::scale(self.rows.len());
        let mut centroids = seeds;
        let mut labels = vec![NONE; self.rows.len()];
        let mut sums = Sums::new(clusters, features, scale);
        let mut workers = workers(|| Worker {
            moved: Sums::new(clusters, features, scale),
            changed: 0,
            labels: Vec::new(),
        });
        let mut iterations = 0;
        let mut settled = false;
        let (mut first_shift, mut done) = (None, 0);
        while iterations < self.max_iter {
            iterations += 1;
            let changed = self.assign(&centroids, &mut labels, &mut workers, true)?;
            for worker in &mut workers {
                sums.absorb(&mut worker.moved);
            }
            let next = self.average(&sums, &labels, &centroids)?;
            let shift = next.shift(&centroids);
            centroids = next;
            if changed == 0 {
                settled = true;
                break;
            }
            if shift <= self.tolerance {
                break;
            }
            let fallen = fallen(*first_shift.get_or_insert(shift), shift, self.tolerance);
            done = done.max(iterations).max((fallen * self.max_iter as f64) as usize);
            at(done);
        }
        if !settled {
            self.assign(&centroids, &mut labels, &mut workers, false)?;
        }
        let inertia = self.inertia(&centroids, &labels)?;
        Ok(Run { labels, centroids, inertia, iterations })
    }

    /// Gives every row the label of its nearest centroid; returns how many labels changed.
    fn assign(
        &self,
        centroids: &Centroids,
        labels: &mut [u32],
        workers: &mut [Worker],
        count: bool,
    ) -> Result<u64, Cancelled> {
        let idf = self.rows.idf();
        let table = centroids.table(idf);
        let squares = grouped_squares(centroids);
        let blocks = self.rows.blocks();
        let items = blocks.iter().zip(cut(labels, blocks.iter().map(RowBlock::len)));
        share(items, workers, self.progress, |worker, (block, labels)| {
            worker.labels.resize(block.len(), NONE);
            let mut nearest =
                Nearest { block, centroids, idf, squares: &squares, labels: &mut worker.labels };
            table.products(block, &mut nearest);
            for (index, (label, &new)) in labels.iter_mut().zip(&worker.labels).enumerate() {
                if *label == new {
                    continue;
                }
                worker.changed += 1;
                if count {
                    let from = (*label != NONE).then_some(*label as usize);
                    worker.moved.transfer(&block.row(index), idf, from, new as usize);
                }
                *label = new;
            }
        })?;
        Ok(workers.iter_mut().map(|worker| std::mem::take(&mut worker.changed)).sum())
    }

    /// The means of the clusters' rows, empty clusters moved.
    #[allow(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
    fn average(
        &self,
        sums: &Sums,
        labels: &[u32],
        centroids: &Centroids,
    ) -> Result<Centroids, Cancelled> {
        let features = self.rows.features();
        let mut means = if self.order.is_none() && self.rows.len() <= SUMMED_IN_ORDER {
            self.summed_in_order(labels, centroids.len())
        } else {
            sums.weights()
        };
        let mut counts = sums.rows.clone();
        relocate_empty(
            self.rows,
            self.order,
            labels,
            centroids,
            &mut means,
            &mut counts,
            self.progress,
        )?;
        let mut largest = 0;
        for (cluster, &count) in counts.iter().enumerate() {
            if count > counts[largest] {
                largest = cluster;
            }
        }
        // In the order of the clusters, so that an empty one copies the largest as it then stands,
        // averaged only if it comes earlier, as in `_average_centers`.
        for (cluster, &count) in counts.iter().enumerate() {
            if count > 0 {
                let share = 1.0 / count as f64;
                for mean in &mut means[cluster * features..][..features] {
                    *mean *= share;
                }
            } else {
                means.copy_within(largest * features..(largest + 1) * features, cluster * features);
            }
        }
        Ok(Centroids::new(means, features))
    }

    fn summed_in_order(&self, labels: &[u32], clusters: usize) -> Vec<f64> {
        let features = self.rows.features();
        let mut sums = vec![0.0; clusters * features];
        let rows = self.rows.blocks().iter().flat_map(RowBlock::rows);
        for (row, &label) in rows.zip(labels) {
            let sum = &mut sums[label as usize * features..][..features];
            for (feature, weight) in row.weights(self.rows.idf()) {
                sum[feature] += weight;
            }
        }
        sums
    }

    /// The sum of the squared distances of all rows to their centroids, added as whole numbers so
    /// that it is the same in any order.
    #[allow(clippy::cast_precision_loss, reason = "the rounding is that of the last bit")]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "distances are at most 2, times the scale"
    )]
    fn inertia(&self, centroids: &Centroids, labels: &[u32]) -> Result<f64, Cancelled> {
        let scale = sums::scale(self.rows.len());
        let mut workers = workers(|| 0_u64);
        let items = self.rows.blocks().iter().enumerate();
        share(items, &mut workers, self.progress, |sum, (index, block)| {
            let labels = &labels[self.rows.block_start(index)..][..block.len()];
            for (row, &label) in block.rows().zip(labels) {
                let distance = centroids.squared_distance(&row, self.rows.idf(), label as usize);
                *sum += (distance * scale + 0.5) as u64;
            }
        })?;
        Ok(workers.iter().sum::<u64>() as f64 / scale)
    }
}

/// How far a run is on its way to convergence, from 0 to 1. Few runs take the most iterations they
/// may: what they end at is the tolerance, and the shift falls towards it by about the same factor
/// each time.
fn fallen(first: f64, now: f64, tolerance: f64) -> f64 {
    let part = (first / now).ln() / (first / tolerance).ln();
    if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.0 }
}

fn grouped_squares(centroids: &Centroids) -> Vec<Lanes> {
    let mut groups = vec![Lanes([f64::INFINITY; LANES]); centroids.len().div_ceil(LANES)];
    for (cluster, &square) in centroids.squares.iter().enumerate() {
        groups[cluster / LANES].0[cluster % LANES] = square;
    }
    groups
}

/// The cluster of each row under given centroids (one after the other, each as long as there are
/// features): scikit-learn's `predict`. The rows may be new ones, transformed by the vocabulary of
/// the fit.
///
/// # Errors
/// [`Cancelled`] once the caller wants to stop.
///
/// # Panics
/// When there is no centroid, or `centroids` is no multiple of the number of features.
pub fn assign(
    rows: &SparseRows,
    centroids: &[f64],
    progress: &dyn Progress,
) -> Result<Vec<u32>, Cancelled> {
    let centroids = Centroids::new(centroids.to_vec(), rows.features());
    let lloyd = Lloyd { rows, order: None, max_iter: 0, tolerance: 0.0, progress };
    let mut labels = vec![NONE; rows.len()];
    let mut workers =
        workers(|| Worker { moved: Sums::new(0, 0, 1.0), changed: 0, labels: Vec::new() });
    lloyd.assign(&centroids, &mut labels, &mut workers, false)?;
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::dense::DenseRow;
    use crate::progress::Unwatched;
    use crate::text::TokenParams;
    use crate::tfidf::{TermCounter, TfidfParams, fit};

    /// `tests/goldens/sklearn/relocation.json`: runs from rows of which some are the same, so that
    /// clusters are empty at once.
    #[test]
    fn empty_clusters_move_where_scikit_learn_moves_them() {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/goldens/sklearn/relocation.json");
        let cases: Vec<serde_json::Value> =
            serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        assert!(cases.len() >= 4);
        for case in cases {
            let mut counter = TermCounter::new(TokenParams::default());
            for document in case["documents"].as_array().unwrap() {
                counter.text(document.as_str().unwrap().as_bytes());
                counter.end_document();
            }
            let (_, rows) = fit(vec![counter], &TfidfParams::default(), &Unwatched).unwrap();
            let starts = case["starts"].as_array().unwrap().iter();
            let seeds: Vec<f64> = starts
                .flat_map(|row| DenseRow::new(&rows, row.as_u64().unwrap() as usize).values)
                .collect();
            let mean_variance = super::super::kmeans::mean_variance(&rows, &Unwatched).unwrap();
            let tolerance = 1e-4 * mean_variance;
            let lloyd =
                Lloyd { rows: &rows, order: None, max_iter: 300, tolerance, progress: &Unwatched };
            let run = lloyd.run(Centroids::new(seeds, rows.features()), &|_| ()).unwrap();
            let expected = &case["from_starts"];
            let labels: Vec<u32> = serde_json::from_value(expected["labels"].clone()).unwrap();
            assert_eq!(run.labels, labels);
            assert_eq!(run.iterations as u64, expected["iterations"].as_u64().unwrap());
            assert!((run.inertia - expected["inertia"].as_f64().unwrap()).abs() < 1e-9);
        }
    }
}
