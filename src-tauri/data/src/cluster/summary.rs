//! What a segment is about.

use super::centroids::Centroids;
use super::share::{share, workers};
use super::stable::content_hash;
use crate::progress::{Cancelled, Progress};
use crate::tfidf::SparseRows;

/// A term and its weight in a segment's centroid.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct TopTerm {
    /// The term.
    pub term: String,
    /// Mean TF-IDF weight over the segment's rows.
    pub weight: f64,
}

/// The terms that set each cluster apart, at most `most`: those whose weight in its centroid
/// exceeds their mean weight over all rows by most, of equals the alphabetically first. `skipped`
/// says which terms are not worth showing. `sizes` are the clusters' rows.
#[must_use]
pub fn top_terms(
    terms: &[String],
    centroids: &[f64],
    sizes: &[u64],
    most: usize,
    skipped: impl Fn(&str) -> bool,
) -> Vec<Vec<TopTerm>> {
    let width = terms.len().max(1);
    let rows = sizes.iter().sum::<u64>().max(1) as f64;
    let mut mean = vec![0.0; width];
    for (centroid, &size) in centroids.chunks_exact(width).zip(sizes) {
        for (mean, weight) in mean.iter_mut().zip(centroid) {
            *mean += weight * size as f64 / rows;
        }
    }
    let of_centroid = |weights: &[f64]| {
        let lift = |term: usize| weights[term] - mean[term];
        let mut order: Vec<usize> =
            (0..terms.len()).filter(|&term| lift(term) > 0.0 && !skipped(&terms[term])).collect();
        order.sort_by(|&a, &b| lift(b).total_cmp(&lift(a)));
        order.truncate(most);
        order.into_iter().map(|t| TopTerm { term: terms[t].clone(), weight: weights[t] }).collect()
    };
    centroids.chunks_exact(width).map(of_centroid).collect()
}

/// Number of rows of each of `clusters` clusters.
#[must_use]
pub fn sizes(labels: &[u32], clusters: usize) -> Vec<u64> {
    let mut sizes = vec![0; clusters];
    for &label in labels {
        sizes[label as usize] += 1;
    }
    sizes
}

/// For each cluster the rows nearest to its centroid, at most `most`, nearest first, no two with
/// the same terms.
///
/// # Errors
/// [`Cancelled`] once the caller wants to stop.
pub fn examples(
    rows: &SparseRows,
    labels: &[u32],
    centroids: &[f64],
    most: usize,
    progress: &dyn Progress,
) -> Result<Vec<Vec<usize>>, Cancelled> {
    let centroids = Centroids::new(centroids.to_vec(), rows.features());
    let mut workers = workers(|| vec![Nearest::new(most); centroids.len()]);
    share(rows.blocks().iter().enumerate(), &mut workers, progress, |nearest, (index, block)| {
        let start = rows.block_start(index);
        for (row, at) in block.rows().zip(start..) {
            let cluster = labels[at] as usize;
            let distance = centroids.squared_distance(&row, rows.idf(), cluster);
            if nearest[cluster].admits(distance) {
                nearest[cluster].add((distance, at, content_hash(row.entries)));
            }
        }
    })?;
    let of_cluster = |cluster: usize| {
        let mut all = Nearest::new(most);
        for worker in &workers {
            worker[cluster].kept.iter().for_each(|&row| all.add(row));
        }
        all.kept.into_iter().map(|(_, row, _)| row).collect()
    };
    Ok((0..centroids.len()).map(of_cluster).collect())
}

/// The nearest rows of one cluster so far: distance, row, content; ascending.
#[derive(Clone)]
struct Nearest {
    most: usize,
    kept: Vec<(f64, usize, u64)>,
}

impl Nearest {
    fn new(most: usize) -> Self {
        Self { most, kept: Vec::new() }
    }

    fn admits(&self, distance: f64) -> bool {
        self.kept.len() < self.most || self.kept.last().is_some_and(|last| distance <= last.0)
    }

    fn add(&mut self, row: (f64, usize, u64)) {
        if let Some(same) = self.kept.iter_mut().find(|kept| kept.2 == row.2) {
            // The first of equal rows stands for all.
            same.1 = same.1.min(row.1);
        } else {
            self.kept.push(row);
        }
        self.kept.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        self.kept.truncate(self.most);
    }
}
