//! Numbers that are worked in, kept from one layer and one step to the next: memory that is given back to the
//! system and asked for again costs as much as a tenth of a step.
//!
//! Every vector has room for as many rows as the largest step so far had, so that one that is as wide is
//! always found again: steps of other sizes do not make them grow one after the other.

/// Vectors that nobody works in now.
#[derive(Debug)]
pub(super) struct Room {
    free: Vec<Vec<f32>>,
    /// Rows of this step, and of the largest so far.
    rows: usize,
    most: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { free: Vec::new(), rows: 1, most: 1 }
    }
}

impl Room {
    /// Begins a step of so many rows. Whether none had as many: what is kept elsewhere is then of no use.
    pub(super) fn begin(&mut self, rows: usize) -> bool {
        self.rows = rows.max(1);
        let is_larger = self.rows > self.most;
        if is_larger {
            self.most = self.rows;
            self.free.clear();
        }
        is_larger
    }

    /// Rows of the largest step so far, where there was one.
    pub(super) fn largest(&self) -> Option<usize> {
        (self.most > 1).then_some(self.most)
    }

    /// What a vector of so many numbers has room for.
    fn room_for(&self, count: usize) -> usize {
        count.div_ceil(self.rows) * self.most
    }

    /// A vector of so many numbers, whatever they are.
    pub(super) fn any(&mut self, count: usize) -> Vec<f32> {
        let room = self.room_for(count);
        // The one that has the least room to spare.
        let fitting = (0..self.free.len()).filter(|&at| self.free[at].capacity() >= room);
        let best = fitting.min_by_key(|&at| self.free[at].capacity());
        let mut taken = match best {
            Some(best) => self.free.swap_remove(best),
            None => Vec::with_capacity(room),
        };
        taken.resize(count, 0.0);
        taken
    }

    /// So many noughts.
    pub(super) fn noughts(&mut self, count: usize) -> Vec<f32> {
        let mut taken = self.any(count);
        taken.fill(0.0);
        taken
    }

    /// A copy of some numbers.
    pub(super) fn copy(&mut self, numbers: &[f32]) -> Vec<f32> {
        let mut taken = self.any(numbers.len());
        taken.copy_from_slice(numbers);
        taken
    }

    /// Makes a vector one of so many numbers, whatever they are.
    pub(super) fn fill(&mut self, vector: &mut Vec<f32>, count: usize) {
        if vector.capacity() < self.room_for(count) {
            *vector = Vec::new();
            *vector = self.any(count);
        }
        vector.resize(count, 0.0);
    }

    /// Takes vectors back, but for those that were not made here.
    pub(super) fn back<const N: usize>(&mut self, vectors: [Vec<f32>; N]) {
        let own = |one: &Vec<f32>| one.capacity() > 0 && one.capacity().is_multiple_of(self.most);
        self.free.extend(vectors.into_iter().filter(own));
    }

    /// Bytes of memory.
    pub(super) fn bytes(&self) -> usize {
        self.free.iter().map(|one| one.capacity() * size_of::<f32>()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_all_sizes_take_no_more_than_the_largest() {
        let mut room = Room::default();
        let mut kept = Vec::new();
        for rows in [5, 90, 17, 100, 3, 64, 100, 41, 99] {
            if room.begin(rows) {
                kept = Vec::new();
            }
            room.fill(&mut kept, rows * 3);
            let (one, other) = (room.noughts(rows * 4), room.any(rows));
            assert_eq!((one.len(), other.len(), kept.len()), (rows * 4, rows, rows * 3));
            room.back([one, other, vec![0.0; rows + 2]]);
        }
        assert_eq!(room.bytes() + 4 * kept.capacity(), 4 * 100 * (3 + 4 + 1));
    }
}
