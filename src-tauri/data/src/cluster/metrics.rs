//! How good a clustering is: silhouette and Davies–Bouldin, equal to scikit-learn's.

use super::centroids::Centroids;
use super::dense::{DenseRow, Distances, Sink, table};
use super::lanes::{Instructions, LANES};
use super::random::RandomState;
use super::share::{share, workers};
use super::sums::{self, Sums};
use crate::progress::{Cancelled, Progress};
use crate::tfidf::{RowBlock, SparseRows};

/// The distance between rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Straight-line distance, from 0 to √2 between rows of length 1.
    #[default]
    Euclidean,
    /// One less the cosine, from 0 to 1 here.
    Cosine,
}

impl Metric {
    /// From the squared distance between two rows, each of length 1 or empty.
    fn of(self, squared: f64, one_is_empty: bool) -> f64 {
        match self {
            Self::Euclidean => squared.sqrt(),
            // An empty row has no direction: scikit-learn counts it as orthogonal to all.
            Self::Cosine if one_is_empty => 1.0,
            Self::Cosine => squared / 2.0,
        }
    }
}

/// A silhouette coefficient.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Silhouette {
    /// The mean over the sampled rows, from −1 (rows lie nearer to another cluster) to 1.
    pub value: f64,
    /// Rows sampled; distances are exact among them.
    pub sample: usize,
}

/// Rows that meet all others at a time.
const DENSE: usize = 32;

/// The mean silhouette of a sample of the rows (all of them where there are no more): scikit-learn's
/// `silhouette_score(rows, labels, metric, sample_size, random_state)`. Nothing where the sample
/// holds fewer than two clusters, or as many as it has rows. Time grows with the sample's square.
///
/// # Errors
/// [`Cancelled`] once the caller wants to stop.
#[allow(clippy::cast_possible_truncation, reason = "row and cluster numbers are u32")]
pub fn silhouette(
    rows: &SparseRows,
    labels: &[u32],
    metric: Metric,
    sample: usize,
    seed: u32,
    progress: &dyn Progress,
) -> Result<Option<Silhouette>, Cancelled> {
    let sampled = (sample < rows.len()).then(|| {
        let mut picked = RandomState::new(seed).permutation(rows.len() as u32);
        picked.truncate(sample);
        let labels: Vec<u32> = picked.iter().map(|&row| labels[row as usize]).collect();
        (rows.select(&picked), labels)
    });
    let (rows, labels) = sampled.as_ref().map_or((rows, labels), |(rows, l)| (rows, l.as_slice()));
    let clusters = labels.iter().max().map_or(0, |&most| most as usize + 1);
    let mut sizes = vec![0_usize; clusters];
    for &label in labels {
        sizes[label as usize] += 1;
    }
    let found = sizes.iter().filter(|&&size| size > 0).count();
    if found < 2 || found >= rows.len() {
        return Ok(None);
    }
    let mut values = vec![0.0; rows.len()];
    let items = values.chunks_mut(DENSE).enumerate();
    share(items, &mut workers(|| ()), progress, |(), (chunk, values)| {
        let first = chunk * DENSE;
        let to: Vec<DenseRow> =
            (first..first + values.len()).map(|row| DenseRow::new(rows, row)).collect();
        let mut sums = vec![0.0; values.len() * clusters];
        let (table, squares) = table(&to, rows.idf());
        for (index, block) in rows.blocks().iter().enumerate() {
            let start = rows.block_start(index);
            let labels = &labels[start..][..block.len()];
            let sink = ByCluster {
                metric,
                block,
                start,
                labels,
                to: &to,
                first,
                clusters,
                sums: &mut sums,
            };
            let (to, squares) = (to.as_slice(), squares.as_slice());
            let mut visitor = Distances { block, idf: rows.idf(), to, squares, sink };
            table.products(block, &mut visitor);
        }
        for (number, value) in values.iter_mut().enumerate() {
            let sums = &sums[number * clusters..][..clusters];
            *value = coefficient(sums, &sizes, labels[first + number] as usize);
        }
    })?;
    #[allow(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
    let value = values.iter().sum::<f64>() / values.len() as f64;
    Ok(Some(Silhouette { value, sample: rows.len() }))
}

/// Sums the distances of a block's rows to each dense row, by the rows' clusters.
struct ByCluster<'a> {
    metric: Metric,
    block: &'a RowBlock,
    /// The number of the block's first row.
    start: usize,
    labels: &'a [u32],
    to: &'a [DenseRow],
    /// The number of the first dense row.
    first: usize,
    clusters: usize,
    /// `sums[dense row * clusters + cluster]`.
    sums: &'a mut [f64],
}

impl Sink for ByCluster<'_> {
    #[inline(always)]
    fn take<I: Instructions>(&mut self, i: I, row: usize, group: usize, squared: I::Vector) {
        let label = self.labels[row] as usize;
        let squared = i.store(squared).0;
        let numbers = group * LANES..self.to.len().min((group + 1) * LANES);
        for (number, squared) in numbers.zip(squared) {
            if self.start + row != self.first + number {
                let empty = self.block.is_row_empty(row) || self.to[number].is_empty();
                self.sums[number * self.clusters + label] += self.metric.of(squared, empty);
            }
        }
    }
}

/// One row's silhouette from the sums of its distances to each cluster's rows.
#[allow(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
pub(super) fn coefficient(sums: &[f64], sizes: &[usize], own: usize) -> f64 {
    let within = sums[own] / (sizes[own] - 1) as f64;
    let others = sums.iter().zip(sizes).enumerate();
    let between = others
        .filter(|&(cluster, (_, &size))| cluster != own && size > 0)
        .map(|(_, (sum, &size))| sum / size as f64)
        .fold(f64::INFINITY, f64::min);
    let value = (between - within) / within.max(between);
    // A cluster of one row has no distances within; its row counts as 0.
    if value.is_nan() || sizes[own] == 1 { 0.0 } else { value }
}

/// The Davies–Bouldin index, lower for better separated clusters: scikit-learn's
/// `davies_bouldin_score`. Nothing where there are fewer than two clusters, or as many as rows.
///
/// # Errors
/// [`Cancelled`] once the caller wants to stop.
#[allow(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "distances are at most 2, times the scale"
)]
pub fn davies_bouldin(
    rows: &SparseRows,
    labels: &[u32],
    progress: &dyn Progress,
) -> Result<Option<f64>, Cancelled> {
    let clusters = labels.iter().max().map_or(0, |&most| most as usize + 1);
    let scale = sums::scale(rows.len());
    let blocks = || rows.blocks().iter().enumerate();
    let labels_of =
        |index: usize, block: &RowBlock| &labels[rows.block_start(index)..][..block.len()];
    let mut parts = workers(|| Sums::new(clusters, rows.features(), scale));
    share(blocks(), &mut parts, progress, |sums, (index, block)| {
        for (row, &label) in block.rows().zip(labels_of(index, block)) {
            sums.transfer(&row, rows.idf(), None, label as usize);
        }
    })?;
    let mut total = Sums::new(clusters, rows.features(), scale);
    for part in &mut parts {
        total.absorb(part);
    }
    let mut means = total.weights();
    for (mean, &count) in means.chunks_exact_mut(rows.features()).zip(&total.rows) {
        mean.iter_mut().for_each(|weight| *weight /= count.max(1) as f64);
    }
    let centers = Centroids::new(means, rows.features());
    let mut spreads = workers(|| vec![0_u64; clusters]);
    share(blocks(), &mut spreads, progress, |sums, (index, block)| {
        for (row, &label) in block.rows().zip(labels_of(index, block)) {
            let squared = centers.squared_distance(&row, rows.idf(), label as usize);
            sums[label as usize] += (squared.sqrt() * scale + 0.5) as u64;
        }
    })?;
    let present: Vec<usize> = (0..clusters).filter(|&c| total.rows[c] > 0).collect();
    if present.len() < 2 || present.len() >= rows.len() {
        return Ok(None);
    }
    let spread = |cluster: usize| {
        spreads.iter().map(|sums| sums[cluster]).sum::<u64>() as f64
            / scale
            / total.rows[cluster] as f64
    };
    let apart = |a: usize, b: usize| {
        let pairs = centers.vector(a).iter().zip(centers.vector(b));
        pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
    };
    let negligible = |x: f64| x <= 1e-8;
    let mut all_at_one_place = true;
    let mut sum = 0.0;
    for &a in &present {
        progress.check()?;
        let mut worst = 0.0_f64;
        for &b in present.iter().filter(|&&b| b != a) {
            let distance = apart(a, b);
            all_at_one_place &= negligible(distance);
            if distance > 0.0 {
                worst = worst.max((spread(a) + spread(b)) / distance);
            }
        }
        sum += worst;
    }
    if all_at_one_place || present.iter().all(|&cluster| negligible(spread(cluster))) {
        return Ok(Some(0.0));
    }
    Ok(Some(sum / present.len() as f64))
}
