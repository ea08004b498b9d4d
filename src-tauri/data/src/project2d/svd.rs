//! Truncated singular value decomposition of sparse rows, without their mean removed: what latent
//! semantic analysis does to TF-IDF rows before they are compared.

use rayon::prelude::*;

use super::eigen;
use super::{Dense, ProjectError};
use crate::progress::Progress;

/// Rows of which most columns are 0.
pub trait SparseRows: Sync {
    /// How many rows.
    fn rows(&self) -> usize;
    /// How many columns.
    fn columns(&self) -> usize;
    /// Calls `f` with column and value of each entry of a row; a column at most once.
    fn for_each(&self, row: usize, f: &mut dyn FnMut(usize, f32));
}

/// Up to this many columns XᵀX is formed once; it is applied through the rows beyond.
const GRAM_COLUMNS: usize = 2048;
/// Parts that are summed apart and then joined in order: fixed, so that the thread count does not
/// change the sum, and few, since each holds a matrix.
const PARTS: usize = 4;
const CHECK_ROWS: usize = 512;
const GRAM_ROUNDS: usize = 24;
const SPARSE_ROUNDS: usize = 6;

/// The leading right singular vectors of some rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Directions {
    /// Columns of the rows.
    pub columns: usize,
    /// How many vectors.
    pub dims: usize,
    /// For every column, its share in each vector.
    pub shares: Vec<f32>,
}

impl Directions {
    /// Those of `rows`, at most `dims` (fewer where there are fewer columns). `rounds` is how often the
    /// estimate is refined, as scikit-learn's `n_iter`; without it, until neighbouring ones are told
    /// apart. Step: `reduce` (rows).
    ///
    /// # Errors
    /// An entry that is not finite, or a stop.
    pub fn of(
        rows: &dyn SparseRows,
        dims: usize,
        rounds: Option<usize>,
        seed: u64,
        progress: &dyn Progress,
    ) -> Result<Self, ProjectError> {
        progress.step("reduce", Some(rows.rows() as u64));
        let columns = rows.columns();
        let basis = if rounds.is_none() && columns <= GRAM_COLUMNS {
            let gram = gram(rows, progress)?;
            eigen::leading(columns, dims, GRAM_ROUNDS, seed, |block, width| {
                progress.check()?;
                Ok(multiply(&gram, block, columns, width))
            })?
        } else {
            let rounds = rounds.unwrap_or(SPARSE_ROUNDS);
            eigen::leading(columns, dims, rounds, seed, |block, width| {
                apply(rows, block, width, progress)
            })?
        };
        let dims = basis.values.len();
        let shares = transposed(&basis.vectors, basis.rows, dims);
        Ok(Self { columns, dims, shares: shares.into_iter().map(|value| value as f32).collect() })
    }

    /// Each row times each vector.
    ///
    /// # Errors
    /// A stop.
    pub fn project(
        &self,
        rows: &dyn SparseRows,
        progress: &dyn Progress,
    ) -> Result<Dense, ProjectError> {
        let dims = self.dims;
        let mut values = vec![0.0_f32; rows.rows() * dims];
        if dims > 0 {
            values.par_chunks_mut(CHECK_ROWS * dims).enumerate().try_for_each(|(block, out)| {
                progress.check()?;
                for (at, out) in out.chunks_exact_mut(dims).enumerate() {
                    rows.for_each(block * CHECK_ROWS + at, &mut |column, value| {
                        for (out, v) in out.iter_mut().zip(&self.shares[column * dims..][..dims]) {
                            *out += value * v;
                        }
                    });
                }
                Ok::<(), ProjectError>(())
            })?;
        }
        progress.at(rows.rows() as u64);
        Ok(Dense { rows: rows.rows(), dims, values })
    }
}

/// Projects the rows on their `dims` leading right singular vectors (fewer where there are fewer
/// columns): scikit-learn's `TruncatedSVD(n_components=dims).fit_transform`, up to signs and the
/// convergence of neighbouring singular values. Step: `reduce` (rows).
///
/// # Errors
/// An entry that is not finite, or a stop.
pub fn svd(
    rows: &dyn SparseRows,
    dims: usize,
    seed: u64,
    progress: &dyn Progress,
) -> Result<Dense, ProjectError> {
    Directions::of(rows, dims, None, seed, progress)?.project(rows, progress)
}

/// Runs `add` on each row of each part with the part's own sum, and adds the sums up in order.
fn summed(
    rows: &dyn SparseRows,
    length: usize,
    progress: &dyn Progress,
    add: impl Fn(usize, &mut Vec<(usize, f64)>, &mut [f64]) + Sync,
) -> Result<Vec<f64>, ProjectError> {
    let size = rows.rows().div_ceil(PARTS).max(1);
    let parts: Vec<Vec<f64>> = (0..PARTS)
        .into_par_iter()
        .map(|part| {
            let mut sum = vec![0.0; length];
            let mut entries = Vec::new();
            for row in (part * size).min(rows.rows())..((part + 1) * size).min(rows.rows()) {
                if row % CHECK_ROWS == 0 {
                    progress.check()?;
                }
                entries.clear();
                let mut wrong = None;
                rows.for_each(row, &mut |column, value| {
                    if !value.is_finite() {
                        wrong = Some(ProjectError::NotFinite { row, column, value });
                    }
                    entries.push((column, f64::from(value)));
                });
                if let Some(wrong) = wrong {
                    return Err(wrong);
                }
                add(row, &mut entries, &mut sum);
            }
            Ok(sum)
        })
        .collect::<Result<_, ProjectError>>()?;
    let mut parts = parts.into_iter();
    let mut total = parts.next().unwrap_or_default();
    for part in parts {
        for (total, value) in total.iter_mut().zip(part) {
            *total += value;
        }
    }
    Ok(total)
}

/// XᵀX.
fn gram(rows: &dyn SparseRows, progress: &dyn Progress) -> Result<Vec<f64>, ProjectError> {
    let columns = rows.columns();
    let mut gram = summed(rows, columns * columns, progress, |_, entries, sum| {
        // The upper half alone, which ascending columns make.
        entries.sort_unstable_by_key(|entry| entry.0);
        for (at, &(i, a)) in entries.iter().enumerate() {
            let line = &mut sum[i * columns..(i + 1) * columns];
            for &(j, b) in &entries[at..] {
                line[j] += a * b;
            }
        }
    })?;
    for i in 0..columns {
        for j in 0..i {
            gram[i * columns + j] = gram[j * columns + i];
        }
    }
    Ok(gram)
}

/// The symmetric matrix times a block of columns.
fn multiply(matrix: &[f64], block: &[f64], rows: usize, width: usize) -> Vec<f64> {
    let mut out = vec![0.0; rows * width];
    out.par_chunks_mut(rows.max(1)).zip(block.par_chunks(rows.max(1))).for_each(|(out, vector)| {
        for (line, &share) in matrix.chunks_exact(rows).zip(vector) {
            for (out, value) in out.iter_mut().zip(line) {
                *out += share * value;
            }
        }
    });
    out
}

/// XᵀX times a block of columns, through the rows.
fn apply(
    rows: &dyn SparseRows,
    block: &[f64],
    width: usize,
    progress: &dyn Progress,
) -> Result<Vec<f64>, ProjectError> {
    let columns = rows.columns();
    let by_column = transposed(block, columns, width);
    let total = summed(rows, columns * width, progress, |_, entries, sum| {
        let mut along = vec![0.0; width];
        for &(column, value) in entries.iter() {
            for (along, v) in along.iter_mut().zip(&by_column[column * width..][..width]) {
                *along += value * v;
            }
        }
        for &(column, value) in entries.iter() {
            for (sum, along) in sum[column * width..][..width].iter_mut().zip(&along) {
                *sum += value * along;
            }
        }
    })?;
    Ok(transposed(&total, width, columns))
}

/// `count` vectors of `length`, one after the other, turned into `length` of `count`.
fn transposed(block: &[f64], length: usize, count: usize) -> Vec<f64> {
    let mut out = vec![0.0; block.len()];
    for at in 0..count {
        for place in 0..length {
            out[place * count + at] = block[at * length + place];
        }
    }
    out
}
