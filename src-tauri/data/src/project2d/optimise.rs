//! Moves the points so that neighbours attract and all others repel: UMAP's objective, with
//! attraction taken in full rather than sampled, and every row of an epoch moved from the
//! positions of the epoch before, so that the order in which threads work changes nothing.

use rayon::prelude::*;

use super::ProjectError;
use super::graph::Edges;
use super::lanes;
use super::random;
use crate::progress::Progress;

/// Membership in the plane is `1 / (1 + A · d^2B)`. Steeper than UMAP's curve for a minimum
/// distance of 0.1 (1.577, 0.895): measured to keep more neighbours on text.
const A: f32 = 1.93;
/// See [`A`].
const B: f32 = 0.79;
/// How many others repel a row for each neighbour that attracts it, in expectation.
const NEGATIVES: f32 = 8.0;
/// How many others are looked at for it, a row and epoch.
const SAMPLES: usize = 96;
/// UMAP's bound on a single push along one axis.
const PUSH: f32 = 4.0;
const BLOCK: usize = 512;
/// Forces worked out side by side: as many as the widest registers hold.
const LANES: usize = 16;
/// Edges gathered at a time.
const GATHER: usize = 32;

/// How the points move.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    /// How often all points move.
    pub(super) epochs: u32,
    /// The first epoch's rate; it falls to 0 evenly.
    pub(super) rate: f32,
    /// Seeds the choice of those that repel.
    pub(super) seed: u64,
}

/// Moves the points through all epochs; reports epochs as `done + epoch`.
pub(super) fn optimise(
    mut points: Vec<[f32; 2]>,
    edges: &Edges,
    schedule: Schedule,
    done: u64,
    progress: &dyn Progress,
) -> Result<Vec<[f32; 2]>, ProjectError> {
    if points.len() < 2 {
        return Ok(points);
    }
    let count = points.len();
    // A run of others that begins near the end goes on with the first ones.
    points.extend_from_within(..(LANES - 1).min(count));
    let mut next = points.clone();
    for epoch in 0..schedule.epochs {
        let rate = schedule.rate * (1.0 - epoch as f32 / schedule.epochs as f32);
        let key = random::mix(schedule.seed ^ random::mix(u64::from(epoch)));
        let old = points.as_slice();
        next[..count].par_chunks_mut(BLOCK).enumerate().try_for_each(|(block, moved)| {
            progress.check()?;
            let work = Block { first: block * BLOCK, count, old, edges, rate, key };
            work.run_widest(moved);
            Ok::<(), ProjectError>(())
        })?;
        let (own, first) = next.split_at_mut(count);
        first.copy_from_slice(&own[..first.len()]);
        std::mem::swap(&mut points, &mut next);
        progress.at(done + u64::from(epoch) + 1);
    }
    points.truncate(count);
    Ok(points)
}

/// Some rows' share of one epoch.
struct Block<'a> {
    first: usize,
    /// How many points there are; `old` holds the first few once more behind the last.
    count: usize,
    old: &'a [[f32; 2]],
    edges: &'a Edges,
    rate: f32,
    key: u64,
}

/// Sums over a row's partners, side by side: the force along x and y, and the stiffness.
#[derive(Default)]
struct Sums {
    x: [f32; LANES],
    y: [f32; LANES],
    stiffness: [f32; LANES],
}

impl Block<'_> {
    /// Moves the rows with the widest instructions there are; all give the same bits.
    fn run_widest(&self, moved: &mut [[f32; 2]]) {
        #[cfg(target_arch = "x86_64")]
        if lanes::has_avx512() {
            // SAFETY: the processor has AVX-512.
            return unsafe { self.run_avx512(moved) };
        } else if lanes::has_avx2() {
            // SAFETY: the processor has AVX2.
            return unsafe { self.run_avx2(moved) };
        }
        self.run(moved);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512dq,avx512vl")]
    fn run_avx512(&self, moved: &mut [[f32; 2]]) {
        self.run(moved);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn run_avx2(&self, moved: &mut [[f32; 2]]) {
        self.run(moved);
    }

    #[inline(always)]
    fn run(&self, moved: &mut [[f32; 2]]) {
        for (at, point) in moved.iter_mut().enumerate() {
            *point = self.step(self.first + at);
        }
    }

    /// Where one row goes: `p + rate / (1 + rate · stiffness) · force`, the semi-implicit step,
    /// which cannot overshoot however strongly a row is held.
    #[inline(always)]
    fn step(&self, row: usize) -> [f32; 2] {
        let from = self.old[row];
        let own = &self.edges.ends[self.edges.starts[row]..self.edges.starts[row + 1]];
        let mut sums = Sums::default();
        let mut weight = [0.0_f32; LANES];
        for edges in own.chunks(GATHER) {
            let (mut x, mut y, mut w) = ([from[0]; GATHER], [from[1]; GATHER], [0.0; GATHER]);
            for (at, &(other, strength)) in edges.iter().enumerate() {
                let other = self.old[other as usize];
                x[at] = other[0];
                y[at] = other[1];
                w[at] = strength;
            }
            for at in 0..edges.len().div_ceil(LANES) {
                let lane =
                    |values: &[f32; GATHER]| -> [f32; LANES] { values.as_chunks::<LANES>().0[at] };
                let (x, y, w) = (lane(&x), lane(&y), lane(&w));
                attract(from, &x, &y, &w, &mut sums);
                for at in 0..LANES {
                    weight[at] += w[at];
                }
            }
        }
        let stiffness = sum(sums.stiffness);
        let (pull_x, pull_y) = (sum(sums.x), sum(sums.y));

        let mut sums = Sums::default();
        let looked_at = self.repel_all(row, from, &mut sums);
        let share = NEGATIVES * sum(weight) / looked_at as f32;
        let (push_x, push_y) = (sum(sums.x) * share, sum(sums.y) * share);
        let rate = self.rate / (1.0 + self.rate * stiffness);
        [from[0] + rate * (pull_x + push_x), from[1] + rate * (pull_y + push_y)]
    }

    /// Adds the pushes of [`SAMPLES`] others, or of all where there are no more; says how many.
    #[inline(always)]
    fn repel_all(&self, row: usize, from: [f32; 2], sums: &mut Sums) -> usize {
        if self.count <= SAMPLES {
            for others in self.old[..self.count].chunks(LANES) {
                let mut own = [from; LANES];
                own[..others.len()].copy_from_slice(others);
                repel(from, &own, sums);
            }
            return self.count;
        }
        // Rows lie in shuffled order, so that each run of them is a fair sample, and cheaper to
        // fetch than as many single rows.
        let key = random::mix(self.key ^ row as u64);
        for run in 0..SAMPLES / LANES {
            let bits = random::mix(key.wrapping_add(run as u64));
            let start = random::below((bits >> 32) as u32, self.count as u32) as usize;
            if let Some(others) = self.old[start..].first_chunk::<LANES>() {
                repel(from, others, sums);
            }
        }
        SAMPLES
    }
}

/// Adds the lanes in a fixed order.
#[inline(always)]
fn sum(lanes: [f32; LANES]) -> f32 {
    let half = LANES / 2;
    lanes::sum(std::array::from_fn(|at| lanes[at] + lanes[at + half]))
}

/// `d^2B` for a squared distance that is not 0.
#[inline(always)]
fn power(squared: f32) -> f32 {
    lanes::rough_power(squared, B)
}

/// The pull of some neighbours: `2w · 2AB·d^(2B-2) / (1 + A·d^2B)` times the way to them. Twice
/// the weight, since UMAP moves both ends of an edge that it draws from either end.
#[inline(always)]
fn attract(from: [f32; 2], x: &[f32; LANES], y: &[f32; LANES], w: &[f32; LANES], sums: &mut Sums) {
    const NEAREST: f32 = 1e-12;
    for at in 0..LANES {
        let (dx, dy) = (x[at] - from[0], y[at] - from[1]);
        let squared = (dx * dx + dy * dy).max(NEAREST);
        let power = power(squared);
        let pull = 4.0 * A * B * w[at] * power / (squared * (1.0 + A * power));
        sums.x[at] += pull * dx;
        sums.y[at] += pull * dy;
        sums.stiffness[at] += pull;
    }
}

/// The push of some others: `2B / ((0.001 + d²)(1 + A·d^2B))` times the way from them, bounded.
/// A point on the very spot, the row itself among them, does not push.
#[inline(always)]
fn repel(from: [f32; 2], others: &[[f32; 2]; LANES], sums: &mut Sums) {
    const NEAREST: f32 = 1e-30;
    for (at, other) in others.iter().enumerate() {
        let (dx, dy) = (from[0] - other[0], from[1] - other[1]);
        let squared = dx * dx + dy * dy;
        let power = power(squared.max(NEAREST));
        let push = 2.0 * B / ((1e-3 + squared) * (1.0 + A * power));
        sums.x[at] += (push * dx).clamp(-PUSH, PUSH);
        sums.y[at] += (push * dy).clamp(-PUSH, PUSH);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn every_width_gives_the_same_bits() {
        let random = |at: u64| (random::mix(at) >> 40) as f32 / 1e4;
        for count in [3_u64, 70, 700] {
            let mut old: Vec<[f32; 2]> =
                (0..count).map(|row| [random(row), random(!row)]).collect();
            old.extend_from_within(..(LANES - 1).min(count as usize));
            let ends = (0..count * 40).map(|at| ((random::mix(at) % count) as u32, random(at)));
            let starts = (0..=count as usize).map(|row| row * 40).collect();
            let edges = Edges { starts, ends: ends.collect() };
            let count = count as usize;
            let work = Block { first: 0, count, old: &old, edges: &edges, rate: 0.7, key: 3 };
            let plain = &mut old[..count].to_vec();
            work.run(plain);
            if lanes::has_avx2() {
                let moved = &mut old[..count].to_vec();
                // SAFETY: the processor has AVX2.
                unsafe { work.run_avx2(moved) };
                assert_eq!(moved, plain);
            }
            if lanes::has_avx512() {
                let moved = &mut old[..count].to_vec();
                // SAFETY: the processor has AVX-512.
                unsafe { work.run_avx512(moved) };
                assert_eq!(moved, plain);
            }
        }
    }
}
