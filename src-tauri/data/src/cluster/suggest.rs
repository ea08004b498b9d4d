//! How many clusters.

use std::sync::atomic::{AtomicU64, Ordering};

use super::kmeans::{ClusterError, KMeansParams, kmeans};
use super::metrics::{Metric, Silhouette, davies_bouldin, silhouette};
use crate::progress::{Cancelled, Progress};
use crate::tfidf::SparseRows;

/// What was found for one number of clusters.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct KScore {
    /// Number of clusters.
    pub clusters: usize,
    /// Sum of squared distances to the centroids.
    pub inertia: f64,
    /// Silhouette of a sample; nothing where it is not defined.
    pub silhouette: Option<Silhouette>,
    /// Davies–Bouldin index; nothing where it is not defined.
    pub davies_bouldin: Option<f64>,
}

/// Why a number of clusters is recommended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KReason {
    /// The silhouette is highest there, and the inertia bends there too.
    SilhouetteAndKnee,
    /// The silhouette is highest there.
    Silhouette,
    /// The silhouette rises to the end of the range, which says nothing; the inertia bends there.
    Knee,
    /// Neither was defined or decisive; the smallest number was taken.
    Smallest,
}

/// A recommendation and what it rests on.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct KSuggestion {
    /// One score for each number of clusters, ascending.
    pub scores: Vec<KScore>,
    /// The number recommended.
    pub clusters: usize,
    /// Why.
    pub reason: KReason,
    /// Where the inertia bends most, if it does.
    pub knee: Option<usize>,
}

/// Clusters the rows into each number of clusters from `least` to `most` (or to the number of rows)
/// and recommends one. `params.clusters` is not used; silhouettes are taken of `sample` rows. Step:
/// `suggest` (parts of all the clusterings).
///
/// # Errors
/// As [`super::kmeans`] for the smallest number of clusters.
pub fn suggest_k(
    rows: &SparseRows,
    range: std::ops::RangeInclusive<usize>,
    params: &KMeansParams,
    sample: usize,
    progress: &dyn Progress,
) -> Result<KSuggestion, ClusterError> {
    let (least, most) = (*range.start(), (*range.end()).min(rows.len()).max(*range.start()));
    let mut scores = Vec::with_capacity(most + 1 - least);
    // The time of a clustering grows with its clusters.
    let parts = |clusters: usize| clusters as u64 * PARTS;
    progress.step("suggest", Some((least..=most).map(parts).sum()));
    let mut done = 0;
    for clusters in least..=most {
        let within =
            Within { outer: progress, from: done, parts: parts(clusters), total: 0.into() };
        let result = kmeans(rows, &KMeansParams { clusters, ..params.clone() }, &within)?;
        let seed = params.seed;
        scores.push(KScore {
            clusters,
            inertia: result.inertia,
            silhouette: silhouette(
                rows,
                &result.labels,
                Metric::default(),
                sample,
                seed,
                progress,
            )?,
            davies_bouldin: davies_bouldin(rows, &result.labels, progress)?,
        });
        done += parts(clusters);
        progress.at(done);
    }
    let (clusters, reason, knee) = recommend(&scores);
    Ok(KSuggestion { scores, clusters, reason, knee })
}

/// Parts that each cluster of a clustering counts as: finer than a person can see.
const PARTS: u64 = 1_000;

/// The progress of one step, told as some of the parts of a longer one.
struct Within<'a> {
    outer: &'a dyn Progress,
    /// Parts of the longer step that were done before.
    from: u64,
    /// Parts of the longer step that this one is.
    parts: u64,
    /// The length of this step in its own unit; 0 where it is not known.
    total: AtomicU64,
}

impl Progress for Within<'_> {
    fn step(&self, _name: &'static str, total: Option<u64>) {
        self.total.store(total.unwrap_or(0), Ordering::Relaxed);
    }

    fn at(&self, done: u64) {
        let total = self.total.load(Ordering::Relaxed);
        if total > 0 {
            let part = done.min(total) as f64 / total as f64;
            self.outer.at(self.from + (part * self.parts as f64) as u64);
        }
    }

    fn check(&self) -> Result<(), Cancelled> {
        self.outer.check()
    }
}

fn recommend(scores: &[KScore]) -> (usize, KReason, Option<usize>) {
    let knee = knee(scores);
    let best = scores
        .iter()
        .filter_map(|score| Some((score.clusters, score.silhouette?.value)))
        .reduce(|best, other| if other.1 > best.1 { other } else { best });
    let last = scores.last().map(|score| score.clusters);
    match (best, knee) {
        (Some((k, _)), Some(at)) if k == at => (k, KReason::SilhouetteAndKnee, knee),
        (Some((k, _)), Some(at)) if Some(k) == last && scores.len() > 2 => {
            (at, KReason::Knee, knee)
        }
        (Some((k, _)), _) => (k, KReason::Silhouette, knee),
        (None, Some(at)) => (at, KReason::Knee, knee),
        (None, None) => (scores.first().map_or(0, |score| score.clusters), KReason::Smallest, knee),
    }
}

/// Where the inertia lies farthest below the line from its first to its last value (Kneedle,
/// Satopää et al. 2011, without smoothing); nothing where it lies nowhere clearly below.
#[allow(clippy::cast_precision_loss, reason = "a handful of scores")]
fn knee(scores: &[KScore]) -> Option<usize> {
    let (first, last) = (scores.first()?, scores.last()?);
    let fall = first.inertia - last.inertia;
    if scores.len() < 3 || fall <= 0.0 {
        return None;
    }
    let width = (last.clusters - first.clusters) as f64;
    let below = |score: &KScore| {
        let along = (score.clusters - first.clusters) as f64 / width;
        (first.inertia - score.inertia) / fall - along
    };
    let bend = scores.iter().reduce(|a, b| if below(b) > below(a) { b } else { a })?;
    (below(bend) > 0.05).then_some(bend.clusters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(values: &[(f64, f64)]) -> Vec<KScore> {
        let score = |(at, &(inertia, value)): (usize, &(f64, f64))| KScore {
            clusters: at + 2,
            inertia,
            silhouette: Some(Silhouette { value, sample: 10 }),
            davies_bouldin: None,
        };
        values.iter().enumerate().map(score).collect()
    }

    #[test]
    fn a_silhouette_that_only_rises_gives_way_to_the_knee() {
        let bent = scores(&[(10.0, 0.1), (4.0, 0.2), (3.5, 0.3), (3.0, 0.4)]);
        assert_eq!(recommend(&bent), (3, KReason::Knee, Some(3)));
        let peaked = scores(&[(10.0, 0.1), (4.0, 0.5), (3.5, 0.3), (3.0, 0.4)]);
        assert_eq!(recommend(&peaked), (3, KReason::SilhouetteAndKnee, Some(3)));
        let straight = scores(&[(10.0, 0.1), (8.0, 0.2), (6.0, 0.5), (4.0, 0.3)]);
        assert_eq!(recommend(&straight), (4, KReason::Silhouette, None));
    }
}
