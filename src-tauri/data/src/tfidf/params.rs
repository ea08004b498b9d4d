//! What a person may choose about the features, and what can go wrong.

use crate::progress::Cancelled;

/// A limit on the number of documents a term occurs in.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentFrequency {
    /// A number of documents.
    Count(u64),
    /// A share of all documents, from 0 to 1.
    Fraction(f64),
}

impl DocumentFrequency {
    /// The limit in documents; a fraction of `documents` stays a fractional number.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "document counts stay far below 2^53")]
    pub fn documents(self, documents: u64) -> f64 {
        match self {
            Self::Count(count) => count as f64,
            Self::Fraction(share) => share * documents as f64,
        }
    }
}

/// Which terms become features. The default is scikit-learn's.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct TfidfParams {
    /// Keeps only the terms with the highest total counts; terms of equal count at the boundary
    /// go in alphabetical order (scikit-learn's choice among them depends on its sorting
    /// routine).
    pub max_features: Option<usize>,
    /// Leaves out terms that fewer documents hold.
    pub min_df: DocumentFrequency,
    /// Leaves out terms that more documents hold.
    pub max_df: DocumentFrequency,
    /// Words that never become terms; compared after lowercasing.
    pub stop_words: Vec<String>,
}

impl Default for TfidfParams {
    fn default() -> Self {
        Self {
            max_features: None,
            min_df: DocumentFrequency::Count(1),
            max_df: DocumentFrequency::Fraction(1.0),
            stop_words: Vec::new(),
        }
    }
}

/// Why no features could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TfidfError {
    /// There are no documents at all.
    #[error("there are no documents")]
    NoDocuments,
    /// No document holds a word of two or more characters that is not a stop word.
    #[error(
        "none of the {documents} documents holds a word ({stopped} distinct stop words were left out)"
    )]
    EmptyVocabulary {
        /// Documents read.
        documents: u64,
        /// Distinct words left out as stop words.
        stopped: usize,
    },
    /// Every term is too rare or too common.
    #[error(
        "of {terms} terms none remains: {too_rare} occur in fewer than {min_df} documents, \
         {too_common} in more than {max_df}"
    )]
    AllTermsPruned {
        /// Distinct terms before the limits.
        terms: usize,
        /// Terms in fewer documents than `min_df`.
        too_rare: usize,
        /// Terms in more documents than `max_df`.
        too_common: usize,
        /// The lower limit, in documents.
        min_df: f64,
        /// The upper limit, in documents.
        max_df: f64,
    },
    /// `max_df` comes to fewer documents than `min_df`.
    #[error("max_df comes to {max_df} documents, fewer than min_df's {min_df}")]
    LimitsCross {
        /// The lower limit, in documents.
        min_df: f64,
        /// The upper limit, in documents.
        max_df: f64,
    },
    /// A fraction outside 0 to 1, a `min_df` of no documents, or `max_features` of 0.
    #[error("{name} is {value}, outside its range")]
    OutOfRange {
        /// The parameter.
        name: &'static str,
        /// What was asked.
        value: f64,
    },
    /// More terms than a row entry can name.
    #[error(
        "{terms} terms remain, more than the {limit} that can be held; lower max_features or raise min_df"
    )]
    TooManyTerms {
        /// Terms after the limits.
        terms: usize,
        /// The most terms.
        limit: usize,
    },
    /// The caller asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
