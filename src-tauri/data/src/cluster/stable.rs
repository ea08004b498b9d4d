//! The same segments whatever the order of the rows.

use super::kmeans::{ClusterError, KMeans, KMeansParams, kmeans_in_order};
use super::share::{share, workers};
use crate::progress::{Cancelled, Progress};
use crate::tfidf::{Entry, SparseRows};

/// Rows are sorted apart by so many first bits of their hash, so that no sort takes long.
const GROUP_BITS: u32 = 8;
/// Rows between two looks at whether to go on.
const CHECK_ROWS: usize = 1 << 14;

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
    rows.sort_entries(progress)?;
    let order = by_content(rows, progress)?;
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

/// The rows' numbers in the order of their content: by hash, and by the terms themselves where rows
/// that differ share one.
#[allow(clippy::cast_possible_truncation, reason = "a group's number has eight bits")]
fn by_content(rows: &SparseRows, progress: &dyn Progress) -> Result<Vec<u32>, Cancelled> {
    let mut groups: Vec<Vec<(u64, u32)>> = vec![Vec::new(); 1 << GROUP_BITS];
    let mut number = 0;
    for block in rows.blocks() {
        progress.check()?;
        for row in block.rows() {
            let hash = content_hash(row.entries);
            groups[(hash >> (u64::BITS - GROUP_BITS)) as usize].push((hash, number));
            number += 1;
        }
    }
    share(groups.iter_mut(), &mut workers(|| ()), progress, |(), group| group.sort_unstable())?;
    let mut keys = groups.concat();
    let entries = |key: &(u64, u32)| rows.row(key.1 as usize).entries;
    for run in keys.chunk_by_mut(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        let mut differ = false;
        for some in run.chunks(CHECK_ROWS) {
            progress.check()?;
            differ |= some.iter().any(|key| entries(key) != entries(&run[0]));
        }
        if differ {
            run.sort_unstable_by(|a, b| entries(a).cmp(entries(b)));
        }
    }
    Ok(keys.into_iter().map(|(_, row)| row).collect())
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::progress::Unwatched;
    use crate::text::TokenParams;
    use crate::tfidf::{TermCounter, TfidfParams, fit};

    fn rows(documents: impl Iterator<Item = String>) -> SparseRows {
        let mut counter = TermCounter::new(TokenParams::default());
        for document in documents {
            counter.text(document.as_bytes());
            counter.end_document();
        }
        fit(vec![counter], &TfidfParams::default(), &Unwatched).unwrap().1
    }

    /// Counts how often it is asked whether to go on.
    #[derive(Default)]
    struct Asked(AtomicUsize);

    impl Progress for Asked {
        fn step(&self, _: &'static str, _: Option<u64>) {}
        fn at(&self, _: u64) {}
        fn check(&self) -> Result<(), Cancelled> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
    }

    /// How often the work asks before it is done.
    fn checks(mut work: impl FnMut(&dyn Progress)) -> usize {
        let asked = Asked::default();
        work(&asked);
        asked.0.into_inner()
    }

    #[test]
    fn the_rows_lie_in_one_order_whatever_order_they_came_in() {
        let documents: Vec<String> =
            (0..500).map(|n| format!("nota fiscal {} boleto {}", n % 7, n % 40)).collect();
        let content = |rows: &SparseRows| -> Vec<Vec<Entry>> {
            let order = by_content(rows, &Unwatched).unwrap();
            let mut met = order.clone();
            met.sort_unstable();
            assert!(met.into_iter().eq(0..500), "every row once");
            order.iter().map(|&row| rows.row(row as usize).entries.to_vec()).collect()
        };
        // The same vocabulary either way, so that equal rows have equal entries.
        let mut forward = rows(documents.iter().cloned());
        let mut backward = rows(documents.iter().rev().cloned());
        forward.sort_entries(&Unwatched).unwrap();
        backward.sort_entries(&Unwatched).unwrap();
        assert_eq!(content(&forward), content(&backward));
    }

    #[test]
    fn putting_rows_in_order_asks_all_along_whether_to_go_on() {
        let mut many = rows((0..50_000).map(|n| format!("nota {} boleto {}", n % 90, n % 71)));
        let blocks = many.blocks().len();
        assert!(blocks > 5);
        let sorting = checks(|progress| many.sort_entries(progress).unwrap());
        assert!(sorting >= blocks, "{sorting} times for {blocks} blocks");
        let groups = 1 << GROUP_BITS;
        let ordering = checks(|progress| drop(by_content(&many, progress).unwrap()));
        assert!(ordering >= blocks + groups, "{ordering} times for {blocks} blocks");
        let alike = rows((0..50_000).map(|n| if n == 0 { "boleto" } else { "nota" }.to_owned()));
        let ordering = checks(|progress| drop(by_content(&alike, progress).unwrap()));
        assert!(ordering >= blocks + groups + 3, "{ordering} times where all are alike");
    }
}
