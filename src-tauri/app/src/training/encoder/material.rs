//! What is learned from and measured on, read from a table or a file.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use mirante_data::conll;
use mirante_data::learn::{balanced, hold_out};
use mirante_data::progress::Progress;
use mirante_data::squad::{self, Edition, Question};
use mirante_neural::train::encoder::{Known, Span, Texts};
use mirante_neural::{Folder, Window};

use super::judge::Held;
use crate::app::App;
use crate::error::{Error, Result};
use crate::inferring::choice;
use crate::job::Job;
use crate::learning::Labelled;
use crate::ops::classifier::ClassWeights;
use crate::ops::qa::QaChoice;
use crate::ops::train_encoder::{AnswerReading, EncoderSettings, EncoderTask};
use crate::segmenting::From;
use crate::training::course::{apart, check_share};

/// Questions whose tokens are made before the next look at whether to go on.
const QUESTIONS: usize = 64;

/// Questions, each with the windows that it is read in.
pub(super) type Windowed = Vec<(Question, Vec<Window>)>;

/// Examples.
pub(super) struct Material {
    pub(super) taught: Vec<Known>,
    pub(super) held: Held,
    /// Classes or labels; none for answers.
    pub(super) labels: Vec<String>,
    /// What examples of each class count; empty for 1.
    pub(super) weights: Vec<f32>,
    /// Texts that are cut off.
    pub(super) cut: u64,
    /// Questions left out.
    pub(super) dropped: u64,
}

/// The sentences of words with the numbers of their labels.
type Sentences = Vec<(Vec<String>, Vec<u32>)>;

impl Material {
    /// Reads it. Steps: those of reading a table, `prepare`.
    pub(super) fn read(
        app: &App,
        job: &Job,
        task: &EncoderTask,
        folder: &Folder,
        settings: &EncoderSettings,
    ) -> Result<Self> {
        let texts = Texts::open(folder, settings.max_length as usize)?;
        match task {
            EncoderTask::Classify {
                source,
                text_cols,
                label_col,
                class_weights,
                validation_split,
            } => {
                check_share("validation_split", *validation_split)?;
                let from = From::open(app, job, source)?;
                let table = Labelled::read(&from, text_cols, label_col, job)?;
                job.step("prepare", None);
                classes(&texts, table, *class_weights, (*validation_split, settings.seed))
            }
            EncoderTask::Tag { train_file, validation_file, validation_split } => {
                check_share("validation_split", *validation_split)?;
                job.step("prepare", None);
                let validation = validation_file.as_deref();
                tags(&texts, train_file, validation, (*validation_split, settings.seed))
            }
            EncoderTask::Answer {
                train_file,
                validation_file,
                validation_split,
                reading,
                max_train_samples,
                max_eval_samples,
            } => {
                check_share("validation_split", *validation_split)?;
                let (mut taught, edition) = questions(train_file)?;
                let mut held = match validation_file {
                    Some(file) => questions(file)?.0,
                    None => {
                        let (kept, held) = by_context(taught, *validation_split, settings.seed);
                        taught = kept;
                        held
                    }
                };
                for (some, most) in
                    [(&mut taught, max_train_samples), (&mut held, max_eval_samples)]
                {
                    some.truncate(most.map_or(usize::MAX, |most| most as usize));
                }
                if taught.is_empty() {
                    return Err(Error::NoQuestions { path: Path::new(train_file).to_owned() });
                }
                answers(job, &texts, (taught, held), edition, reading)
            }
        }
    }
}

fn classes(
    texts: &Texts,
    table: Labelled,
    weights: ClassWeights,
    (split, seed): (f64, u64),
) -> Result<Material> {
    let (kept, held) = match split > 0.0 {
        true => hold_out(&table.labels, split, seed),
        false => ((0..table.labels.len() as u32).collect(), Vec::new()),
    };
    let read = |rows: &[u32]| -> Result<(Vec<Known>, usize)> {
        let of = |row: &u32| table.texts[*row as usize].clone();
        let right: Vec<u32> = rows.iter().map(|&row| table.labels[row as usize]).collect();
        Ok(texts.classes(rows.iter().map(of).collect(), &right)?)
    };
    let ((taught, cut), (measured, more)) = (read(&kept)?, read(&held)?);
    let of_kept: Vec<u32> = kept.iter().map(|&row| table.labels[row as usize]).collect();
    Ok(Material {
        weights: match weights {
            ClassWeights::None => Vec::new(),
            ClassWeights::Balanced => balanced(&of_kept, table.names.len())
                .into_iter()
                .map(|weight| weight as f32)
                .collect(),
        },
        taught,
        held: Held::Classes { known: measured, names: table.names.clone() },
        labels: table.names,
        cut: (cut + more) as u64,
        dropped: table.without_text + table.without_label,
    })
}

fn sentences(file: &str) -> Result<Vec<conll::Sentence>> {
    let path = Path::new(file);
    let text = std::fs::read_to_string(path).map_err(|error| Error::reading(path, error))?;
    let found = conll::read(&text).map_err(|error| Error::BadRecord {
        path: path.to_owned(),
        line: error.line,
        reason: error.reason,
    })?;
    if found.is_empty() {
        return Err(Error::NoExamples { path: path.to_owned() });
    }
    Ok(found)
}

fn tags(
    texts: &Texts,
    train_file: &str,
    validation_file: Option<&str>,
    (split, seed): (f64, u64),
) -> Result<Material> {
    let mut taught = sentences(train_file)?;
    let held = match validation_file {
        Some(file) => sentences(file)?,
        None => {
            let count = (taught.len() as f64 * split).round() as usize;
            apart(&mut taught, count, seed)
        }
    };
    if taught.is_empty() {
        return Err(Error::NoExamples { path: Path::new(train_file).to_owned() });
    }
    // What is no entity first, then by type, so that a type's two labels stand together.
    let all: BTreeSet<(&str, &str)> = taught
        .iter()
        .chain(&held)
        .flat_map(|one| &one.labels)
        .filter_map(|label| label.split_once('-').map(|(mark, kind)| (kind, mark)))
        .collect();
    let named = all.into_iter().map(|(kind, mark)| format!("{mark}-{kind}"));
    let labels: Vec<String> = std::iter::once("O".to_owned()).chain(named).collect();
    let numbers: HashMap<&str, u32> = labels.iter().map(String::as_str).zip(0..).collect();
    let numbered = |some: Vec<conll::Sentence>| -> Sentences {
        let of = |one: conll::Sentence| {
            let labels = one.labels.iter().map(|label| numbers[label.as_str()]).collect();
            (one.words, labels)
        };
        some.into_iter().map(of).collect()
    };
    let (taught, held) = (numbered(taught), numbered(held));
    let windows = texts.tags(&taught)?;
    let measured = texts.tags(&held)?;
    Ok(Material {
        taught: windows.into_iter().map(|(known, _, _)| known).collect(),
        held: Held::Tags {
            windows: measured,
            right: held.into_iter().map(|(_, labels)| labels).collect(),
            names: labels.clone(),
        },
        labels,
        weights: Vec::new(),
        // What is too long is read in several windows.
        cut: 0,
        dropped: 0,
    })
}

fn questions(file: &str) -> Result<(Vec<Question>, Edition)> {
    let path = Path::new(file);
    let text = std::fs::read_to_string(path).map_err(|error| Error::reading(path, error))?;
    let found = squad::read(&text).map_err(|error| Error::BadRecord {
        path: path.to_owned(),
        line: error.line,
        reason: error.reason,
    })?;
    let questions = found.questions;
    let all_answered = questions.iter().all(|one| !one.answers.is_empty());
    Ok((questions, if all_answered { Edition::V1 } else { Edition::V2 }))
}

/// Questions with a share of the contexts held out: a context that is learned would tell its other answers.
fn by_context(all: Vec<Question>, split: f64, seed: u64) -> (Vec<Question>, Vec<Question>) {
    let mut seen = BTreeSet::new();
    let mut contexts: Vec<Arc<str>> = Vec::new();
    for one in &all {
        if seen.insert(one.context.clone()) {
            contexts.push(one.context.clone());
        }
    }
    let count = (contexts.len() as f64 * split).round() as usize;
    let count = if split > 0.0 { count.clamp(1, contexts.len().max(2) - 1) } else { 0 };
    let held: BTreeSet<_> = apart(&mut contexts, count, seed).into_iter().collect();
    all.into_iter().partition(|one| !held.contains(&one.context))
}

/// Questions with the windows that they are read in; those that leave no room for their context are left
/// out, and counted.
fn windows(
    job: &Job,
    texts: &Texts,
    questions: Vec<Question>,
    shared: usize,
) -> Result<(Windowed, u64)> {
    let (mut all, mut dropped) = (Vec::with_capacity(questions.len()), 0);
    let pair = |one: &Question| (one.question.clone(), one.context.to_string());
    for some in questions.chunks(QUESTIONS) {
        job.checkpoint()?;
        match texts.windows(some.iter().map(pair).collect(), shared) {
            Ok(found) => all.extend(some.iter().cloned().zip(found)),
            // One of them is too long; each alone shows which.
            Err(mirante_neural::Error::Tokens { .. }) => {
                for one in some {
                    match texts.windows(vec![pair(one)], shared) {
                        Ok(found) => all.extend(found.into_iter().map(|it| (one.clone(), it))),
                        Err(mirante_neural::Error::Tokens { .. }) => dropped += 1,
                        Err(error) => return Err(error.into()),
                    }
                }
            }
            Err(error) => return Err(error.into()),
        }
        job.at(all.len() as u64);
    }
    Ok((all, dropped))
}

fn answers(
    job: &Job,
    texts: &Texts,
    (taught, held): (Vec<Question>, Vec<Question>),
    edition: Edition,
    reading: &AnswerReading,
) -> Result<Material> {
    let asked = QaChoice {
        n_best_size: reading.n_best_size,
        max_length: texts.longest() as u32,
        doc_stride: reading.doc_stride.min(texts.longest() as u32 / 3),
        max_answer_length: reading.max_answer_length,
        null_score_diff_threshold: reading.null_score_diff_threshold,
    };
    let choice = choice(&asked, edition)?;
    job.step("prepare", Some((taught.len() + held.len()) as u64));
    let (taught, dropped) = windows(job, texts, taught, choice.shared)?;
    let (held, more) = windows(job, texts, held, choice.shared)?;
    let known = taught.iter().flat_map(|(question, windows)| {
        // The first answer is learned; the others are as right when it is measured.
        let span = question.answers.first().map(|answer| Span {
            start: answer.start,
            end: answer.start + answer.text.chars().count(),
        });
        windows.iter().map(move |window| Known::answered(window, span))
    });
    Ok(Material {
        taught: known.collect(),
        held: Held::Answers { questions: held, edition, choice },
        labels: Vec::new(),
        weights: Vec::new(),
        cut: 0,
        dropped: dropped + more,
    })
}
