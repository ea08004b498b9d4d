//! The leading eigenvectors of a symmetric, positive semidefinite matrix that can be applied to
//! vectors: subspace iteration with a Rayleigh–Ritz step (Golub & Van Loan, §8.2).

use super::{ProjectError, random};

/// `columns` orthonormal vectors of length `rows`, column by column, and their eigenvalues.
#[derive(Debug)]
pub(super) struct Eigenvectors {
    /// Length of a vector.
    pub(super) rows: usize,
    /// The vectors, one after the other, leading first; each one's largest entry is positive.
    pub(super) vectors: Vec<f64>,
    /// Their eigenvalues.
    pub(super) values: Vec<f64>,
}

/// Vectors beyond those wanted, which speed convergence (Halko, Martinsson & Tropp 2011).
const EXTRA: usize = 10;

/// The `wanted` leading eigenvectors (fewer where `rows` is smaller) of the matrix that `apply`
/// multiplies a block of vectors with, after `rounds` multiplications.
pub(super) fn leading(
    rows: usize,
    wanted: usize,
    rounds: usize,
    seed: u64,
    mut apply: impl FnMut(&[f64], usize) -> Result<Vec<f64>, ProjectError>,
) -> Result<Eigenvectors, ProjectError> {
    let columns = (wanted + EXTRA).min(rows);
    let wanted = wanted.min(rows);
    let mut basis: Vec<f64> =
        (0..rows * columns).map(|at| random::signed_unit(seed, at as u64)).collect();
    orthonormalise(&mut basis, rows);
    for _ in 0..rounds {
        basis = apply(&basis, columns)?;
        orthonormalise(&mut basis, rows);
    }
    let applied = apply(&basis, columns)?;
    let mut small = vec![0.0; columns * columns];
    for (i, u) in basis.chunks_exact(rows.max(1)).enumerate() {
        for (j, v) in applied.chunks_exact(rows.max(1)).enumerate() {
            small[i * columns + j] = dot(u, v);
        }
    }
    let (values, rotation) = jacobi(small, columns);
    let mut order: Vec<usize> = (0..columns).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]).then(a.cmp(&b)));
    order.truncate(wanted);
    let mut vectors = vec![0.0; rows * wanted];
    for (&from, vector) in order.iter().zip(vectors.chunks_exact_mut(rows.max(1))) {
        for (at, column) in basis.chunks_exact(rows).enumerate() {
            let share = rotation[at * columns + from];
            for (out, value) in vector.iter_mut().zip(column) {
                *out += share * value;
            }
        }
        let largest = vector.iter().fold(0.0, |m: f64, &v| if v.abs() > m.abs() { v } else { m });
        if largest < 0.0 {
            vector.iter_mut().for_each(|v| *v = -*v);
        }
    }
    let values = order.iter().map(|&at| values[at].max(0.0)).collect();
    Ok(Eigenvectors { rows, vectors, values })
}

/// The inner product, in eight sums with a fixed order.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f64>() + rest
}

/// Gram–Schmidt, each vector twice ("twice is enough"); a vector that the others span becomes 0.
fn orthonormalise(columns: &mut [f64], rows: usize) {
    if rows == 0 {
        return;
    }
    for at in 0..columns.len() / rows {
        let (before, rest) = columns.split_at_mut(at * rows);
        let column = &mut rest[..rows];
        let length = dot(column, column).sqrt();
        for _ in 0..2 {
            for other in before.chunks_exact(rows) {
                let share = dot(other, column);
                for (value, other) in column.iter_mut().zip(other) {
                    *value -= share * other;
                }
            }
        }
        let left = dot(column, column).sqrt();
        let scale = if left > length * 1e-10 && left > 0.0 { 1.0 / left } else { 0.0 };
        column.iter_mut().for_each(|value| *value *= scale);
    }
}

/// All eigenvalues, and the eigenvectors as columns of a row-major matrix, of a small symmetric
/// matrix: cyclic Jacobi rotations.
fn jacobi(mut a: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    const SWEEPS: usize = 30;
    let mut v = vec![0.0; n * n];
    for i in 0..n {
        v[i * n + i] = 1.0;
        // What rounding left asymmetric.
        for j in 0..i {
            let mean = a[i * n + j].midpoint(a[j * n + i]);
            a[i * n + j] = mean;
            a[j * n + i] = mean;
        }
    }
    let scale: f64 = a.iter().map(|x| x * x).sum();
    for _ in 0..SWEEPS {
        let mut off = 0.0;
        for p in 0..n {
            for q in p + 1..n {
                let apq = a[p * n + q];
                off += apq * apq;
                if apq == 0.0 {
                    continue;
                }
                let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * apq);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for i in 0..n {
                    let (x, y) = (a[i * n + p], a[i * n + q]);
                    a[i * n + p] = c * x - s * y;
                    a[i * n + q] = s * x + c * y;
                }
                for i in 0..n {
                    let (x, y) = (a[p * n + i], a[q * n + i]);
                    a[p * n + i] = c * x - s * y;
                    a[q * n + i] = s * x + c * y;
                    let (x, y) = (v[i * n + p], v[i * n + q]);
                    v[i * n + p] = c * x - s * y;
                    v[i * n + q] = s * x + c * y;
                }
            }
        }
        if off <= scale * 1e-26 {
            break;
        }
    }
    ((0..n).map(|i| a[i * n + i]).collect(), v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recovers_a_known_spectrum() {
        // A = H·diag(9, 4, 1, 0.25, 0, …)·H for a reflection H = I − 2uuᵀ.
        let n = 12;
        let u = vec![1.0 / (n as f64).sqrt(); n];
        let spectrum: Vec<f64> =
            (0..n).map(|i| [9.0, 4.0, 1.0, 0.25].get(i).copied().unwrap_or(0.0)).collect();
        let reflect = |x: &[f64]| -> Vec<f64> {
            let along = 2.0 * dot(&u, x);
            x.iter().zip(&u).map(|(x, u)| x - along * u).collect()
        };
        let found = leading(n, 3, 20, 1, |block, _| {
            Ok(block
                .chunks_exact(n)
                .flat_map(|x| {
                    let y: Vec<f64> =
                        reflect(x).iter().zip(&spectrum).map(|(x, s)| x * s).collect();
                    reflect(&y)
                })
                .collect())
        })
        .unwrap();
        for (at, expected) in [9.0, 4.0, 1.0].into_iter().enumerate() {
            assert!((found.values[at] - expected).abs() < 1e-9, "{:?}", found.values);
            let mut axis = vec![0.0; n];
            axis[at] = 1.0;
            let along = dot(&reflect(&axis), &found.vectors[at * n..(at + 1) * n]);
            assert!((along.abs() - 1.0).abs() < 1e-9, "{at}: {along}");
        }
    }
}
