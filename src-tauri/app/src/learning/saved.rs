//! A trained classifier in its folder: `model.json` holds all that new texts need.

use std::path::Path;

use mirante_data::learn::Logistic;
use mirante_data::tfidf::Vocabulary;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::ops::classifier::ClassifierKind;
use crate::ops::embed::{EmbedSettings, Space};

/// The file that says what a folder is.
pub(crate) const MODEL: &str = "model.json";
/// What the file calls itself.
const FORMAT: &str = "mirante-classifier";
/// Changes when an older Mirante could not read it.
const VERSION: u32 = 1;

/// A trained classifier.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SavedClassifier {
    format: String,
    version: u32,
    /// The Mirante that wrote it.
    mirante: String,
    /// What learnt.
    kind: ClassifierKind,
    /// The columns that it learnt from.
    text_cols: Vec<String>,
    /// The column that it learnt.
    label_col: String,
    /// The classes.
    pub(super) labels: Vec<String>,
    /// How a text becomes numbers.
    pub(super) features: SavedFeatures,
    /// What the numbers weigh.
    pub(super) model: Logistic,
}

/// How a text becomes numbers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SavedFeatures {
    /// Words and pairs of words.
    Tfidf(Vocabulary),
    /// A sentence model's vectors.
    Embeddings {
        /// How they are made.
        settings: EmbedSettings,
        /// Where they can be compared.
        space: Space,
    },
}

impl SavedClassifier {
    pub(super) fn new(
        text_cols: Vec<String>,
        label_col: String,
        labels: Vec<String>,
        features: SavedFeatures,
        model: Logistic,
    ) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            mirante: env!("CARGO_PKG_VERSION").to_owned(),
            kind: ClassifierKind::Linear,
            text_cols,
            label_col,
            labels,
            features,
            model,
        }
    }

    /// Whether a folder says that it is one; what it holds is looked at when it is read.
    pub(super) fn is_in(folder: &Path) -> bool {
        folder.join(MODEL).is_file()
    }

    /// Reads one and makes sure that its parts fit each other.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let bad = |reason: String| Error::ModelUnreadable { path: path.to_owned(), reason };
        let bytes = std::fs::read(path).map_err(|error| Error::reading(path, error))?;
        let saved: Self = serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))?;
        if saved.format != FORMAT || saved.version != VERSION {
            return Err(bad(format!("{} {}", saved.format, saved.version)));
        }
        let width = saved.features.width();
        let heads = if saved.labels.len() > 2 { saved.labels.len() } else { 1 };
        let fits = saved.labels.len() >= 2
            && saved.model.classes == saved.labels.len()
            && saved.model.intercepts.len() == heads
            && saved.model.coefficients.len() == heads * width;
        if !fits {
            let (numbers, labels) = (saved.model.coefficients.len(), saved.labels.len());
            return Err(bad(format!("{numbers} numbers, {width} features × {labels} classes")));
        }
        if let SavedFeatures::Tfidf(vocabulary) = &saved.features
            && vocabulary.idf.len() != width
        {
            return Err(bad(format!("{} idf, {width} terms", vocabulary.idf.len())));
        }
        Ok(saved)
    }
}

impl SavedFeatures {
    /// Numbers that a text becomes.
    pub(super) fn width(&self) -> usize {
        match self {
            Self::Tfidf(vocabulary) => vocabulary.terms.len(),
            Self::Embeddings { space, .. } => space.dimension as usize,
        }
    }
}
