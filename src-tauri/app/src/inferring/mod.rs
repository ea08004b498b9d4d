//! Asking models about texts and tables; see [`crate::ops::inference`].

mod answer;
mod classify;
mod generate;
mod summarize;
mod table;
mod tag;

use std::sync::Arc;

use mirante_data::progress::Progress;
use mirante_neural::cpu::Isa;
use mirante_neural::{Number, Pace};

use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::models::{Engine, Located};
use crate::ops::embed::RanOn;
use crate::ops::inference::ModelSettings;

pub(crate) use answer::{answer, answer_table};
pub(crate) use classify::{classify, classify_table};
pub(crate) use generate::{generate, generate_table};
pub(crate) use summarize::{summarize, summarize_table};
pub(crate) use tag::{tag, tag_table};

/// A model that is found and read.
struct Asked<E> {
    located: Located,
    engine: Arc<E>,
    batch: usize,
}

impl<E: Engine> Asked<E> {
    /// Finds a model without reading it: to hear of a wrong name before a large table is read.
    fn find(app: &App, settings: &ModelSettings, usual: &str) -> Result<Located> {
        check(&settings.device, &settings.precision, settings.batch)?;
        app.locate(settings.model.as_deref().unwrap_or(usual))
    }

    /// Finds and reads the model that the settings name, or the task's usual one.
    fn open(app: &App, settings: &ModelSettings, usual: &str) -> Result<Self> {
        let located = Self::find(app, settings, usual)?;
        let engine = app.engine(&located)?;
        Ok(Self { located, engine, batch: settings.batch as usize })
    }

    fn pace<'a>(&self, go_on: &'a (dyn Fn() -> bool + Sync)) -> Pace<'a> {
        Pace { batch: self.batch, go_on }
    }

    /// What those wait for who ask the model the same way.
    fn queue(&self, how: &str) -> String {
        format!("{how} {}", self.located.folder.display())
    }

    fn model(&self) -> String {
        self.located.name.clone()
    }
}

/// What is answered of where a model ran.
pub(crate) fn ran_on(number: Number) -> RanOn {
    let precision = match number {
        Number::F16 => "f16",
        Number::Bf16 => "bf16",
        Number::F32 | Number::F64 => "f32",
    };
    RanOn {
        device: "cpu".to_owned(),
        precision: precision.to_owned(),
        instructions: Isa::best().name().to_owned(),
    }
}

/// Whether a model can run as it is asked to.
///
/// # Errors
/// [`Error::BadOption`].
pub(crate) fn check(device: &str, precision: &str, batch: u32) -> Result<()> {
    let one_of = |option: &'static str, value: &str, allowed: &[&str]| {
        if allowed.contains(&value) {
            return Ok(());
        }
        Err(Error::BadOption { option, value: value.to_owned(), allowed: allowed.join(", ") })
    };
    one_of("device", device, &["auto", "cpu"])?;
    one_of("precision", precision, &["auto", "f32"])?;
    if batch == 0 {
        let (value, allowed) = ("0".to_owned(), "≥ 1".to_owned());
        return Err(Error::BadOption { option: "batch", value, allowed });
    }
    Ok(())
}

/// Whether a job is still wanted.
fn wanted(job: &Job) -> impl Fn() -> bool + Sync + '_ {
    || job.check().is_ok()
}
