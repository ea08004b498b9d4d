//! `mirante classify`, `tag`, `answer`, `summarize` and `generate`.

use std::io::Write;

use mirante_app::locale::{Language, word};
use mirante_app::ops::inference::InferredTable;
use mirante_app::{App, Error, Job, Result, ops};
use serde::Serialize;

use crate::arguments::{
    AnswerArguments, Asked, ClassifyArguments, GenerateArguments, SummarizeArguments, TagArguments,
};
use crate::print;

/// A text and what was found of it.
#[derive(Serialize)]
struct Of<'a, T> {
    text: &'a str,
    #[serde(flatten)]
    found: T,
}

pub(super) fn classify(
    app: &App,
    job: &Job,
    given: ClassifyArguments,
    language: Language,
) -> Result<()> {
    let json = given.json;
    let request = match given.asked()? {
        Asked::Texts(request) => request,
        Asked::Table(request) => {
            return table(ops::classify::classify_table(app, job, *request)?, json, language);
        }
    };
    let texts = request.texts.clone();
    let found = ops::classify::classify(app, job, request)?;
    let all: Vec<_> = texts.iter().zip(found.results).collect();
    if json {
        let all: Vec<_> = all.into_iter().map(|(text, found)| Of { text, found }).collect();
        return print::json(&all);
    }
    for (text, found) in all {
        print::line(&format!("{:12} {:.4}  {}", found.label, found.score, print::cut(text, 100)));
    }
    Ok(())
}

pub(super) fn tag(app: &App, job: &Job, given: TagArguments, language: Language) -> Result<()> {
    #[derive(Serialize)]
    struct Entities {
        entities: Vec<ops::tag::TaggedEntity>,
    }
    let json = given.json;
    let request = match given.asked()? {
        Asked::Texts(request) => request,
        Asked::Table(request) => {
            return table(ops::tag::tag_table(app, job, *request)?, json, language);
        }
    };
    let texts = request.texts.clone();
    let found = ops::tag::tag(app, job, request)?;
    let all = texts.iter().zip(found.entities);
    if json {
        let all: Vec<_> =
            all.map(|(text, entities)| Of { text, found: Entities { entities } }).collect();
        return print::json(&all);
    }
    for one in all.flat_map(|(_, entities)| entities) {
        let place = format!("{}–{}", one.start, one.end);
        print::line(&format!("{:14} {place:>11} {:.4}  {}", one.r#type, one.score, one.text));
    }
    Ok(())
}

pub(super) fn answer(
    app: &App,
    job: &Job,
    given: AnswerArguments,
    language: Language,
) -> Result<()> {
    let json = given.json;
    let request = match given.asked()? {
        Asked::Texts(request) => request,
        Asked::Table(request) => {
            return table(ops::answer::answer_table(app, job, *request)?, json, language);
        }
    };
    let found = ops::answer::answer(app, job, request)?;
    if json {
        return print::json(&found.answers);
    }
    for one in found.answers {
        let answer = one.answer.unwrap_or_else(|| word(language, "cli", "no_answer"));
        print::line(&format!("{:.4}  {}", one.probability, print::cut(&answer, 160)));
    }
    Ok(())
}

pub(super) fn summarize(
    app: &App,
    job: &Job,
    given: SummarizeArguments,
    language: Language,
) -> Result<()> {
    #[derive(Serialize)]
    struct Summary {
        summary: String,
    }
    let json = given.json;
    let request = match given.asked()? {
        Asked::Texts(request) => request,
        Asked::Table(request) => {
            return table(ops::summarize::summarize_table(app, job, *request)?, json, language);
        }
    };
    let texts = request.texts.clone();
    let found = ops::summarize::summarize(app, job, request)?;
    if json {
        let all = texts.iter().zip(found.summaries);
        let all: Vec<_> =
            all.map(|(text, summary)| Of { text, found: Summary { summary } }).collect();
        return print::json(&all);
    }
    found.summaries.iter().for_each(|summary| print::line(summary));
    Ok(())
}

pub(super) fn generate(
    app: &App,
    job: &Job,
    given: GenerateArguments,
    language: Language,
) -> Result<()> {
    let json = given.json;
    let request = match given.asked()? {
        Asked::Texts(request) => request,
        Asked::Table(request) => {
            return table(ops::generate::generate_table(app, job, *request)?, json, language);
        }
    };
    if json {
        return print::json(&ops::generate::generate(app, job, request)?);
    }
    let mut out = std::io::stdout().lock();
    let mut closed = false;
    let mut listener = |added: &str| {
        closed = write!(out, "{added}").and_then(|()| out.flush()).is_err();
        !closed
    };
    let written = ops::generate::generate_streamed(app, job, request, &mut listener);
    // Whoever read us has gone; there is nobody left to tell.
    match written {
        Err(Error::Cancelled) if closed => return Ok(()),
        written => written?,
    };
    let _ = writeln!(out);
    Ok(())
}

/// What was written of a table.
fn table(done: InferredTable, json: bool, language: Language) -> Result<()> {
    if json {
        return print::json(&done);
    }
    print::line(&format!(
        "{} {} · {} · {} · {} {}",
        done.rows,
        word(language, "cli", "rows"),
        done.text_cols.join(" + "),
        done.model,
        done.ran_on.device,
        done.ran_on.precision,
    ));
    let mut counts: Vec<_> = done.counts.iter().collect();
    counts.sort_by(|one, other| other.1.cmp(one.1));
    for (found, count) in counts {
        print::line(&format!("{count:>9}  {found}"));
    }
    print::line(&done.out);
    Ok(())
}
