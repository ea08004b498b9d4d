//! UMAP's fuzzy graph: how strongly each pair of neighbours belongs together.

use rayon::prelude::*;

use super::ProjectError;
use super::lanes;
use super::neighbours::{NONE, Neighbours};
use crate::progress::Progress;

const BLOCK: usize = 1024;
/// Edges turned round between two looks at the caller's wish to stop.
const LOOK: usize = 1 << 20;

/// A symmetric weighted graph in compressed rows: row `i` has the edges `starts[i]..starts[i + 1]`.
#[derive(Debug)]
pub(super) struct Edges {
    /// Where each row's edges begin, and where the last one's end.
    pub(super) starts: Vec<usize>,
    /// The other row of each edge, and the edge's weight in (0, 1].
    pub(super) ends: Vec<(u32, f32)>,
}

/// Turns distances into memberships `exp(-(d - ρ) / σ)`, ρ the distance to the nearest other row
/// and σ such that a row's memberships add up to log2(k) (UMAP's `smooth_knn_dist`), and joins
/// both directions of a pair as `a + b - a·b`. Weights below `smallest` are left out.
pub(super) fn fuzzy_union(
    neighbours: Neighbours,
    smallest: f32,
    progress: &dyn Progress,
) -> Result<Edges, ProjectError> {
    let Neighbours { k, ids, squared } = neighbours;
    let rows = ids.len() / k;
    let mut memberships = squared;
    memberships.par_chunks_mut(BLOCK * k).try_for_each(|block| {
        block.chunks_exact_mut(k).for_each(smooth);
        progress.check()
    })?;
    let incoming = transpose(&ids, &memberships, k, rows, progress)?;

    // Each row's edges are found twice, to count and to write, rather than kept in small vectors.
    let union = |row: usize, edges: &mut Vec<(u32, f32)>| {
        edges.clear();
        let own = row * k..(row + 1) * k;
        edges.extend(ids[own.clone()].iter().copied().zip(memberships[own].iter().copied()));
        edges.retain(|edge| edge.0 != NONE);
        edges.extend_from_slice(&incoming.ends[incoming.starts[row]..incoming.starts[row + 1]]);
        // At most two edges lead to the same row, one of each direction.
        edges.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        edges.dedup_by(|second, first| {
            let same = second.0 == first.0;
            if same {
                first.1 = first.1 + second.1 - first.1 * second.1;
            }
            same
        });
        edges.retain(|edge| edge.1 >= smallest);
    };
    let mut counts = vec![0_usize; rows];
    counts.par_chunks_mut(BLOCK).enumerate().try_for_each_init(
        Vec::new,
        |edges, (b, counts)| {
            for (at, count) in counts.iter_mut().enumerate() {
                union(b * BLOCK + at, edges);
                *count = edges.len();
            }
            progress.check()
        },
    )?;
    let mut starts = Vec::with_capacity(rows + 1);
    starts.push(0);
    let mut total = 0;
    for count in counts {
        total += count;
        starts.push(total);
    }
    let mut ends = vec![(0, 0.0); total];
    let mut blocks = Vec::with_capacity(rows.div_ceil(BLOCK));
    let mut rest = ends.as_mut_slice();
    for first in (0..rows).step_by(BLOCK) {
        let last = (first + BLOCK).min(rows);
        let (block, tail) = rest.split_at_mut(starts[last] - starts[first]);
        blocks.push((first..last, block));
        rest = tail;
    }
    blocks.into_par_iter().try_for_each_init(Vec::new, |edges, (rows, mut block)| {
        for row in rows {
            union(row, edges);
            let (own, tail) = block.split_at_mut(edges.len());
            own.copy_from_slice(edges);
            block = tail;
        }
        progress.check()
    })?;
    Ok(Edges { starts, ends })
}

/// Replaces one row's squared distances, nearest first, by memberships.
fn smooth(row: &mut [f32]) {
    const STEPS: usize = 64;
    const TOLERANCE: f32 = 1e-5;
    const SMALLEST_SCALE: f32 = 1e-3;
    let found = row.iter().take_while(|d| d.is_finite()).count();
    let row = &mut row[..found];
    let Some(target) = (found > 0).then(|| lanes::log2(found as f32)) else { return };
    for distance in row.iter_mut() {
        *distance = distance.sqrt();
    }
    let mean = row.iter().sum::<f32>() / found as f32;
    let nearest = row.iter().copied().find(|&d| d > 0.0).unwrap_or(0.0);
    let membership = |distance: f32, scale: f32| {
        let beyond = distance - nearest;
        if beyond > 0.0 { lanes::exp2(-beyond * std::f32::consts::LOG2_E / scale) } else { 1.0 }
    };
    let (mut low, mut high, mut scale) = (0.0_f32, f32::INFINITY, 1.0_f32);
    for _ in 0..STEPS {
        let sum: f32 = row.iter().map(|&d| membership(d, scale)).sum();
        if (sum - target).abs() < TOLERANCE {
            break;
        }
        if sum > target {
            high = scale;
            scale = low.midpoint(high);
        } else {
            low = scale;
            scale = if high.is_finite() { low.midpoint(high) } else { scale * 2.0 };
        }
    }
    scale = scale.max(SMALLEST_SCALE * mean).max(f32::MIN_POSITIVE);
    for distance in row {
        *distance = membership(*distance, scale);
    }
}

/// The directed edges, by the row they lead to.
fn transpose(
    ids: &[u32],
    weights: &[f32],
    k: usize,
    rows: usize,
    progress: &dyn Progress,
) -> Result<Edges, ProjectError> {
    let mut starts = vec![0_usize; rows + 1];
    for &id in ids.iter().filter(|&&id| id != NONE) {
        starts[id as usize + 1] += 1;
    }
    for row in 0..rows {
        starts[row + 1] += starts[row];
    }
    let mut next = starts.clone();
    let mut ends = vec![(0, 0.0); starts[rows]];
    for (place, (&id, &weight)) in ids.iter().zip(weights).enumerate() {
        if place % LOOK == 0 {
            progress.check()?;
        }
        if id != NONE {
            let at = &mut next[id as usize];
            ends[*at] = ((place / k) as u32, weight);
            *at += 1;
        }
    }
    Ok(Edges { starts, ends })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Unwatched;

    #[test]
    fn the_union_is_symmetric_and_memberships_add_up_to_the_logarithm() {
        let mut row = vec![0.04, 0.09, 0.16, 0.25, 0.36, 0.49, 0.64, 0.81];
        smooth(&mut row);
        assert!((row.iter().sum::<f32>() - 3.0).abs() < 1e-3, "{row:?}");
        assert_eq!(row[0], 1.0);

        let ids = vec![1, 2, 0, 2, 1, 0, 2, 0];
        let squared = vec![1.0, 4.0, 1.0, 2.0, 2.0, 4.0, 9.0, 16.0];
        let edges = fuzzy_union(Neighbours { k: 2, ids, squared }, 0.0, &Unwatched).unwrap();
        let weight = |a: usize, b: u32| {
            edges.ends[edges.starts[a]..edges.starts[a + 1]].iter().find(|e| e.0 == b).map(|e| e.1)
        };
        assert_eq!(edges.starts.len(), 5);
        for a in 0..4 {
            for b in 0..4 {
                assert_eq!(weight(a, b as u32), weight(b, a as u32), "{a} {b}");
            }
        }
        assert_eq!(weight(0, 1), Some(1.0));
        assert!(weight(3, 2).is_some() && weight(3, 1).is_none());
    }
}
