//! Examples to learn from: reading them in the forms that they are kept in, and making them of tables.

use std::collections::{BTreeMap, HashSet};
use std::io::Write;
use std::path::Path;

use mirante_data::personal::masked;
use mirante_data::progress::Progress;
use mirante_neural::generate::Message;
use mirante_neural::train::Example;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::error::{Error, Result};
use crate::exporting::begun;
use crate::job::Job;
use crate::ops::train::{BuildExamplesRequest, BuildExamplesResponse};
use crate::segmenting::From;

/// Rows that are handed over at once.
const SOME: usize = 1024;

/// A line of any form that is known.
#[derive(Deserialize)]
struct Line {
    messages: Option<Vec<Message>>,
    #[serde(alias = "instruction", alias = "query", alias = "question")]
    prompt: Option<String>,
    input: Option<String>,
    #[serde(alias = "output", alias = "answer", alias = "response", alias = "completion")]
    reply: Option<String>,
    system: Option<String>,
}

impl Line {
    /// The conversation; nothing where there is no question or no answer.
    fn example(self) -> Option<Example> {
        let messages = self.messages.unwrap_or_else(|| {
            let asked = [self.prompt, self.input].into_iter().flatten();
            let asked: Vec<_> = asked.filter(|part| !part.trim().is_empty()).collect();
            let system = self.system.map(|said| Message::new("system", said));
            let user = (!asked.is_empty()).then(|| Message::new("user", asked.join("\n\n")));
            let reply = self.reply.map(|said| Message::new("assistant", said));
            system.into_iter().chain(user).chain(reply).collect()
        });
        let is_whole = messages.len() > 1
            && messages.last().is_some_and(|last| last.role == "assistant")
            && messages.iter().all(|one| one.role == "system" || !one.content.trim().is_empty())
            && messages.iter().any(|one| one.role == "user");
        is_whole.then_some(Example { messages })
    }
}

/// The examples of a file, a line each; nothing for those without a question or an answer.
pub(super) fn read(path: &Path, job: &Job) -> Result<Vec<Option<Example>>> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::reading(path, error))?;
    let bad = |line: usize, error: serde_json::Error| Error::BadRecord {
        path: path.to_owned(),
        line: line as u64 + 1,
        reason: error.to_string(),
    };
    let mut examples = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if at % SOME == 0 {
            job.checkpoint()?;
        }
        if !line.trim().is_empty() {
            let line: Line = serde_json::from_str(line).map_err(|error| bad(at, error))?;
            examples.push(line.example());
        }
    }
    Ok(examples)
}

/// An example as it is written.
#[derive(Serialize)]
struct Written<'a> {
    messages: &'a [Message],
}

pub(crate) fn build_examples(
    app: &App,
    job: &Job,
    request: &BuildExamplesRequest,
) -> Result<BuildExamplesResponse> {
    job.step("read", None);
    let found = match (&request.source, &request.events) {
        (Some(source), None) => {
            let from = From::open(app, job, source)?;
            of_table(&from, job, request)?
        }
        (None, Some(events)) => read(Path::new(events), job)?,
        _ => {
            return Err(Error::BadOption {
                option: "source",
                value: String::new(),
                allowed: "--csv | --events".to_owned(),
            });
        }
    };
    let read = found.len() as u64;
    let (mut seen, mut kept, mut counts) = (HashSet::new(), Vec::new(), BTreeMap::new());
    let (mut empty, mut duplicates) = (0, 0);
    for example in found {
        let Some(mut example) = example else {
            empty += 1;
            continue;
        };
        for message in &mut example.messages {
            if !request.keep_personal {
                let (text, found) = masked(&message.content);
                message.content = text;
                for (kind, count) in found {
                    *counts.entry(kind.to_owned()).or_insert(0) += count;
                }
            }
        }
        let line = serde_json::to_string(&Written { messages: &example.messages })?;
        if seen.insert(line.clone()) {
            kept.push(line);
        } else {
            duplicates += 1;
        }
    }
    let most = request.max_samples as usize;
    let beyond = kept.len().saturating_sub(most);
    if beyond > 0 {
        let mut places = mirante_neural::train::drawn(kept.len(), most, request.seed);
        places.sort_unstable();
        kept = places.into_iter().map(|at| std::mem::take(&mut kept[at])).collect();
    }
    if kept.is_empty() {
        return Err(Error::NoExamples { path: request.out.clone().into() });
    }
    job.step("write", Some(kept.len() as u64));
    let path = Path::new(&request.out);
    let failed = |error| Error::writing(path, error);
    let mut file = begun(path)?;
    for line in &kept {
        writeln!(file, "{line}").map_err(failed)?;
    }
    job.checkpoint()?;
    file.commit().map_err(failed)?;
    Ok(BuildExamplesResponse {
        read,
        written: kept.len() as u64,
        duplicates,
        empty,
        beyond: beyond as u64,
        masked: counts,
        out: request.out.clone(),
    })
}

/// Rows of a table as conversations of one question and one answer.
fn of_table(
    from: &From,
    job: &Job,
    request: &BuildExamplesRequest,
) -> Result<Vec<Option<Example>>> {
    let named = |option: &'static str, name: &Option<String>| {
        name.clone().ok_or_else(|| Error::BadOption {
            option,
            value: String::new(),
            allowed: from.column_names().join(", "),
        })
    };
    let prompt = named("prompt_col", &request.prompt_col)?;
    let reply = named("reply_col", &request.reply_col)?;
    let columns = from.columns_for(std::slice::from_ref(&prompt), None)?.with_cells(from);
    let all = from.column_names();
    let place = |name: &str| {
        all.iter()
            .position(|one| one == name)
            .ok_or_else(|| crate::view::unknown_column(name, &all))
    };
    let (prompt, reply) = (place(&prompt)?, place(&reply)?);
    let mut examples = Vec::new();
    from.each_text(&columns, SOME, job, |rows| {
        for mut row in rows {
            let mut cell = |at: usize| row.cells.get_mut(at).and_then(Option::take);
            let (prompt, reply) = (cell(prompt), cell(reply));
            let line = Line { messages: None, prompt, input: None, reply, system: None };
            examples.push(line.example());
        }
        job.checkpoint()?;
        Ok(())
    })?;
    Ok(examples)
}
