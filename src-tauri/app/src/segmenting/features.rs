//! Features of a source's rows.

use std::time::Instant;

use mirante_data::file::Issues;
use mirante_data::text::stop_words::{ENGLISH, PORTUGUESE};
use mirante_data::tfidf::{self, DocumentFrequency, SparseRows, TfidfParams, Vocabulary};

use super::source::From;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::ops::segment::{SegmentSettings, StopWords};

/// Features of a source: what every use of TF-IDF begins with.
pub(super) struct Features {
    pub(super) vocabulary: Vocabulary,
    pub(super) rows: SparseRows,
    pub(super) text_cols: Vec<String>,
    pub(super) issues: Issues,
    /// Seconds.
    pub(super) read: f64,
    /// Seconds.
    pub(super) made: f64,
}

/// Reads a source and weighs its terms; refuses one with fewer rows than `clusters`.
pub(super) fn features(
    job: &Job,
    from: &From,
    settings: &SegmentSettings,
    clusters: u32,
) -> Result<Features> {
    let began = Instant::now();
    let (counted, text_cols) = from.count(job, &settings.text_cols)?;
    // Said before anything else that a table this small also lacks.
    if counted.rows < u64::from(clusters) {
        return Err(Error::TooFewRows { rows: counted.rows, clusters });
    }
    let read = began.elapsed().as_secs_f64();
    let params = TfidfParams {
        max_features: Some(settings.max_features as usize),
        min_df: frequency(settings.min_df, 1.0),
        max_df: frequency(settings.max_df, 1.0 + f64::EPSILON),
        stop_words: match settings.stop_words {
            StopWords::None => Vec::new(),
            StopWords::Pt => PORTUGUESE.iter().map(|&word| word.to_owned()).collect(),
            StopWords::En => ENGLISH.iter().map(|&word| word.to_owned()).collect(),
        },
    };
    let (vocabulary, rows) = tfidf::fit(counted.counters, &params, job).map_err(tfidf_error)?;
    let made = began.elapsed().as_secs_f64() - read;
    Ok(Features { vocabulary, rows, text_cols, issues: counted.issues, read, made })
}

/// Below `whole` a share of the rows, else a number of them: scikit-learn tells them apart by the
/// type of the number, which JSON and the command line do not have. So 1 as `min_df` is one row and
/// 1 as `max_df` is all of them.
fn frequency(given: f64, whole: f64) -> DocumentFrequency {
    if given < whole {
        DocumentFrequency::Fraction(given)
    } else {
        DocumentFrequency::Count(given as u64)
    }
}

pub(crate) fn tfidf_error(error: tfidf::TfidfError) -> Error {
    match error {
        tfidf::TfidfError::Cancelled(_) => Error::Cancelled,
        tfidf::TfidfError::NoDocuments | tfidf::TfidfError::EmptyVocabulary { .. } => Error::NoText,
        tfidf::TfidfError::OutOfRange { name, value } => Error::BadOption {
            option: name,
            value: value.to_string(),
            allowed: "0–1, ≥ 1".to_owned(),
        },
        other => Error::NoTerms { reason: other.to_string() },
    }
}
