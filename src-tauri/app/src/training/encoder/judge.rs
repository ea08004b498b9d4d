//! How good a model that reads is, on what it does not learn from.

use mirante_data::learn::{ClassFigures, EntityFigures, entity_report, report};
use mirante_data::squad::{Edition, Question};
use mirante_neural::answer::{Choice, best};
use mirante_neural::train::Score;
use mirante_neural::train::encoder::{Known, Learner, Right};
use mirante_neural::{Result, Window};

use super::material::Windowed;
use crate::inferring::Sums;
use crate::ops::classifier::LabelFigures;

/// What is measured on.
pub(super) enum Held {
    /// Texts with their classes.
    Classes { known: Vec<Known>, names: Vec<String> },
    /// Sentences in windows, each with the number of its sentence and those of its words; the labels that
    /// are right.
    Tags { windows: Vec<(Known, usize, Vec<usize>)>, right: Vec<Vec<u32>>, names: Vec<String> },
    /// Questions with their windows.
    Answers { questions: Windowed, edition: Edition, choice: Choice },
}

/// How many texts are looked at together, and what says whether to go on.
type Going<'a> = (usize, &'a mut dyn FnMut() -> bool);

/// What is told beside the figures.
#[derive(Debug, Default)]
pub(super) struct Details {
    pub(super) labels: Vec<LabelFigures>,
    pub(super) confusion: Vec<Vec<u64>>,
}

fn of_class(label: &str, one: &ClassFigures) -> LabelFigures {
    LabelFigures {
        label: label.to_owned(),
        precision: one.precision,
        recall: one.recall,
        f1: one.f1,
        support: one.support,
    }
}

fn of_entity(label: &str, one: &EntityFigures) -> LabelFigures {
    LabelFigures {
        label: label.to_owned(),
        precision: one.precision,
        recall: one.recall,
        f1: one.f1,
        support: one.support,
    }
}

fn likeliest(sums: &[f32]) -> u32 {
    let first = (0, f32::NEG_INFINITY);
    let best =
        (0..).zip(sums).fold(first, |best, (at, &sum)| if sum > best.1 { (at, sum) } else { best });
    best.0
}

/// The cross-entropy of sums.
fn loss(sums: &[f32], right: u32) -> f64 {
    let most = sums.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let whole: f64 = sums.iter().map(|&sum| f64::from(sum - most).exp()).sum();
    whole.ln() + f64::from(most) - f64::from(sums[right as usize])
}

/// The sums of all, some at a time.
fn sums_of<'a>(
    learner: &mut Learner,
    known: impl Iterator<Item = &'a Known>,
    (some, go_on): Going,
) -> Result<Vec<Vec<f32>>> {
    let all: Vec<&Known> = known.collect();
    let mut sums = Vec::with_capacity(all.len());
    for some in all.chunks(some) {
        if !go_on() {
            return Err(mirante_neural::Error::Stopped);
        }
        sums.extend(learner.sums(some)?);
    }
    Ok(sums)
}

impl Held {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Classes { known, .. } => known.len(),
            Self::Tags { right, .. } => right.len(),
            Self::Answers { questions, .. } => questions.len(),
        }
    }

    /// Measures; nothing where there is nothing to measure on.
    pub(super) fn judge(
        &self,
        learner: &mut Learner,
        going: Going,
    ) -> Result<Option<(Score, Details)>> {
        if self.len() == 0 {
            return Ok(None);
        }
        match self {
            Self::Classes { known, names } => classes(learner, known, names, going),
            Self::Tags { windows, right, names } => tags(learner, windows, right, names, going),
            Self::Answers { questions, edition, choice } => {
                answers(learner, questions, *edition, *choice, going)
            }
        }
        .map(Some)
    }
}

fn named(figures: &[(&str, f64)]) -> Vec<(String, f64)> {
    figures.iter().map(|&(name, value)| (name.to_owned(), value)).collect()
}

/// Of equal figures the one of the lower loss is the better.
fn better(figure: f64, loss: f64) -> f64 {
    figure - 1e-9 * loss.min(1e3)
}

fn classes(
    learner: &mut Learner,
    known: &[Known],
    names: &[String],
    (some, go_on): Going,
) -> Result<(Score, Details)> {
    let sums = sums_of(learner, known.iter(), (some, go_on))?;
    let class = |known: &Known| match known.right {
        Right::Class(class) => class,
        Right::Tags(_) | Right::Span(..) => 0,
    };
    let right: Vec<u32> = known.iter().map(class).collect();
    let found: Vec<u32> = sums.iter().map(|sums| likeliest(sums)).collect();
    let lost: f64 = sums.iter().zip(&right).map(|(sums, &right)| loss(sums, right)).sum();
    let report = report(&right, &found, names.len());
    let figures = named(&[
        ("loss", lost / right.len() as f64),
        ("accuracy", report.accuracy),
        ("macro_f1", report.macro_f1),
    ]);
    let labels = names.iter().zip(&report.classes).map(|(name, one)| of_class(name, one));
    let details = Details { labels: labels.collect(), confusion: report.confusion };
    let goodness = better(report.macro_f1, lost / right.len() as f64);
    Ok((Score { goodness, figures }, details))
}

fn tags(
    learner: &mut Learner,
    windows: &[(Known, usize, Vec<usize>)],
    right: &[Vec<u32>],
    names: &[String],
    (some, go_on): Going,
) -> Result<(Score, Details)> {
    let sums = sums_of(learner, windows.iter().map(|(known, _, _)| known), (some, go_on))?;
    // A word without a token of its own is none of an entity.
    let mut found: Vec<Vec<u32>> = right.iter().map(|right| vec![0; right.len()]).collect();
    let (mut lost, mut count) = (0.0, 0_u64);
    for ((known, sentence, words), sums) in windows.iter().zip(&sums) {
        let Right::Tags(tags) = &known.right else { continue };
        let mut words = words.iter();
        for (sums, tag) in sums.chunks_exact(names.len()).zip(tags) {
            let Some(tag) = tag else { continue };
            let Some(&word) = words.next() else { continue };
            found[*sentence][word] = likeliest(sums);
            lost += loss(sums, *tag);
            count += 1;
        }
    }
    let text = |labels: &[u32]| -> Vec<&str> {
        labels.iter().map(|&label| names[label as usize].as_str()).collect()
    };
    let sentences: Vec<_> =
        right.iter().zip(&found).map(|(right, found)| (text(right), text(found))).collect();
    let report = entity_report(&sentences);
    let figures = named(&[
        ("loss", lost / count.max(1) as f64),
        ("f1", report.all.f1),
        ("precision", report.all.precision),
        ("recall", report.all.recall),
        ("macro_f1", report.macro_f1),
        ("accuracy", report.accuracy),
    ]);
    let labels = report.types.iter().map(|(name, one)| of_entity(name, one)).collect();
    let goodness = better(report.all.f1, lost / count.max(1) as f64);
    Ok((Score { goodness, figures }, Details { labels, confusion: Vec::new() }))
}

fn answers(
    learner: &mut Learner,
    questions: &[(Question, Vec<Window>)],
    edition: Edition,
    choice: Choice,
    (some, go_on): Going,
) -> Result<(Score, Details)> {
    let mut all = Sums::default();
    for chunk in questions.chunks(some) {
        let known: Vec<Known> = chunk
            .iter()
            .flat_map(|(_, windows)| windows.iter().map(|window| Known::answered(window, None)))
            .collect();
        let mut sums = sums_of(learner, known.iter(), (some, go_on))?.into_iter();
        for (question, windows) in chunk {
            let read: Vec<(&Window, Vec<[f32; 2]>)> = windows
                .iter()
                .zip(sums.by_ref())
                .map(|(window, sums)| (window, sums.as_chunks().0.to_vec()))
                .collect();
            all.take(edition, question, &best(&read, &question.context, choice));
        }
    }
    let figures = all.figures(edition);
    let f1 = figures.iter().find(|(name, _)| name == "f1").map_or(0.0, |(_, value)| *value);
    Ok((Score { goodness: f1, figures }, Details::default()))
}
