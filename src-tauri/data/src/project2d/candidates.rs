//! Short lists of the nearest found so far.

use std::cmp::Ordering;

use super::neighbours::NONE;

/// A row that may be near, and how near: ordered by (distance, number), so that a list is the same
/// whatever the order in which its candidates came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    /// The squared Euclidean distance.
    pub(super) squared: f32,
    /// The row's number.
    pub(super) id: u32,
}

impl Candidate {
    /// Fills a place that no candidate has taken; farther than all.
    pub(super) const EMPTY: Self = Self { squared: f32::INFINITY, id: NONE };

    /// Nearest first; of those as near, the lower number first.
    #[inline(always)]
    pub(super) fn order(&self, other: &Self) -> Ordering {
        self.squared.total_cmp(&other.squared).then(self.id.cmp(&other.id))
    }
}

/// Puts a candidate into a list that is sorted, in place of the last, unless it is farther than
/// all or there already. Says whether it came in.
#[inline(always)]
pub(super) fn offer(list: &mut [Candidate], new: Candidate) -> bool {
    let Some(last) = list.last() else { return false };
    if new.order(last) != Ordering::Less {
        return false;
    }
    insert(list, new)
}

#[inline(never)]
fn insert(list: &mut [Candidate], new: Candidate) -> bool {
    let Err(at) = list.binary_search_by(|old| old.order(&new)) else { return false };
    let last = list.len() - 1;
    list.copy_within(at..last, at + 1);
    list[at] = new;
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_keeps_the_nearest_once_whatever_the_order() {
        let all: Vec<Candidate> =
            (0..40).map(|id| Candidate { squared: (id * 7 % 13) as f32, id }).collect();
        let mut sorted = all.clone();
        sorted.sort_by(Candidate::order);
        for shift in 0..40 {
            let mut list = [Candidate::EMPTY; 9];
            for at in (0..80).map(|at| (at * 11 + shift) % 40) {
                offer(&mut list, all[at]);
            }
            assert_eq!(list, sorted[..9]);
        }
        assert!(!offer(&mut [], all[0]));
    }
}
