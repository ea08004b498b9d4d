//! A sentence model that is found, read and told how to run.

use std::sync::Arc;

use mirante_neural::Number;
use mirante_neural::embed::{Embedder, How, Vectors};

use super::Located;
use crate::app::App;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::inferring;
use crate::ops::embed::{EmbedSettings, RanOn, Space, TextRole};

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
        inferring::check(&settings.device, &settings.precision, settings.batch)?;
        app.locate(&settings.model)
    }

    /// Finds and reads the model that the settings name.
    ///
    /// # Errors
    /// Those of [`Self::find`], [`Error::Model`].
    pub(crate) fn open(app: &App, settings: &EmbedSettings) -> Result<Self> {
        let located = Self::find(app, settings)?;
        let embedder = app.engine(&located)?;
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
        inferring::ran_on(Number::F32)
    }
}
