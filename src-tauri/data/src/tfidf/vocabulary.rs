//! The fitted vocabulary.

use std::sync::Arc;

use super::counter::TermCounter;
use super::fit::{Numbering, rows_of};
use super::{SparseRows, TfidfError};
use crate::progress::Progress;

/// The terms that became features, in alphabetical (code point) order, with their weights.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Vocabulary {
    /// The terms; a term's place is its column.
    pub terms: Vec<String>,
    /// Inverse document frequency per term: `ln((1 + n) / (1 + df)) + 1`.
    pub idf: Arc<[f64]>,
}

impl Vocabulary {
    /// Weights new documents by this vocabulary; words outside it are ignored. The counters must
    /// have been made with the token parameters of the fit.
    ///
    /// # Errors
    /// [`TfidfError::Cancelled`].
    pub fn transform(
        &self,
        counters: Vec<TermCounter>,
        progress: &dyn Progress,
    ) -> Result<SparseRows, TfidfError> {
        let columns: std::collections::HashMap<&[u8], u32> =
            self.terms.iter().map(String::as_bytes).zip(0..).collect();
        let numberings: Vec<Numbering> = counters
            .iter()
            .map(|counter| {
                Numbering::new(counter.terms.len(), |n| columns.get(counter.terms.get(n)).copied())
            })
            .collect();
        let in_order: Vec<u32> = (0..).take(self.terms.len()).collect();
        rows_of(counters, &numberings, &in_order, &self.idf, progress)
    }
}
