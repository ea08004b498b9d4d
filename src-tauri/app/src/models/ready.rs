//! A sentence model that is found, read and told how to run.

use std::sync::Arc;

use mirante_neural::Target;
use mirante_neural::embed::{Embedder, How, Vectors};

use super::Located;
use crate::app::App;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::inferring;
use crate::ops::embed::{EmbedSettings, RanOn, Space, TextRole};

/// Where the settings want it to work.
fn target(settings: &EmbedSettings) -> Result<Target> {
    inferring::target(&settings.device, &settings.precision, settings.batch)
}

/// A sentence model, ready to make vectors.
pub(crate) struct Ready {
    located: Located,
    embedder: Arc<Embedder>,
    settings: EmbedSettings,
}

impl Ready {
    /// Finds the model that the settings name, without reading it: to hear of a wrong name before a
    /// large table is read.
    ///
    /// # Errors
    /// [`Error::BadOption`], [`Error::Unknown`].
    pub(crate) fn find(app: &App, settings: &EmbedSettings) -> Result<Located> {
        target(settings)?;
        app.locate(&settings.model)
    }

    /// Finds and reads the model that the settings name.
    ///
    /// # Errors
    /// Those of [`Self::find`], [`Error::Model`].
    pub(crate) fn open(app: &App, settings: &EmbedSettings) -> Result<Self> {
        let located = Self::find(app, settings)?;
        let embedder = app.engine(&located, target(settings)?)?;
        Ok(Self { located, embedder, settings: settings.clone() })
    }

    /// Vectors of texts, after what the model wants before one of that role.
    ///
    /// # Errors
    /// [`Error::Cancelled`] once `go_on` says no, [`Error::Model`].
    pub(crate) fn vectors<'a>(
        &self,
        texts: impl Iterator<Item = &'a str>,
        role: TextRole,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vectors> {
        let prompt = self.located.prompt(&self.embedder, role);
        let texts = texts.map(|text| format!("{prompt}{text}")).collect();
        let EmbedSettings { normalize, batch, .. } = self.settings;
        Ok(self.embedder.embed(texts, &How { normalize, batch: batch as usize, go_on })?)
    }

    /// Vectors of a few texts, together with those that others want of the model at the time.
    ///
    /// # Errors
    /// As [`Self::vectors`].
    pub(crate) fn few_vectors<'a>(
        &self,
        app: &App,
        texts: impl Iterator<Item = &'a str>,
        role: TextRole,
    ) -> Result<(Vec<Vec<f32>>, usize)> {
        let prompt = self.located.prompt(&self.embedder, role);
        let texts: Vec<String> = texts.map(|text| format!("{prompt}{text}")).collect();
        let EmbedSettings { normalize, batch, .. } = self.settings;
        let what = format!("embed {normalize} {} {}", self.ran_on(), self.located.folder.display());
        let queue = app.queues.of::<String, (Vec<f32>, bool)>(&what);
        let embedder = Arc::clone(&self.embedder);
        let work = move |texts| {
            let how = How { normalize, batch: batch as usize, go_on: &|| true };
            let made = embedder.embed(texts, &how)?;
            let vectors = made.numbers.chunks_exact(embedder.width()).map(<[f32]>::to_vec);
            Ok(vectors.zip(made.is_cut).collect())
        };
        let found = queue.ask(texts, Arc::new(work))?;
        let cut = found.iter().filter(|(_, is_cut)| *is_cut).count();
        Ok((found.into_iter().map(|(vector, _)| vector).collect(), cut))
    }

    /// Numbers of a vector.
    pub(crate) fn width(&self) -> usize {
        self.embedder.width()
    }

    /// Where its vectors can be compared.
    pub(crate) fn space(&self) -> Space {
        Space {
            model: self.located.name.clone(),
            revision: self.located.revision.clone(),
            pooling: self.embedder.pooling(),
            dimension: self.width() as u32,
        }
    }

    /// What it runs on.
    pub(crate) fn ran_on(&self) -> RanOn {
        inferring::ran_on(self.embedder.runs_on())
    }
}
