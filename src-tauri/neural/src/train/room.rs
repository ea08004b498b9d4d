//! Numbers that are worked in, kept from one layer to the next: memory that is given back to the system and
//! asked for again costs as much as a tenth of a step.

/// Vectors that nobody works in now.
#[derive(Debug, Default)]
pub(super) struct Room(Vec<Vec<f32>>);

impl Room {
    /// A vector of so many numbers, whatever they are.
    pub(super) fn any(&mut self, count: usize) -> Vec<f32> {
        // The one that needs the least more.
        let fits = |one: &Vec<f32>| (one.capacity() < count, one.capacity());
        let best = (0..self.0.len()).min_by_key(|&at| fits(&self.0[at]));
        let mut taken = best.map(|at| self.0.swap_remove(at)).unwrap_or_default();
        if taken.capacity() < count {
            // What is there need not be carried along.
            taken = Vec::new();
        }
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
        if vector.capacity() < count {
            self.back([std::mem::take(vector)]);
            *vector = self.any(count);
        }
        vector.resize(count, 0.0);
    }

    /// Takes vectors back.
    pub(super) fn back<const N: usize>(&mut self, vectors: [Vec<f32>; N]) {
        self.0.extend(vectors.into_iter().filter(|one| one.capacity() > 0));
    }

    /// Bytes of memory.
    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(|one| one.capacity() * size_of::<f32>()).sum()
    }
}
