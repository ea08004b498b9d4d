//! Best of several runs.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::lloyd::{Lloyd, Run, SUMMED_IN_ORDER};
use super::random::RandomState;
use super::seeding::Seeding;
use super::stable::content_hash;
use super::summary::sizes;
use crate::progress::{Cancelled, Progress};
use crate::tfidf::SparseRows;

/// How many runs from different seeds are made, of which the best is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NInit {
    /// scikit-learn's `"auto"`, one run for k-means++ seeds.
    Auto,
    /// So many runs, at least 1.
    Count(usize),
}

/// What a person may choose about the clustering. The default is scikit-learn's.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct KMeansParams {
    /// Number of clusters, at least 2.
    pub clusters: usize,
    /// Number of runs.
    pub n_init: NInit,
    /// Most iterations of one run.
    pub max_iter: usize,
    /// A run ends when the squared shift of all centroids falls to this share of the mean variance
    /// of the features.
    pub tol: f64,
    /// Seed of the random draws: scikit-learn's `random_state`.
    pub seed: u32,
}

impl Default for KMeansParams {
    fn default() -> Self {
        Self { clusters: 8, n_init: NInit::Auto, max_iter: 300, tol: 1e-4, seed: 0 }
    }
}

/// What a caller should know about a result.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[non_exhaustive]
pub enum KMeansWarning {
    /// Some clusters hold no row, most often because rows are alike: scikit-learn's
    /// `ConvergenceWarning`.
    FewerDistinctClusters {
        /// Clusters that hold rows.
        found: usize,
        /// Clusters asked for.
        asked: usize,
        /// Distinct rows there are.
        distinct_rows: usize,
    },
}

/// Why no clusters could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// One cluster says nothing, none is none.
    #[error("{asked} clusters were asked for; there must be at least 2")]
    TooFewClusters {
        /// Clusters asked for.
        asked: usize,
    },
    /// Fewer rows than clusters.
    #[error("{rows} rows cannot make {clusters} clusters")]
    FewerRowsThanClusters {
        /// Rows there are.
        rows: usize,
        /// Clusters asked for.
        clusters: usize,
    },
    /// All rows are the same, so there is nothing to tell apart.
    #[error("all {rows} rows are alike")]
    AllRowsAlike {
        /// Rows there are.
        rows: usize,
    },
    /// A parameter outside its range.
    #[error("{name} is {value}, outside its range")]
    OutOfRange {
        /// The parameter.
        name: &'static str,
        /// What was asked.
        value: f64,
    },
    /// More rows than labels can number.
    #[error("{rows} rows are more than can be clustered at once")]
    TooManyRows {
        /// Rows there are.
        rows: usize,
    },
    /// The caller asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// A clustering.
#[derive(Debug, Clone, PartialEq)]
pub struct KMeans {
    /// Each row's cluster, from 0.
    pub labels: Vec<u32>,
    /// The centroids one after the other, each as long as there are features.
    pub centroids: Vec<f64>,
    /// Sum of the squared distances of the rows to their centroids.
    pub inertia: f64,
    /// Iterations of the run that was kept.
    pub iterations: usize,
    /// What the caller should know.
    pub warnings: Vec<KMeansWarning>,
}

/// Clusters the rows as `sklearn.cluster.KMeans(clusters, n_init=…, random_state=seed)` does on the
/// same matrix: the same labels, the inertia to rounding. The result does not depend on the number
/// of threads. Step: `cluster` (parts of runs).
///
/// # Errors
/// [`ClusterError`] where the parameters cannot be met by the rows, and when cancelled.
pub fn kmeans(
    rows: &SparseRows,
    params: &KMeansParams,
    progress: &dyn Progress,
) -> Result<KMeans, ClusterError> {
    kmeans_in_order(rows, None, params, progress)
}

/// [`kmeans`] with the rows drawn from in `order`, of which the result is then a function alone.
pub(super) fn kmeans_in_order(
    rows: &SparseRows,
    order: Option<&[u32]>,
    params: &KMeansParams,
    progress: &dyn Progress,
) -> Result<KMeans, ClusterError> {
    let runs = runs_of(rows.len(), params)?;
    let tolerance = params.tol * mean_variance(rows, progress)?;
    let lloyd = Lloyd { rows, order, max_iter: params.max_iter, tolerance, progress };
    let mut random = RandomState::new(params.seed);
    let mut seeding = Seeding::new(rows, order, progress);
    // A run counts as many parts as it may have iterations.
    let parts = |runs: usize, of_next: usize| {
        (runs as u64).saturating_mul(params.max_iter as u64).saturating_add(of_next as u64)
    };
    progress.step("cluster", Some(parts(runs, 0)));
    let mut best: Option<Run> = None;
    // One run over few rows is one thread's work: several go side by side.
    let abreast = if rows.len() <= SUMMED_IN_ORDER { rayon::current_num_threads() } else { 1 };
    let mut done = 0;
    while done < runs {
        let seeds = (done..runs.min(done + abreast))
            .map(|_| seeding.pick(params.clusters, &mut random))
            .collect::<Result<Vec<_>, _>>()?;
        let running = Mutex::new(vec![0; seeds.len()]);
        let at = |run: usize, part: usize| {
            let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
            running[run] = part;
            progress.at(parts(done, running.iter().sum()));
        };
        let ended = seeds
            .into_par_iter()
            .enumerate()
            .map(|(run, seeds)| lloyd.run(seeds, &|part| at(run, part)));
        for run in ended.collect::<Result<Vec<_>, _>>()? {
            // A run that differs from the best by the names of the clusters alone has at most won by
            // rounding.
            let better = best.as_ref().is_none_or(|best| {
                run.inertia < best.inertia
                    && !same_clustering(&run.labels, &best.labels, params.clusters)
            });
            if better {
                best = Some(run);
            }
            done += 1;
        }
        progress.at(parts(done, 0));
    }
    let Some(Run { labels, centroids, inertia, iterations }) = best else {
        return Err(ClusterError::OutOfRange { name: "n_init", value: 0.0 });
    };
    let found = sizes(&labels, params.clusters).iter().filter(|&&size| size > 0).count();
    let mut warnings = Vec::new();
    if found < params.clusters {
        let distinct_rows = distinct(rows, progress)?;
        if distinct_rows == 1 {
            return Err(ClusterError::AllRowsAlike { rows: rows.len() });
        }
        let asked = params.clusters;
        warnings.push(KMeansWarning::FewerDistinctClusters { found, asked, distinct_rows });
    }
    Ok(KMeans { labels, centroids: centroids.values, inertia, iterations, warnings })
}

/// Checks the parameters; returns the number of runs.
pub(super) fn runs_of(rows: usize, params: &KMeansParams) -> Result<usize, ClusterError> {
    let out_of_range = |name, value| Err(ClusterError::OutOfRange { name, value });
    let runs = match params.n_init {
        NInit::Auto => 1,
        NInit::Count(0) => return out_of_range("n_init", 0.0),
        NInit::Count(runs) => runs,
    };
    if params.max_iter == 0 {
        return out_of_range("max_iter", 0.0);
    }
    if params.tol < 0.0 || params.tol.is_nan() {
        return out_of_range("tol", params.tol);
    }
    if params.clusters < 2 {
        return Err(ClusterError::TooFewClusters { asked: params.clusters });
    }
    if rows < params.clusters {
        let clusters = params.clusters;
        return Err(ClusterError::FewerRowsThanClusters { rows, clusters });
    }
    if u32::try_from(rows).is_err() {
        return Err(ClusterError::TooManyRows { rows });
    }
    Ok(runs)
}

/// The mean over the features of the variance of their weights.
#[allow(clippy::cast_precision_loss, reason = "the rounding is that of the last bit")]
#[allow(clippy::cast_possible_truncation, reason = "weights are at most 1, times the scale")]
pub(super) fn mean_variance(rows: &SparseRows, progress: &dyn Progress) -> Result<f64, Cancelled> {
    let scale = super::sums::scale(rows.len());
    let mut workers = super::share::workers(|| vec![(0_i64, 0_i64); rows.features()]);
    super::share::share(rows.blocks().iter(), &mut workers, progress, |sums, block| {
        for row in block.rows() {
            for (feature, weight) in row.weights(rows.idf()) {
                sums[feature].0 += (weight * scale) as i64;
                sums[feature].1 += (weight * weight * scale) as i64;
            }
        }
    })?;
    let per_row = 1.0 / (scale * rows.len() as f64);
    let variances = (0..rows.features()).map(|feature| {
        let (sum, squares) = workers
            .iter()
            .map(|sums| sums[feature])
            .fold((0, 0), |total, part| (total.0 + part.0, total.1 + part.1));
        let mean = sum as f64 * per_row;
        squares as f64 * per_row - mean * mean
    });
    Ok(variances.sum::<f64>() / rows.features() as f64)
}

/// Whether two labellings differ by the names of the clusters alone.
fn same_clustering(a: &[u32], b: &[u32], clusters: usize) -> bool {
    let mut names = vec![None; clusters];
    a.iter().zip(b).all(|(&a, &b)| *names[a as usize].get_or_insert(b) == b)
}

/// Number of distinct rows.
fn distinct(rows: &SparseRows, progress: &dyn Progress) -> Result<usize, Cancelled> {
    let mut met = HashSet::new();
    for block in rows.blocks() {
        progress.check()?;
        met.extend(block.rows().map(|row| content_hash(row.entries)));
    }
    Ok(met.len())
}
