//! Better neighbours from neighbours' neighbours: nearest-neighbour descent (Dong, Charikar & Li
//! 2011), each round from the lists of the round before alone, so that threads change nothing.

use rayon::prelude::*;

use super::ProjectError;
use super::candidates::{Candidate, offer};
use super::distinct::Points;
use super::lanes;
use super::neighbours::{Meter, NONE};
use super::random::mix;

const BLOCK: usize = 256;

/// Offers each row, `rounds` times, the neighbours of those that it is or that are near to it.
/// `lists` holds `k` places a row.
pub(super) fn descend(
    points: &Points,
    k: usize,
    rounds: usize,
    lists: &mut Vec<Candidate>,
    meter: &Meter<'_>,
) -> Result<(), ProjectError> {
    let rows = lists.len() / k;
    let mut next = lists.clone();
    // Two rows meet again only where one of the links between them is new since the last round.
    let mut fresh = vec![true; lists.len()];
    let mut next_fresh = fresh.clone();
    for _ in 0..rounds {
        let back = Reverse::of(lists, &fresh, k);
        meter.check()?;
        let old = Round { points, k, lists, fresh: &fresh, back: &back };
        next.par_chunks_mut(BLOCK * k)
            .zip(next_fresh.par_chunks_mut(BLOCK * k))
            .enumerate()
            .try_for_each_init(
                || (Seen::new(k), Vec::new()),
                |(seen, found), (block, (next, fresh))| {
                    for (at, (next, fresh)) in
                        next.chunks_exact_mut(k).zip(fresh.chunks_exact_mut(k)).enumerate()
                    {
                        old.improve(block * BLOCK + at, next, fresh, seen, found);
                    }
                    meter.add(next.len() / k)
                },
            )?;
        std::mem::swap(lists, &mut next);
        std::mem::swap(&mut fresh, &mut next_fresh);
    }
    debug_assert_eq!(rows * k, lists.len());
    Ok(())
}

/// The lists as a round finds them.
struct Round<'a> {
    points: &'a Points,
    k: usize,
    lists: &'a [Candidate],
    fresh: &'a [bool],
    back: &'a Reverse,
}

impl Round<'_> {
    /// Writes one row's better list, and which of its places are new.
    fn improve(
        &self,
        row: usize,
        next: &mut [Candidate],
        fresh: &mut [bool],
        seen: &mut Seen,
        found: &mut Vec<u32>,
    ) {
        let own = row * self.k..(row + 1) * self.k;
        next.copy_from_slice(&self.lists[own.clone()]);
        seen.clear();
        seen.insert(row as u32);
        for known in next.iter() {
            seen.insert(known.id);
        }
        found.clear();
        let ahead = next.iter().zip(&self.fresh[own.clone()]).map(|(near, &new)| (near.id, new));
        for (through, new) in ahead.chain(self.back.of_row(row)) {
            if through == NONE {
                continue;
            }
            let theirs = through as usize * self.k..(through as usize + 1) * self.k;
            for (other, &new_there) in self.lists[theirs.clone()].iter().zip(&self.fresh[theirs]) {
                if (new || new_there) && other.id != NONE && seen.insert(other.id) {
                    found.push(other.id);
                }
            }
        }
        // Those near to it are near it too, though it may not know of them.
        for (through, new) in self.back.of_row(row) {
            if new && seen.insert(through) {
                found.push(through);
            }
        }
        let point = self.points.row(row);
        for &id in found.iter() {
            let squared = lanes::squared_distance(point, self.points.row(id as usize));
            offer(next, Candidate { squared, id });
        }
        let old = &self.lists[own];
        for (fresh, near) in fresh.iter_mut().zip(next.iter()) {
            *fresh = old.binary_search_by(|old| old.order(near)).is_err();
        }
    }
}

/// Who has whom in its list: the rows near to each row, at most as many as a list holds.
struct Reverse {
    starts: Vec<usize>,
    ends: Vec<(u32, bool)>,
}

impl Reverse {
    /// The lists turned round. Of more than `k` rows the first are kept.
    fn of(lists: &[Candidate], fresh: &[bool], k: usize) -> Self {
        let rows = lists.len() / k;
        let mut counts = vec![0_u32; rows];
        let near = || lists.iter().enumerate().filter(|(_, near)| near.id != NONE);
        for (_, near) in near() {
            let count = &mut counts[near.id as usize];
            *count = (*count + 1).min(k as u32);
        }
        let mut starts = Vec::with_capacity(rows + 1);
        starts.push(0);
        let mut total = 0;
        for &count in &counts {
            total += count as usize;
            starts.push(total);
        }
        let mut ends = vec![(NONE, false); total];
        for (place, near) in near() {
            let left = &mut counts[near.id as usize];
            if *left > 0 {
                ends[starts[near.id as usize + 1] - *left as usize] =
                    ((place / k) as u32, fresh[place]);
                *left -= 1;
            }
        }
        Self { starts, ends }
    }

    fn of_row(&self, row: usize) -> impl Iterator<Item = (u32, bool)> + '_ {
        self.ends[self.starts[row]..self.starts[row + 1]].iter().copied()
    }
}

/// The rows that one row has met in a round.
struct Seen {
    /// The round of the slot in the upper half, the row in the lower.
    slots: Vec<u64>,
    round: u32,
}

impl Seen {
    /// Room for all that a row with lists of `k` can meet, at most half of it ever filled.
    fn new(k: usize) -> Self {
        Self { slots: vec![0; (4 * (k + 1) * (k + 1)).next_power_of_two()], round: 0 }
    }

    fn clear(&mut self) {
        self.round += 1;
    }

    /// Whether the row is met for the first time.
    #[inline(always)]
    fn insert(&mut self, row: u32) -> bool {
        let entry = u64::from(self.round) << 32 | u64::from(row);
        let last = self.slots.len() - 1;
        let mut at = mix(u64::from(row)) as usize & last;
        loop {
            if self.slots[at] == entry {
                return false;
            }
            if (self.slots[at] >> 32) as u32 != self.round {
                self.slots[at] = entry;
                return true;
            }
            at = (at + 1) & last;
        }
    }
}
