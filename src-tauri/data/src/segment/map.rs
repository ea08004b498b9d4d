//! The map of TF-IDF rows.

use crate::progress::Progress;
use crate::project2d::{
    Dense, LayoutParams, ProjectError, SparseRows as Sparse, layout, svd, trustworthiness,
};
use crate::tfidf::SparseRows;

/// Dimensions that rows are reduced to before they are laid out: enough to keep what text says,
/// few enough that neighbours are found fast.
const DIMENSIONS: usize = 50;
/// Neighbours that trustworthiness looks at.
const NEIGHBOURS: usize = 15;
/// Rows that it is computed on.
const JUDGED: usize = 500;

impl Sparse for SparseRows {
    fn rows(&self) -> usize {
        self.len()
    }

    fn columns(&self) -> usize {
        self.features()
    }

    fn for_each(&self, row: usize, f: &mut dyn FnMut(usize, f32)) {
        for (feature, weight) in self.row(row).weights(self.idf()) {
            f(feature, weight as f32);
        }
    }
}

/// A point for every row. The same for one seed, whatever the thread count. Steps: `reduce`,
/// `neighbours`, `layout`.
///
/// # Errors
/// [`ProjectError`] when more memory than `memory_limit` would be needed, or the caller stopped it.
pub fn map_of(
    rows: &SparseRows,
    seed: u32,
    memory_limit: Option<u64>,
    progress: &dyn Progress,
) -> Result<(Vec<[f32; 2]>, Dense), ProjectError> {
    let dense = svd(rows, DIMENSIONS, u64::from(seed), progress)?;
    let params = LayoutParams { seed: u64::from(seed), memory_limit, ..LayoutParams::default() };
    let points = layout(&dense, &params, progress)?;
    Ok((points, dense))
}

/// How far a map can be believed: trustworthiness with 15 neighbours, on a sample of 500 rows;
/// `None` for a table too small to judge.
///
/// # Errors
/// [`ProjectError`].
pub fn judge(dense: &Dense, points: &[[f32; 2]], seed: u32) -> Result<Option<f64>, ProjectError> {
    if points.len() <= 2 * NEIGHBOURS {
        return Ok(None);
    }
    trustworthiness(dense, points, NEIGHBOURS, Some(JUDGED), u64::from(seed)).map(Some)
}
