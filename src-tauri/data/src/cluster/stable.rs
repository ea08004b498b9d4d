//! The same segments whatever the order of the rows.

use super::kmeans::{ClusterError, KMeans, KMeansParams, kmeans_in_order};
use crate::progress::Progress;
use crate::tfidf::{Entry, RowBlock, SparseRows};

/// Clusters so that any permutation of the rows gives each row the same segment, and the same
/// centroids and inertia bit for bit, on any number of threads: seeds are drawn from the rows in
/// the order of their content, all sums are exact, and segments are numbered from the largest.
/// Not the labels that scikit-learn gives. Puts the entries of `rows` in the order of features.
///
/// # Errors
/// As [`super::kmeans`].
pub fn stable(
    rows: &mut SparseRows,
    params: &KMeansParams,
    progress: &dyn Progress,
) -> Result<KMeans, ClusterError> {
    if u32::try_from(rows.len()).is_err() {
        return Err(ClusterError::TooManyRows { rows: rows.len() });
    }
    rows.sort_entries();
    progress.check()?;
    let order = by_content(rows);
    progress.check()?;
    let mut result = kmeans_in_order(rows, Some(&order), params, progress)?;
    number_by_size(&mut result, params.clusters, rows.features());
    Ok(result)
}

/// A hash of a row's terms and counts, the same in every build.
pub(super) fn content_hash(entries: &[Entry]) -> u64 {
    entries.iter().fold(entries.len() as u64, |state, &entry| {
        let state = (state ^ u64::from(entry.bits())).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        state ^ state >> 32
    })
}

/// The rows' numbers in the order of their content.
fn by_content(rows: &SparseRows) -> Vec<u32> {
    let all = rows.blocks().iter().flat_map(RowBlock::rows);
    let mut keys: Vec<(u64, u32)> = all.map(|row| content_hash(row.entries)).zip(0..).collect();
    keys.sort_unstable_by(|a, b| {
        let entries = |row: u32| rows.row(row as usize).entries;
        a.0.cmp(&b.0).then_with(|| entries(a.1).cmp(entries(b.1)))
    });
    keys.into_iter().map(|(_, row)| row).collect()
}

/// Numbers the clusters from the largest; of equally large ones that with the heavier first terms
/// comes first.
#[allow(clippy::cast_possible_truncation, reason = "clusters are u32")]
fn number_by_size(result: &mut KMeans, clusters: usize, features: usize) {
    let mut sizes = vec![0_usize; clusters];
    for &label in &result.labels {
        sizes[label as usize] += 1;
    }
    let vector = |cluster: usize| &result.centroids[cluster * features..][..features];
    let mut order: Vec<usize> = (0..clusters).collect();
    order.sort_by(|&a, &b| {
        let heavier = || {
            let weights = vector(b).iter().zip(vector(a));
            weights
                .map(|(b, a)| b.total_cmp(a))
                .find(|o| o.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        };
        sizes[b].cmp(&sizes[a]).then_with(heavier)
    });
    let centroids = order.iter().flat_map(|&cluster| vector(cluster)).copied().collect();
    let mut names = vec![0; clusters];
    for (new, &old) in order.iter().enumerate() {
        names[old] = new as u32;
    }
    result.centroids = centroids;
    for label in &mut result.labels {
        *label = names[*label as usize];
    }
}
