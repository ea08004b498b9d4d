//! Greedy k-means++ as scikit-learn's `_kmeans_plusplus` does it.

use super::centroids::Centroids;
use super::dense::{DenseRow, Distances, Sink, table};
use super::lanes::{Instructions, Lanes};
use super::random::RandomState;
use super::share::{cut, share, workers};
use crate::progress::{Cancelled, Progress};
use crate::tfidf::{RowBlock, SparseRows};

/// Distances are summed in whole grains of 1 / 2^38: the sums over the at most 2^13 rows of a block
/// are then exact, and so the same in any order.
const GRAINS: f64 = (1_u64 << 38) as f64;

/// Adding and taking off this number rounds to whole grains.
const ROUNDER: f64 = 1.5 * (1_u64 << (52 - 38)) as f64;

/// Sums the closest distances of a block's rows, for each candidate as if it were a seed.
struct Potentials<'a> {
    closest: &'a [f64],
    sums: Vec<Lanes>,
}

impl Sink for Potentials<'_> {
    #[inline(always)]
    fn take<I: Instructions>(&mut self, i: I, row: usize, group: usize, squared: I::Vector) {
        let nearest = i.min(squared, i.splat(self.closest[row]));
        let rounder = i.splat(ROUNDER);
        let rounded = i.sub(i.add(nearest, rounder), rounder);
        let sum = &mut self.sums[group];
        *sum = i.store(i.add(i.load(sum), rounded));
    }
}

/// Takes the distances to a new seed into account.
struct Settled<'a> {
    closest: &'a mut [f64],
}

impl Sink for Settled<'_> {
    #[inline(always)]
    fn take<I: Instructions>(&mut self, i: I, row: usize, _: usize, squared: I::Vector) {
        let squared = i.store(squared).0[0];
        let closest = &mut self.closest[row];
        *closest = if squared < *closest { squared } else { *closest };
    }
}

/// Picks the seeds of one run.
pub(super) struct Seeding<'a> {
    rows: &'a SparseRows,
    /// The order in which rows are drawn from; their own order if none.
    order: Option<&'a [u32]>,
    /// Squared distance of each row to its nearest seed so far.
    closest: Vec<f64>,
    progress: &'a dyn Progress,
}

impl<'a> Seeding<'a> {
    pub(super) fn new(
        rows: &'a SparseRows,
        order: Option<&'a [u32]>,
        progress: &'a dyn Progress,
    ) -> Self {
        Self { rows, order, closest: vec![f64::INFINITY; rows.len()], progress }
    }

    /// `clusters` seeds; takes the same draws from `random` whatever the rows are.
    pub(super) fn pick(
        &mut self,
        clusters: usize,
        random: &mut RandomState,
    ) -> Result<Centroids, Cancelled> {
        let features = self.rows.features();
        #[allow(clippy::cast_precision_loss, reason = "clusters stay far below 2^53")]
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a logarithm")]
        let trials = 2 + f64::ln(clusters as f64) as usize;
        let first =
            DenseRow::new(self.rows, self.row_at(first_draw(self.rows.len(), random.uniform())));
        let mut values = Vec::with_capacity(clusters * features);
        values.extend_from_slice(&first.values);
        self.closest.fill(f64::INFINITY);
        let mut potential = self.potentials(std::slice::from_ref(&first))?[0];
        self.settle(std::slice::from_ref(&first), 0)?;
        for _ in 1..clusters {
            let draws: Vec<f64> = (0..trials).map(|_| random.uniform() * potential).collect();
            let candidates: Vec<DenseRow> =
                self.draw(&draws).into_iter().map(|row| DenseRow::new(self.rows, row)).collect();
            let potentials = self.potentials(&candidates)?;
            let mut best = 0;
            for (candidate, &of_candidate) in potentials.iter().enumerate() {
                if of_candidate < potentials[best] {
                    best = candidate;
                }
            }
            potential = potentials[best];
            self.settle(&candidates, best)?;
            values.extend_from_slice(&candidates[best].values);
        }
        Ok(Centroids::new(values, features))
    }

    fn row_at(&self, place: usize) -> usize {
        self.order.map_or(place, |order| order[place] as usize)
    }

    /// For each draw the row at which the running sum of the closest distances reaches it.
    fn draw(&self, draws: &[f64]) -> Vec<usize> {
        let mut by_value: Vec<usize> = (0..draws.len()).collect();
        by_value.sort_by(|&a, &b| draws[a].total_cmp(&draws[b]));
        let last = self.rows.len() - 1;
        let mut picked = vec![self.row_at(last); draws.len()];
        let mut waiting = by_value.into_iter().peekable();
        let mut sum = 0.0;
        for place in 0..=last {
            let row = self.row_at(place);
            sum += self.closest[row];
            while let Some(draw) = waiting.next_if(|&draw| sum >= draws[draw]) {
                picked[draw] = row;
            }
            if waiting.peek().is_none() {
                break;
            }
        }
        picked
    }

    /// For each candidate the sum of the closest distances if it became a seed.
    #[allow(clippy::cast_precision_loss, reason = "the rounding is that of the last bit")]
    fn potentials(&self, candidates: &[DenseRow]) -> Result<Vec<f64>, Cancelled> {
        let (table, squares) = table(candidates, self.rows.idf());
        let mut workers = workers(|| vec![0_u128; candidates.len()]);
        let mut rest = self.closest.as_slice();
        let items = self.rows.blocks().iter().map(move |block| {
            let (closest, tail) = rest.split_at(block.len());
            rest = tail;
            (block, closest)
        });
        share(items, &mut workers, self.progress, |totals, (block, closest)| {
            let sums = vec![Lanes::default(); table.groups()];
            let (to, squares) = (candidates, squares.as_slice());
            let sink = Potentials { closest, sums };
            let mut visitor = Distances { block, idf: self.rows.idf(), to, squares, sink };
            table.products(block, &mut visitor);
            let sums = visitor.sink.sums.iter().flat_map(|group| group.0);
            for (total, sum) in totals.iter_mut().zip(sums) {
                *total += (sum * GRAINS) as u128;
            }
        })?;
        let total = |c: usize| workers.iter().map(|totals| totals[c]).sum::<u128>() as f64 / GRAINS;
        Ok((0..candidates.len()).map(total).collect())
    }

    /// Makes a candidate a seed.
    fn settle(&mut self, candidates: &[DenseRow], chosen: usize) -> Result<(), Cancelled> {
        let seeds = &candidates[chosen..=chosen];
        let (table, squares) = table(seeds, self.rows.idf());
        let rows = self.rows;
        let lengths = rows.blocks().iter().map(RowBlock::len);
        let items = rows.blocks().iter().zip(cut(&mut self.closest, lengths));
        share(items, &mut workers(|| ()), self.progress, |(), (block, closest)| {
            let (to, squares, sink) = (seeds, squares.as_slice(), Settled { closest });
            let mut visitor = Distances { block, idf: rows.idf(), to, squares, sink };
            table.products(block, &mut visitor);
        })
    }
}

/// `RandomState.choice(rows, p=uniform)`: where the running sum of `1 / rows` passes the draw.
#[allow(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
fn first_draw(rows: usize, draw: f64) -> usize {
    let share = 1.0 / rows as f64;
    let total = (0..rows).fold(0.0, |sum, _| sum + share);
    let mut sum = 0.0;
    for row in 0..rows {
        sum += share;
        if sum / total > draw {
            return row;
        }
    }
    rows - 1
}
