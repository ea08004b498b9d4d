//! Looking for the rows nearest to a query, first by their sketches.

use rayon::prelude::*;

use super::scan::{LANES, PLANES, sums};
use super::sketches::Sketches;
use super::{Near, best_first};

/// Rows that are looked at by one thread before it takes more.
const BLOCK: usize = 1024 * LANES;
/// Standard deviations that a row may be better than its sketch says.
const SURE: f32 = 2.0;
/// Rows that are looked at themselves to tell how good the best are, beyond twice as many as are wanted.
const FIRST: usize = 32;

/// A query as sketches are compared with it.
struct Sketched {
    planes: Vec<[u64; PLANES]>,
    /// A number of the query is `low + step × (0 to 15)`.
    low: f32,
    step: f32,
    /// The sum of them all.
    sum: f32,
    /// What all rows' cosines have in common.
    common: f32,
    /// What a row's error is multiplied by.
    spread: f32,
}

impl Sketched {
    fn new(sketches: &Sketches, query: &[f32]) -> Self {
        const TOP: f32 = ((1 << PLANES) - 1) as f32;
        let (turned, offset) = sketches.turned(query);
        let (low, high) = turned
            .iter()
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x)));
        let step = if high > low { (high - low) / TOP } else { 1.0 };
        let mut planes = vec![[0; PLANES]; sketches.words()];
        let mut sum = 0.0;
        for (at, x) in turned.iter().enumerate() {
            let level = ((x - low) / step).round().clamp(0.0, TOP);
            sum += low + step * level;
            for (bit, plane) in planes[at / 64].iter_mut().enumerate() {
                *plane |= (level as u64 >> bit & 1) << (at % 64);
            }
        }
        let length = turned.iter().map(|x| x * x).sum::<f32>().sqrt();
        let common = offset - sketches.centre_squared();
        Self { planes, low, step, sum, common, spread: SURE * length }
    }

    /// The cosines of some rows as their sketches tell them; `from` is a multiple of [`LANES`].
    fn estimate(&self, sketches: &Sketches, from: usize, out: &mut [f32]) {
        let words = sketches.words();
        let blocks = out.len().div_ceil(LANES);
        let codes = &sketches.codes()[from / LANES * words..][..blocks * words];
        let mut found = vec![[0; LANES]; blocks];
        sums(codes, &self.planes, &mut found);
        let terms = &sketches.terms()[from..from + out.len()];
        for ((out, terms), found) in out.iter_mut().zip(terms).zip(found.as_flattened()) {
            let set = self.low * terms.set + self.step * *found as f32;
            *out = terms.scale * (2.0 * set - self.sum) + terms.offset + self.common;
        }
    }
}

impl Sketches {
    /// The rows whose vectors are nearest to a query that is 1 long, the best first; of equal ones the
    /// earlier. `counts` says which rows count, `exact` gives the cosine of a row.
    #[must_use]
    pub fn search(
        &self,
        query: &[f32],
        top: usize,
        counts: &(dyn Fn(u64) -> bool + Sync),
        exact: &(dyn Fn(u64) -> f32 + Sync),
    ) -> Vec<Near> {
        if top == 0 {
            return Vec::new();
        }
        let query = Sketched::new(self, query);
        let mut estimates = vec![0.0; self.rows()];
        let first = 2 * top + FIRST;
        let promising: Vec<Vec<Near>> = estimates
            .par_chunks_mut(BLOCK)
            .enumerate()
            .map(|(block, out)| {
                query.estimate(self, block * BLOCK, out);
                best_of(block * BLOCK, out, first, counts)
            })
            .collect();
        let mut promising = promising.concat();
        keep(&mut promising, first);
        let mut found: Vec<Near> = promising.iter().map(|&(row, _)| (row, exact(row))).collect();
        let tried = worst(&promising);
        keep(&mut found, top);
        let bar = if found.len() < top {
            f32::NEG_INFINITY
        } else {
            worst(&found).map_or(f32::NEG_INFINITY, |near| near.1)
        };
        let more: Vec<Near> = estimates
            .par_chunks(BLOCK)
            .enumerate()
            .flat_map_iter(|(block, estimates)| {
                let from = block * BLOCK;
                let terms = &self.terms()[from..];
                let could =
                    move |(at, (estimate, terms)): (usize, (&f32, &super::sketches::Terms))| {
                        let near = ((from + at) as u64, *estimate);
                        // Those that were not tried yet.
                        let is_new = tried.is_some_and(|tried| best_first(&tried, &near).is_lt());
                        let could = estimate + query.spread * terms.error >= bar;
                        (could && is_new && counts(near.0)).then_some(near.0)
                    };
                let rows = estimates.iter().zip(terms).enumerate().filter_map(could);
                rows.map(|row| (row, exact(row))).filter(move |near| near.1 >= bar)
            })
            .collect();
        found.extend(more);
        found.sort_unstable_by(best_first);
        found.truncate(top);
        found
    }
}

/// The worst of some.
fn worst(found: &[Near]) -> Option<Near> {
    found.iter().copied().max_by(best_first)
}

/// Leaves the best `top`, in any order.
fn keep(found: &mut Vec<Near>, top: usize) {
    if found.len() > top {
        found.select_nth_unstable_by(top - 1, best_first);
        found.truncate(top);
    }
}

/// The best `top` of some rows that count, in any order; the first of them is row `from`.
fn best_of(
    from: usize,
    estimates: &[f32],
    top: usize,
    counts: &(dyn Fn(u64) -> bool + Sync),
) -> Vec<Near> {
    let mut best: Vec<Near> = Vec::with_capacity(2 * top);
    let mut bar = f32::NEG_INFINITY;
    for (at, &estimate) in estimates.iter().enumerate() {
        let row = (from + at) as u64;
        if estimate > bar && counts(row) {
            best.push((row, estimate));
            if best.len() == 2 * top {
                keep(&mut best, top);
                bar = worst(&best).map_or(bar, |near| near.1);
            }
        }
    }
    keep(&mut best, top);
    best
}
