//! A trained classifier at work, wherever a model's name may stand.

use std::sync::Arc;

use mirante_data::learn::Matrix;

use super::features::weigh;
use super::saved::{MODEL, SavedClassifier, SavedFeatures};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::models::Ready;
use crate::ops::embed::RanOn;

/// A trained classifier, ready to work.
pub(crate) struct Linear {
    name: String,
    saved: Arc<SavedClassifier>,
    /// What makes its vectors, where it learnt from vectors.
    model: Option<Ready>,
}

/// What is found of some texts.
pub(crate) struct Found {
    /// For every text a number a class.
    pub(crate) scores: Vec<Vec<f32>>,
    /// Texts that were too long.
    pub(crate) cut: usize,
}

impl Linear {
    /// Reads the classifier that a model's name stands for; nothing where it stands for another model.
    ///
    /// # Errors
    /// [`Error::ModelUnreadable`]; [`Error::Unknown`] when the model that made its vectors has gone.
    pub(crate) fn find(app: &App, model: Option<&str>) -> Result<Option<Self>> {
        let Some(model) = model else { return Ok(None) };
        let located = match app.locate(model) {
            Ok(located) if SavedClassifier::is_in(&located.folder) => located,
            _ => return Ok(None),
        };
        let path = located.folder.join(MODEL);
        let saved = app.classifiers.get(&path, SavedClassifier::read)?;
        let ready = match &saved.features {
            SavedFeatures::Tfidf(_) => None,
            SavedFeatures::Embeddings { settings, space } => {
                let ready = Ready::open(app, settings)?;
                if ready.space() != *space {
                    let reason = format!("{space} ≠ {}", ready.space());
                    return Err(Error::ModelUnreadable { path, reason });
                }
                Some(ready)
            }
        };
        Ok(Some(Self { name: located.name, saved, model: ready }))
    }

    pub(crate) fn name(&self) -> String {
        self.name.clone()
    }

    pub(crate) fn labels(&self) -> &[String] {
        &self.saved.labels
    }

    /// What it runs on: as its model, else plainly.
    pub(crate) fn ran_on(&self) -> RanOn {
        self.model.as_ref().map_or_else(
            || RanOn {
                device: "cpu".to_owned(),
                precision: "f64".to_owned(),
                instructions: "plain".to_owned(),
            },
            Ready::ran_on,
        )
    }

    /// Puts texts into classes.
    ///
    /// # Errors
    /// [`Error::Cancelled`], [`Error::Model`].
    pub(crate) fn classify(&self, texts: &[String], job: &Job) -> Result<Found> {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let (rows, cut) = match (&self.saved.features, &self.model) {
            (SavedFeatures::Embeddings { settings, .. }, Some(model)) => {
                let made =
                    model.vectors(texts.into_iter(), settings.role, &|| !job.is_cancelled())?;
                let mut rows = Matrix::new(model.width());
                for vector in made.numbers.chunks_exact(model.width()) {
                    rows.push(vector.iter().map(|&number| f64::from(number)).enumerate());
                }
                (rows, made.cut)
            }
            (SavedFeatures::Tfidf(vocabulary), _) => (weigh(vocabulary, &texts, job)?, 0),
            (SavedFeatures::Embeddings { .. }, None) => {
                return Err(Error::Internal {
                    reason: "a classifier without its model".to_owned(),
                });
            }
        };
        let scores = |row| {
            let found = self.saved.model.probabilities(rows.row(row));
            found.into_iter().map(|score| score as f32).collect()
        };
        Ok(Found { scores: (0..rows.rows()).map(scores).collect(), cut })
    }
}
