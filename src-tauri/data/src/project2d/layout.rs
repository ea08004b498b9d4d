//! From rows to points.

use super::distinct::{Points, distinct};
use super::graph::fuzzy_union;
use super::lanes::LANES;
use super::neighbours::{self, Meter};
use super::optimise::{Schedule, optimise};
use super::place::place;
use super::start::principal;
use super::{Dense, ProjectError};
use crate::progress::Progress;

/// Beyond this many distinct rows, a sample is laid out first and the rest placed.
const DIRECT_ROWS: usize = 40_000;
/// How many times fewer rows a sample holds, and how many at least.
const COARSER: usize = 5;
/// See [`COARSER`].
const SKETCH_ROWS: usize = 20_000;
/// How many epochs, and at which rate, rows move after more have been placed.
const REFINE_EPOCHS: u32 = 300;
const REFINE_RATE: f32 = 4.0;
/// How far the sketch is spread at most to make room for the rest.
const SPREAD: f32 = 3.0;

/// What a layout can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayoutParams {
    /// Neighbours each row is kept close to; at least 1.
    pub neighbours: usize,
    /// How often the points move.
    pub epochs: u32,
    /// The same seed, rows and parameters give the same points, whatever the thread count.
    pub seed: u64,
    /// The most bytes the work may take, where it is bounded.
    pub memory_limit: Option<u64>,
}

impl Default for LayoutParams {
    fn default() -> Self {
        Self { neighbours: 15, epochs: 500, seed: 42, memory_limit: None }
    }
}

/// The most bytes [`layout`] holds at once beyond the rows given, for [`LayoutParams::default`]:
/// padded rows, the neighbours while they are sought, the graph while its directions are joined.
#[must_use]
pub fn memory_estimate(rows: usize, dims: usize) -> u64 {
    memory(rows, dims, LayoutParams::default().neighbours)
}

fn memory(rows: usize, dims: usize, neighbours: usize) -> u64 {
    let (rows, k) = (rows as u64, neighbours as u64);
    let padded = dims.next_multiple_of(LANES) as u64 * 4;
    // Padded rows a second time in the order of a tree, the lists before and after the descent, and
    // who has whom in its list.
    let search = padded + 2 * k * 8 + k * 4 + 20;
    // The same lists turned round, and their union of at most 2k edges.
    let graph = k * 8 + 2 * k * 8 + 24;
    // A level holds a fifth of the rows of the next, and its neighbours are found before all.
    let found = k * 8 * 5 / 4;
    rows.saturating_mul(padded + search.max(graph) + found + 48)
}

/// One point in the plane for each row: rows that are alike lie close together, equal rows on one
/// spot. Steps: `neighbours` (near rows sought), `layout` (epochs).
///
/// No rows give no points, one distinct row the origin.
///
/// # Errors
/// A wrong shape, a value that is not finite, more memory than allowed, or a stop.
pub fn layout(
    rows: &Dense,
    params: &LayoutParams,
    progress: &dyn Progress,
) -> Result<Vec<[f32; 2]>, ProjectError> {
    const MOST_ROWS: usize = u32::MAX as usize - 1;
    rows.validate()?;
    if rows.rows > MOST_ROWS {
        return Err(ProjectError::TooManyRows { rows: rows.rows, limit: MOST_ROWS });
    }
    let needed = memory(rows.rows, rows.dims, params.neighbours);
    if let Some(limit) = params.memory_limit.filter(|&limit| needed > limit) {
        return Err(ProjectError::Memory { rows: rows.rows, needed, limit });
    }
    progress.check()?;
    let (points, place_of) = distinct(rows, params.seed, progress)?;
    progress.check()?;
    let laid_out = match points.count {
        0 | 1 => vec![[0.0; 2]; points.count],
        _ => by_levels(&points, params, progress)?,
    };
    Ok(place_of.iter().map(|&at| laid_out[at as usize]).collect())
}

/// Few rows from their principal components on; of many a sample first, then more placed among it
/// and all of these moved, until the rows are whole.
fn by_levels(
    points: &Points,
    params: &LayoutParams,
    progress: &dyn Progress,
) -> Result<Vec<[f32; 2]>, ProjectError> {
    let levels = levels(points.count);
    let finer = levels.len() as u32 - 1;
    progress.step("neighbours", Some(levels.iter().map(|&rows| neighbours::work(rows)).sum()));
    let meter = Meter::new(progress);
    let mut found = Vec::with_capacity(levels.len());
    for &rows in &levels {
        // The first rows are a sample, since rows are shuffled.
        let k = params.neighbours.clamp(1, rows - 1);
        found.push(neighbours::nearest(points, rows, k, params.seed, &meter)?);
    }

    progress.step("layout", Some(u64::from(params.epochs + finer * REFINE_EPOCHS)));
    let mut at = principal(points, levels[0], params.seed, progress)?;
    let mut done = 0;
    for (level, found) in (0..).zip(found) {
        let (epochs, rate) =
            if level == 0 { (params.epochs, 1.0) } else { (REFINE_EPOCHS, REFINE_RATE) };
        if level > 0 {
            let spread = (levels[level] as f32 / levels[level - 1] as f32).sqrt().min(SPREAD);
            place(&mut at, &found, params.seed, progress)?;
            at.iter_mut().flatten().for_each(|value| *value *= spread);
        }
        let edges = fuzzy_union(found, smallest_weight(params.epochs), progress)?;
        let schedule = Schedule { epochs, rate, seed: params.seed.wrapping_add(level as u64) };
        at = optimise(at, &edges, schedule, done, progress)?;
        done += u64::from(epochs);
    }
    Ok(at)
}

/// How many rows each level holds, the coarsest first.
fn levels(count: usize) -> Vec<usize> {
    let mut levels = vec![count];
    while levels[0] > DIRECT_ROWS {
        levels.insert(0, (levels[0] / COARSER).max(SKETCH_ROWS));
    }
    levels
}

/// UMAP drops edges that it would draw less than once in all epochs.
fn smallest_weight(epochs: u32) -> f32 {
    1.0 / epochs.max(1) as f32
}
