//! Judgements of candidates: taken in, and written as examples; see [`crate::ops::labels`].

use std::collections::{BTreeMap, btree_map::Entry};
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use mirante_data::export::Beside;
use mirante_data::progress::Progress;
use mirante_data::qa::{Example, Metadata, labelled, span};
use mirante_data::squad::{Placed, place};

use super::document::document;
use super::zips::name_of;
use crate::app::App;
use crate::error::{Error, Result};
use crate::exporting::export_path;
use crate::job::Job;
use crate::ops::labels::{
    ExportQaLabelsRequest, ExportQaLabelsResponse, JudgeQaRequest, QaDocumentRequest, QaJudgement,
    QaSpan, QaVerdict,
};

/// Keeps what was said of candidates, once they and the right answer are seen to stand at their places.
pub(crate) fn judge(app: &App, job: &Job, request: JudgeQaRequest) -> Result<Vec<QaJudgement>> {
    let JudgeQaRequest { zip, text, candidates, verdict, answer } = request;
    let is_corrected = verdict == QaVerdict::Corrected;
    if is_corrected != answer.is_some() || (is_corrected && candidates.len() != 1) {
        let reason =
            "`answer` belongs to the verdict `corrected` of one candidate, and to no other";
        return Err(Error::BadRequest { reason: reason.to_owned() });
    }
    let name = zip.as_deref().map(|zip| name_of(Path::new(zip)));
    let mut documents: BTreeMap<String, String> = BTreeMap::new();
    let mut judgements = Vec::new();
    for candidate in candidates {
        let hash = candidate.document;
        let document = match documents.entry(hash.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let (zip, text) = (zip.clone(), text.clone());
                let source = candidate.source.clone();
                let wanted = QaDocumentRequest { zip, source, text, document: hash.clone() };
                new.insert(document(app, job, &wanted)?)
            }
        };
        let said = QaSpan { start: candidate.start, end: candidate.end, text: candidate.text };
        stands(document, &said, "candidates")?;
        if let Some(answer) = &answer {
            stands(document, answer, "answer")?;
        }
        judgements.push(QaJudgement {
            id: 0,
            at: 0,
            document: hash,
            name: name.clone(),
            source: candidate.source,
            field: candidate.field,
            question: candidate.question,
            start: said.start,
            end: said.end,
            text: said.text,
            by: candidate.by,
            score: candidate.score,
            verdict,
            answer: answer.clone(),
        });
    }
    app.judge(judgements, &documents)
}

/// Whether a span has its text at its place, and some text at all.
fn stands(document: &str, said: &QaSpan, what: &str) -> Result<()> {
    if said.text.trim().is_empty() {
        let reason = format!("`{what}`: an answer is some text");
        return Err(Error::BadRequest { reason });
    }
    if bytes_of(document, said).is_none() {
        let QaSpan { start, end, text } = said;
        let reason = format!("`{what}`: {text:?} does not stand at {start}–{end} of the document");
        return Err(Error::BadRequest { reason });
    }
    Ok(())
}

/// Where a span stands, in bytes; none where its text does not stand there.
fn bytes_of(document: &str, said: &QaSpan) -> Option<Range<usize>> {
    let place = |chars| usize::try_from(chars).ok();
    let at = span(document, place(said.start)?..place(said.end)?)?;
    (document[at.clone()] == said.text).then_some(at)
}

/// What was said of one question of a document.
#[derive(Default)]
struct Said {
    name: Option<String>,
    source: Option<String>,
    field: Option<String>,
    right: Vec<Range<usize>>,
    absent: Vec<Range<usize>>,
}

/// Writes what was judged as examples. Steps: `write` (documents).
pub(crate) fn export(
    app: &App,
    job: &Job,
    request: &ExportQaLabelsRequest,
) -> Result<ExportQaLabelsResponse> {
    let out = match &request.out {
        Some(out) => PathBuf::from(out),
        None => export_path(app, "perguntas-julgadas", "jsonl")?,
    };
    let mut made = ExportQaLabelsResponse {
        documents: 0,
        examples: 0,
        unanswered: 0,
        fields: BTreeMap::new(),
        verdicts: BTreeMap::new(),
        left_out: 0,
        out: out.display().to_string(),
    };
    let documents = app.judged_documents()?;
    job.step("write", Some(documents.len() as u64));
    let failed = |error| Error::writing(&out, error);
    let mut file = BufWriter::new(Beside::create(&out).map_err(failed)?);
    for (hash, done) in documents.iter().zip(1..) {
        job.checkpoint()?;
        let Some(text) = app.judged_text(hash)? else { continue };
        let before = made.examples;
        for example in examples(app, hash, &text, request.window as usize, &mut made)? {
            serde_json::to_writer(&mut file, &example)
                .map_err(std::io::Error::from)
                .and_then(|()| file.write_all(b"\n"))
                .map_err(failed)?;
        }
        made.documents += u64::from(made.examples > before);
        job.at(done);
    }
    if made.examples == 0 {
        return Err(Error::NoLabels);
    }
    let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
    file.commit().map_err(failed)?;
    Ok(made)
}

/// The examples of one document, by question and place, counted into `made`.
fn examples(
    app: &App,
    hash: &str,
    text: &str,
    window: usize,
    made: &mut ExportQaLabelsResponse,
) -> Result<Vec<Example>> {
    let mut questions: BTreeMap<String, Said> = BTreeMap::new();
    for one in app.judgements(&[hash.to_owned()])? {
        let verdict = one.verdict;
        *made.verdicts.entry(verdict).or_default() += 1;
        if verdict == QaVerdict::Rejected || verdict == QaVerdict::Withdrawn {
            continue;
        }
        let candidate = QaSpan { start: one.start, end: one.end, text: one.text };
        let Some(at) = bytes_of(text, &one.answer.unwrap_or(candidate)) else {
            made.left_out += 1;
            continue;
        };
        let said = match questions.entry(one.question) {
            Entry::Occupied(said) => said.into_mut(),
            Entry::Vacant(new) => new.insert(Said {
                name: one.name,
                source: one.source,
                field: one.field,
                ..Said::default()
            }),
        };
        if verdict == QaVerdict::Absent { &mut said.absent } else { &mut said.right }.push(at);
    }
    let mut all = Vec::new();
    for (question, said) in questions {
        let field = said.field.unwrap_or_default();
        for part in labelled(text, &said.right, &said.absent, window) {
            let context = &text[part.context.clone()];
            for (answer, start) in part.answers.text.iter().zip(&part.answers.answer_start) {
                if place(context, answer, (*start).cast_signed() as i64) != Placed::There {
                    let reason = format!("{answer:?} does not stand at {start} of its context");
                    return Err(Error::Internal { reason });
                }
            }
            let at = text[..part.context.start].chars().count();
            let asked = if field.is_empty() { &question } else { &field };
            made.examples += 1;
            if part.answers.text.is_empty() {
                made.unanswered += 1;
            } else {
                *made.fields.entry(asked.clone()).or_default() += 1;
            }
            all.push(Example {
                id: format!("{}#{asked}@{at}", &hash[..12]),
                question: question.clone(),
                context: context.to_owned(),
                answers: part.answers,
                metadata: Metadata {
                    zip: said.name.clone().unwrap_or_default(),
                    field: field.clone(),
                    source: said.source.clone().unwrap_or_default(),
                    document: Some(hash.to_owned()),
                },
            });
        }
    }
    Ok(all)
}
