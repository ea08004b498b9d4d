//! Search by meaning: the cosine of every row with the query.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::words::Match;
use crate::error::{Error, Result};

/// Rows that one thread looks at before it takes more.
const BLOCK: usize = 1024;

/// The vectors of all rows, each 1 long.
pub(super) struct Vectors {
    width: usize,
    numbers: Vec<f32>,
}

/// A file of vectors being written: 32-bit numbers, little-endian, a row each.
pub(super) struct VectorsOut {
    path: PathBuf,
    out: BufWriter<File>,
}

impl VectorsOut {
    pub(super) fn create(path: &Path) -> Result<Self> {
        let out = File::create(path).map_err(|error| Error::writing(path, error))?;
        Ok(Self { path: path.to_owned(), out: BufWriter::new(out) })
    }

    /// Appends vectors, which need not be 1 long.
    pub(super) fn push(&mut self, numbers: &[f32], width: usize) -> Result<()> {
        let failed = |error| Error::writing(&self.path, error);
        for vector in numbers.chunks_exact(width) {
            let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
            for x in vector {
                self.out.write_all(&(x / length).to_le_bytes()).map_err(failed)?;
            }
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<()> {
        let failed = |error| Error::writing(&self.path, error);
        self.out.flush().map_err(failed)?;
        self.out.get_ref().sync_all().map_err(failed)
    }
}

impl Vectors {
    /// Reads a file that holds `rows` vectors of `width` numbers.
    pub(super) fn open(path: &Path, rows: u64, width: usize) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|error| Error::reading(path, error))?;
        if bytes.len() as u64 != rows * width as u64 * 4 {
            let reason = format!("{}: {} bytes", path.display(), bytes.len());
            return Err(Error::Storage { reason });
        }
        let (words, _) = bytes.as_chunks::<4>();
        Ok(Self { width, numbers: words.iter().map(|word| f32::from_le_bytes(*word)).collect() })
    }

    /// The rows nearest a query that `counts` lets through, the best first; of equal ones the earlier.
    pub(super) fn search(
        &self,
        query: &[f32],
        top: usize,
        counts: impl Fn(u64) -> bool + Sync,
    ) -> Vec<Match> {
        let length = query.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        let order =
            |one: &Match, other: &Match| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0));
        let mut best: Vec<Match> = self
            .numbers
            .par_chunks(BLOCK * self.width)
            .enumerate()
            .flat_map_iter(|(block, numbers)| {
                let rows =
                    numbers.chunks_exact(self.width).enumerate().filter_map(|(at, vector)| {
                        let row = (block * BLOCK + at) as u64;
                        counts(row).then(|| (row, f64::from(dot(vector, query) / length)))
                    });
                let mut rows: Vec<Match> = rows.collect();
                if rows.len() > top {
                    rows.select_nth_unstable_by(top, order);
                    rows.truncate(top);
                }
                rows
            })
            .collect();
        best.sort_by(order);
        best.truncate(top);
        best
    }
}

impl Vectors {
    /// The vector of a row.
    pub(super) fn of(&self, row: u64) -> &[f32] {
        &self.numbers[row as usize * self.width..][..self.width]
    }

    /// The cosine of a row with a query.
    pub(super) fn similarity(&self, row: u64, query: &[f32]) -> f64 {
        let length = query.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        f64::from(dot(self.of(row), query) / length)
    }
}

/// The sum of products, in sixteen sums side by side.
fn dot(one: &[f32], other: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut lanes = [0.0_f32; LANES];
    let (ones, rest) = one.as_chunks::<LANES>();
    let (others, more) = other.as_chunks::<LANES>();
    for (one, other) in ones.iter().zip(others) {
        for lane in 0..LANES {
            lanes[lane] += one[lane] * other[lane];
        }
    }
    let tail: f32 = rest.iter().zip(more).map(|(one, other)| one * other).sum();
    lanes.iter().sum::<f32>() + tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_rows_are_found_whatever_their_length() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v");
        let mut out = VectorsOut::create(&path).unwrap();
        let rows = 3000;
        let vectors: Vec<f32> = (0..rows)
            .flat_map(|row| {
                let angle = row as f32 / rows as f32;
                [angle.cos() * 5.0, angle.sin() * 5.0, 0.0]
            })
            .collect();
        out.push(&vectors, 3).unwrap();
        out.finish().unwrap();
        let found = Vectors::open(&path, rows as u64, 3).unwrap();
        let angle = 1500.0 / rows as f32;
        let query = [angle.cos() * 0.1, angle.sin() * 0.1, 0.0];
        let best = found.search(&query, 1, |_| true);
        assert!(best[0].0.abs_diff(1500) <= 1 && (best[0].1 - 1.0).abs() < 1e-6);
        let some = found.search(&query, 3, |row| row >= 2000);
        assert_eq!(some.iter().map(|one| one.0).collect::<Vec<_>>(), [2000, 2001, 2002]);
        assert!(Vectors::open(&path, rows as u64 - 1, 3).is_err());
    }
}
