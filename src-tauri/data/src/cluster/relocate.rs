//! New places for clusters that lost all their rows.

use super::centroids::Centroids;
use crate::progress::{Cancelled, Progress};
use crate::tfidf::SparseRows;

/// Moves each empty cluster to one of the rows farthest from their centroids, the farthest to the
/// first empty cluster, as scikit-learn's `_relocate_empty_clusters_sparse` does; `sums` and
/// `counts` are changed in place. Of equally far rows the last in `order` goes first. Does nothing
/// where every row sits on its centroid.
pub(super) fn relocate_empty(
    rows: &SparseRows,
    order: Option<&[u32]>,
    labels: &[u32],
    centroids: &Centroids,
    sums: &mut [f64],
    counts: &mut [i64],
    progress: &dyn Progress,
) -> Result<(), Cancelled> {
    let empty: Vec<usize> = (0..counts.len()).filter(|&cluster| counts[cluster] == 0).collect();
    if empty.is_empty() {
        return Ok(());
    }
    let mut distances = Vec::with_capacity(rows.len());
    for block in rows.blocks() {
        progress.check()?;
        for row in block.rows() {
            let cluster = labels[distances.len()] as usize;
            distances.push(centroids.squared_distance(&row, rows.idf(), cluster));
        }
    }
    if distances.iter().all(|&distance| distance == 0.0) {
        return Ok(());
    }
    let row_at = |place: usize| order.map_or(place, |order| order[place] as usize);
    let mut places: Vec<usize> = (0..rows.len()).collect();
    let farther = |&a: &usize, &b: &usize| {
        distances[row_at(b)].total_cmp(&distances[row_at(a)]).then(b.cmp(&a))
    };
    if empty.len() < places.len() {
        places.select_nth_unstable_by(empty.len() - 1, farther);
        places.truncate(empty.len());
    }
    places.sort_unstable_by(farther);
    let features = rows.features();
    for (&to, place) in empty.iter().zip(places) {
        let row = row_at(place);
        let from = labels[row] as usize;
        for (feature, weight) in rows.row(row).weights(rows.idf()) {
            sums[from * features + feature] -= weight;
            sums[to * features + feature] = weight;
        }
        counts[to] = 1;
        counts[from] -= 1;
    }
    Ok(())
}
