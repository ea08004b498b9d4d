//! Answers out of texts; see [`crate::ops::answer`].

use mirante_neural::answer::{Answer, Answers, Choice, Reader};

use super::table::{Said, Task, infer, score};
use super::{Asked, ran_on, wanted};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::ops::answer::{
    AnswerCandidate, AnswerChoice, AnswerRequest, AnswerResponse, AnswerTableRequest, Answered,
    DEFAULT_MODEL,
};
use crate::ops::inference::InferredTable;

/// Candidates that are weighed, as in the reference scripts for SQuAD, whatever number is told.
const WEIGHED: usize = 20;

pub(crate) fn answer(app: &App, job: &Job, request: AnswerRequest) -> Result<AnswerResponse> {
    check(&request.question)?;
    let model = Asked::<Reader>::open(app, &request.settings, DEFAULT_MODEL)?;
    Ok(AnswerResponse {
        answers: answered(&model, &request.question, request.contexts, &request.choice, job)?,
        model: model.model(),
        ran_on: ran_on(model.engine.runs_on()),
    })
}

fn check(question: &str) -> Result<()> {
    if question.trim().is_empty() {
        let (value, allowed) = (question.to_owned(), "…?".to_owned());
        return Err(Error::BadOption { option: "question", value, allowed });
    }
    Ok(())
}

fn answered(
    model: &Asked<Reader>,
    question: &str,
    contexts: Vec<String>,
    choice: &AnswerChoice,
    job: &Job,
) -> Result<Vec<Answered>> {
    let weighed = Choice {
        most: WEIGHED.max(choice.most as usize),
        longest: choice.longest.max(1) as usize,
        threshold: (!choice.must).then_some(choice.threshold),
        ..Choice::default()
    };
    let pairs: Vec<_> = contexts.into_iter().map(|text| (question.to_owned(), text)).collect();
    let found = model.engine.answer(&pairs, weighed, model.pace(&wanted(job)))?;
    let of_text = |(answers, (_, context)): (Answers, &(String, String))| {
        let chars: Vec<char> = context.chars().collect();
        told(answers, &chars, choice.most as usize)
    };
    Ok(found.into_iter().zip(&pairs).map(of_text).collect())
}

fn told(answers: Answers, context: &[char], most: usize) -> Answered {
    let Answers { best, none_score, candidates } = answers;
    let surest = candidates.iter().find(|one| !one.text.is_empty());
    let margin = surest.map_or(0.0, |surest| surest.score - none_score);
    let none = candidates.iter().find(|one| one.text.is_empty());
    let none = none.map_or(1.0, |none| none.probability);
    let best = best.map(|best| candidate(best, context));
    Answered {
        probability: best.as_ref().map_or(none, |best| best.probability),
        start: best.as_ref().and_then(|best| best.start),
        end: best.as_ref().and_then(|best| best.end),
        answer: best.and_then(|best| best.answer),
        margin,
        candidates: candidates.into_iter().take(most).map(|one| candidate(one, context)).collect(),
    }
}

/// A candidate without the spaces that some tokenizers put to words.
fn candidate(answer: Answer, context: &[char]) -> AnswerCandidate {
    let Answer { mut start, mut end, score, probability, .. } = answer;
    while start < end && context[start].is_whitespace() {
        start += 1;
    }
    while start < end && context[end - 1].is_whitespace() {
        end -= 1;
    }
    let is_some = start < end;
    AnswerCandidate {
        answer: is_some.then(|| context[start..end].iter().collect()),
        start: is_some.then_some(start as u64),
        end: is_some.then_some(end as u64),
        score,
        probability,
    }
}

pub(crate) fn answer_table(
    app: &App,
    job: &Job,
    request: &AnswerTableRequest,
) -> Result<InferredTable> {
    check(&request.question)?;
    let task = Task {
        table: &request.table,
        settings: &request.settings,
        usual: DEFAULT_MODEL,
        columns: &["resposta", "resposta_score"],
    };
    infer::<Reader>(
        app,
        job,
        &task,
        |engine| ran_on(engine.runs_on()),
        |model, texts| {
            let all = answered(model, &request.question, texts, &request.choice, job)?;
            let cell = |one: Answered| match one.answer {
                Some(answer) => vec![answer, score(one.probability)],
                None => Vec::new(),
            };
            Ok(Said { cells: all.into_iter().map(cell).collect(), ..Said::default() })
        },
    )
}
