//! Words to weights: TF-IDF as scikit-learn's `TfidfVectorizer` computes it (raw counts, smoothed
//! idf `ln((1 + n) / (1 + df)) + 1`, rows of Euclidean length 1), in compact sparse rows.
//!
//! One [`TermCounter`] per worker thread reads blocks of documents; [`fit`] merges their
//! vocabularies, applies the limits and leaves the rows in document order.

mod counter;
mod fit;
mod params;
mod rows;
mod terms;
mod vocabulary;

pub use counter::TermCounter;
pub use fit::fit;
pub use params::{DocumentFrequency, TfidfError, TfidfParams};
pub use rows::{Entry, Row, RowBlock, SparseRows};
pub use vocabulary::Vocabulary;
