//! The rows that differ, each once, in seeded order. Many equal rows would be one another's only
//! neighbours and drift away as an island; as one point they stay where their text belongs.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::lanes::{self, LANES};
use super::{Dense, random};
use crate::progress::{Cancelled, Progress};

/// Rows between two looks at the caller's wish to stop.
const BLOCK: usize = 1 << 15;

/// Rows padded with zeros to a whole number of lanes.
#[derive(Debug)]
pub(super) struct Points {
    /// How many.
    pub(super) count: usize,
    /// Numbers from one row's start to the next one's.
    stride: usize,
    values: Vec<f32>,
}

impl Points {
    /// One row, padding included; empty beyond the last one.
    #[inline]
    pub(super) fn row(&self, row: usize) -> &[f32] {
        self.values.get(row * self.stride..(row + 1) * self.stride).unwrap_or(&[])
    }

    /// The squared Euclidean distance of two rows.
    #[inline]
    pub(super) fn squared_distance(&self, a: usize, b: usize) -> f32 {
        lanes::squared_distance(self.row(a), self.row(b))
    }

    /// The rows named by `order`, one after the other.
    pub(super) fn in_order(&self, order: &[u32]) -> Self {
        let mut values = Vec::with_capacity(order.len() * self.stride);
        order.iter().for_each(|&row| values.extend_from_slice(self.row(row as usize)));
        Self { count: order.len(), stride: self.stride, values }
    }

    /// Numbers in a padded row.
    pub(super) fn width(&self) -> usize {
        self.stride
    }
}

/// The rows that differ, in an order shuffled by `seed`, and for each row given its place there.
///
/// The order is shuffled so that any run of rows is a fair sample of all of them.
///
/// # Errors
/// A stop.
pub(super) fn distinct(
    rows: &Dense,
    seed: u64,
    progress: &dyn Progress,
) -> Result<(Points, Vec<u32>), Cancelled> {
    // The first row of each value, in order of appearance; `chain` links rows with equal hashes.
    let mut first: Vec<u32> = Vec::new();
    let mut chain: Vec<u32> = Vec::new();
    let mut seen: HashMap<u64, u32> = HashMap::with_capacity(rows.rows);
    let mut place = Vec::with_capacity(rows.rows);
    for row in 0..rows.rows {
        if row % BLOCK == 0 {
            progress.check()?;
        }
        let next = first.len() as u32;
        let found = match seen.entry(fingerprint(rows.row(row))) {
            Entry::Vacant(entry) => {
                entry.insert(next);
                None
            }
            Entry::Occupied(mut entry) => {
                let mut at = *entry.get();
                loop {
                    if at == u32::MAX {
                        chain.push(*entry.get());
                        entry.insert(next);
                        first.push(row as u32);
                        break Some(next);
                    }
                    if rows.row(first[at as usize] as usize) == rows.row(row) {
                        break Some(at);
                    }
                    at = chain[at as usize];
                }
            }
        };
        place.push(found.unwrap_or_else(|| {
            chain.push(u32::MAX);
            first.push(row as u32);
            next
        }));
    }
    drop((seen, chain));

    let order = random::shuffled(first.len() as u32, seed);
    let stride = rows.dims.next_multiple_of(LANES);
    let mut values = vec![0.0; order.len() * stride];
    let mut moved = vec![0_u32; order.len()];
    for (to, &from) in order.iter().enumerate() {
        if to % BLOCK == 0 {
            progress.check()?;
        }
        moved[from as usize] = to as u32;
        let source = rows.row(first[from as usize] as usize);
        values[to * stride..to * stride + rows.dims].copy_from_slice(source);
    }
    for at in &mut place {
        *at = moved[*at as usize];
    }
    Ok((Points { count: order.len(), stride, values }, place))
}

/// Equal rows have equal fingerprints; minus zero counts as zero.
fn fingerprint(row: &[f32]) -> u64 {
    row.iter().fold(0, |state, value| random::mix(state ^ u64::from((value + 0.0).to_bits())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Unwatched;

    #[test]
    fn equal_rows_share_a_place_and_keep_their_values() {
        let values = vec![1.0, 2.0, 0.0, -0.0, 1.0, 2.0, -0.0, 0.0, 3.0, 3.0];
        let rows = Dense { rows: 5, dims: 2, values };
        let (points, place) = distinct(&rows, 5, &Unwatched).unwrap();
        assert_eq!(points.count, 3);
        assert_eq!(place[0], place[2]);
        assert_eq!(place[1], place[3]);
        for (row, &at) in place.iter().enumerate() {
            assert_eq!(&points.row(at as usize)[..2], rows.row(row));
            assert!(points.row(at as usize)[2..].iter().all(|&v| v == 0.0));
        }
    }
}
