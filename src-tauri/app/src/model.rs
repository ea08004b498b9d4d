//! A segmentation that can be used again: in a file of its own, open to any tool that reads JSON.

use std::io::Write;
use std::path::Path;

use mirante_data::export::Beside;
use mirante_data::tfidf::Vocabulary;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::ops::embed::Space;
use crate::ops::segment::{Segment, SegmentRequest, SegmentResponse, SegmentSettings, Source};

/// What the file calls itself.
const FORMAT: &str = "mirante-segments";
/// Changes when an older Mirante could not read it.
const VERSION: u32 = 1;

/// A saved segmentation: all that new rows need to find their segments.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SavedModel {
    format: String,
    version: u32,
    /// The Mirante that wrote it.
    mirante: String,
    /// How it was made.
    pub(crate) settings: SegmentSettings,
    /// Where from.
    pub(crate) source: Source,
    /// The columns that were read.
    pub(crate) text_cols: Vec<String>,
    /// Terms, top examples, counts and names.
    pub(crate) segments: Vec<Segment>,
    /// Terms and their inverse document frequencies.
    pub(crate) vocabulary: Vocabulary,
    /// One a segment after the other, each as long as the vocabulary.
    pub(crate) centroids: Vec<f64>,
    /// Of segments by meaning, what new rows are compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) vectors: Option<SavedVectors>,
}

/// The segments as a model's vectors.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SavedVectors {
    /// The model, as it was named.
    pub(crate) model: String,
    /// Where its vectors can be compared.
    pub(crate) space: Space,
    /// One a segment after the other.
    pub(crate) centroids: Vec<f32>,
}

impl SavedModel {
    pub(crate) fn new(
        request: &SegmentRequest,
        response: &SegmentResponse,
        vocabulary: Vocabulary,
        centroids: Vec<f64>,
        vectors: Option<SavedVectors>,
    ) -> Self {
        let mut source = request.source.clone();
        if let Source::File { path, .. } = &mut source
            && path != "-"
        {
            // The model may be used from another folder.
            if let Ok(absolute) = std::path::absolute(&path) {
                *path = absolute.display().to_string();
            }
        }
        Self {
            format: FORMAT.to_owned(),
            // An older Mirante would put rows by their words into segments by meaning.
            version: if vectors.is_some() { VERSION + 1 } else { VERSION },
            mirante: env!("CARGO_PKG_VERSION").to_owned(),
            settings: request.settings.clone(),
            source,
            text_cols: response.text_cols.clone(),
            segments: response.segments.clone(),
            vocabulary,
            centroids,
            vectors,
        }
    }

    pub(crate) fn write(&self, out: &mut dyn Write) -> std::io::Result<()> {
        serde_json::to_writer(out, self).map_err(std::io::Error::from)
    }

    pub(crate) fn save(&self, path: &Path) -> Result<()> {
        let failed = |error| Error::writing(path, error);
        let mut file = Beside::create(path).map_err(failed)?;
        self.write(&mut file).map_err(failed)?;
        file.commit().map_err(failed)
    }

    /// Reads a model and makes sure that its parts fit each other.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bad = |reason: String| Error::ModelUnreadable { path: path.to_owned(), reason };
        let bytes = std::fs::read(path).map_err(|error| Error::reading(path, error))?;
        let model: Self = serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))?;
        if model.format != FORMAT || !(VERSION..=VERSION + 1).contains(&model.version) {
            return Err(bad(format!("{} {}", model.format, model.version)));
        }
        let terms = model.vocabulary.terms.len();
        if model.vocabulary.idf.len() != terms {
            return Err(bad(format!("{} idf, {terms} terms", model.vocabulary.idf.len())));
        }
        if terms == 0
            || model.segments.is_empty()
            || model.centroids.len() != terms * model.segments.len()
        {
            let (numbers, segments) = (model.centroids.len(), model.segments.len());
            return Err(bad(format!("{numbers} numbers, {terms} terms × {segments} segments")));
        }
        let of_vectors = model.vectors.as_ref();
        let wanted = |vectors: &SavedVectors| {
            vectors.space.dimension as usize * model.segments.len() == vectors.centroids.len()
        };
        if of_vectors.is_some_and(|vectors| !wanted(vectors)) {
            return Err(bad("vectors".to_owned()));
        }
        Ok(model)
    }
}
