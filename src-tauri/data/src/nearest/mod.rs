//! The vectors nearest to a query, by their cosine.
//!
//! Up to [`EXACT`] vectors all are looked at. Of more, one bit for every number, after a rotation, says
//! roughly where a vector lies, and how wrong that may be; only vectors that could be among the best by
//! that are looked at themselves. This is RaBitQ (Gao and Long 2024, <https://arxiv.org/abs/2405.12497>).
//! Against a graph of neighbours it has no build to speak of, gives the same answer however it was filled,
//! takes rows in and out at once, and a filter makes it faster, not worse.

mod bits;
mod query;
mod rotation;
mod scan;
mod sketches;
mod store;

pub use bits::Bits;
pub use sketches::Sketches;
pub use store::{Store, StoreOut};

/// Vectors up to which all are looked at.
pub const EXACT: usize = 20_000;

/// A row and the cosine of its vector with the query.
pub type Near = (u64, f32);

/// The best first; of equal ones the earlier.
fn best_first(one: &Near, other: &Near) -> std::cmp::Ordering {
    other.1.total_cmp(&one.1).then(one.0.cmp(&other.0))
}
