//! Rows by what a model makes of their texts.

use mirante_data::cluster::Vectors;
use mirante_data::progress::Progress;

use super::source::From;
use crate::app::App;
use crate::error::Result;
use crate::job::Job;
use crate::models::Ready;
use crate::ops::embed::{EmbedSettings, Space, TextRole};
use crate::ops::segment::SegmentSettings;

/// Rows read before they go through the model.
const ROWS: usize = 1024;

/// The vectors of all rows, each 1 long.
pub(super) struct Meaning {
    pub(super) space: Space,
    pub(super) model: String,
    width: usize,
    numbers: Vec<f32>,
}

impl Meaning {
    /// Makes a vector of every row. Steps: `load`, `embed` (rows).
    ///
    /// # Errors
    /// Those of finding and reading the model, and of reading the source.
    pub(super) fn of(
        app: &App,
        job: &Job,
        from: &From,
        settings: &SegmentSettings,
        rows: u64,
    ) -> Result<Self> {
        let usual = EmbedSettings { normalize: true, ..EmbedSettings::default() };
        let model = settings.model.clone().unwrap_or_else(|| usual.model.clone());
        let settings_of = EmbedSettings { model: model.clone(), ..usual };
        job.step("load", None);
        let ready = Ready::open(app, &settings_of)?;
        job.step("embed", Some(rows));
        let columns = from.columns_for(&settings.text_cols, None)?;
        let mut numbers = Vec::new();
        from.each_text(&columns, ROWS, job, |some| {
            let texts = some.iter().map(|row| row.text.as_str());
            let made = ready.vectors(texts, TextRole::Document, &|| job.check().is_ok())?;
            numbers.extend(made.numbers);
            job.at((numbers.len() / ready.width()) as u64);
            Ok(())
        })?;
        Ok(Self { space: ready.space(), model, width: ready.width(), numbers })
    }

    pub(super) fn vectors(&self) -> Vectors<'_> {
        Vectors { numbers: &self.numbers, width: self.width }
    }
}
