//! What a training needs, before it starts.

use std::path::Path;

use mirante_neural::train::{Cut, Lora, Needs, Plan, Reader, Sequence, Size, needs};
use mirante_neural::{Folder, Target};

use super::course::{Course, apart, check_change, check_share, keeping};
use super::device::{self, Room};
use super::{examples, place};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
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
    pub(super) target: Target,
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
    let target = device::target(&settings.device, &settings.precision)?;
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
        target,
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

/// What finds the nearest settings with which a training would fit, and what it would need then.
pub(super) type Nearest<'a> = dyn Fn(&Room) -> Result<Option<(TrainingSettings, Needs)>> + 'a;

/// What is told of what a training needs, where `out` is the folder to write.
pub(super) fn told(
    app: &App,
    out: &Path,
    (needs, target): (Needs, Target),
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
    let room = Room::of(app, target)?;
    let there = out.ancestors().find(|path| path.is_dir());
    let disk_free = there.and_then(|path| fs4::available_space(path).ok());
    let fits = room.fits(&needs) && disk_free.is_none_or(|free| disk <= free);
    let would = if room.fits(&needs) { None } else { nearest(&room)? };
    let is_card = needs.card > 0;
    Ok(TrainingEstimate {
        device: target.device.to_string(),
        memory: needs.memory,
        memory_limit: room.memory,
        card_memory: is_card.then_some(needs.card),
        card_limit: room.card,
        disk,
        disk_free,
        seconds: operations / room.speed()?,
        steps: steps as u64,
        taught: counts.taught as u64,
        held: counts.held as u64,
        cut: counts.cut,
        dropped: counts.dropped,
        tokens: counts.tokens as u64,
        parameters: needs.parameters,
        fits,
        // Of the memory that is too small, the card's first.
        would_take: would
            .as_ref()
            .map(|(_, found)| if room.card_holds(&needs) { found.memory } else { found.card }),
        would_fit: would.map(|(settings, _)| settings),
    })
}

impl Prepared {
    fn needs(&self, settings: &LoraSettings, plan: &Plan) -> Result<Needs> {
        let most = settings.max_length as usize;
        let read = |one: &usize| self.taught[*one].ids.len().min(most);
        let size = |some: &[usize]| Size {
            tokens: some.iter().map(read).sum(),
            learned: some.iter().map(|one| self.taught[*one].learned().min(most)).sum(),
            longest: 0,
        };
        let largest = plan.largest(self.taught.len(), size).unwrap_or_default();
        let all = self.taught.iter().chain(&self.held);
        let longest = all.map(|one| one.ids.len().min(most)).max().unwrap_or_default();
        let keeping = keeping(settings.gradient_checkpointing, settings.optimizer);
        let size = Size { longest, tokens: largest.tokens.max(longest), ..largest };
        Ok(needs(&self.folder, &lora(settings), keeping, size, self.target)?)
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
        let nearest = |room: &Room| self.nearest(settings, room);
        let needs = self.needs(settings, &self.plan)?;
        told(app, out, (needs, self.target), &self.plan, &counts, &nearest)
    }

    /// The settings nearest to these with which it would fit: keeping less first, then fewer examples at
    /// once, each step seeing as many, then four bits, then shorter examples.
    fn nearest(
        &self,
        settings: &LoraSettings,
        room: &Room,
    ) -> Result<Option<(TrainingSettings, Needs)>> {
        let mut tried = LoraSettings { gradient_checkpointing: true, ..settings.clone() };
        loop {
            let needs = self.needs(&tried, &course(&tried).plan(self.taught.len()))?;
            if room.fits(&needs) {
                return Ok(Some((TrainingSettings::Lora(tried), needs)));
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
