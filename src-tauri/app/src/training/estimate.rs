//! What a training needs, before it starts.

use std::path::Path;
use std::time::Instant;

use mirante_neural::Folder;
use mirante_neural::cpu::product::{Matrix, Onto, product};
use mirante_neural::train::{Cut, Lora, Needs, Plan, Reader, Sequence, needs};

use super::course::{Course, apart, check_change, check_share};
use super::{examples, place};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::memory;
use crate::models::Located;
use crate::ops::train::{
    LoraSettings, Quant, TrainLoraRequest, TrainingEstimate, TrainingSettings,
};
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
        nf4: settings.quant == Quant::Nf4,
    }
}

fn check(request: &TrainLoraRequest) -> Result<()> {
    let settings = &request.settings;
    check_share("validation_split", request.validation_split)?;
    check_change(settings.r, settings.alpha, settings.dropout)?;
    course(settings).check(settings.max_length)
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
    let held = apart(&mut sequences, count, settings.seed);
    let taught = sequences;
    Ok(Prepared {
        located,
        folder,
        plan: course(settings).plan(taught.len()),
        taught,
        held,
        lora: lora(settings),
        cut,
        dropped,
    })
}

fn course(settings: &LoraSettings) -> Course {
    Course {
        epochs: settings.epochs,
        batch_size: settings.batch_size,
        gradient_accumulation: settings.gradient_accumulation,
        max_steps: settings.max_steps,
        learning_rate: settings.learning_rate,
        schedule: settings.schedule,
        warmup_ratio: settings.warmup_ratio,
        weight_decay: settings.weight_decay,
        max_grad_norm: settings.max_grad_norm,
        seed: settings.seed,
        eval_steps: settings.eval_steps,
        early_stopping_patience: settings.early_stopping_patience,
        save_steps: settings.save_steps,
    }
}

/// What there is to learn.
pub(super) struct Counts {
    pub(super) taught: usize,
    pub(super) held: usize,
    /// Examples whose end is cut off.
    pub(super) cut: u64,
    /// Examples left out.
    pub(super) dropped: u64,
    /// Tokens of all that is learned, once.
    pub(super) tokens: usize,
}

/// What finds the nearest settings with which a training would fit, and the memory that it would take then.
pub(super) type Nearest<'a> =
    dyn Fn(&dyn Fn(u64) -> bool) -> Result<Option<(TrainingSettings, u64)>> + 'a;

/// What is told of what a training needs, where `out` is the folder to write.
pub(super) fn told(
    app: &App,
    out: &Path,
    needs: Needs,
    plan: &Plan,
    counts: &Counts,
    nearest: &Nearest,
) -> Result<TrainingEstimate> {
    let steps = plan.steps(counts.taught);
    let share = steps as f64 / plan.steps_of_an_epoch(counts.taught).max(1) as f64;
    let operations = 2.0 * needs.operations as f64 * counts.tokens as f64 * share;
    // A checkpoint lies beside the one before it until it is whole: values with both of their means, twice;
    // and the best values.
    let disk = 4 * needs.parameters * 7 + needs.written + (1 << 20);
    let limit = memory::limit(app)?;
    let there = out.ancestors().find(|path| path.is_dir());
    let disk_free = there.and_then(|path| fs4::available_space(path).ok());
    let fits_memory = |memory: u64| limit.is_none_or(|limit| memory <= limit);
    let fits = fits_memory(needs.memory) && disk_free.is_none_or(|free| disk <= free);
    let would = if fits_memory(needs.memory) { None } else { nearest(&fits_memory)? };
    Ok(TrainingEstimate {
        memory: needs.memory,
        memory_limit: limit,
        disk,
        disk_free,
        seconds: operations / speed(),
        steps: steps as u64,
        taught: counts.taught as u64,
        held: counts.held as u64,
        cut: counts.cut,
        dropped: counts.dropped,
        tokens: counts.tokens as u64,
        parameters: needs.parameters,
        fits,
        would_take: would.as_ref().map(|(_, memory)| *memory),
        would_fit: would.map(|(settings, _)| settings),
    })
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
        let counts = Counts {
            taught: self.taught.len(),
            held: self.held.len(),
            cut: self.cut,
            dropped: self.dropped,
            tokens: self.taught.iter().map(|one| one.ids.len()).sum(),
        };
        let nearest = |fits: &dyn Fn(u64) -> bool| self.nearest(settings, fits);
        let needs = self.needs(settings, &self.plan)?;
        told(app, out, needs, &self.plan, &counts, &nearest)
    }

    /// The settings nearest to these with which it would fit: keeping less first, then fewer examples at
    /// once, each step seeing as many, then four bits, then shorter examples.
    fn nearest(
        &self,
        settings: &LoraSettings,
        fits: &dyn Fn(u64) -> bool,
    ) -> Result<Option<(TrainingSettings, u64)>> {
        let mut tried = LoraSettings { gradient_checkpointing: true, ..settings.clone() };
        loop {
            let memory = self.needs(&tried, &course(&tried).plan(self.taught.len()))?.memory;
            if fits(memory) {
                return Ok(Some((TrainingSettings::Lora(tried), memory)));
            }
            if tried.batch_size > 1 {
                let all = tried.batch_size * tried.gradient_accumulation;
                tried.batch_size /= 2;
                tried.gradient_accumulation = all.div_ceil(tried.batch_size);
            } else if tried.quant == Quant::None {
                tried.quant = Quant::Nf4;
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
