//! A set of rows.

use rayon::prelude::*;

/// A set of rows as bits: row i is bit `i % 64` of word `i / 64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    /// No rows, out of `len`.
    #[must_use]
    pub fn none(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    /// All `len` rows.
    #[must_use]
    pub fn all(len: usize) -> Self {
        let mut bits = Self { words: vec![u64::MAX; len.div_ceil(64)], len };
        bits.trim();
        bits
    }

    /// The rows out of `len` for which `holds` is true; asked on several threads.
    pub fn from_fn(len: usize, holds: impl Fn(usize) -> bool + Sync) -> Self {
        let mut bits = Self::none(len);
        bits.words.par_iter_mut().with_min_len(256).enumerate().for_each(|(at, word)| {
            for row in at * 64..len.min(at * 64 + 64) {
                *word |= u64::from(holds(row)) << (row % 64);
            }
        });
        bits
    }

    fn trim(&mut self) {
        if !self.len.is_multiple_of(64)
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << (self.len % 64)) - 1;
        }
    }

    /// How many rows the set is out of.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the set is out of no rows at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Rows in the set.
    #[must_use]
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether a row is in the set; false for a row beyond its length.
    #[must_use]
    pub fn contains(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// Puts a row into the set; a row beyond its length is left out.
    pub fn insert(&mut self, row: usize) {
        if row < self.len {
            self.words[row / 64] |= 1 << (row % 64);
        }
    }

    /// Keeps the rows that are also in `other`.
    pub fn intersect(&mut self, other: &Self) {
        for (word, with) in self.words.iter_mut().zip(&other.words) {
            *word &= with;
        }
    }

    /// Takes in the rows of `other`.
    pub fn unite(&mut self, other: &Self) {
        for (word, with) in self.words.iter_mut().zip(&other.words) {
            *word |= with;
        }
    }

    /// The rows that are not in the set.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut bits = Self { words: self.words.iter().map(|word| !word).collect(), len: self.len };
        bits.trim();
        bits
    }

    /// Rows of the set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(at, &word)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let bit = rest.trailing_zeros();
                    rest &= rest - 1;
                    (at * 64) as u32 + bit
                })
            })
        })
    }

    /// The set as bytes: row i is bit `i % 8` of byte `i / 8`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.words.iter().flat_map(|word| word.to_le_bytes()).collect();
        bytes.truncate(self.len.div_ceil(8));
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_and_its_complement_share_no_row_and_miss_none() {
        let thirds = Bits::from_fn(130, |row| row % 3 == 0);
        let others = thirds.complement();
        assert_eq!(thirds.count() + others.count(), 130);
        let mut both = thirds.clone();
        both.intersect(&others);
        assert_eq!(both.count(), 0);
        assert_eq!(thirds.iter().collect::<Vec<_>>()[..3], [0, 3, 6]);
        assert_eq!(Bits::all(9).to_bytes(), [255, 1]);
    }
}
