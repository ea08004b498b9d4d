//! A table on disk, by columns, and the ways to look at it.
//!
//! The copy that an import keeps is one uncompressed Arrow IPC file, mapped into memory: any tool
//! that reads Arrow reads it, opening it costs nothing, and the operating system decides how much
//! of it stays in memory. Every column is kept as the text of its cells; columns of numbers, dates
//! and booleans have their values beside it, so that nothing is parsed twice.

mod bits;
mod error;
mod fold;
mod mapped;
mod order;
mod search;
mod stats;
mod trigram;
mod view;
mod writer;

pub use bits::Bits;
pub use error::TableError;
pub use fold::fold;
pub use mapped::Table;
pub use order::{Order, order_by};
pub use search::Folded;
pub use stats::{ColumnStats, RangeStats, column_stats};
pub use view::{Condition, Test, rows_in_order, rows_matching};
pub use writer::{ColumnSpec, Parse, TableWriter};

#[cfg(test)]
mod tests;
