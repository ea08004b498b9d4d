//! Texts as numbers, to learn from and to be classified.

use mirante_data::learn::Matrix;
use mirante_data::progress::{Progress, Within};
use mirante_data::text::TokenParams;
use mirante_data::tfidf::{DocumentFrequency, TermCounter, TfidfParams, Vocabulary, fit};

use super::saved::SavedFeatures;
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::models::Ready;
use crate::ops::classifier::ClassifierFeatures;
use crate::ops::embed::{EmbedSettings, TextRole};
use crate::segmenting::tfidf_error;

/// Most terms that count, the most frequent first.
const MOST_TERMS: usize = 100_000;
/// Texts from which on a term must stand in two of them.
const MANY: usize = 100;
/// Texts counted together, which threads share.
const BLOCK: usize = 4096;
/// Texts that go to a model at once: enough to put those of one length together.
const TOGETHER: usize = 256;

/// What was made of the texts to learn from.
pub(super) struct Learnt {
    pub(super) features: SavedFeatures,
    pub(super) rows: Matrix,
    /// Texts that were too long for the model.
    pub(super) cut: u64,
}

/// Makes numbers of texts to learn from. Steps: those of [`fit`], or `load` and `embed` (texts).
pub(super) fn learn(
    app: &App,
    job: &Job,
    wanted: &ClassifierFeatures,
    texts: &[&str],
) -> Result<Learnt> {
    match wanted {
        ClassifierFeatures::Tfidf => {
            let least = if texts.len() < MANY { 1 } else { 2 };
            let params = TfidfParams {
                max_features: Some(MOST_TERMS),
                min_df: DocumentFrequency::Count(least),
                ..TfidfParams::default()
            };
            let (vocabulary, rows) =
                fit(vec![counted(texts, job)?], &params, job).map_err(tfidf_error)?;
            let (features, rows) = (SavedFeatures::Tfidf(vocabulary), Matrix::from(&rows));
            Ok(Learnt { features, rows, cut: 0 })
        }
        ClassifierFeatures::Embeddings(settings) => {
            job.step("load", None);
            let settings = EmbedSettings { model: absolute(&settings.model), ..settings.clone() };
            let model = Ready::open(app, &settings)?;
            let (rows, cut) = embed(&model, &settings, texts, job)?;
            let space = model.space();
            Ok(Learnt { features: SavedFeatures::Embeddings { settings, space }, rows, cut })
        }
    }
}

/// A folder's whole name: the classifier may be used from another one.
fn absolute(model: &str) -> String {
    let folder = std::path::Path::new(model);
    let whole = if folder.is_dir() { std::path::absolute(folder).ok() } else { None };
    whole.map_or_else(|| model.to_owned(), |whole| whole.display().to_string())
}

/// Numbers of texts by a vocabulary that is there.
pub(super) fn weigh(vocabulary: &Vocabulary, texts: &[&str], job: &Job) -> Result<Matrix> {
    let counters = vec![counted(texts, job)?];
    let rows = vocabulary.transform(counters, &Within(job)).map_err(tfidf_error)?;
    Ok(Matrix::from(&rows))
}

/// Counts words and pairs of words. Accents come off: in comments one half writes them.
fn counted(texts: &[&str], job: &Job) -> Result<TermCounter> {
    let mut counter = TermCounter::new(TokenParams { strip_accents: true }).with_pairs();
    for (number, block) in (0..).zip(texts.chunks(BLOCK)) {
        job.checkpoint()?;
        counter.begin_block(number);
        for text in block {
            counter.text(text.as_bytes());
            counter.end_document();
        }
    }
    Ok(counter)
}

/// Vectors of texts, and how many were too long. Step: `embed` (texts).
pub(super) fn embed(
    model: &Ready,
    settings: &EmbedSettings,
    texts: &[&str],
    job: &Job,
) -> Result<(Matrix, u64)> {
    job.step("embed", Some(texts.len() as u64));
    let mut rows = Matrix::new(model.width());
    let mut cut = 0;
    for some in texts.chunks(TOGETHER) {
        let role: TextRole = settings.role;
        let vectors = model.vectors(some.iter().copied(), role, &|| job.check().is_ok())?;
        for vector in vectors.numbers.chunks_exact(model.width()) {
            rows.push(vector.iter().map(|&number| f64::from(number)).enumerate());
        }
        cut += vectors.cut as u64;
        job.at(rows.rows() as u64);
        job.checkpoint()?;
    }
    Ok((rows, cut))
}

/// Memory that the solver holds beside the rows: its last steps, each as long as the coefficients.
pub(super) fn refuse_too_large(features: usize, classes: usize) -> Result<()> {
    let heads = if classes > 2 { classes as u64 } else { 1 };
    let needs = 30 * 8 * heads * features as u64;
    match crate::memory::usual_limit() {
        Some(limit) if needs > limit => Err(Error::TooLarge { needs, limit }),
        _ => Ok(()),
    }
}
