//! Asking models about texts and tables; see [`crate::ops::inference`].

mod answer;
mod ask_qa;
mod classify;
mod eval_qa;
mod generate;
mod summarize;
mod table;
mod tag;

use std::sync::Arc;

use mirante_data::progress::Progress;
use mirante_neural::{Device, Pace, RunsOn, Target};

use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::models::{Engine, Located, base_of};
use crate::ops::embed::RanOn;
use crate::ops::inference::ModelSettings;

pub(crate) use answer::{answer, answer_table};
pub(crate) use ask_qa::ask_qa;
pub(crate) use classify::{classify, classify_table};
pub(crate) use eval_qa::{Sums, choice, eval_qa};
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
        target_of(settings)?;
        let adapter = settings.adapter.as_deref();
        let named = settings.model.clone();
        // An adapter names its model.
        let model = match (named, adapter) {
            (Some(model), _) => model,
            (None, Some(adapter)) => base_of(adapter.as_ref())?,
            (None, None) => usual.to_owned(),
        };
        app.locate(&model)?.with_adapter(adapter)
    }

    /// Finds and reads the model that the settings name, or the task's usual one.
    fn open(app: &App, settings: &ModelSettings, usual: &str) -> Result<Self> {
        let located = Self::find(app, settings, usual)?;
        let engine = app.engine(&located, target_of(settings)?)?;
        Ok(Self { located, engine, batch: settings.batch as usize })
    }

    fn pace<'a>(&self, go_on: &'a (dyn Fn() -> bool + Sync)) -> Pace<'a> {
        Pace { batch: self.batch, go_on }
    }

    /// What those wait for who ask the model the same way.
    fn queue(&self, how: &str) -> String {
        let Located { folder, adapter, .. } = &self.located;
        let adapter = adapter.as_deref().unwrap_or("".as_ref()).display();
        format!("{how} {} {} {adapter}", ran_on(self.engine.runs_on()), folder.display())
    }

    fn model(&self) -> String {
        self.located.name.clone()
    }
}

/// What is answered of where a model ran.
pub(crate) fn ran_on(on: RunsOn) -> RanOn {
    RanOn {
        device: on.device.to_string(),
        precision: on.precision.name().to_owned(),
        instructions: on.isa.name().to_owned(),
    }
}

fn target_of(settings: &ModelSettings) -> Result<Target> {
    target(&settings.device, &settings.precision, settings.batch)
}

/// Where a model is to work, as it is said.
///
/// # Errors
/// [`Error::BadOption`].
pub(crate) fn target(device: &str, precision: &str, batch: u32) -> Result<Target> {
    let bad = |option: &'static str, value: &str, allowed: &str| Error::BadOption {
        option,
        value: value.to_owned(),
        allowed: allowed.to_owned(),
    };
    if batch == 0 {
        return Err(bad("batch", "0", "≥ 1"));
    }
    let precision = match precision {
        "auto" => None,
        said => {
            Some(said.parse().map_err(|()| bad("precision", said, "auto, f32, f16, bf16, int8"))?)
        }
    };
    let device = match device {
        "auto" => {
            let best = Device::best(precision);
            if let Some(reason) = best.reason {
                tracing::debug!(reason, "auto is the processor");
            }
            best.device
        }
        said => said.parse().map_err(|()| bad("device", said, "auto, cpu, cuda:N, metal"))?,
    };
    Ok(Target { device, precision })
}

/// Whether a job is still wanted.
fn wanted(job: &Job) -> impl Fn() -> bool + Sync + '_ {
    || job.check().is_ok()
}
