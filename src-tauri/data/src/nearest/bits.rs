//! A set of rows, a bit each.

/// Which of many rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bits(Vec<u64>);

impl Bits {
    /// None of `count` rows.
    #[must_use]
    pub fn none(count: u64) -> Self {
        Self(vec![0; count.div_ceil(64) as usize])
    }

    /// Puts a row in.
    pub fn put(&mut self, row: u64) {
        let at = (row / 64) as usize;
        if at >= self.0.len() {
            self.0.resize(at + 1, 0);
        }
        self.0[at] |= 1 << (row % 64);
    }

    /// Takes a row out.
    pub fn take(&mut self, row: u64) {
        if let Some(word) = self.0.get_mut((row / 64) as usize) {
            *word &= !(1 << (row % 64));
        }
    }

    /// Whether a row is in.
    #[must_use]
    pub fn has(&self, row: u64) -> bool {
        self.0.get((row / 64) as usize).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// Rows that are in.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}

impl FromIterator<u64> for Bits {
    fn from_iter<I: IntoIterator<Item = u64>>(rows: I) -> Self {
        let mut bits = Self::default();
        rows.into_iter().for_each(|row| bits.put(row));
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_in_and_out() {
        let mut bits: Bits = [3, 64, 1000].into_iter().collect();
        assert!(bits.has(3) && bits.has(64) && bits.has(1000) && bits.count() == 3);
        assert!(!bits.has(4) && !bits.has(1001) && !bits.has(1 << 40));
        bits.take(64);
        bits.take(1 << 40);
        assert!(!bits.has(64) && bits.count() == 2);
    }
}
