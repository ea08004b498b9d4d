//! How many different values a column has: exactly while they are few, then by HyperLogLog.

use std::collections::HashSet;
use std::hash::BuildHasherDefault;

use serde::{Deserialize, Serialize};

use crate::hash::{Same, hash};

/// A number of different values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distinct {
    /// How many.
    #[serde(rename = "distinct")]
    pub count: u64,
    /// Whether the count is exact; if not its standard error is 1.04/√4096, that is 1.6%.
    #[serde(rename = "distinct_exact")]
    pub exact: bool,
}

/// Registers of the estimate, as a power of two.
const BITS: u32 = 12;

/// Counts different values by their hashes. What it says depends on the set of values alone, not
/// on their order or on how they were shared among workers.
#[derive(Debug, Clone)]
pub(crate) struct Counter {
    most: usize,
    few: HashSet<u64, BuildHasherDefault<Same>>,
    /// HyperLogLog registers (Flajolet et al. 2007); empty while `few` suffices.
    many: Vec<u8>,
}

impl Counter {
    /// Exact up to `most` values.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, few: HashSet::default(), many: Vec::new() }
    }

    pub(crate) fn add(&mut self, value: &[u8]) {
        self.add_hash(hash(value));
    }

    fn add_hash(&mut self, hash: u64) {
        if !self.many.is_empty() {
            register(&mut self.many, hash);
        } else if self.few.insert(hash) && self.few.len() > self.most {
            self.many = vec![0; 1 << BITS];
            for hash in std::mem::take(&mut self.few) {
                register(&mut self.many, hash);
            }
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for hash in other.few {
            self.add_hash(hash);
        }
        if other.many.is_empty() {
            return;
        }
        if self.many.is_empty() {
            self.many = vec![0; 1 << BITS];
            for hash in std::mem::take(&mut self.few) {
                register(&mut self.many, hash);
            }
        }
        for (own, other) in self.many.iter_mut().zip(other.many) {
            *own = (*own).max(other);
        }
    }

    pub(crate) fn count(&self) -> Distinct {
        if self.many.is_empty() {
            return Distinct { count: self.few.len() as u64, exact: true };
        }
        let registers = (1u32 << BITS) as f64;
        let sum: f64 = self.many.iter().map(|&rank| (-f64::from(rank)).exp2()).sum();
        let raw = 0.7213 / (1.0 + 1.079 / registers) * registers * registers / sum;
        let zeros = self.many.iter().filter(|&&rank| rank == 0).count();
        let count = if raw <= 2.5 * registers && zeros > 0 {
            registers * (registers / zeros as f64).ln()
        } else {
            raw
        };
        Distinct { count: (count.round() as u64).max(self.most as u64 + 1), exact: false }
    }
}

fn register(registers: &mut [u8], hash: u64) {
    let index = (hash >> (64 - BITS)) as usize;
    let rank = ((hash << BITS) | (1 << (BITS - 1))).leading_zeros() as u8 + 1;
    registers[index] = registers[index].max(rank);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(range: std::ops::Range<u32>) -> Counter {
        let mut counter = Counter::new(1000);
        range.for_each(|value| counter.add(format!("valor {value}").as_bytes()));
        counter
    }

    #[test]
    fn exact_while_few_then_within_a_few_percent() {
        assert_eq!(counted(0..1000).count(), Distinct { count: 1000, exact: true });
        for size in [1001, 5_000, 20_000, 300_000] {
            let Distinct { count, exact } = counted(0..size).count();
            assert!(!exact);
            let error = (count as f64 / f64::from(size) - 1.0).abs();
            assert!(error < 0.06, "{count} for {size}");
        }
    }

    #[test]
    fn shares_of_the_work_do_not_matter() {
        for (cut, end) in [(300, 900), (600, 1200), (10, 5000), (4990, 5000)] {
            let mut parts = counted(0..cut);
            parts.merge(counted(cut / 2..end));
            assert_eq!(parts.count(), counted(0..end).count());
        }
    }
}
