//! The training of a model that writes, from its request to the adapter.

use std::collections::BTreeMap;
use std::path::Path;

use mirante_data::progress::Progress;
use mirante_neural::train::{
    BEST, CHECKPOINT, End, Event, Learner, Outcome, Score, Wish, Writing, train,
};
use serde_json::json;

use super::estimate::{Prepared, prepare};
use super::place::{ADAPTER, Asked, ENVIRONMENT, Environment, Metric, Place, hex, own};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::memory;
use crate::models::BASE;
use crate::ops::train::{
    TrainLoraRequest, TrainingEstimate, TrainingEvaluation, TrainingResult, TrainingStep,
};
use crate::store::now;

/// Teaches a model. Steps: `prepare`, `load`, `train` (steps), `write`.
pub(crate) fn train_lora(
    app: &App,
    job: &Job,
    request: TrainLoraRequest,
) -> Result<TrainingResult> {
    let out = match &request.output_dir {
        Some(out) => Path::new(out).to_owned(),
        None if request.resume => Path::new(&super::training(app, None)?.output_dir).to_owned(),
        None => own(app, &app.locate(&request.base_model)?.name)?,
    };
    let place = Place::take(app, &out, request.resume)?;
    let done = in_place(app, job, &place, request);
    if done.is_err() {
        place.leave();
    }
    done
}

fn in_place(
    app: &App,
    job: &Job,
    place: &Place,
    mut request: TrainLoraRequest,
) -> Result<TrainingResult> {
    let mut begun_at = now();
    if request.resume {
        // What it was begun with, whatever is said now.
        let asked = place.asked()?;
        begun_at = asked.begun_at;
        request = TrainLoraRequest { resume: true, ..asked.request };
    }
    request.output_dir = Some(place.folder.display().to_string());
    // Read from where it was begun, whichever folder it is resumed from.
    if let Ok(path) = Path::new(&request.train_file).canonicalize() {
        request.train_file = path.display().to_string();
    }
    let prepared = prepare(app, job, &request)?;
    let estimate = prepared.estimate(app, &request.settings, &place.folder)?;
    refuse(&estimate, &place.folder)?;
    let asked = Asked {
        begun_at,
        steps: estimate.steps,
        request: TrainLoraRequest { resume: false, ..request.clone() },
    };
    let fingerprint = prepared.folder.fingerprint()?;
    let environment = Environment {
        mirante: env!("CARGO_PKG_VERSION").to_owned(),
        device: "cpu".to_owned(),
        threads: rayon::current_num_threads(),
        base_model: prepared.located.name.clone(),
        base_revision: prepared.located.revision.clone(),
        base_fingerprint: fingerprint.clone(),
        train_file: request.train_file.clone(),
        train_file_sha256: hash_of(Path::new(&request.train_file))?,
    };
    // A training that was killed before it said what it was done on has taken no step either.
    if request.resume && place.folder.join(CHECKPOINT).exists() {
        place.make_sure_of(&environment)?;
    }
    place.begin(&asked)?;
    place.write(ENVIRONMENT, &environment)?;
    job.step("load", None);
    // Other models make room.
    app.unload();
    let Prepared { located, folder, taught, held, lora, plan, .. } = prepared;
    let thrifty = request.settings.gradient_checkpointing;
    let learner = Learner::open(&folder, lora, thrifty, request.settings.seed)?;
    let mut writing = Writing::new(learner, taught, held);
    let mut watch = Watch { job, place, metrics: None, failed: None, tokens: 0, seconds: 0.0 };
    let outcome =
        train(&mut writing, &plan, &place.folder, request.resume, &mut |event| watch.hear(event));
    let (failed, tokens, seconds) = (watch.failed.take(), watch.tokens, watch.seconds);
    if let Some(error) = failed {
        return Err(error);
    }
    let outcome = outcome?;
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
        output_dir: place.folder.display().to_string(),
        adapter: adapter.display().to_string(),
        base_model: located.name.clone(),
        steps: outcome.steps as u64,
        end: end(outcome.end).to_owned(),
        figures: figures(outcome.score.as_ref()),
        seconds: outcome.seconds,
        tokens_per_second: if seconds > 0.0 { tokens as f64 / seconds } else { 0.0 },
        peak_memory: memory::peak(),
        estimate,
    };
    card(&adapter, &request, &result, &outcome)?;
    place.end(&result)?;
    for name in [CHECKPOINT, BEST] {
        let _ = std::fs::remove_file(place.folder.join(name));
    }
    Ok(result)
}

fn refuse(estimate: &TrainingEstimate, folder: &Path) -> Result<()> {
    if estimate.fits {
        return Ok(());
    }
    if let (Some(limit), true) =
        (estimate.memory_limit, estimate.memory_limit.is_some_and(|limit| estimate.memory > limit))
    {
        return Err(Error::TrainingTooLarge {
            needs: estimate.memory,
            limit,
            fitting: estimate.would_fit.clone().map(Box::new),
            takes: estimate.would_take,
        });
    }
    let free = estimate.disk_free.unwrap_or_default();
    Err(Error::NoRoom { path: folder.to_owned(), needs: estimate.disk, free })
}

/// Writes down what is heard of a training, and answers what is wished of it.
struct Watch<'a> {
    job: &'a Job,
    place: &'a Place,
    metrics: Option<std::fs::File>,
    failed: Option<Error>,
    tokens: usize,
    seconds: f64,
}

impl Watch<'_> {
    fn hear(&mut self, event: Event) -> Wish {
        if let Err(error) = self.note(event) {
            self.failed.get_or_insert(error);
            return Wish::Stop;
        }
        // A paused job waits in here.
        if let Err(error) = self.job.check() {
            self.failed.get_or_insert(error.into());
            return Wish::Stop;
        }
        match self.place.wish() {
            Wish::Stop => {
                self.failed.get_or_insert(Error::Cancelled);
                Wish::Stop
            }
            wish => wish,
        }
    }

    fn note(&mut self, event: Event) -> Result<()> {
        let metric = match event {
            Event::Began { step, steps } => {
                self.job.step("train", Some(steps as u64));
                self.job.at(step as u64);
                self.metrics = Some(self.place.metrics(step as u64)?);
                return Ok(());
            }
            Event::Working | Event::Saved { .. } => return Ok(()),
            Event::Step(step) => {
                self.job.at(step.step as u64);
                self.tokens += step.tokens;
                self.seconds += step.seconds;
                Metric::Step(TrainingStep {
                    step: step.step as u64,
                    epoch: step.epoch,
                    loss: step.loss,
                    learning_rate: step.learning_rate,
                    gradient_norm: step.gradient_norm,
                    tokens_per_second: step.tokens as f64 / step.seconds.max(1e-9),
                    seconds: step.seconds,
                    memory: memory::resident(),
                })
            }
            Event::Evaluated { step, score, is_best } => Metric::Evaluation(TrainingEvaluation {
                step: step as u64,
                figures: figures(Some(score)),
                is_best,
            }),
        };
        match &mut self.metrics {
            Some(file) => self.place.add(file, &metric),
            None => Ok(()),
        }
    }
}

fn figures(score: Option<&Score>) -> BTreeMap<String, f64> {
    score.map(|score| score.figures.iter().cloned().collect()).unwrap_or_default()
}

fn end(end: End) -> &'static str {
    match end {
        End::Whole => "whole",
        End::Early => "early",
        End::Kept => "kept",
    }
}

fn hash_of(path: &Path) -> Result<String> {
    use sha2::{Digest, Sha256};
    let mut file = std::fs::File::open(path).map_err(|error| Error::reading(path, error))?;
    let mut hash = Sha256::new();
    let mut part = vec![0; 1 << 16];
    loop {
        let read = std::io::Read::read(&mut file, &mut part);
        match read.map_err(|error| Error::reading(path, error))? {
            0 => return Ok(hex(&hash.finalize())),
            count => hash.update(&part[..count]),
        }
    }
}

/// What people read of the adapter, as the hub shows it.
fn card(
    adapter: &Path,
    request: &TrainLoraRequest,
    result: &TrainingResult,
    outcome: &Outcome,
) -> Result<()> {
    let settings = serde_json::to_string_pretty(&request.settings)?;
    let figures: String =
        result.figures.iter().map(|(name, value)| format!("- {name}: {value:.4}\n")).collect();
    let file = Path::new(&request.train_file).file_name().unwrap_or_default().to_string_lossy();
    let TrainingEstimate { taught, held, .. } = result.estimate;
    let text = format!(
        "---\nbase_model: {base}\nlibrary_name: peft\ntags:\n- lora\n---\n\n# LoRA of {base}\n\n\
         Taught by Mirante {version} on {taught} examples of `{file}`, {held} more held back to measure.\n\n\
         {steps} steps, {seconds:.0} s.\n\n## Figures on what was held back\n\n{figures}\n\
         ## Settings\n\n```json\n{settings}\n```\n",
        base = result.base_model,
        version = env!("CARGO_PKG_VERSION"),
        steps = outcome.steps,
        seconds = outcome.seconds,
    );
    let path = adapter.join("README.md");
    std::fs::write(&path, text).map_err(|error| Error::writing(&path, error))
}
