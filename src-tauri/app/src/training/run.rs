//! What all trainings have in common, from the folder that is taken to what is left in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mirante_data::progress::Progress;
use mirante_neural::RunsOn;
use mirante_neural::train::{End, Event, Outcome, Plan, Score, Task, Wish, train};

use super::place::{Metric, Place, hex, own};
use crate::app::App;
use crate::error::{Error, Result};
use crate::inferring::ran_on;
use crate::job::Job;
use crate::memory;
use crate::models::Located;
use crate::ops::train::{TrainingEstimate, TrainingEvaluation, TrainingResult, TrainingStep};

/// Works in the folder of a training of `base`: that which is said, the last one to resume, or a new one.
pub(super) fn in_place<T>(
    app: &App,
    out: Option<&str>,
    (base, resume): (&str, bool),
    work: impl FnOnce(&Place) -> Result<T>,
) -> Result<T> {
    let out = match out {
        Some(out) => PathBuf::from(out),
        None if resume => PathBuf::from(&super::training(app, None)?.output_dir),
        None => own(app, &app.locate(base)?.name)?,
    };
    let place = Place::take(app, &out, resume)?;
    let done = work(&place);
    if done.is_err() {
        place.leave();
    }
    done
}

/// Makes a path one that does not depend on where one stands.
pub(super) fn absolute(path: &mut String) {
    if let Ok(whole) = Path::new(path).canonicalize() {
        *path = whole.display().to_string();
    }
}

/// How a training went.
pub(super) struct Ran {
    outcome: Outcome,
    tokens: usize,
    seconds: f64,
}

/// Takes the steps, writes down how they go, and ends as is wished. Step: `train` (steps).
pub(super) fn teach(
    job: &Job,
    place: &Place,
    task: &mut dyn Task,
    plan: &Plan,
    resume: bool,
) -> Result<Ran> {
    let mut watch = Watch { job, place, metrics: None, failed: None, tokens: 0, seconds: 0.0 };
    let outcome = train(task, plan, &place.folder, resume, &mut |event| watch.hear(event));
    if let Some(error) = watch.failed.take() {
        return Err(error);
    }
    Ok(Ran { outcome: outcome?, tokens: watch.tokens, seconds: watch.seconds })
}

/// What a training came to, but for what it made.
pub(super) fn result(
    place: &Place,
    located: &Located,
    (ran, runs_on): (Ran, RunsOn),
    estimate: TrainingEstimate,
) -> TrainingResult {
    let Ran { outcome, tokens, seconds } = ran;
    TrainingResult {
        output_dir: place.folder.display().to_string(),
        adapter: None,
        model: None,
        base_model: located.name.clone(),
        ran_on: Some(ran_on(runs_on)),
        steps: outcome.steps as u64,
        end: end(outcome.end).to_owned(),
        figures: figures(outcome.score.as_ref()),
        labels: Vec::new(),
        confusion: Vec::new(),
        seconds: outcome.seconds,
        tokens_per_second: if seconds > 0.0 { tokens as f64 / seconds } else { 0.0 },
        peak_memory: memory::peak(),
        estimate,
    }
}

pub(super) fn refuse(estimate: &TrainingEstimate, folder: &Path) -> Result<()> {
    if estimate.fits {
        return Ok(());
    }
    let of_card = estimate.card_memory.zip(estimate.card_limit);
    let of_card = of_card.map(|sizes| (sizes, Some(estimate.device.clone())));
    let of_main = estimate.memory_limit.map(|limit| ((estimate.memory, limit), None));
    for ((needs, limit), card) in of_card.into_iter().chain(of_main) {
        if needs > limit {
            let fitting = estimate.would_fit.clone().map(Box::new);
            let takes = estimate.would_take;
            return Err(Error::TrainingTooLarge { needs, limit, card, fitting, takes });
        }
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

/// The SHA-256 of files, one after the other, in hexadecimal.
pub(super) fn hash_of(paths: &[&Path]) -> Result<String> {
    use sha2::{Digest, Sha256};
    let (mut hash, mut part) = (Sha256::new(), vec![0; 1 << 16]);
    for path in paths {
        let failed = |error| Error::reading(path, error);
        let mut file = std::fs::File::open(path).map_err(failed)?;
        loop {
            match std::io::Read::read(&mut file, &mut part).map_err(failed)? {
                0 => break,
                count => hash.update(&part[..count]),
            }
        }
    }
    Ok(hex(&hash.finalize()))
}
