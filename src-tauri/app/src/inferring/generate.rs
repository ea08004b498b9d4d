//! Texts written by a model; see [`crate::ops::generate`].

use std::time::Instant;

use mirante_data::progress::Progress;
use mirante_neural::generate::{End, Generator, Message, Sampling, Writing as Written};

use super::table::{Said, Task, infer};
use super::{Asked, ran_on, target_of};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::memory;
use crate::models::Wanted;
use crate::ops::generate::{
    DEFAULT_MODEL, GenerateEnd, GenerateRequest, GenerateResponse, GenerateTableRequest, Writing,
};
use crate::ops::inference::InferredTable;

/// What stands for a row's text in a prompt.
const TEXT: &str = "{texto}";

pub(crate) fn generate(
    app: &App,
    job: &Job,
    request: GenerateRequest,
    listener: &mut dyn FnMut(&str) -> bool,
) -> Result<GenerateResponse> {
    check(&request.writing)?;
    job.step("load", None);
    let model = Asked::<Generator>::open(app, &request.settings, DEFAULT_MODEL)?;
    job.step("write_text", Some(u64::from(request.writing.max_tokens)));
    let began = Instant::now();
    let said = |role: &str, content: &str| Message::new(role, content);
    let mut messages: Vec<_> = request.system.iter().map(|system| said("system", system)).collect();
    messages.extend(request.messages.iter().map(|one| said(&one.role, &one.content)));
    if !request.prompt.is_empty() || request.messages.is_empty() {
        messages.push(said("user", &request.prompt));
    }
    let prompt = model.engine.prompt(&messages)?;
    let wanted = Wanted {
        prompt,
        writing: writing(&model.engine, &request.writing),
        room: memory::limit(app)?
            .unwrap_or(u64::MAX)
            .saturating_sub(model.located.memory(target_of(&request.settings)?)),
    };
    let mut tokens = 0;
    let mut told = |added: Option<&str>| {
        if let Some(added) = added {
            tokens += 1;
            job.write(added);
            job.at(tokens);
        }
        job.check().is_ok() && added.is_none_or(|added| added.is_empty() || listener(added))
    };
    let text = app.writers.write(&model.queue("write"), &model.engine, wanted, &mut told)?;
    Ok(GenerateResponse {
        text: text.text,
        prompt_tokens: text.read as u64,
        tokens: text.written as u64,
        end: if text.end == End::Model { GenerateEnd::Stop } else { GenerateEnd::Length },
        model: model.model(),
        ran_on: ran_on(model.engine.runs_on()),
        seconds: began.elapsed().as_secs_f64(),
    })
}

fn check(writing: &Writing) -> Result<()> {
    let bad = |option: &'static str, value: String, allowed: &str| {
        Err(Error::BadOption { option, value, allowed: allowed.to_owned() })
    };
    match *writing {
        Writing { max_tokens: 0, .. } => bad("max_tokens", "0".to_owned(), "≥ 1"),
        Writing { temperature: Some(t), .. } if !(0.0..=10.0).contains(&t) => {
            bad("temperature", t.to_string(), "0–10")
        }
        Writing { top_p: Some(p), .. } if !(0.0..=1.0).contains(&p) => {
            bad("top_p", p.to_string(), "0–1")
        }
        _ => Ok(()),
    }
}

fn writing(engine: &Generator, asked: &Writing) -> Written {
    let usual = engine.defaults();
    Written {
        most: asked.max_tokens as usize,
        sampling: Sampling {
            temperature: asked.temperature.unwrap_or(usual.temperature),
            top_p: asked.top_p.unwrap_or(usual.top_p),
            top_k: usual.top_k,
            repetition: usual.repetition,
            seed: asked.seed,
        },
    }
}

pub(crate) fn generate_table(
    app: &App,
    job: &Job,
    request: &GenerateTableRequest,
) -> Result<InferredTable> {
    check(&request.writing)?;
    let task = Task {
        table: &request.table,
        settings: &request.settings,
        usual: DEFAULT_MODEL,
        columns: &["texto"],
    };
    infer::<Generator>(
        app,
        job,
        &task,
        |engine| ran_on(engine.runs_on()),
        |model, texts| {
            let prompts = texts.iter().map(|text| fitting(&model.engine, request, text));
            let (prompts, is_cut): (Vec<_>, Vec<_>) =
                prompts.collect::<Result<Vec<_>>>()?.into_iter().unzip();
            let writing = writing(&model.engine, &request.writing);
            let mut told = |_: usize, _: &str| job.check().is_ok();
            let written = model.engine.write(&prompts, writing, model.batch, &mut told)?;
            let cells = written.into_iter().map(|text| vec![text.text.trim().to_owned()]);
            let cut = is_cut.into_iter().filter(|&is_cut| is_cut).count();
            Ok(Said { cells: cells.collect(), cut, ..Said::default() })
        },
    )
}

/// The prompt of a row, and whether its text was cut off to leave room for what is written: one row that is
/// too long must not cost all the others.
fn fitting(
    engine: &Generator,
    request: &GenerateTableRequest,
    text: &str,
) -> Result<(Vec<u32>, bool)> {
    let room = (request.writing.max_tokens as usize).min(engine.longest() / 2);
    let most = engine.longest() - room;
    let mut chars: Vec<char> = text.chars().collect();
    loop {
        let kept: String = chars.iter().collect();
        let prompt = engine.prompt(&messages(request, &kept))?;
        if prompt.len() <= most || chars.is_empty() {
            return Ok((prompt, kept.len() < text.len()));
        }
        // Tokens and characters go together about; a little less than fits ends soon.
        chars.truncate(chars.len() * most / prompt.len() * 9 / 10);
    }
}

/// What is said of a row.
fn messages(request: &GenerateTableRequest, text: &str) -> Vec<Message> {
    let asked = if request.prompt.contains(TEXT) {
        request.prompt.replace(TEXT, text)
    } else {
        format!("{}\n\n{text}", request.prompt)
    };
    let system = request.system.iter().map(|system| Message::new("system", system));
    system.chain([Message::new("user", asked)]).collect()
}
