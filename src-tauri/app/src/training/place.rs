//! A training's folder: what was asked, how it went, what it came to. What stands there is all that is
//! known of a training, so any process can tell how it goes, and end it.

use std::fs::{File, TryLockError};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use mirante_data::export::Beside;
use mirante_neural::Target;
use mirante_neural::train::{BEST, CHECKPOINT, Wish};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::error::{Error, Result};
use crate::models::Located;
use crate::ops::train::{
    Training, TrainingAsked, TrainingEvaluation, TrainingResult, TrainingState, TrainingStep,
};
use crate::store::now;

const REQUEST: &str = "request.json";
/// What it was done with and on.
const ENVIRONMENT: &str = "environment.json";
const METRICS: &str = "metrics.jsonl";
const RESULT: &str = "metrics-final.json";
const WISH: &str = ".wish";
const LOCK: &str = ".lock";
/// What is said where the device is left to the program.
const AUTO: &str = "auto";
/// The adapter's folder within.
pub(super) const ADAPTER: &str = "adapter";

/// A line of `metrics.jsonl`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Metric {
    Step(TrainingStep),
    Evaluation(TrainingEvaluation),
}

impl Metric {
    fn step(&self) -> u64 {
        match self {
            Self::Step(step) => step.step,
            Self::Evaluation(evaluation) => evaluation.step,
        }
    }
}

/// What was asked, when, and of how many steps.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) request: TrainingAsked,
    pub(super) begun_at: i64,
    pub(super) steps: u64,
}

/// What a training was done with and on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Environment {
    pub(super) mirante: String,
    pub(super) device: String,
    pub(super) threads: usize,
    pub(super) base_model: String,
    pub(super) base_revision: Option<String>,
    pub(super) base_fingerprint: String,
    pub(super) train_file: String,
    pub(super) train_file_sha256: String,
}

impl Environment {
    /// This machine now; `data` is what is learned from, and its hash.
    pub(super) fn of(
        located: &Located,
        fingerprint: &str,
        data: (&str, String),
        target: Target,
    ) -> Self {
        Self {
            mirante: env!("CARGO_PKG_VERSION").to_owned(),
            device: target.device.to_string(),
            threads: rayon::current_num_threads(),
            base_model: located.name.clone(),
            base_revision: located.revision.clone(),
            base_fingerprint: fingerprint.to_owned(),
            train_file: data.0.to_owned(),
            train_file_sha256: data.1,
        }
    }
}

/// A training's folder, held by the one who works in it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) folder: PathBuf,
    _one_at_a_time: File,
    _lock: File,
}

/// What the machine's trainings are listed in: a file each, that names a folder.
fn list(app: &App) -> Result<PathBuf> {
    app.folder(&["trainings"])
}

fn locked(path: &Path, busy: impl FnOnce() -> Error) -> Result<File> {
    let file = File::create(path).map_err(|error| Error::writing(path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(busy()),
        // Where files cannot be locked, nobody is kept out.
        Err(TryLockError::Error(_)) => Ok(file),
    }
}

/// The turn that one training at a time has on a machine.
fn turn(app: &App) -> Result<File> {
    locked(&list(app)?.join(".at-work"), || {
        let all = trainings(app).unwrap_or_default();
        let at_work = all.into_iter().find(|one| one.state == TrainingState::Running);
        Error::TrainingBusy { path: at_work.map(|one| one.output_dir.into()).unwrap_or_default() }
    })
}

/// Makes sure that no training is at work: one that is started all the same would only fail later.
///
/// # Errors
/// [`Error::TrainingBusy`].
pub(crate) fn make_sure_of_turn(app: &App) -> Result<()> {
    turn(app).map(drop)
}

/// Whether a folder has nothing in it but what a training leaves that learned nothing.
fn is_free(folder: &Path) -> Result<bool> {
    let failed = |error| Error::reading(folder, error);
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if ![REQUEST, ENVIRONMENT, METRICS, LOCK, WISH].iter().any(|own| name == **own) {
            return Ok(false);
        }
    }
    let is_own = read::<Asked>(&folder.join(REQUEST)).is_ok() && metrics(folder).is_empty();
    let has = |name: &str| folder.join(name).exists();
    Ok(is_own || ![REQUEST, ENVIRONMENT, METRICS].into_iter().any(has))
}

impl Place {
    /// Takes a folder for a training; only one is at work on a machine. A folder with another training is
    /// refused unless that is to be resumed.
    pub(super) fn take(app: &App, folder: &Path, resume: bool) -> Result<Self> {
        let (one_at_a_time, all) = (turn(app)?, list(app)?);
        if resume && !folder.join(REQUEST).exists() {
            return Err(Error::Unknown { what: "training", id: folder.display().to_string() });
        }
        std::fs::create_dir_all(folder).map_err(|error| Error::writing(folder, error))?;
        let folder = folder.canonicalize().map_err(|error| Error::reading(folder, error))?;
        // What has ended has no checkpoint to go on from, and what it came to is not to be lost.
        let is_taken = if resume { folder.join(RESULT).exists() } else { !is_free(&folder)? };
        if is_taken {
            return Err(Error::TrainingThere { path: folder });
        }
        let lock = locked(&folder.join(LOCK), || Error::TrainingBusy { path: folder.clone() })?;
        let _ = std::fs::remove_file(folder.join(WISH));
        let name = hex(&Sha256::digest(folder.display().to_string().as_bytes()));
        write(&all.join(&name[..16]), folder.display().to_string().as_bytes())?;
        Ok(Self { folder, _one_at_a_time: one_at_a_time, _lock: lock })
    }

    /// Writes down what is asked and with what it is done; one that is resumed is held to what it was begun
    /// with.
    pub(super) fn open(&self, asked: &Asked, now: &Environment, resume: bool) -> Result<()> {
        // A training that was killed before it said what it was done on has taken no step either.
        if resume && self.folder.join(CHECKPOINT).exists() {
            self.make_sure_of(now)?;
        }
        self.write(REQUEST, asked)?;
        self.write(ENVIRONMENT, now)
    }

    /// Where a training that was cut off goes on, and in which numbers: where one says now, else where it was
    /// begun, whatever other devices have come since.
    pub(super) fn resumed_on(
        &self,
        said: (&str, &str),
        asked: (&str, &str),
    ) -> Result<(String, String)> {
        let own = |(device, precision): (&str, &str)| (device.to_owned(), precision.to_owned());
        if said.0 != AUTO {
            return Ok(own(said));
        }
        let precision = if said.1 == AUTO { asked.1 } else { said.1 };
        if asked.0 != AUTO {
            return Ok(own((asked.0, precision)));
        }
        let begun: Environment = read(&self.folder.join(ENVIRONMENT))?;
        Ok(own((&begun.device, precision)))
    }

    /// That a training of the other kind is to be resumed.
    pub(super) fn other_kind(&self) -> Error {
        Error::TrainingThere { path: self.folder.clone() }
    }

    /// Takes away what only one that is not whole needs.
    pub(super) fn clear(&self) {
        for name in [CHECKPOINT, BEST] {
            let _ = std::fs::remove_file(self.folder.join(name));
        }
    }

    /// Makes sure that a training goes on with the examples and the model that it was begun with.
    ///
    /// # Errors
    /// [`Error::TrainingChanged`] that names what is another one.
    fn make_sure_of(&self, now: &Environment) -> Result<()> {
        let before: Environment = read(&self.folder.join(ENVIRONMENT))?;
        let changed = [
            (before.train_file_sha256 != now.train_file_sha256, &now.train_file),
            (before.base_fingerprint != now.base_fingerprint, &now.base_model),
        ];
        match changed.into_iter().find(|(is_other, _)| *is_other) {
            Some((_, what)) => Err(Error::TrainingChanged { what: what.clone() }),
            None => Ok(()),
        }
    }

    /// What an earlier training in the folder was asked.
    pub(super) fn asked(&self) -> Result<Asked> {
        read(&self.folder.join(REQUEST))
    }

    fn write(&self, name: &str, value: &impl Serialize) -> Result<()> {
        let text = serde_json::to_vec_pretty(value)?;
        write(&self.folder.join(name), &text)
    }

    /// Writes what it came to, the figures beside the rest as scripts look for them.
    pub(super) fn end(&self, result: &TrainingResult) -> Result<()> {
        let mut told = serde_json::to_value(result)?;
        if let Some(told) = told.as_object_mut() {
            for (name, figure) in &result.figures {
                told.entry(name).or_insert_with(|| (*figure).into());
            }
        }
        self.write(RESULT, &told)
    }

    /// Where metrics are added; those behind `step`, of a training that was cut off, are gone.
    pub(super) fn metrics(&self, step: u64) -> Result<File> {
        let path = self.folder.join(METRICS);
        let failed = |error| Error::writing(&path, error);
        let kept = metrics(&self.folder).into_iter().filter(|metric| metric.step() <= step);
        let lines: Vec<String> =
            kept.map(|metric| Ok(serde_json::to_string(&metric)?)).collect::<Result<_>>()?;
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        write(&path, text.as_bytes())?;
        File::options().append(true).open(&path).map_err(failed)
    }

    pub(super) fn add(&self, file: &mut File, metric: &Metric) -> Result<()> {
        let line = serde_json::to_string(metric)?;
        writeln!(file, "{line}").map_err(|error| Error::writing(&self.folder.join(METRICS), error))
    }

    /// Takes back a folder in which nothing was learned, so that nothing stands there to be resumed.
    pub(super) fn leave(self) {
        if !metrics(&self.folder).is_empty() || self.folder.join(CHECKPOINT).exists() {
            return;
        }
        for name in [REQUEST, ENVIRONMENT, METRICS, LOCK] {
            let _ = std::fs::remove_file(self.folder.join(name));
        }
        // Only what is empty then.
        let _ = std::fs::remove_dir(&self.folder);
    }

    /// What somebody wished of the training.
    pub(super) fn wish(&self) -> Wish {
        match std::fs::read(self.folder.join(WISH)).as_deref() {
            Ok(b"keep") => Wish::Keep,
            Ok(_) => Wish::Stop,
            Err(_) => Wish::GoOn,
        }
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |error| Error::writing(path, error);
    let mut file = Beside::create(path).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.commit().map_err(failed)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read(path).map_err(|error| Error::reading(path, error))?;
    serde_json::from_slice(&text).map_err(|error| Error::ModelUnreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

/// What is told of the steps; a last line that was cut off is none.
fn metrics(folder: &Path) -> Vec<Metric> {
    let Ok(file) = File::open(folder.join(METRICS)) else { return Vec::new() };
    let lines = BufReader::new(file).lines().map_while(std::io::Result::ok);
    lines.filter_map(|line| serde_json::from_str(&line).ok()).collect()
}

/// A training as its folder tells it.
fn told(folder: &Path) -> Result<Training> {
    let asked: Asked = read(&folder.join(REQUEST))?;
    let result: Option<TrainingResult> = read(&folder.join(RESULT)).ok();
    let (mut curve, mut evaluations) = (Vec::new(), Vec::new());
    for metric in metrics(folder) {
        match metric {
            Metric::Step(step) => curve.push(step),
            Metric::Evaluation(evaluation) => evaluations.push(evaluation),
        }
    }
    let is_at_work = File::open(folder.join(LOCK))
        .is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)));
    let state = match (is_at_work, &result) {
        (true, _) => TrainingState::Running,
        (false, Some(_)) => TrainingState::Done,
        (false, None) => TrainingState::Interrupted,
    };
    let step = curve.last().map_or(0, |step| step.step);
    Ok(Training {
        output_dir: folder.display().to_string(),
        state,
        begun_at: asked.begun_at,
        step,
        steps: asked.steps,
        seconds_left: (state == TrainingState::Running)
            .then(|| seconds_left(&curve, asked.steps))
            .flatten(),
        curve,
        evaluations,
        result,
        request: asked.request,
    })
}

/// By the pace of the last steps.
fn seconds_left(curve: &[TrainingStep], steps: u64) -> Option<f64> {
    let last = curve.last()?;
    let some = &curve[curve.len().saturating_sub(16)..];
    let seconds = some.iter().map(|step| step.seconds).sum::<f64>() / some.len() as f64;
    Some(seconds * steps.saturating_sub(last.step) as f64)
}

/// All trainings, the last first; folders that are gone are left out.
pub(crate) fn trainings(app: &App) -> Result<Vec<Training>> {
    let all = list(app)?;
    let entries = std::fs::read_dir(&all).map_err(|error| Error::reading(&all, error))?;
    let mut found: Vec<Training> = entries
        .flatten()
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .filter_map(|folder| told(Path::new(&folder)).ok())
        .map(|training| Training { curve: Vec::new(), ..training })
        .collect();
    found.sort_by_key(|training| std::cmp::Reverse(training.begun_at));
    Ok(found)
}

/// One training, or the last.
pub(crate) fn training(app: &App, folder: Option<&str>) -> Result<Training> {
    let unknown = |id: &str| Error::Unknown { what: "training", id: id.to_owned() };
    let folder = match folder {
        Some(folder) => folder.to_owned(),
        None => {
            let all = trainings(app)?;
            all.into_iter().next().ok_or_else(|| unknown("-"))?.output_dir
        }
    };
    let path = Path::new(&folder).canonicalize().map_err(|_| unknown(&folder))?;
    told(&path).map_err(|_| unknown(&folder))
}

/// Ends a training that is at work, wherever it is.
pub(crate) fn stop(app: &App, folder: Option<&str>, keep: bool) -> Result<Training> {
    let found = match folder {
        Some(_) => training(app, folder)?,
        None => {
            let mut all = trainings(app)?.into_iter();
            let at_work = all.find(|one| one.state == TrainingState::Running);
            let none = || Error::Unknown { what: "training", id: "-".to_owned() };
            training(app, Some(&at_work.ok_or_else(none)?.output_dir))?
        }
    };
    if found.state != TrainingState::Running {
        return Err(Error::Unknown { what: "training", id: found.output_dir });
    }
    let wish: &[u8] = if keep { b"keep" } else { b"stop" };
    write(&Path::new(&found.output_dir).join(WISH), wish)?;
    Ok(found)
}

/// A folder of Mirante's own for a training of `base`.
pub(crate) fn own(app: &App, base: &str) -> Result<PathBuf> {
    let name: String =
        base.rsplit(['/', '\\']).next().unwrap_or(base).chars().filter(|c| *c != ':').collect();
    let runs = app.folder(&["runs", "training"])?;
    Ok(runs.join(format!("{name}-{}", now())))
}
