//! The training of a model that reads, from its request to the model that it becomes.

mod judge;
mod material;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use mirante_data::progress::Progress;
use mirante_neural::encoder::{Config, Kind};
use mirante_neural::train::encoder::{How, Kinds, Learner, Reading, needs};
use mirante_neural::train::{Lora, Needs, Plan};
use mirante_neural::{Folder, Target};

use super::card::{self, Card};
use super::course::{Course, check_change, check_count, keeping};
use super::device::{self, Room};
use super::estimate::{Counts, told};
use super::place::{Asked, Environment, Place, own};
use super::run::{absolute, hash_of, in_place, refuse, result, teach};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::learning::confusion;
use crate::locale::Language;
use crate::models::Located;
use crate::ops::segment::Source;
use crate::ops::train::{
    Optimizer, TrainingAsked, TrainingEstimate, TrainingResult, TrainingSettings,
};
use crate::ops::train_encoder::{EncoderLora, EncoderSettings, EncoderTask, TrainEncoderRequest};
use crate::store::now;
use material::Material;

/// A training that could begin.
struct Prepared {
    located: Located,
    folder: Folder,
    material: Material,
    how: How,
    plan: Plan,
    target: Target,
}

/// Teaches a model. Steps: those of reading a table, `prepare`, `load`, `train` (steps), `write`.
pub(crate) fn train_encoder(
    app: &App,
    job: &Job,
    request: TrainEncoderRequest,
) -> Result<TrainingResult> {
    let (out, resume) = (request.output_dir.clone(), request.resume);
    let base = request.base_model.clone();
    in_place(app, out.as_deref(), (&base, resume), |place| encoder(app, job, place, request))
}

/// What such a training would need.
pub(crate) fn estimate_encoder(
    app: &App,
    job: &Job,
    request: &TrainEncoderRequest,
) -> Result<TrainingEstimate> {
    let prepared = Prepared::read(app, job, request)?;
    let out = match &request.output_dir {
        Some(out) => PathBuf::from(out),
        None => own(app, &prepared.located.name)?,
    };
    prepared.estimate(app, &request.settings, &out)
}

fn encoder(
    app: &App,
    job: &Job,
    place: &Place,
    mut request: TrainEncoderRequest,
) -> Result<TrainingResult> {
    let mut begun_at = now();
    if request.resume {
        // What it was begun with, whatever is said now but of where it goes on.
        let asked = place.asked()?;
        begun_at = asked.begun_at;
        let said = request.settings;
        request = match asked.request {
            TrainingAsked::Encoder(asked) => TrainEncoderRequest { resume: true, ..*asked },
            TrainingAsked::Lora(_) => return Err(place.other_kind()),
        };
        let begun = &mut request.settings;
        (begun.device, begun.precision) =
            place.resumed_on((&said.device, &said.precision), (&begun.device, &begun.precision))?;
    }
    request.output_dir = Some(place.folder.display().to_string());
    files(&mut request.task).into_iter().for_each(absolute);
    let prepared = Prepared::read(app, job, &request)?;
    let estimate = prepared.estimate(app, &request.settings, &place.folder)?;
    refuse(&estimate, &place.folder)?;
    let asked = Asked {
        begun_at,
        steps: estimate.steps,
        request: TrainingAsked::Encoder(Box::new(TrainEncoderRequest {
            resume: false,
            ..request.clone()
        })),
    };
    let fingerprint = prepared.folder.fingerprint()?;
    let paths = files(&mut request.task);
    let hash = match paths.is_empty() {
        // An imported table does not change under its number.
        true => String::new(),
        false => hash_of(&paths.iter().map(|path| Path::new(path.as_str())).collect::<Vec<_>>())?,
    };
    let data = data_of(&request.task);
    let environment =
        Environment::of(&prepared.located, &fingerprint, (&data, hash), prepared.target);
    place.open(&asked, &environment, request.resume)?;
    job.step("load", None);
    // Other models make room.
    app.unload();
    let Prepared { located, folder, material, how, plan, target } = prepared;
    let learner = Learner::open(&folder, how, target)?;
    let runs_on = learner.runs_on();
    let details = Rc::new(RefCell::new(judge::Details::default()));
    let (held, seen) = (material.held, details.clone());
    let some = request.settings.eval_batch_size as usize;
    let judge = move |learner: &mut Learner, go_on: &mut dyn FnMut() -> bool| {
        let found = held.judge(learner, (some, go_on))?;
        Ok(found.map(|(score, details)| {
            *seen.borrow_mut() = details;
            score
        }))
    };
    let mut reading = Reading::new(learner, material.taught, Box::new(judge));
    let ran = teach(job, place, &mut reading, &plan, request.resume)?;
    job.step("write", None);
    reading.learner().save(&folder, &place.folder)?;
    let judge::Details { labels, confusion } = details.take();
    let result = TrainingResult {
        model: Some(place.folder.display().to_string()),
        labels,
        confusion,
        ..result(place, &located, (ran, runs_on), estimate)
    };
    picture(app, place, &result)?;
    let settings = serde_json::to_value(&request.settings)?;
    let (data, licence) = (card::name_of(&data), located.licence());
    let (library, tags) = ("transformers", ["mirante"]);
    card::write(
        &place.folder,
        &Card { library, tags: &tags, data, licence, settings, result: &result },
    )?;
    place.end(&result)?;
    place.clear();
    Ok(result)
}

/// Which classes are taken for which.
fn picture(app: &App, place: &Place, result: &TrainingResult) -> Result<()> {
    if result.confusion.is_empty() {
        return Ok(());
    }
    let language = Language::asked(app, None)?;
    let macro_f1 = result.figures.get("macro_f1").copied().unwrap_or_default();
    let drawn = confusion(language, &result.labels, &result.confusion, macro_f1)?;
    let path = place.folder.join("confusion.svg");
    std::fs::write(&path, drawn).map_err(|error| Error::writing(&path, error))
}

/// The files that a task is learned from and measured on.
fn files(task: &mut EncoderTask) -> Vec<&mut String> {
    match task {
        EncoderTask::Classify { source: Source::File { path, .. }, .. } if path != "-" => {
            vec![path]
        }
        EncoderTask::Classify { .. } => Vec::new(),
        EncoderTask::Tag { train_file, validation_file, .. }
        | EncoderTask::Answer { train_file, validation_file, .. } => {
            std::iter::once(train_file).chain(validation_file).collect()
        }
    }
}

/// What a task is learned from, as people call it.
fn data_of(task: &EncoderTask) -> String {
    match task {
        EncoderTask::Classify { source, .. } => match source {
            Source::File { path, .. } => path.clone(),
            Source::Dataset { dataset } => format!("#{dataset}"),
        },
        EncoderTask::Tag { train_file, .. } | EncoderTask::Answer { train_file, .. } => {
            train_file.clone()
        }
    }
}

/// The maps that are changed where none are named, as in the paper: queries and values.
fn usual_targets(kind: Kind) -> [&'static str; 2] {
    match kind {
        Kind::Bert | Kind::Roberta => ["query", "value"],
        Kind::DistilBert => ["q_lin", "v_lin"],
        Kind::Mpnet => ["q", "v"],
    }
}

fn lora(settings: &EncoderLora, kind: Kind) -> Lora {
    let targets = match settings.targets.is_empty() {
        true => usual_targets(kind).map(str::to_owned).to_vec(),
        false => settings.targets.clone(),
    };
    Lora {
        rank: settings.r as usize,
        alpha: settings.alpha,
        dropout: settings.dropout as f32,
        targets,
        nf4: false,
    }
}

fn course(settings: &EncoderSettings) -> Course {
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

fn check(settings: &EncoderSettings) -> Result<()> {
    if let Some(lora) = &settings.lora {
        check_change(lora.r, lora.alpha, lora.dropout)?;
    }
    check_count("eval_batch_size", settings.eval_batch_size)?;
    course(settings).check(settings.max_length)
}

impl Prepared {
    fn read(app: &App, job: &Job, request: &TrainEncoderRequest) -> Result<Self> {
        let settings = &request.settings;
        check(settings)?;
        let target = device::target(&settings.device, &settings.precision)?;
        let located = app.locate(&request.base_model)?;
        let folder = Folder::open(&located.folder)?;
        let kind = Config::read(&folder)?.kind;
        let material = Material::read(app, job, &request.task, &folder, settings)?;
        let how = How {
            kinds: match &request.task {
                EncoderTask::Classify { .. } => Kinds::Classes,
                EncoderTask::Tag { .. } => Kinds::Tags,
                EncoderTask::Answer { .. } => Kinds::Spans,
            },
            labels: material.labels.clone(),
            weights: material.weights.clone(),
            lora: settings.lora.as_ref().map(|asked| lora(asked, kind)),
            still_words: settings.freeze_embeddings,
            keeping: keeping(settings.gradient_checkpointing, settings.optimizer),
            seed: settings.seed,
        };
        let plan = course(settings).plan(material.taught.len());
        Ok(Self { located, folder, material, how, plan, target })
    }

    /// What it needs with other settings.
    fn needs(&self, settings: &EncoderSettings) -> Result<Needs> {
        let taught = &self.material.taught;
        let most = settings.max_length as usize;
        let read = |one: usize| taught[one].ids.len().min(most);
        let size = |some: &[usize]| -> usize { some.iter().map(|&one| read(one)).sum() };
        let longest = (0..taught.len()).map(read).max().unwrap_or_default();
        let kind = Config::read(&self.folder)?.kind;
        let how = How {
            lora: settings.lora.as_ref().map(|asked| lora(asked, kind)),
            still_words: settings.freeze_embeddings,
            keeping: keeping(settings.gradient_checkpointing, settings.optimizer),
            ..self.how.clone()
        };
        let largest = course(settings).plan(taught.len()).largest(taught.len(), size);
        Ok(needs(&self.folder, &how, (largest.unwrap_or_default(), longest), self.target)?)
    }

    fn estimate(
        &self,
        app: &App,
        settings: &EncoderSettings,
        out: &Path,
    ) -> Result<TrainingEstimate> {
        let material = &self.material;
        let counts = Counts {
            taught: material.taught.len(),
            held: material.held.len(),
            cut: material.cut,
            dropped: material.dropped,
            tokens: material.taught.iter().map(|one| one.ids.len()).sum(),
        };
        let nearest = |room: &Room| self.nearest(settings, room);
        let needs = self.needs(settings)?;
        told(app, out, (needs, self.target), &self.plan, &counts, &nearest)
    }

    /// The settings nearest to these with which it would fit: keeping less first, then fewer examples at
    /// once, each step seeing as many, then words that stay, then means in eight bits, then a small change,
    /// then shorter texts.
    fn nearest(
        &self,
        settings: &EncoderSettings,
        room: &Room,
    ) -> Result<Option<(TrainingSettings, Needs)>> {
        let mut tried = EncoderSettings { gradient_checkpointing: true, ..settings.clone() };
        loop {
            let needs = self.needs(&tried)?;
            if room.fits(&needs) {
                return Ok(Some((TrainingSettings::Encoder(tried), needs)));
            }
            if tried.batch_size > 1 {
                let all = tried.batch_size * tried.gradient_accumulation;
                tried.batch_size /= 2;
                tried.gradient_accumulation = all.div_ceil(tried.batch_size);
            } else if !tried.freeze_embeddings && tried.lora.is_none() {
                tried.freeze_embeddings = true;
            } else if tried.optimizer == Optimizer::AdamW && tried.lora.is_none() {
                tried.optimizer = Optimizer::AdamW8Bit;
            } else if tried.lora.is_none() {
                tried.lora = Some(EncoderLora::default());
            } else if tried.max_length > 64 {
                tried.max_length /= 2;
            } else {
                return Ok(None);
            }
        }
    }
}
