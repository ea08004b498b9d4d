//! K-means over dense rows, such as the vectors that a model makes of texts: Lloyd's algorithm from greedy
//! k-means++ seeds (Arthur and Vassilvitskii 2007), as the sparse one has them. The result does not depend
//! on the number of threads.

use rayon::prelude::*;

use super::kmeans::{ClusterError, KMeans, KMeansParams, KMeansWarning, runs_of};
use super::metrics::{Silhouette, coefficient};
use super::random::RandomState;
use super::sizes;
use crate::progress::{Cancelled, Progress};
use crate::tfidf::SparseRows;

/// Rows that are worked on together; their sums are added in their order.
const CHUNK: usize = 1024;

/// Dense rows of one width, one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Vectors<'a> {
    /// The numbers of all.
    pub numbers: &'a [f32],
    /// Numbers of each.
    pub width: usize,
}

impl<'a> Vectors<'a> {
    fn len(self) -> usize {
        self.numbers.len() / self.width
    }

    fn row(self, at: usize) -> &'a [f32] {
        &self.numbers[at * self.width..][..self.width]
    }
}

/// A clustering by vectors of rows that have terms too.
#[derive(Debug, Clone, PartialEq)]
pub struct ByVectors {
    /// The clustering; its centroids are those of the terms, and say what each cluster is about.
    pub found: KMeans,
    /// The centroids of the vectors, one after the other.
    pub centroids: Vec<f32>,
}

/// Clusters rows by their vectors. Step: `cluster` (parts of runs).
///
/// # Errors
/// [`ClusterError`] where the parameters cannot be met by the rows, and when cancelled.
///
/// # Panics
/// When there is not a vector for every row.
pub fn by_vectors(
    rows: &SparseRows,
    vectors: Vectors,
    params: &KMeansParams,
    progress: &dyn Progress,
) -> Result<ByVectors, ClusterError> {
    assert_eq!(rows.len(), vectors.len(), "a vector for every row");
    let runs = runs_of(rows.len(), params)?;
    let tolerance = params.tol * mean_variance(vectors);
    let mut random = RandomState::new(params.seed);
    let parts = (runs as u64).saturating_mul(params.max_iter as u64);
    progress.step("cluster", Some(parts));
    let mut best: Option<Run> = None;
    for run in 0..runs {
        let seeds = seeds(vectors, params.clusters, &mut random, progress)?;
        let before = run as u64 * params.max_iter as u64;
        let found = lloyd(vectors, seeds, params.max_iter, tolerance, before, progress)?;
        if best.as_ref().is_none_or(|best| found.inertia < best.inertia) {
            best = Some(found);
        }
    }
    progress.at(parts);
    let Some(Run { labels, centroids, inertia, iterations }) = best else {
        return Err(ClusterError::OutOfRange { name: "n_init", value: 0.0 });
    };
    let filled = sizes(&labels, params.clusters).iter().filter(|&&size| size > 0).count();
    let mut warnings = Vec::new();
    if filled < params.clusters {
        let asked = params.clusters;
        let distinct_rows = filled;
        warnings.push(KMeansWarning::FewerDistinctClusters { found: filled, asked, distinct_rows });
    }
    let terms = means(rows, &labels, params.clusters);
    let found = KMeans { labels, centroids: terms, inertia, iterations, warnings };
    Ok(ByVectors { found, centroids })
}

/// The nearest of some centroids for every vector.
///
/// # Errors
/// [`Cancelled`] once the caller wants to stop.
pub fn assign_vectors(
    vectors: Vectors,
    centroids: &[f32],
    progress: &dyn Progress,
) -> Result<Vec<u32>, Cancelled> {
    Ok(nearest(vectors, centroids, progress)?.into_iter().map(|(label, _)| label).collect())
}

/// The mean silhouette of a sample of the vectors, by Euclidean distance; see [`super::silhouette`].
///
/// # Errors
/// [`Cancelled`] once the caller wants to stop.
#[allow(clippy::cast_possible_truncation, reason = "row and cluster numbers are u32")]
pub fn silhouette_of_vectors(
    vectors: Vectors,
    labels: &[u32],
    sample: usize,
    seed: u32,
    progress: &dyn Progress,
) -> Result<Option<Silhouette>, Cancelled> {
    let mut picked: Vec<u32> = if sample < vectors.len() {
        RandomState::new(seed).permutation(vectors.len() as u32)
    } else {
        (0..vectors.len() as u32).collect()
    };
    picked.truncate(sample);
    let label = |row: u32| labels[row as usize] as usize;
    let clusters = picked.iter().map(|&row| label(row) + 1).max().unwrap_or(0);
    let mut counts = vec![0_usize; clusters];
    picked.iter().for_each(|&row| counts[label(row)] += 1);
    let found = counts.iter().filter(|&&count| count > 0).count();
    if found < 2 || found >= picked.len() {
        return Ok(None);
    }
    let values = picked
        .par_iter()
        .map(|&row| {
            progress.check()?;
            let mut sums = vec![0.0; clusters];
            for &other in picked.iter().filter(|&&other| other != row) {
                let squared = squared(vectors.row(row as usize), vectors.row(other as usize));
                sums[label(other)] += f64::from(squared).sqrt();
            }
            Ok(coefficient(&sums, &counts, label(row)))
        })
        .collect::<Result<Vec<f64>, Cancelled>>()?;
    #[allow(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
    let value = values.iter().sum::<f64>() / values.len() as f64;
    Ok(Some(Silhouette { value, sample: picked.len() }))
}

struct Run {
    labels: Vec<u32>,
    centroids: Vec<f32>,
    inertia: f64,
    iterations: usize,
}

fn squared(one: &[f32], other: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut lanes = [0.0_f32; LANES];
    let ((ones, rest), (others, more)) = (one.as_chunks::<LANES>(), other.as_chunks::<LANES>());
    for (one, other) in ones.iter().zip(others) {
        for lane in 0..LANES {
            let apart = one[lane] - other[lane];
            lanes[lane] += apart * apart;
        }
    }
    let tail: f32 = rest.iter().zip(more).map(|(a, b)| (a - b) * (a - b)).sum();
    lanes.iter().sum::<f32>() + tail
}

/// Every vector's nearest centroid and how far it is, squared; of equal ones the first.
#[allow(clippy::cast_possible_truncation, reason = "cluster numbers are u32")]
fn nearest(
    vectors: Vectors,
    centroids: &[f32],
    progress: &dyn Progress,
) -> Result<Vec<(u32, f32)>, Cancelled> {
    let of_row = |row: &[f32]| {
        let all = centroids.chunks_exact(vectors.width).map(|centroid| squared(row, centroid));
        all.enumerate().fold((0, f32::INFINITY), |best, (at, apart)| {
            if apart < best.1 { (at as u32, apart) } else { best }
        })
    };
    let chunks = vectors.numbers.par_chunks(CHUNK * vectors.width).map(|rows| {
        progress.check()?;
        Ok(rows.chunks_exact(vectors.width).map(of_row).collect::<Vec<_>>())
    });
    Ok(chunks.collect::<Result<Vec<_>, Cancelled>>()?.concat())
}

/// The first centroids: each the best of some that are drawn by their distance to those before.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn seeds(
    vectors: Vectors,
    clusters: usize,
    random: &mut RandomState,
    progress: &dyn Progress,
) -> Result<Vec<f32>, Cancelled> {
    let trials = 2 + (clusters as f64).ln() as usize;
    let first = (random.uniform() * vectors.len() as f64) as usize;
    let mut centroids = vectors.row(first.min(vectors.len() - 1)).to_vec();
    let apart = |centroid: &[f32]| -> Vec<f32> {
        vectors.numbers.par_chunks_exact(vectors.width).map(|row| squared(row, centroid)).collect()
    };
    let mut closest = apart(&centroids);
    for _ in 1..clusters {
        progress.check()?;
        let all: f64 = closest.iter().copied().map(f64::from).sum();
        let mut best: Option<(f64, usize, Vec<f32>)> = None;
        for _ in 0..trials {
            let mut target = random.uniform() * all;
            let drawn = closest.iter().position(|&apart| {
                target -= f64::from(apart);
                target < 0.0
            });
            let drawn = drawn.unwrap_or(vectors.len() - 1);
            let mut with = apart(vectors.row(drawn));
            with.iter_mut().zip(&closest).for_each(|(with, before)| *with = with.min(*before));
            let sum: f64 = with.iter().copied().map(f64::from).sum();
            if best.as_ref().is_none_or(|best| sum < best.0) {
                best = Some((sum, drawn, with));
            }
        }
        if let Some((_, drawn, with)) = best {
            centroids.extend_from_slice(vectors.row(drawn));
            closest = with;
        }
    }
    Ok(centroids)
}

fn lloyd(
    vectors: Vectors,
    mut centroids: Vec<f32>,
    most: usize,
    tolerance: f64,
    before: u64,
    progress: &dyn Progress,
) -> Result<Run, Cancelled> {
    let clusters = centroids.len() / vectors.width;
    let mut labels: Vec<u32> = Vec::new();
    let mut iterations = 0;
    while iterations < most {
        let found = nearest(vectors, &centroids, progress)?;
        let same = found.iter().map(|one| one.0).eq(labels.iter().copied());
        labels = found.iter().map(|one| one.0).collect();
        if same {
            break;
        }
        iterations += 1;
        let moved = centres(vectors, &found, clusters);
        let shift: f64 = moved.iter().zip(&centroids).map(|(a, b)| f64::from(a - b).powi(2)).sum();
        centroids = moved;
        progress.at(before + iterations as u64);
        if shift <= tolerance {
            break;
        }
    }
    let found = nearest(vectors, &centroids, progress)?;
    let inertia = found.iter().map(|one| f64::from(one.1)).sum();
    Ok(Run { labels: found.into_iter().map(|one| one.0).collect(), centroids, inertia, iterations })
}

/// The means of every cluster's rows. One without rows takes the row that is farthest from its own.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
fn centres(vectors: Vectors, found: &[(u32, f32)], clusters: usize) -> Vec<f32> {
    let width = vectors.width;
    let parts: Vec<(Vec<f64>, Vec<u64>)> = vectors
        .numbers
        .par_chunks(CHUNK * width)
        .zip(found.par_chunks(CHUNK))
        .map(|(rows, found)| {
            let (mut sums, mut counts) = (vec![0.0; clusters * width], vec![0; clusters]);
            for (row, (label, _)) in rows.chunks_exact(width).zip(found) {
                let label = *label as usize;
                counts[label] += 1;
                for (sum, x) in sums[label * width..][..width].iter_mut().zip(row) {
                    *sum += f64::from(*x);
                }
            }
            (sums, counts)
        })
        .collect();
    let (mut sums, mut counts) = (vec![0.0; clusters * width], vec![0_u64; clusters]);
    for (some, of_some) in parts {
        sums.iter_mut().zip(some).for_each(|(sum, more)| *sum += more);
        counts.iter_mut().zip(of_some).for_each(|(count, more)| *count += more);
    }
    let mut far: Vec<usize> = Vec::new();
    if counts.contains(&0) {
        far = (0..found.len()).collect();
        far.sort_by(|&one, &other| found[other].1.total_cmp(&found[one].1).then(one.cmp(&other)));
    }
    let mut far = far.into_iter();
    let mut centres = Vec::with_capacity(clusters * width);
    for (sums, count) in sums.chunks_exact(width).zip(counts) {
        let empty = if count == 0 { far.next() } else { None };
        match empty {
            Some(row) => centres.extend_from_slice(vectors.row(row)),
            None => centres.extend(sums.iter().map(|sum| (sum / count.max(1) as f64) as f32)),
        }
    }
    centres
}

/// The mean over the columns of their variance.
#[allow(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
fn mean_variance(vectors: Vectors) -> f64 {
    let (mut sums, mut squares) = (vec![0.0_f64; vectors.width], vec![0.0_f64; vectors.width]);
    for row in vectors.numbers.chunks_exact(vectors.width) {
        for ((sum, square), &x) in sums.iter_mut().zip(&mut squares).zip(row) {
            *sum += f64::from(x);
            *square += f64::from(x) * f64::from(x);
        }
    }
    let rows = vectors.len() as f64;
    let of_column = |(sum, square): (f64, f64)| square / rows - (sum / rows).powi(2);
    sums.into_iter().zip(squares).map(of_column).sum::<f64>() / vectors.width as f64
}

/// The mean weights of every cluster's terms.
#[allow(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
fn means(rows: &SparseRows, labels: &[u32], clusters: usize) -> Vec<f64> {
    let features = rows.features();
    let mut means = vec![0.0; clusters * features];
    let all = rows.blocks().iter().flat_map(|block| block.rows());
    for (row, &label) in all.zip(labels) {
        let mean = &mut means[label as usize * features..][..features];
        for (feature, weight) in row.weights(rows.idf()) {
            mean[feature] += weight;
        }
    }
    for (mean, size) in means.chunks_exact_mut(features.max(1)).zip(sizes(labels, clusters)) {
        mean.iter_mut().for_each(|x| *x /= size.max(1) as f64);
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Unwatched;

    /// Four heaps of points, each round one axis.
    fn heaps() -> (Vec<f32>, Vec<u32>) {
        let mut random = RandomState::new(3);
        let (mut numbers, mut heaps) = (Vec::new(), Vec::new());
        for row in 0..4000_u32 {
            let heap = row % 4;
            for column in 0..24 {
                let near = if column == heap { 1.0 } else { 0.0 };
                numbers.push(near + (random.uniform() as f32 - 0.5) * 0.4);
            }
            heaps.push(heap);
        }
        (numbers, heaps)
    }

    #[test]
    fn heaps_are_found_the_same_on_any_number_of_threads() {
        let (numbers, heaps) = heaps();
        let vectors = Vectors { numbers: &numbers, width: 24 };
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let seeds = seeds(vectors, 4, &mut RandomState::new(42), &Unwatched).unwrap();
                lloyd(vectors, seeds, 100, 1e-9, 0, &Unwatched).unwrap()
            })
        };
        let found = on(1);
        let names: Vec<u32> = (0..4).map(|heap| found.labels[heap]).collect();
        assert!(found.labels.iter().zip(&heaps).all(|(&l, &heap)| l == names[heap as usize]));
        for threads in [2, 5] {
            let other = on(threads);
            assert_eq!((&other.labels, &other.centroids), (&found.labels, &found.centroids));
            assert_eq!(other.inertia.to_bits(), found.inertia.to_bits());
        }
        let silhouette = silhouette_of_vectors(vectors, &found.labels, 300, 1, &Unwatched).unwrap();
        assert!(silhouette.unwrap().value > 0.4);
        let centroids = &found.centroids;
        assert_eq!(assign_vectors(vectors, centroids, &Unwatched).unwrap(), found.labels);
    }

    #[test]
    fn a_cluster_without_rows_takes_the_farthest() {
        let numbers = [0.0_f32, 0.1, 0.2, 9.0];
        let vectors = Vectors { numbers: &numbers, width: 1 };
        let found = [(0, 0.0), (0, 0.01), (0, 0.04), (0, 81.0)];
        assert_eq!(centres(vectors, &found, 2), [2.325, 9.0]);
    }
}
