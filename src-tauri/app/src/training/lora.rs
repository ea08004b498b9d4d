//! The training of a model that writes, from its request to the adapter.

use std::path::Path;

use mirante_neural::train::{Learner, Writing};
use serde_json::json;

use super::card::{self, Card};
use super::course::keeping;
use super::estimate::{Prepared, prepare};
use super::place::{ADAPTER, Asked, Environment, Place};
use super::run::{absolute, hash_of, in_place, refuse, result, teach};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::models::BASE;
use crate::ops::train::{TrainLoraRequest, TrainingAsked, TrainingResult};
use crate::store::now;
use mirante_data::progress::Progress;

/// Teaches a model. Steps: `prepare`, `load`, `train` (steps), `write`.
pub(crate) fn train_lora(
    app: &App,
    job: &Job,
    request: TrainLoraRequest,
) -> Result<TrainingResult> {
    let (out, resume) = (request.output_dir.clone(), request.resume);
    let base = request.base_model.clone();
    in_place(app, out.as_deref(), (&base, resume), |place| lora(app, job, place, request))
}

fn lora(
    app: &App,
    job: &Job,
    place: &Place,
    mut request: TrainLoraRequest,
) -> Result<TrainingResult> {
    let mut begun_at = now();
    if request.resume {
        // What it was begun with, whatever is said now but of where it goes on.
        let asked = place.asked()?;
        begun_at = asked.begun_at;
        let said = request.settings;
        request = match asked.request {
            TrainingAsked::Lora(asked) => TrainLoraRequest { resume: true, ..*asked },
            TrainingAsked::Encoder(_) => return Err(place.other_kind()),
        };
        let begun = &mut request.settings;
        (begun.device, begun.precision) =
            place.resumed_on((&said.device, &said.precision), (&begun.device, &begun.precision))?;
    }
    request.output_dir = Some(place.folder.display().to_string());
    // Read from where it was begun, whichever folder it is resumed from.
    absolute(&mut request.train_file);
    let prepared = prepare(app, job, &request)?;
    let estimate = prepared.estimate(app, &request.settings, &place.folder)?;
    refuse(&estimate, &place.folder)?;
    let asked = Asked {
        begun_at,
        steps: estimate.steps,
        request: TrainingAsked::Lora(Box::new(TrainLoraRequest {
            resume: false,
            ..request.clone()
        })),
    };
    let fingerprint = prepared.folder.fingerprint()?;
    let hash = hash_of(&[Path::new(&request.train_file)])?;
    let data = (request.train_file.as_str(), hash);
    let environment = Environment::of(&prepared.located, &fingerprint, data, prepared.target);
    place.open(&asked, &environment, request.resume)?;
    job.step("load", None);
    // Other models make room.
    app.unload();
    let Prepared { located, folder, taught, held, lora, plan, target, .. } = prepared;
    let settings = &request.settings;
    let keeping = keeping(settings.gradient_checkpointing, settings.optimizer);
    let learner = Learner::open(&folder, lora, keeping, settings.seed, target)?;
    let runs_on = learner.runs_on();
    let mut writing = Writing::new(learner, taught, held);
    let ran = teach(job, place, &mut writing, &plan, request.resume)?;
    job.step("write", None);
    let adapter = place.folder.join(ADAPTER);
    let base = located.revision.as_ref().map_or_else(
        || located.folder.canonicalize().unwrap_or(located.folder.clone()).display().to_string(),
        |_| located.name.clone(),
    );
    writing.save(&adapter, &base)?;
    let named = json!({ "base_model": located.name, "base_fingerprint": fingerprint });
    std::fs::write(adapter.join(BASE), format!("{named:#}\n"))
        .map_err(|error| Error::writing(&adapter, error))?;
    let result = TrainingResult {
        adapter: Some(adapter.display().to_string()),
        ..result(place, &located, (ran, runs_on), estimate)
    };
    let settings = serde_json::to_value(&request.settings)?;
    let data = card::name_of(&request.train_file);
    let licence = located.licence();
    let library = "peft";
    card::write(
        &adapter,
        &Card { library, tags: &["lora"], data, licence, settings, result: &result },
    )?;
    place.end(&result)?;
    place.clear();
    Ok(result)
}
