//! Vectors on disk: half-precision numbers, little-endian, a row each, 1 long or nought; and beside them
//! their sketches, once there are many.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use half::f16;
use half::slice::HalfFloatSliceExt;
use memmap2::Mmap;
use rayon::prelude::*;

use super::{EXACT, Near, Sketches, best_first};

/// Rows that one thread looks at before it takes more.
const BLOCK: usize = 1024;
/// Numbers that are widened at a time.
const LANES: usize = 16;

/// Vectors that can be searched.
#[derive(Debug)]
pub struct Store {
    width: usize,
    rows: u64,
    /// None of a store without numbers: there is nothing to map.
    map: Option<Mmap>,
    sketches: Option<Sketches>,
}

/// Vectors being written.
#[derive(Debug)]
pub struct StoreOut {
    path: PathBuf,
    width: usize,
    before: u64,
    rows: u64,
    out: BufWriter<File>,
}

/// Where the sketches of vectors lie.
fn sketches_path(path: &Path) -> PathBuf {
    path.with_extension("sketches")
}

fn too_short() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "fewer vectors than there are rows")
}

impl StoreOut {
    /// Begins a file of vectors of `width` numbers.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn create(path: &Path, width: usize) -> io::Result<Self> {
        let out = BufWriter::new(File::create(path)?);
        Ok(Self { path: path.to_owned(), width, before: 0, rows: 0, out })
    }

    /// Goes on behind the first `rows` vectors of a file; what comes after them is lost. Who has them open
    /// sees nothing of it.
    ///
    /// # Errors
    /// Those of the disk; [`io::ErrorKind::InvalidData`] when there are not as many.
    pub fn append(path: &Path, width: usize, rows: u64) -> io::Result<Self> {
        let mut file = OpenOptions::new().write(true).open(path)?;
        let size = rows * width as u64 * 2;
        if file.metadata()?.len() < size {
            return Err(too_short());
        }
        file.set_len(size)?;
        file.seek(io::SeekFrom::End(0))?;
        let out = BufWriter::new(file);
        Ok(Self { path: path.to_owned(), width, before: rows, rows, out })
    }

    /// Numbers of a vector.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Vectors so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Appends vectors, which need not be 1 long.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn push(&mut self, numbers: &[f32]) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(numbers.len() * 2);
        for vector in numbers.chunks_exact(self.width) {
            let length = length(vector);
            bytes.extend(vector.iter().flat_map(|x| f16::from_f32(x / length).to_le_bytes()));
            self.rows += 1;
        }
        self.out.write_all(&bytes)
    }

    /// Ends the file and brings the sketches up to date.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn finish(mut self) -> io::Result<()> {
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        let path = sketches_path(&self.path);
        if self.rows < EXACT as u64 {
            return match std::fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
        let store = Store::open_without_sketches(&self.path, self.width, self.rows)?;
        let known = if self.before < EXACT as u64 {
            None
        } else {
            Some(read_sketches(&path, self.width, self.before)?)
        };
        let from = if known.is_some() { self.before } else { 0 };
        let mut sketches = known.unwrap_or_else(|| Sketches::new(store.mean()));
        let mut row = vec![0.0; self.width];
        for at in from..self.rows {
            store.read(at, &mut row);
            sketches.push(&row);
        }
        let file = if from == 0 {
            File::create(&path)?
        } else {
            let mut file = OpenOptions::new().write(true).open(&path)?;
            file.set_len(Sketches::file_size(self.width, from))?;
            file.seek(io::SeekFrom::End(0))?;
            file
        };
        let mut out = BufWriter::new(file);
        if from == 0 {
            sketches.write_head(&mut out)?;
        }
        sketches.write_rows(from as usize, &mut out)?;
        out.flush()?;
        out.get_ref().sync_all()
    }
}

fn read_sketches(path: &Path, width: usize, rows: u64) -> io::Result<Sketches> {
    Sketches::read(&mut BufReader::with_capacity(1 << 20, File::open(path)?), width, rows)
}

/// A vector's length, for dividing by: that of nought is the least there is.
fn length(vector: &[f32]) -> f32 {
    vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE)
}

impl Store {
    /// Opens the first `rows` vectors of a file; it may hold more.
    ///
    /// # Errors
    /// Those of reading; [`io::ErrorKind::InvalidData`] when there are fewer.
    pub fn open(path: &Path, width: usize, rows: u64) -> io::Result<Self> {
        let mut store = Self::open_without_sketches(path, width, rows)?;
        if rows >= EXACT as u64 {
            store.sketches = Some(read_sketches(&sketches_path(path), width, rows)?);
        }
        Ok(store)
    }

    fn open_without_sketches(path: &Path, width: usize, rows: u64) -> io::Result<Self> {
        let file = File::open(path)?;
        let bytes = rows * width as u64 * 2;
        if file.metadata()?.len() < bytes {
            return Err(too_short());
        }
        // SAFETY: vectors are only ever written behind those that somebody has open, and a file that
        // another takes the place of stays as it is until it is let go.
        let map = unsafe { memmap2::MmapOptions::new().len(bytes as usize).map(&file) };
        let map = if bytes == 0 { None } else { Some(map?) };
        Ok(Self { width, rows, map, sketches: None })
    }

    /// Vectors.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Numbers of a vector.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Bytes of the sketches, which stay in memory; the vectors themselves come from disk as needed.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.sketches.as_ref().map_or(0, Sketches::bytes)
    }

    /// A row's numbers as they lie on disk.
    fn row(&self, row: u64) -> &[[u8; 2]] {
        let from = row as usize * self.width * 2;
        self.map.as_ref().map_or(&[], |map| map[from..from + self.width * 2].as_chunks().0)
    }

    /// The vector of a row.
    ///
    /// # Panics
    /// When `out` is not as wide.
    pub fn read(&self, row: u64, out: &mut [f32]) {
        assert_eq!(out.len(), self.width, "numbers of a vector");
        for (bytes, out) in self.row(row).chunks(LANES).zip(out.chunks_mut(LANES)) {
            widen(bytes, out);
        }
    }

    fn mean(&self) -> Vec<f32> {
        let (mut sum, mut row) = (vec![0.0_f64; self.width], vec![0.0; self.width]);
        for at in 0..self.rows {
            self.read(at, &mut row);
            sum.iter_mut().zip(&row).for_each(|(sum, x)| *sum += f64::from(*x));
        }
        sum.iter().map(|sum| (sum / self.rows.max(1) as f64) as f32).collect()
    }

    /// The cosine of a row with a query.
    #[must_use]
    pub fn similarity(&self, row: u64, query: &[f32]) -> f32 {
        self.product(row, query) / length(query)
    }

    /// The sum of products, in as many sums as are widened at a time.
    fn product(&self, row: u64, query: &[f32]) -> f32 {
        let (mut sums, mut wide) = ([0.0; LANES], [0.0; LANES]);
        for (bytes, query) in self.row(row).chunks(LANES).zip(query.chunks(LANES)) {
            let wide = &mut wide[..bytes.len()];
            widen(bytes, wide);
            for ((sum, x), query) in sums.iter_mut().zip(wide.iter()).zip(query) {
                *sum += x * query;
            }
        }
        sums.iter().sum()
    }

    /// The rows nearest to a query that `counts` lets through, the best first; of equal ones the earlier.
    #[must_use]
    pub fn search(
        &self,
        query: &[f32],
        top: usize,
        counts: &(dyn Fn(u64) -> bool + Sync),
    ) -> Vec<Near> {
        let length = length(query);
        let query: Vec<f32> = query.iter().map(|x| x / length).collect();
        let exact = |row: u64| self.product(row, &query);
        if let Some(sketches) = &self.sketches {
            return sketches.search(&query, top, counts, &exact);
        }
        let mut best: Vec<Near> = (0..self.rows.div_ceil(BLOCK as u64))
            .into_par_iter()
            .flat_map_iter(|block| {
                let from = block * BLOCK as u64;
                let rows = from..self.rows.min(from + BLOCK as u64);
                let mut rows: Vec<Near> =
                    rows.filter(|&row| counts(row)).map(|row| (row, exact(row))).collect();
                if rows.len() > top {
                    rows.select_nth_unstable_by(top, best_first);
                    rows.truncate(top);
                }
                rows
            })
            .collect();
        best.sort_unstable_by(best_first);
        best.truncate(top);
        best
    }
}

/// At most [`LANES`] numbers in single precision.
fn widen(bytes: &[[u8; 2]], out: &mut [f32]) {
    let mut halves = [f16::ZERO; LANES];
    for (half, bytes) in halves.iter_mut().zip(bytes) {
        *half = f16::from_le_bytes(*bytes);
    }
    halves[..out.len()].convert_to_f32_slice(out);
}

#[cfg(test)]
mod tests {
    use super::super::Bits;
    use super::*;
    use crate::hash::hash;

    /// Vectors in groups, as texts have them: numbers of a group's own, and some of each row's.
    fn vectors(rows: u64, width: usize) -> Vec<f32> {
        let signed = |key: u64| (hash(&key.to_le_bytes()) >> 40) as f32 / (1 << 23) as f32 - 1.0;
        (0..rows)
            .flat_map(|row| {
                (0..width as u64).map(move |at| {
                    0.5 + signed((row % 50) << 32 | at) + 0.8 * signed(1 << 60 | row << 20 | at)
                })
            })
            .collect()
    }

    fn filled(path: &Path, vectors: &[f32], width: usize) -> Store {
        let mut out = StoreOut::create(path, width).unwrap();
        vectors.chunks(1000 * width).for_each(|some| out.push(some).unwrap());
        let rows = out.rows();
        out.finish().unwrap();
        Store::open(path, width, rows).unwrap()
    }

    /// The share of the true best that is found.
    fn recall(
        store: &Store,
        queries: &[f32],
        width: usize,
        top: usize,
        counts: &(dyn Fn(u64) -> bool + Sync),
    ) -> f64 {
        let exact = Store { sketches: None, map: None, ..*store };
        let exact = Store { map: store.map.as_ref().map(|_| remapped(store)), ..exact };
        let (mut hits, mut all) = (0, 0);
        for query in queries.chunks(width) {
            let (found, wanted) =
                (store.search(query, top, counts), exact.search(query, top, counts));
            assert!(found.is_sorted_by(|one, other| best_first(one, other).is_le()));
            assert!(found.iter().all(|near| counts(near.0)));
            let wanted: Bits = wanted.iter().map(|near| near.0).collect();
            hits += found.iter().filter(|near| wanted.has(near.0)).count();
            all += top;
        }
        hits as f64 / all as f64
    }

    fn remapped(store: &Store) -> Mmap {
        let mut copy = memmap2::MmapMut::map_anon(store.map.as_ref().unwrap().len()).unwrap();
        copy.copy_from_slice(store.map.as_ref().unwrap());
        copy.make_read_only().unwrap()
    }

    #[test]
    fn few_are_looked_at_one_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let vectors: Vec<f32> = (0..3000)
            .flat_map(|row| {
                let angle = row as f32 / 3000.0;
                [angle.cos() * 5.0, angle.sin() * 5.0, 0.0]
            })
            .collect();
        let path = folder.path().join("v");
        let store = filled(&path, &vectors, 3);
        assert!(store.sketches.is_none());
        let angle = 0.5_f32;
        let query = [angle.cos() * 0.1, angle.sin() * 0.1, 0.0];
        let best = store.search(&query, 1, &|_| true);
        assert!(best[0].0.abs_diff(1500) <= 3 && (best[0].1 - 1.0).abs() < 1e-3);
        assert_eq!(store.similarity(best[0].0, &query), best[0].1);
        assert!(store.search(&query, 3, &|row| row >= 2000).iter().all(|near| near.0 >= 2000));
        assert!(Store::open(&path, 3, 3001).is_err());
        assert!(Store::open(&path, 3, 0).unwrap().search(&query, 3, &|_| true).is_empty());
    }

    #[test]
    fn of_many_nearly_all_of_the_best_are_found() {
        let folder = tempfile::tempdir().unwrap();
        for (width, rows) in [(64, 20_000), (100, 20_500)] {
            let all = vectors(rows + 40, width);
            let (all, queries) = all.split_at(rows as usize * width);
            let store = filled(&folder.path().join(format!("{width}")), all, width);
            assert!(store.sketches.is_some());
            let found = recall(&store, queries, width, 10, &|_| true);
            assert!(found >= 0.97, "{width}: {found}");
            let found = recall(&store, queries, width, 10, &|row| row % 7 == 0);
            assert!(found >= 0.97, "{width}, filtered: {found}");
            assert!(store.search(queries, 10, &|_| false).is_empty());
        }
    }

    #[test]
    fn vectors_that_come_later_are_found_as_if_they_had_always_been_there() {
        let folder = tempfile::tempdir().unwrap();
        let (width, rows) = (32, 21_000_u64);
        let all = vectors(rows, width);
        let whole = filled(&folder.path().join("whole"), &all, width);
        for before in [0, 1000, 20_500] {
            let path = folder.path().join(format!("{before}"));
            let open = filled(&path, &all[..before as usize * width], width);
            // Killed while more were written.
            let mut killed = StoreOut::append(&path, width, before).unwrap();
            killed.push(&all[..500 * width]).unwrap();
            drop(killed);
            let mut out = StoreOut::append(&path, width, before).unwrap();
            out.push(&all[before as usize * width..]).unwrap();
            out.finish().unwrap();
            let now = Store::open(&path, width, rows).unwrap();
            let mut agree = 0;
            for at in (0..rows).step_by(2100) {
                let query = &all[at as usize * width..][..width];
                assert_eq!(now.search(query, 1, &|_| true)[0].0, at);
                let both = [&now, &whole].map(|store| store.search(query, 10, &|_| true));
                agree += both[0].iter().filter(|near| both[1].contains(near)).count();
            }
            assert!(agree >= 97, "{before}: {agree} of 100");
            // Who had it open still sees what was there.
            assert_eq!(open.rows(), before);
            assert!(open.search(&all[..width], 5, &|_| true).len() as u64 <= before);
        }
        assert!(StoreOut::append(&folder.path().join("whole"), width, rows + 1).is_err());
    }
}
