//! What rules and a model find in documents; see [`crate::ops::qa`].

use std::path::Path;

use mirante_data::progress::Progress;
use mirante_data::qa::{Rule, window};
use mirante_neural::answer::{Answers, Choice, Reader};

use super::eval_qa::answered;
use super::{Asked, ran_on};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::ops::answer::DEFAULT_MODEL;
use crate::ops::inference::ModelSettings;
use crate::ops::qa::{AskQaRequest, AskQaResponse, QaDocument, QaFound, QaFoundBy};
use crate::ops::usual::UsualTask;
use crate::qa::{each_document, hash_of, rules};

/// Characters of context on either side of what is found.
const WINDOW: usize = 120;

/// Asks documents. Steps: `load`, `read_documents`.
pub(crate) fn ask_qa(app: &App, job: &Job, request: &AskQaRequest) -> Result<AskQaResponse> {
    let min = request.min_score;
    if !(0.0..=1.0).contains(&min) {
        let (value, allowed) = (min.to_string(), "0–1".to_owned());
        return Err(Error::BadOption { option: "min_score", value, allowed });
    }
    let rules = match &request.question {
        Some(_) => Vec::new(),
        None => rules(request.questions.as_deref(), &request.fields)?,
    };
    job.step("load", None);
    // A question of one's own has no rule: a model must answer it.
    let usual = request.question.as_ref().map(|_| ModelSettings::default());
    let settings = request.settings.clone().or(usual);
    let settings =
        settings.map(|settings| app.with_usual(UsualTask::Answer, settings)).transpose()?;
    let model = settings.map(|settings| Asked::<Reader>::open(app, &settings, DEFAULT_MODEL));
    let model = model.transpose()?;

    job.step("read_documents", None);
    let mut response = AskQaResponse {
        documents: Vec::new(),
        found: Vec::new(),
        refused: Vec::new(),
        model: model.as_ref().map(Asked::model),
        ran_on: model.as_ref().map(|model| ran_on(model.engine.runs_on())),
    };
    let asks = Asks { rules: &rules, question: request.question.as_deref(), model: model.as_ref() };
    let mut ask = |source: Option<&str>, text: &str| {
        let document = QaDocument {
            source: source.map(str::to_owned),
            document: hash_of(text),
            characters: text.chars().count() as u64,
        };
        let found = asks.of(&document, text, job)?;
        response.found.extend(found.into_iter().filter(|one| one.score >= min));
        response.documents.push(document);
        job.at(response.documents.len() as u64);
        Ok(())
    };
    match (&request.text, &request.zip) {
        (Some(text), None) => ask(None, text)?,
        (None, Some(zip)) => {
            let path = Path::new(zip);
            std::fs::metadata(path).map_err(|error| Error::reading(path, error))?;
            response.refused = each_document(path, job, |name, text| ask(Some(name), text))?;
        }
        _ => {
            let reason = "either `zip` or `text`".to_owned();
            return Err(Error::BadRequest { reason });
        }
    }
    Ok(response)
}

/// What every document is asked.
struct Asks<'a> {
    rules: &'a [Rule],
    question: Option<&'a str>,
    model: Option<&'a Asked<Reader>>,
}

impl Asks<'_> {
    fn of(&self, document: &QaDocument, text: &str, job: &Job) -> Result<Vec<QaFound>> {
        let mut all = Vec::new();
        for rule in self.rules {
            job.checkpoint()?;
            for candidate in rule.candidates(text) {
                all.push(QaFound {
                    field: Some(rule.name.clone()),
                    question: rule.question.clone(),
                    score: rule.score(&candidate),
                    by: QaFoundBy::Rules,
                    ..told(document, text, candidate.at)
                });
            }
        }
        let Some(model) = self.model else { return Ok(all) };
        let of_rules = self.rules.iter().map(|rule| (Some(&rule.name), rule.question.as_str()));
        let questions: Vec<_> =
            of_rules.chain(self.question.map(|question| (None, question))).collect();
        let pairs: Vec<_> = questions
            .iter()
            .map(|(_, question)| ((*question).to_owned(), text.to_owned()))
            .collect();
        let found = answered(model, &pairs, Choice::default(), job)?;
        for ((field, question), answers) in questions.into_iter().zip(found) {
            let Some(Answers { best: Some(best), .. }) = answers else { continue };
            let bytes =
                |chars: usize| text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
            let (start, end) = (bytes(best.start), bytes(best.end));
            // Some tokenizers put the space before a word to it.
            let answer = &text[start..end];
            let start = start + answer.len() - answer.trim_start().len();
            all.push(QaFound {
                field: field.cloned(),
                question: question.to_owned(),
                score: best.probability,
                by: QaFoundBy::Model,
                ..told(document, text, start..start + answer.trim().len())
            });
        }
        Ok(all)
    }
}

/// What stands at a place (bytes) of a document.
fn told(document: &QaDocument, text: &str, at: std::ops::Range<usize>) -> QaFound {
    let start = text[..at.start].chars().count() as u64;
    let context = text[window(text, at.clone(), WINDOW)].to_owned();
    let text = text[at].to_owned();
    QaFound {
        source: document.source.clone(),
        document: document.document.clone(),
        field: None,
        question: String::new(),
        end: start + text.chars().count() as u64,
        text,
        start,
        context,
        score: 0.0,
        by: QaFoundBy::Rules,
    }
}
