//! A lead model in its folder: `model.json` holds all that scores.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mirante_data::leads::Scorer;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::learning::MODEL;
use crate::ops::leads::Temperature;
use crate::ops::settings::{SettingsRequest, settings};

/// What the file calls itself.
const FORMAT: &str = "mirante-leads";
/// Changes when an older Mirante could not read it.
const VERSION: u32 = 1;

/// A lead model.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SavedLeads {
    format: String,
    version: u32,
    /// The Mirante that wrote it.
    mirante: String,
    /// The column that it learnt.
    target: String,
    /// What stands there for a lead that converted.
    positive: String,
    /// From which probability on a lead is hot.
    hot: f64,
    /// From which probability on a lead is warm.
    warm: f64,
    /// What scores.
    pub(super) scorer: Scorer,
}

impl SavedLeads {
    pub(super) fn new(
        target: String,
        positive: String,
        (hot, warm): (f64, f64),
        scorer: Scorer,
    ) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            mirante: env!("CARGO_PKG_VERSION").to_owned(),
            target,
            positive,
            hot,
            warm,
            scorer,
        }
    }

    /// Finds and reads the model of a folder, or the one of the settings.
    ///
    /// # Errors
    /// [`Error::BadOption`] when none is named, [`Error::Unknown`], [`Error::ModelUnreadable`].
    pub(super) fn find(app: &App, model: Option<&str>) -> Result<(Arc<Self>, String)> {
        let set = match model {
            Some(model) => Some(model.to_owned()),
            // Scoring from the command line leaves no home behind it.
            None if !app.has_home() => None,
            None => settings(app, &Job::quiet(), SettingsRequest {})?.lead_model,
        };
        let Some(folder) = set else {
            let allowed = "model, lead_model".to_owned();
            return Err(Error::BadOption { option: "model", value: String::new(), allowed });
        };
        let path = PathBuf::from(&folder).join(MODEL);
        if !path.is_file() {
            return Err(Error::Unknown { what: "model", id: folder });
        }
        Ok((app.lead_models.get(&path, Self::read)?, folder))
    }

    /// Reads one and makes sure that its parts fit each other.
    fn read(path: &Path) -> Result<Self> {
        let bad = |reason: String| Error::ModelUnreadable { path: path.to_owned(), reason };
        let bytes = std::fs::read(path).map_err(|error| Error::reading(path, error))?;
        let saved: Self = serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))?;
        if saved.format != FORMAT || saved.version != VERSION {
            return Err(bad(format!("{} {}", saved.format, saved.version)));
        }
        let Scorer { encoder, model, means, .. } = &saved.scorer;
        let width = encoder.width();
        let fits = model.intercepts.len() == 1
            && model.coefficients.len() == width
            && means.len() == width
            && encoder.is_whole();
        if fits { Ok(saved) } else { Err(bad(format!("{width} numbers"))) }
    }

    /// A probability in one word.
    pub(super) fn temperature(&self, probability: f64) -> Temperature {
        temperature(probability, self.hot, self.warm)
    }
}

/// A probability in one word.
pub(super) fn temperature(probability: f64, hot: f64, warm: f64) -> Temperature {
    if probability >= hot {
        Temperature::Hot
    } else if probability >= warm {
        Temperature::Warm
    } else {
        Temperature::Cold
    }
}
