//! What a training needs, before it starts.

use std::path::Path;
use std::time::Instant;

use mirante_neural::Folder;
use mirante_neural::cpu::product::{Matrix, Onto, product};
use mirante_neural::train::{Cut, Lora, Needs, Optimiser, Plan, Reader, Schedule, Sequence, needs};

use super::{examples, place};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::memory;
use crate::models::Located;
use crate::ops::train::{LoraSettings, RateSchedule, TrainLoraRequest, TrainingEstimate};
use mirante_data::progress::Progress;

/// A training that could begin.
pub(super) struct Prepared {
    pub(super) located: Located,
    pub(super) folder: Folder,
    pub(super) taught: Vec<Sequence>,
    pub(super) held: Vec<Sequence>,
    pub(super) lora: Lora,
    pub(super) plan: Plan,
    cut: u64,
    dropped: u64,
}

/// How the settings are understood.
fn lora(settings: &LoraSettings) -> Lora {
    Lora {
        rank: settings.r as usize,
        alpha: settings.alpha,
        dropout: settings.dropout as f32,
        targets: settings.targets.clone(),
    }
}

fn check(request: &TrainLoraRequest) -> Result<()> {
    let settings = &request.settings;
    let bad = |option: &'static str, value: String, allowed: &str| {
        Err(Error::BadOption { option, value, allowed: allowed.to_owned() })
    };
    let whole = [
        ("r", settings.r),
        ("epochs", settings.epochs),
        ("batch_size", settings.batch_size),
        ("gradient_accumulation", settings.gradient_accumulation),
    ];
    if let Some((option, value)) = whole.into_iter().find(|(_, value)| *value == 0) {
        return bad(option, value.to_string(), "≥ 1");
    }
    if settings.max_length < 8 {
        return bad("max_length", settings.max_length.to_string(), "≥ 8");
    }
    let shares = [
        ("validation_split", request.validation_split),
        ("dropout", settings.dropout),
        ("warmup_ratio", settings.warmup_ratio),
    ];
    if let Some((option, value)) = shares.into_iter().find(|(_, value)| !(0.0..1.0).contains(value))
    {
        return bad(option, value.to_string(), "0 – 0.99");
    }
    let positive = [
        ("learning_rate", settings.learning_rate),
        ("alpha", settings.alpha),
        ("weight_decay", settings.weight_decay),
        ("max_grad_norm", settings.max_grad_norm),
    ];
    let wrong = |value: f64| !value.is_finite() || value < 0.0;
    if let Some((option, value)) = positive.into_iter().find(|(_, value)| wrong(*value)) {
        return bad(option, value.to_string(), "≥ 0");
    }
    Ok(())
}

/// Reads what a training is to learn. Step: `prepare`.
pub(super) fn prepare(app: &App, job: &Job, request: &TrainLoraRequest) -> Result<Prepared> {
    check(request)?;
    let settings = &request.settings;
    let located = app.locate(&request.base_model)?;
    let folder = Folder::open(&located.folder)?;
    let reader = Reader::open(&folder)?;
    let path = Path::new(&request.train_file);
    let found = examples::read(path, job)?;
    job.step("prepare", Some(found.len() as u64));
    let (mut sequences, mut cut, mut dropped) = (Vec::new(), 0, 0);
    for (at, example) in found.iter().enumerate() {
        job.at(at as u64);
        job.checkpoint()?;
        let most = settings.max_length as usize;
        let read =
            example.as_ref().map(|one| reader.read(one, most, settings.on_all)).transpose()?;
        match read.flatten() {
            Some((sequence, was)) => {
                cut += u64::from(was == Cut::End);
                sequences.push(sequence);
            }
            None => dropped += 1,
        }
    }
    let count = (sequences.len() as f64 * request.validation_split).round() as usize;
    if sequences.len() <= count || sequences.is_empty() {
        return Err(Error::NoExamples { path: path.to_owned() });
    }
    let mut is_held = vec![false; sequences.len()];
    for at in mirante_neural::train::drawn(sequences.len(), count, settings.seed) {
        is_held[at] = true;
    }
    let (mut taught, mut held) = (Vec::new(), Vec::new());
    for (sequence, is_held) in sequences.into_iter().zip(is_held) {
        if is_held { held.push(sequence) } else { taught.push(sequence) }
    }
    Ok(Prepared {
        located,
        folder,
        plan: plan(settings, taught.len()),
        taught,
        held,
        lora: lora(settings),
        cut,
        dropped,
    })
}

fn plan(settings: &LoraSettings, examples: usize) -> Plan {
    let plan = Plan {
        epochs: settings.epochs as usize,
        batch: settings.batch_size as usize,
        accumulation: settings.gradient_accumulation as usize,
        most: settings.max_steps as usize,
        optimiser: Optimiser {
            rate: settings.learning_rate,
            schedule: match settings.schedule {
                RateSchedule::Linear => Schedule::Linear,
                RateSchedule::Cosine => Schedule::Cosine,
                RateSchedule::Constant => Schedule::Constant,
            },
            warm: 0,
            decay: settings.weight_decay,
            clip: settings.max_grad_norm,
        },
        seed: settings.seed,
        evaluate: settings.eval_steps as usize,
        patience: settings.early_stopping_patience,
        checkpoint: settings.save_steps as usize,
    };
    let warm = (plan.steps(examples) as f64 * settings.warmup_ratio).ceil() as usize;
    Plan { optimiser: Optimiser { warm, ..plan.optimiser }, ..plan }
}

impl Prepared {
    fn needs(&self, settings: &LoraSettings, plan: &Plan) -> Result<Needs> {
        let size = |some: &[usize]| {
            let most = settings.max_length as usize;
            let of = |one: &usize| self.taught[*one].ids.len().min(most);
            let learned = |one: &usize| self.taught[*one].learned().min(most);
            (some.iter().map(of).sum::<usize>(), some.iter().map(learned).sum::<usize>())
        };
        let largest = plan.largest(self.taught.len(), size).unwrap_or_default();
        let thrifty = settings.gradient_checkpointing;
        Ok(needs(&self.folder, &lora(settings), thrifty, largest)?)
    }

    /// What it needs where `out` is the folder to write.
    pub(super) fn estimate(
        &self,
        app: &App,
        settings: &LoraSettings,
        out: &Path,
    ) -> Result<TrainingEstimate> {
        let needs = self.needs(settings, &self.plan)?;
        let tokens: usize = self.taught.iter().map(|one| one.ids.len()).sum();
        let steps = self.plan.steps(self.taught.len());
        let share = steps as f64 / self.plan.steps_of_an_epoch(self.taught.len()).max(1) as f64;
        let operations = 2.0 * needs.operations as f64 * tokens as f64 * share;
        let disk = needs.parameters * 4 * 5 + (1 << 20);
        let limit = memory::limit(app)?;
        let there = out.ancestors().find(|path| path.is_dir());
        let disk_free = there.and_then(|path| fs4::available_space(path).ok());
        let fits_memory = |memory: u64| limit.is_none_or(|limit| memory <= limit);
        let fits = fits_memory(needs.memory) && disk_free.is_none_or(|free| disk <= free);
        let would =
            if fits_memory(needs.memory) { None } else { self.nearest(settings, &fits_memory)? };
        Ok(TrainingEstimate {
            memory: needs.memory,
            memory_limit: limit,
            disk,
            disk_free,
            seconds: operations / speed(),
            steps: steps as u64,
            taught: self.taught.len() as u64,
            held: self.held.len() as u64,
            cut: self.cut,
            dropped: self.dropped,
            tokens: tokens as u64,
            parameters: needs.parameters,
            fits,
            would_take: would.as_ref().map(|(_, memory)| *memory),
            would_fit: would.map(|(settings, _)| settings),
        })
    }

    /// The settings nearest to these with which it would fit: keeping less first, then fewer examples at
    /// once, each step seeing as many, then shorter ones.
    fn nearest(
        &self,
        settings: &LoraSettings,
        fits: &dyn Fn(u64) -> bool,
    ) -> Result<Option<(LoraSettings, u64)>> {
        let mut tried = LoraSettings { gradient_checkpointing: true, ..settings.clone() };
        loop {
            let memory = self.needs(&tried, &plan(&tried, self.taught.len()))?.memory;
            if fits(memory) {
                return Ok(Some((tried, memory)));
            }
            if tried.batch_size > 1 {
                let all = tried.batch_size * tried.gradient_accumulation;
                tried.batch_size /= 2;
                tried.gradient_accumulation = all.div_ceil(tried.batch_size);
            } else if tried.max_length > 128 {
                tried.max_length /= 2;
            } else {
                return Ok(None);
            }
        }
    }
}

pub(crate) fn estimate(
    app: &App,
    job: &Job,
    request: &TrainLoraRequest,
) -> Result<TrainingEstimate> {
    let prepared = prepare(app, job, request)?;
    let out = match &request.output_dir {
        Some(out) => Path::new(out).to_owned(),
        None => place::own(app, &prepared.located.name)?,
    };
    prepared.estimate(app, &request.settings, &out)
}

/// Products and sums a second that this processor does in products as a training has them.
fn speed() -> f64 {
    const ROWS: usize = 256;
    const WIDTH: usize = 512;
    let (left, right) = (vec![0.5_f32; ROWS * WIDTH], vec![0.5_f32; WIDTH * WIDTH]);
    let mut out = vec![0.0; ROWS * WIDTH];
    let (began, mut times) = (Instant::now(), 0);
    while times < 3 || began.elapsed().as_millis() < 30 {
        product(Matrix::of(&left, WIDTH), Matrix::of(&right, WIDTH), Onto::rows(&mut out, WIDTH));
        times += 1;
    }
    // What is between products takes about a third of their time.
    0.75 * (2 * times * ROWS * WIDTH * WIDTH) as f64 / began.elapsed().as_secs_f64()
}
