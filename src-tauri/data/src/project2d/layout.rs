//! From rows to points.

use std::sync::Arc;

use super::distinct::{Points, distinct};
use super::graph::fuzzy_union;
use super::lanes::LANES;
use super::neighbours::{self, EXACT_ROWS, Graph, Meter};
use super::optimise::{Schedule, optimise};
use super::place::place;
use super::start::principal;
use super::{Dense, ProjectError};
use crate::progress::Progress;

/// Beyond this many distinct rows, [`SKETCH_ROWS`] are laid out first and the rest placed.
const DIRECT_ROWS: usize = 40_000;
const SKETCH_ROWS: usize = 20_000;
/// How many epochs, and at which rate, all rows move after the rest has been placed.
const REFINE_EPOCHS: u32 = 50;
const REFINE_RATE: f32 = 0.5;
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
/// padded rows, the neighbour index, the graph while its directions are joined, the points.
#[must_use]
pub fn memory_estimate(rows: usize, dims: usize) -> u64 {
    memory(rows, dims, LayoutParams::default().neighbours)
}

fn memory(rows: usize, dims: usize, neighbours: usize) -> u64 {
    let (rows, k) = (rows as u64, neighbours as u64);
    let padded = dims.next_multiple_of(LANES) as u64 * 4;
    // An index node: 32 links on its lowest level and their bookkeeping.
    let index = 240;
    // Found neighbours, the same turned round, and their union of at most 2k edges.
    let graph = k * 8 + k * 8 + 2 * k * 8 + 24;
    rows.saturating_mul(padded + index.max(graph) + k * 8 + 48)
}

/// One point in the plane for each row: rows that are alike lie close together, equal rows on one
/// spot. Steps: `neighbours` (rows indexed and searched), `layout` (epochs).
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
    let (points, place_of) = distinct(rows, params.seed);
    let points = Arc::new(points);
    progress.check()?;
    let laid_out = match points.count {
        0 | 1 => vec![[0.0; 2]; points.count],
        count if count <= DIRECT_ROWS => direct(&points, params, progress)?,
        _ => by_sketch(&points, params, progress)?,
    };
    Ok(place_of.iter().map(|&at| laid_out[at as usize]).collect())
}

/// All rows from the principal components on.
fn direct(
    points: &Arc<Points>,
    params: &LayoutParams,
    progress: &dyn Progress,
) -> Result<Vec<[f32; 2]>, ProjectError> {
    let count = points.count;
    let k = params.neighbours.clamp(1, count - 1);
    let found = if count <= EXACT_ROWS {
        progress.step("neighbours", Some(count as u64));
        neighbours::exact(points, count, k, &Meter::new(progress))?
    } else {
        progress.step("neighbours", Some(2 * count as u64));
        let meter = Meter::new(progress);
        let mut graph = Graph::new(points)?;
        graph.add_to(count, &meter)?;
        graph.nearest(0..count, k, &meter)?
    };
    progress.step("layout", Some(u64::from(params.epochs)));
    let edges = fuzzy_union(found, smallest_weight(params.epochs), progress)?;
    let start = principal(points, count, params.seed, progress)?;
    let schedule = Schedule { epochs: params.epochs, rate: 1.0, seed: params.seed };
    optimise(start, &edges, schedule, 0, progress)
}

/// A sample of the rows first, in full; then the others placed among them and all of them moved.
fn by_sketch(
    points: &Arc<Points>,
    params: &LayoutParams,
    progress: &dyn Progress,
) -> Result<Vec<[f32; 2]>, ProjectError> {
    let count = points.count;
    let sketch = SKETCH_ROWS.min(count);
    let k = params.neighbours.clamp(1, sketch - 1);

    // The first rows are a sample, since rows are shuffled. The index holds them alone at first
    // and answers who is near to whom among them.
    progress.step("neighbours", Some((2 * count + sketch) as u64));
    let meter = Meter::new(progress);
    let mut graph = Graph::new(points)?;
    graph.add_to(sketch, &meter)?;
    let within = graph.nearest(0..sketch, k, &meter)?;
    graph.add_to(count, &meter)?;
    let found = graph.nearest(0..count, k, &meter)?;
    drop(graph);

    progress.step("layout", Some(u64::from(params.epochs + REFINE_EPOCHS)));
    let edges = fuzzy_union(within, smallest_weight(params.epochs), progress)?;
    let start = principal(points, sketch, params.seed, progress)?;
    let schedule = Schedule { epochs: params.epochs, rate: 1.0, seed: params.seed };
    let mut at = optimise(start, &edges, schedule, 0, progress)?;
    drop(edges);

    place(&mut at, &found, params.seed);
    let spread = (count as f32 / sketch as f32).sqrt().min(SPREAD);
    at.iter_mut().flatten().for_each(|value| *value *= spread);
    let edges = fuzzy_union(found, smallest_weight(params.epochs), progress)?;
    let seed = params.seed.wrapping_add(1);
    let schedule = Schedule { epochs: REFINE_EPOCHS, rate: REFINE_RATE, seed };
    optimise(at, &edges, schedule, u64::from(params.epochs), progress)
}

/// UMAP drops edges that it would draw less than once in all epochs.
fn smallest_weight(epochs: u32) -> f32 {
    1.0 / epochs.max(1) as f32
}
