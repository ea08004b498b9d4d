//! The inner loop: products of sparse rows with a few dense vectors.
//!
//! The vectors lie feature by feature, eight to a group, so that one entry of a row meets eight of
//! them in one instruction.

use super::lanes::{self, Instructions, LANES, Lanes};
use crate::tfidf::{Entry, RowBlock};

/// Counts as numbers, so that the loop loads them rather than converts them.
static COUNTS: [f64; 256] = {
    let mut counts = [0.0; 256];
    let mut count = 0;
    while count < 256 {
        counts[count] = count as f64;
        count += 1;
    }
    counts
};

/// Dense vectors, each feature scaled by its idf, ready for products with rows of counts.
#[derive(Debug)]
pub(super) struct Table {
    groups: usize,
    /// `values[feature * groups + group]`.
    values: Vec<Lanes>,
}

impl Table {
    /// A table of `vectors`, each as long as `idf`.
    pub(super) fn new<'a>(vectors: impl ExactSizeIterator<Item = &'a [f64]>, idf: &[f64]) -> Self {
        let groups = vectors.len().div_ceil(LANES);
        let mut values = vec![Lanes::default(); groups * idf.len()];
        for (number, vector) in vectors.enumerate() {
            let (group, lane) = (number / LANES, number % LANES);
            for (feature, (value, idf)) in vector.iter().zip(idf).enumerate() {
                values[feature * groups + group].0[lane] = value * idf;
            }
        }
        Self { groups, values }
    }

    /// Groups of eight vectors, the last one filled up with zeros.
    pub(super) fn groups(&self) -> usize {
        self.groups
    }

    /// Calls `visitor` with each row of the block and its products with all vectors, before the
    /// division by the row's length.
    pub(super) fn products(&self, block: &RowBlock, visitor: &mut impl Visitor) {
        lanes::run(Products { table: self, block, visitor });
    }
}

/// What is done with a row's products.
pub(super) trait Visitor {
    /// `row` is the row's place in the block; `products` holds one group after the other. Must be
    /// `#[inline(always)]`.
    fn visit<I: Instructions>(
        &mut self,
        instructions: I,
        row: usize,
        length: f64,
        products: &[I::Vector],
    );
}

struct Products<'a, V> {
    table: &'a Table,
    block: &'a RowBlock,
    visitor: &'a mut V,
}

impl<V: Visitor> lanes::Kernel for Products<'_, V> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(self, instructions: I) {
        let Self { table, block, visitor } = self;
        match table.groups {
            1 => {
                for (index, row) in block.rows().enumerate() {
                    let products = [one_group(instructions, &table.values, row.entries)];
                    visitor.visit(instructions, index, row.length, &products);
                }
            }
            2 => groups::<I, 2>(instructions, table, block, visitor),
            3 => groups::<I, 3>(instructions, table, block, visitor),
            4 => groups::<I, 4>(instructions, table, block, visitor),
            many => {
                let mut sums = vec![instructions.splat(0.0); many];
                for (index, row) in block.rows().enumerate() {
                    sums.fill(instructions.splat(0.0));
                    for &entry in row.entries {
                        let count = instructions.splat(COUNTS[usize::from(entry.count())]);
                        let values = &table.values[entry.feature() * many..][..many];
                        for (sum, value) in sums.iter_mut().zip(values) {
                            let product = instructions.mul(count, instructions.load(value));
                            *sum = instructions.add(*sum, product);
                        }
                    }
                    visitor.visit(instructions, index, row.length, &sums);
                }
            }
        }
    }
}

/// Four sums side by side hide the latency of the additions.
#[inline(always)]
fn one_group<I: Instructions>(i: I, values: &[Lanes], entries: &[Entry]) -> I::Vector {
    let product = |entry: Entry| {
        let count = i.splat(COUNTS[usize::from(entry.count())]);
        i.mul(count, i.load(&values[entry.feature()]))
    };
    let zero = i.splat(0.0);
    let (mut a, mut b, mut c, mut d) = (zero, zero, zero, zero);
    let (fours, rest) = entries.as_chunks::<4>();
    for four in fours {
        a = i.add(a, product(four[0]));
        b = i.add(b, product(four[1]));
        c = i.add(c, product(four[2]));
        d = i.add(d, product(four[3]));
    }
    for &entry in rest {
        a = i.add(a, product(entry));
    }
    i.add(i.add(a, b), i.add(c, d))
}

#[inline(always)]
fn groups<I: Instructions, const GROUPS: usize>(
    i: I,
    table: &Table,
    block: &RowBlock,
    visitor: &mut impl Visitor,
) {
    let (values, _) = table.values.as_chunks::<GROUPS>();
    for (index, row) in block.rows().enumerate() {
        let mut sums = [i.splat(0.0); GROUPS];
        for &entry in row.entries {
            let count = i.splat(COUNTS[usize::from(entry.count())]);
            let of_feature = &values[entry.feature()];
            for group in 0..GROUPS {
                sums[group] = i.add(sums[group], i.mul(count, i.load(&of_feature[group])));
            }
        }
        visitor.visit(i, index, row.length, &sums);
    }
}
