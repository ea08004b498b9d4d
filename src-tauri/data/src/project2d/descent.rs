//! Better neighbours from neighbours' neighbours: nearest-neighbour descent (Dong, Charikar & Li
//! 2011), one round of it, from the lists as they were alone, so that threads change nothing.

use rayon::prelude::*;

use super::ProjectError;
use super::candidates::{Candidate, offer};
use super::distinct::Points;
use super::lanes;
use super::neighbours::{Meter, NONE};
use super::random::mix;

const BLOCK: usize = 256;

/// Offers each row the neighbours of those that are near to it and of those that it is near to.
/// `lists` holds `k` places a row, as does the answer.
pub(super) fn descend(
    points: &Points,
    k: usize,
    lists: &[Candidate],
    meter: &Meter<'_>,
) -> Result<Vec<Candidate>, ProjectError> {
    let back = Reverse::of(lists, k);
    meter.check()?;
    let known = Known { points, k, lists, back: &back };
    let mut better = lists.to_vec();
    better.par_chunks_mut(BLOCK * k).enumerate().try_for_each_init(
        || (Seen::new(k), Vec::new()),
        |(seen, found), (block, better)| {
            for (at, list) in better.chunks_exact_mut(k).enumerate() {
                known.improve(block * BLOCK + at, list, seen, found);
            }
            meter.add(better.len() / k)
        },
    )?;
    Ok(better)
}

/// What is known before the round.
struct Known<'a> {
    points: &'a Points,
    k: usize,
    lists: &'a [Candidate],
    back: &'a Reverse,
}

impl Known<'_> {
    /// Betters one row's list. `found` is room for the rows it meets.
    fn improve(&self, row: usize, list: &mut [Candidate], seen: &mut Seen, found: &mut Vec<u32>) {
        seen.clear();
        seen.insert(row as u32);
        // What fills an empty place is no row to meet.
        seen.insert(NONE);
        for known in list.iter() {
            seen.insert(known.id);
        }
        found.clear();
        let ahead = list.iter().map(|near| near.id).filter(|&id| id != NONE);
        for through in ahead.chain(self.back.of_row(row)) {
            let theirs = through as usize * self.k..(through as usize + 1) * self.k;
            for other in &self.lists[theirs] {
                if seen.insert(other.id) {
                    found.push(other.id);
                }
            }
        }
        // Those that have it in their list are near it too, though it may not have them.
        found.extend(self.back.of_row(row).filter(|&through| seen.insert(through)));
        let point = self.points.row(row);
        for &id in found.iter() {
            let squared = lanes::squared_distance(point, self.points.row(id as usize));
            offer(list, Candidate { squared, id });
        }
    }
}

/// Who has whom in its list: the rows near to each row, at most as many as a list holds.
struct Reverse {
    starts: Vec<usize>,
    ends: Vec<u32>,
}

impl Reverse {
    /// The lists turned round. Of more than `k` rows the first are kept.
    fn of(lists: &[Candidate], k: usize) -> Self {
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
        let mut ends = vec![NONE; total];
        for (place, near) in near() {
            let left = &mut counts[near.id as usize];
            if *left > 0 {
                ends[starts[near.id as usize + 1] - *left as usize] = (place / k) as u32;
                *left -= 1;
            }
        }
        Self { starts, ends }
    }

    fn of_row(&self, row: usize) -> impl Iterator<Item = u32> + '_ {
        self.ends[self.starts[row]..self.starts[row + 1]].iter().copied()
    }
}

/// The rows that one row has met.
struct Seen {
    /// Whose turn it was in the upper half, the row met in the lower.
    slots: Vec<u64>,
    turn: u32,
}

impl Seen {
    /// Room for all that a row with lists of `k` can meet, at most half of it ever filled.
    fn new(k: usize) -> Self {
        Self { slots: vec![0; (4 * (k + 1) * (k + 1)).next_power_of_two()], turn: 0 }
    }

    fn clear(&mut self) {
        self.turn += 1;
    }

    /// Whether the row is met for the first time.
    #[inline(always)]
    fn insert(&mut self, row: u32) -> bool {
        let entry = u64::from(self.turn) << 32 | u64::from(row);
        let last = self.slots.len() - 1;
        let mut at = mix(u64::from(row)) as usize & last;
        loop {
            if self.slots[at] == entry {
                return false;
            }
            if (self.slots[at] >> 32) as u32 != self.turn {
                self.slots[at] = entry;
                return true;
            }
            at = (at + 1) & last;
        }
    }
}
