//! How well a model answers; see [`crate::ops::qa`].

use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use mirante_data::export::Beside;
use mirante_data::progress::Progress;
use mirante_data::squad::{
    Answer, AnswerIssue, Dataset, Edition, Question, Score, Tally, Weighed, best_threshold, read,
    score,
};
use mirante_neural::answer::{Answers, Choice, Reader};
use serde::Serialize;

use super::{Asked, ran_on, wanted};
use crate::app::App;
use crate::error::{Error, Result};
use crate::exporting::begun;
use crate::job::Job;
use crate::ops::answer::DEFAULT_MODEL;
use crate::ops::qa::{
    EvalQaRequest, EvalQaResponse, QaChoice, QaIssue, QaScores, QaSeconds, QaThreshold,
};

/// Questions that go to the model before the next look at how far it is.
const QUESTIONS: usize = 64;

/// A question, answered.
#[derive(Serialize)]
pub(crate) struct Prediction<'a> {
    id: &'a str,
    question: &'a str,
    context: &'a str,
    answers: Vec<Told<'a>>,
    /// Empty for "there is none".
    prediction: String,
    /// Its first character in the context.
    start: Option<usize>,
    /// Its share among the candidates.
    score: f32,
    /// By how much "no answer" is the likelier than the best answer.
    null_score_diff: f32,
    exact: f64,
    f1: f64,
}

#[derive(Serialize)]
struct Told<'a> {
    text: &'a str,
    start: usize,
}

/// What is made of all predictions.
#[derive(Default)]
pub(crate) struct Sums {
    all: Tally,
    has_answer: Tally,
    no_answer: Tally,
    exact: Vec<Weighed>,
    f1: Vec<Weighed>,
}

/// Measures a model. Steps: `load`, `infer` (questions).
pub(crate) fn eval_qa(app: &App, job: &Job, request: &EvalQaRequest) -> Result<EvalQaResponse> {
    let path = Path::new(&request.dataset);
    let text = std::fs::read_to_string(path).map_err(|error| Error::reading(path, error))?;
    let Dataset { mut questions, issues } = read(&text).map_err(|error| Error::BadRecord {
        path: path.to_owned(),
        line: error.line,
        reason: error.reason,
    })?;
    // The whole file says whose rules count, however much of it is asked.
    let all_answered = questions.iter().all(|one| !one.answers.is_empty());
    let edition = if all_answered { Edition::V1 } else { Edition::V2 };
    questions.truncate(request.limit.map_or(usize::MAX, |limit| limit as usize));
    if questions.is_empty() {
        return Err(Error::NoQuestions { path: path.to_owned() });
    }
    let choice = choice(&request.choice, edition)?;
    // Before hours of answering that could not be written down.
    let out = request.predictions_out.as_deref().map(Path::new);
    let out = out.map(|path| Ok::<_, Error>((path, begun(path)?))).transpose()?;

    job.step("load", None);
    let began = Instant::now();
    let model = Asked::<Reader>::open(app, &request.settings, DEFAULT_MODEL)?;
    let load = began.elapsed().as_secs_f64();

    job.step("infer", Some(questions.len() as u64));
    let began = Instant::now();
    let mut sums = Sums::default();
    let (mut predictions, mut too_long) = (Vec::with_capacity(questions.len()), Vec::new());
    for some in questions.chunks(QUESTIONS) {
        job.checkpoint()?;
        let pairs: Vec<_> =
            some.iter().map(|one| (one.question.clone(), one.context.to_string())).collect();
        for (question, answers) in some.iter().zip(answered(&model, &pairs, choice, job)?) {
            match answers {
                Some(answers) => predictions.push(sums.take(edition, question, &answers)),
                None => too_long.push(question.id.clone()),
            }
        }
        job.at((predictions.len() + too_long.len()) as u64);
    }
    let answer = began.elapsed().as_secs_f64();

    let is_v2 = edition == Edition::V2;
    let best = |weighed: &[Weighed]| best_threshold(weighed).filter(|_| is_v2).map(told_threshold);
    let response = EvalQaResponse {
        squad: if is_v2 { "2.0" } else { "1.1" }.to_owned(),
        all: scores(&sums.all).ok_or_else(|| Error::NoQuestions { path: path.to_owned() })?,
        has_answer: scores(&sums.has_answer).filter(|_| is_v2),
        no_answer: scores(&sums.no_answer),
        best_exact: best(&sums.exact),
        best_f1: best(&sums.f1),
        left_out: left_out(&issues),
        issues: issues.into_iter().map(told_issue).collect(),
        too_long,
        model: model.model(),
        ran_on: ran_on(model.engine.runs_on()),
        seconds: QaSeconds { load, answer },
        predictions_out: request.predictions_out.clone(),
    };
    if let Some((path, file)) = out {
        write(path, file, &response, &predictions)?;
    }
    Ok(response)
}

/// What the model says of each pair of question and context; none of one that leaves no room for its context.
pub(super) fn answered(
    model: &Asked<Reader>,
    pairs: &[(String, String)],
    choice: Choice,
    job: &Job,
) -> Result<Vec<Option<Answers>>> {
    let ask =
        |pairs: &[(String, String)]| model.engine.answer(pairs, choice, model.pace(&wanted(job)));
    match ask(pairs) {
        Ok(answers) => Ok(answers.into_iter().map(Some).collect()),
        // One of them is too long; each alone shows which.
        Err(mirante_neural::Error::Tokens { .. }) => pairs
            .chunks(1)
            .map(|pair| match ask(pair) {
                Ok(mut answers) => Ok(answers.pop()),
                Err(mirante_neural::Error::Tokens { .. }) => Ok(None),
                Err(error) => Err(error.into()),
            })
            .collect(),
        Err(error) => Err(error.into()),
    }
}

/// How a model is asked, in its own terms.
///
/// # Errors
/// [`Error::BadOption`].
pub(crate) fn choice(asked: &QaChoice, edition: Edition) -> Result<Choice> {
    let bad = |option, value: u32, allowed: String| {
        Err(Error::BadOption { option, value: value.to_string(), allowed })
    };
    for (option, value) in [
        ("n_best_size", asked.n_best_size),
        ("max_length", asked.max_length),
        ("max_answer_length", asked.max_answer_length),
    ] {
        if value == 0 {
            return bad(option, value, "≥ 1".to_owned());
        }
    }
    if asked.doc_stride >= asked.max_length {
        return bad("doc_stride", asked.doc_stride, format!("< {}", asked.max_length));
    }
    Ok(Choice {
        most: asked.n_best_size as usize,
        longest: asked.max_answer_length as usize,
        threshold: (edition == Edition::V2).then_some(asked.null_score_diff_threshold),
        window: asked.max_length as usize,
        shared: asked.doc_stride as usize,
    })
}

impl Sums {
    /// The figures by the names that the official script gives them.
    pub(crate) fn figures(&self, edition: Edition) -> Vec<(String, f64)> {
        let is_v2 = edition == Edition::V2;
        let parts = [
            ("", Some(&self.all)),
            ("HasAns_", Some(&self.has_answer).filter(|_| is_v2)),
            ("NoAns_", Some(&self.no_answer).filter(|_| is_v2)),
        ];
        let parts = parts.into_iter().filter_map(|(part, tally)| Some((part, tally?.totals()?)));
        parts
            .flat_map(|(part, totals)| {
                [(format!("{part}exact"), totals.exact), (format!("{part}f1"), totals.f1)]
            })
            .collect()
    }

    /// Takes what a model says of a question.
    pub(crate) fn take<'a>(
        &mut self,
        edition: Edition,
        question: &'a Question,
        answers: &Answers,
    ) -> Prediction<'a> {
        let scored = |prediction: &str| {
            score(edition, prediction, question.answers.iter().map(|answer| answer.text.as_str()))
        };
        let given = answers.best.as_ref();
        let prediction = given.map_or("", |best| best.text.as_str());
        let Score { exact, f1 } = scored(prediction);
        let is_answered = !question.answers.is_empty();
        let part = if is_answered { &mut self.has_answer } else { &mut self.no_answer };
        part.add(Score { exact, f1 });
        self.all.add(Score { exact, f1 });

        let surest = answers.candidates.iter().find(|one| !one.text.is_empty());
        // Where nothing can be an answer, none is as sure as can be.
        let margin = surest.map_or(f32::MAX, |surest| answers.none_score - surest.score);
        let would = scored(surest.map_or("", |surest| surest.text.as_str()));
        let weighed = |score: f64| Weighed {
            margin: f64::from(margin),
            score,
            is_found: surest.is_some(),
            is_answered,
        };
        self.exact.push(weighed(would.exact));
        self.f1.push(weighed(would.f1));

        let none = answers.candidates.iter().find(|one| one.text.is_empty());
        // Some tokenizers put the space before a word to it.
        let trimmed = prediction.trim_start();
        let spaces = prediction.chars().count() - trimmed.chars().count();
        Prediction {
            id: &question.id,
            question: &question.question,
            context: &question.context,
            answers: question.answers.iter().map(told_answer).collect(),
            start: given.map(|best| best.start + spaces),
            score: given.or(none).map_or(0.0, |one| one.probability),
            null_score_diff: margin,
            prediction: trimmed.trim_end().to_owned(),
            exact,
            f1,
        }
    }
}

fn told_answer(answer: &Answer) -> Told<'_> {
    Told { text: &answer.text, start: answer.start }
}

fn told_threshold((threshold, score): (f64, f64)) -> QaThreshold {
    QaThreshold { threshold, score }
}

fn told_issue(issue: AnswerIssue) -> QaIssue {
    QaIssue {
        id: issue.id,
        text: issue.text,
        start: issue.start,
        found: issue.found.map(|found| found as u64),
        left_out: issue.is_question_lost,
    }
}

fn scores(tally: &Tally) -> Option<QaScores> {
    let totals = tally.totals()?;
    Some(QaScores { exact: totals.exact, f1: totals.f1, questions: totals.count })
}

/// Questions without any answer left; those of one follow each other.
fn left_out(issues: &[AnswerIssue]) -> u64 {
    let mut lost: Vec<&str> =
        issues.iter().filter(|one| one.is_question_lost).map(|one| one.id.as_str()).collect();
    lost.dedup();
    lost.len() as u64
}

fn write(
    path: &Path,
    file: Beside,
    figures: &EvalQaResponse,
    predictions: &[Prediction],
) -> Result<()> {
    #[derive(Serialize)]
    struct File<'a> {
        figures: &'a EvalQaResponse,
        predictions: &'a [Prediction<'a>],
    }
    let failed = |error| Error::writing(path, error);
    let mut file = BufWriter::new(file);
    serde_json::to_writer_pretty(&mut file, &File { figures, predictions })
        .map_err(std::io::Error::from)
        .and_then(|()| file.write_all(b"\n"))
        .map_err(failed)?;
    let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
    file.commit().map_err(failed)
}
