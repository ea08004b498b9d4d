//! Each row's nearest others: by comparing all pairs where that is cheap, and by a navigable
//! small-world graph (HNSW, Malkov & Yashunin 2016; usearch's) beyond.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use usearch::Index;
use usearch::ffi::{IndexOptions, MetricKind, ScalarKind};

use super::ProjectError;
use super::distinct::Points;
use crate::progress::Progress;

/// Up to this many rows all pairs are compared.
pub(super) const EXACT_ROWS: usize = 4096;
const CONNECTIVITY: usize = 16;
const EXPANSION_ADD: usize = 64;
const EXPANSION_SEARCH: usize = 48;
/// Rows between two looks at the caller's wish to stop: about 20 ms of work.
const BLOCK: usize = 128;
/// Marks a place that no neighbour fills.
pub(super) const NONE: u32 = u32::MAX;

/// The nearest neighbours of some rows: `k` places a row, nearest first, by (distance, number),
/// the row itself not among them; places left over hold [`NONE`].
#[derive(Debug)]
pub(super) struct Neighbours {
    /// Places a row.
    pub(super) k: usize,
    /// The neighbours' numbers.
    pub(super) ids: Vec<u32>,
    /// Their squared Euclidean distances.
    pub(super) squared: Vec<f32>,
}

/// Counts finished rows from any thread.
pub(super) struct Meter<'a> {
    progress: &'a dyn Progress,
    done: AtomicU64,
}

impl<'a> Meter<'a> {
    pub(super) fn new(progress: &'a dyn Progress) -> Self {
        Self { progress, done: AtomicU64::new(0) }
    }

    fn add(&self, rows: usize) -> Result<(), ProjectError> {
        let rows = rows as u64;
        self.progress.at(self.done.fetch_add(rows, Ordering::Relaxed) + rows);
        Ok(self.progress.check()?)
    }
}

/// All neighbours of the first `count` rows among themselves, every pair compared.
pub(super) fn exact(
    points: &Points,
    count: usize,
    k: usize,
    meter: &Meter<'_>,
) -> Result<Neighbours, ProjectError> {
    fill(0..count, k, meter, |row, found| {
        found.extend(
            (0..count)
                .filter(|&other| other != row)
                .map(|other| (points.squared_distance(row, other), other as u32)),
        );
        Ok(())
    })
}

/// An HNSW index whose vectors are row numbers: the rows stay where they are.
pub(super) struct Graph {
    points: Arc<Points>,
    index: Index,
    added: usize,
}

impl Graph {
    /// An empty index.
    pub(super) fn new(points: &Arc<Points>) -> Result<Self, ProjectError> {
        let options = IndexOptions {
            dimensions: size_of::<u32>(),
            metric: MetricKind::L2sq,
            quantization: ScalarKind::I8,
            connectivity: CONNECTIVITY,
            expansion_add: EXPANSION_ADD,
            expansion_search: EXPANSION_SEARCH,
            multi: false,
        };
        let index = Index::new(&options).map_err(index_error)?;
        let mut graph = Self { points: Arc::clone(points), index, added: 0 };
        graph.measure_rows();
        Ok(graph)
    }

    /// Makes the index compare the rows behind its row numbers, by our own arithmetic, so that the
    /// graph is the same on every processor and nothing is stored twice.
    fn measure_rows(&mut self) {
        let points = Arc::clone(&self.points);
        let metric = move |a: *const i8, b: *const i8| -> f32 {
            // SAFETY: usearch passes pointers to stored or queried vectors, and those hold the
            // four bytes of a row number here, aligned or not.
            let (a, b) =
                unsafe { (a.cast::<u32>().read_unaligned(), b.cast::<u32>().read_unaligned()) };
            points.squared_distance(a as usize, b as usize)
        };
        self.index.change_metric::<i8>(Box::new(metric));
    }

    /// Gives the index room for all rows, and for so many threads at once.
    fn admit(&self, threads: usize) -> Result<(), ProjectError> {
        self.index.reserve_capacity_and_threads(self.points.count, threads).map_err(index_error)
    }

    /// Adds rows up to `end`, one after the other: added side by side they would make another
    /// graph each time. Only one thread is admitted meanwhile, since usearch draws a row's level
    /// from generators of which it keeps one for each thread admitted and takes them in turn.
    pub(super) fn add_to(&mut self, end: usize, meter: &Meter<'_>) -> Result<(), ProjectError> {
        self.admit(1)?;
        while self.added < end {
            let until = (self.added + BLOCK).min(end);
            for row in self.added..until {
                self.index.add(row as u64, &vector(row)).map_err(index_error)?;
            }
            meter.add(until - self.added)?;
            self.added = until;
        }
        // A place for each thread that may search and one for the caller's own: usearch does not
        // survive more searches at once than it has places.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        self.admit(cores.max(rayon::current_num_threads()) + 1)
    }

    /// The nearest added rows of each row in `rows`.
    pub(super) fn nearest(
        &self,
        rows: std::ops::Range<usize>,
        k: usize,
        meter: &Meter<'_>,
    ) -> Result<Neighbours, ProjectError> {
        fill(rows, k, meter, |row, found| {
            // One more than asked, since the row itself may be found.
            let matches = self.index.search(&vector(row), k + 1).map_err(index_error)?;
            for key in matches.keys {
                let other = key as usize;
                if other != row {
                    found.push((self.points.squared_distance(row, other), other as u32));
                }
            }
            Ok(())
        })
    }
}

/// A row's number as the index stores it.
fn vector(row: usize) -> [i8; size_of::<u32>()] {
    (row as u32).to_ne_bytes().map(|byte| byte as i8)
}

fn index_error(error: impl std::error::Error + Send + Sync + 'static) -> ProjectError {
    ProjectError::Index(Box::new(error))
}

/// Asks `candidates` for each row's candidates and keeps the nearest.
fn fill(
    rows: std::ops::Range<usize>,
    k: usize,
    meter: &Meter<'_>,
    candidates: impl Fn(usize, &mut Vec<(f32, u32)>) -> Result<(), ProjectError> + Sync,
) -> Result<Neighbours, ProjectError> {
    let mut ids = vec![NONE; rows.len() * k];
    let mut squared = vec![f32::INFINITY; rows.len() * k];
    if k == 0 {
        return Ok(Neighbours { k, ids, squared });
    }
    ids.par_chunks_mut(BLOCK * k)
        .zip(squared.par_chunks_mut(BLOCK * k))
        .enumerate()
        .try_for_each_init(Vec::new, |found, (block, (ids, squared))| {
            let first = rows.start + block * BLOCK;
            for (at, (ids, squared)) in
                ids.chunks_exact_mut(k).zip(squared.chunks_exact_mut(k)).enumerate()
            {
                found.clear();
                candidates(first + at, found)?;
                let by_distance =
                    |a: &(f32, u32), b: &(f32, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
                if found.len() > k {
                    found.select_nth_unstable_by(k - 1, by_distance);
                    found.truncate(k);
                }
                found.sort_unstable_by(by_distance);
                for (place, &(distance, id)) in found.iter().enumerate() {
                    ids[place] = id;
                    squared[place] = distance;
                }
            }
            meter.add(ids.len() / k)
        })?;
    Ok(Neighbours { k, ids, squared })
}
