//! Arguments in, request made, response printed.

mod infer;
mod learn;
mod lora;
mod models;
mod qa;
mod search;
mod teach;

use std::io::Read;
use std::sync::Arc;

use mirante_app::locale::{Language, word};
use mirante_app::ops::open::{OpenRequest, OpenResponse};
use mirante_app::ops::segment::{AssignRequest, SegmentRequest, SegmentResponse, SuggestKResponse};
use mirante_app::ops::{self, Operation, Output};
use mirante_app::{App, Error, Job, Result, default_home};
use serde_json::Value;

use crate::arguments::{
    Arguments, AssignArguments, Command, EmbedArguments, EmbedCommand, ModelsCommand,
    OpenArguments, PlotCommand, RunArguments, SegmentArguments, SuggestKArguments, TaggerCommand,
};
use crate::{print, progress, serve};

/// Does what was asked.
pub(crate) fn carry_out(arguments: Arguments) -> Result<()> {
    let language = arguments.language();
    let app = App::new(arguments.home.clone().unwrap_or_else(default_home));
    if arguments.offline {
        app.forbid_network();
    }
    if let Some(threads) = arguments.threads {
        mirante_app::use_threads(threads)?;
    }
    if let Command::Serve(serve) = arguments.command {
        return serve::run(&app, serve, language);
    }
    let job = match &arguments.command {
        // Who is asked for a token ends it with Ctrl+C at once.
        Command::Models(ModelsCommand::Token(_)) => Arc::new(Job::quiet()),
        _ => progress::watched(language, arguments.quiet),
    };
    match arguments.command {
        Command::Open(open) => open_table(&app, &job, open, language),
        Command::Segment(segment) => segment_table(&app, &job, segment, language),
        Command::Assign(assign) => assign_rows(&app, &job, assign, language),
        Command::SuggestK(suggest) => suggest_k(&app, &job, suggest, language),
        Command::Embed(given) => embed(&app, &job, given, language),
        Command::Classify(given) => infer::classify(&app, &job, given, language),
        Command::Classifier(command) => learn::classifier(&app, &job, command, language),
        Command::Leads(command) => learn::leads(&app, &job, command, language),
        Command::Tagger(TaggerCommand::Train(given)) => {
            let how = (given.teach.estimate, given.json);
            teach::teach(&app, &job, given.request(), how, language)
        }
        Command::Tag(given) => infer::tag(&app, &job, given, language),
        Command::Answer(given) => infer::answer(&app, &job, given, language),
        Command::Summarize(given) => infer::summarize(&app, &job, given, language),
        Command::Generate(given) => infer::generate(&app, &job, given, language),
        Command::Lora(command) => lora::lora(&app, &job, command, language),
        Command::Training(command) => lora::training(&app, &job, command, language),
        Command::Index(given) => search::index(&app, &job, given, language),
        Command::UpdateIndex(given) => search::update_index(&app, &job, given, language),
        Command::Search(given) => search::search(&app, &job, given),
        Command::EvalRetrieval(given) => search::eval_retrieval(&app, &job, given),
        Command::Qa(command) => qa::qa(&app, &job, command, language),
        Command::Models(command) => models::models(&app, &job, command, language),
        Command::Plot(plot) => draw(&app, &job, plot, language),
        Command::Run(run) => run_request(&app, &job, &run),
        Command::Serve(_) => Ok(()),
    }
}

fn open_table(app: &App, job: &Job, open: OpenArguments, language: Language) -> Result<()> {
    let (path, options) = open.file.split();
    let found = ops::open::open(app, job, OpenRequest { path, options })?;
    if open.json {
        return print::json(&found);
    }
    print_opened(&found, language);
    Ok(())
}

fn print_opened(found: &OpenResponse, language: Language) {
    print::line(&format!(
        "{} · {} · {} {:?} · {} {:?}",
        found.path,
        found.encoding,
        word(language, "cli", "delimiter"),
        found.delimiter,
        word(language, "cli", "decimal"),
        found.decimal,
    ));
    print::line(&format!(
        "{} {} · {} {}\n",
        found.rows,
        word(language, "cli", "rows"),
        found.columns.len(),
        word(language, "cli", "columns"),
    ));
    let width = found.columns.iter().map(|c| c.name.chars().count()).max().unwrap_or(0).min(32);
    for column in &found.columns {
        let kind = format!("{:?}", column.kind).to_lowercase();
        let role = format!("{:?}", column.role).to_lowercase();
        let sample =
            column.sample.iter().map(|s| print::cut(s, 24)).collect::<Vec<_>>().join(" | ");
        print::line(&format!(
            "{:width$}  {kind:8} {role:10} {:>9} {:>9}{}  {sample}",
            print::cut(&column.name, 32),
            column.missing,
            column.distinct,
            if column.distinct_exact { " " } else { "+" },
        ));
    }
    for issue in found.issues.iter().take(20) {
        let kind = word(language, "issues", &issue.kind);
        let column = issue.column.as_deref().unwrap_or("");
        print::line(&format!("{:>9}  {kind} {column} {}", issue.line, print::cut(&issue.text, 60)));
    }
    for (kind, count) in &found.issue_counts {
        print::line(&format!("{count:>9}  {}", word(language, "issues", kind)));
    }
}

fn segment_table(
    app: &App,
    job: &Job,
    segment: SegmentArguments,
    language: Language,
) -> Result<()> {
    let request = SegmentRequest {
        source: segment.file.source(),
        settings: segment.settings.settings(segment.clusters),
        out: segment.out,
        label_col: segment.label_col,
        save_model: segment.save_model,
    };
    let done = ops::segment::segment(app, job, request)?;
    if segment.json {
        return print::json(&done);
    }
    print_segments(&done, language);
    Ok(())
}

fn print_segments(done: &SegmentResponse, language: Language) {
    print::line(&format!(
        "{} {} · {}",
        done.rows,
        word(language, "cli", "rows"),
        done.text_cols.join(" + "),
    ));
    for segment in &done.segments {
        let terms: Vec<_> = segment.terms.iter().take(8).map(|term| term.term.as_str()).collect();
        print::line(&format!(
            "{:>4} {:>9} {:>6.1}%  {}",
            segment.id,
            segment.count,
            100.0 * segment.share,
            terms.join(", "),
        ));
    }
    if let Some(silhouette) = done.silhouette {
        print::line(&format!(
            "{} {:.3} ({}) · {:.3}",
            word(language, "cli", "silhouette"),
            silhouette.value,
            silhouette.sample,
            done.inertia,
        ));
    }
    for warning in &done.warnings {
        let text = word(language, "warnings", &warning.code);
        print::to_stderr(&text.replace("{count}", &warning.count.to_string()));
    }
    if !done.issues.is_empty() {
        print::to_stderr(&format!(
            "{} {}",
            done.issues.len(),
            word(language, "cli", "rows_with_issues")
        ));
    }
    if let Some(out) = &done.out {
        print::line(out);
    }
}

fn assign_rows(app: &App, job: &Job, assign: AssignArguments, language: Language) -> Result<()> {
    let request = AssignRequest {
        model: assign.model,
        source: assign.file.source(),
        out: assign.out,
        label_col: assign.label_col,
    };
    let done = ops::segment::assign(app, job, request)?;
    if assign.json {
        return print::json(&done);
    }
    print::line(&format!("{} {}", done.rows, word(language, "cli", "rows")));
    for segment in &done.segments {
        let name = segment.name.as_deref().unwrap_or("");
        print::line(&format!("{:>4} {:>9}  {name}", segment.id, segment.count));
    }
    print::line(&done.out);
    Ok(())
}

fn suggest_k(app: &App, job: &Job, suggest: SuggestKArguments, language: Language) -> Result<()> {
    let done = ops::segment::suggest_k(app, job, suggest.tries.request())?;
    if suggest.json {
        return print::json(&done);
    }
    print_suggestion(&done, language);
    Ok(())
}

fn print_suggestion(done: &SuggestKResponse, language: Language) {
    print::line("   k       inertia  silhouette  davies-bouldin");
    for tried in &done.tried {
        let mark = if tried.k == done.recommended { "*" } else { " " };
        print::line(&format!(
            "{:>4}{mark} {:>12.3} {:>11.4} {:>15.4}",
            tried.k,
            tried.inertia,
            tried.silhouette.unwrap_or(f64::NAN),
            tried.davies_bouldin.unwrap_or(f64::NAN),
        ));
    }
    print::line(&format!("k = {}: {}", done.recommended, word(language, "why", &done.why)));
}

/// A text with its vector, as it is printed.
#[derive(serde::Serialize)]
struct Embedded<'a> {
    text: &'a str,
    embedding: &'a [f32],
}

fn embed(app: &App, job: &Job, given: EmbedArguments, language: Language) -> Result<()> {
    let json = given.json;
    match given.command()? {
        EmbedCommand::Table(request) => {
            let done = ops::embed::embed_table(app, job, *request)?;
            if json {
                return print::json(&done);
            }
            print::line(&format!(
                "{} {} × {} · {} · {} {} {}",
                done.rows,
                word(language, "cli", "rows"),
                done.space.dimension,
                done.space.model,
                done.ran_on.device,
                done.ran_on.precision,
                done.ran_on.instructions,
            ));
            say_cut(done.cut, language);
            print::line(&done.out);
        }
        EmbedCommand::Texts(request) => {
            let texts = request.texts.clone();
            let done = ops::embed::embed(app, job, request)?;
            let all: Vec<_> = texts
                .iter()
                .zip(&done.embeddings)
                .map(|(text, embedding)| Embedded { text, embedding })
                .collect();
            print::line(&serde_json::to_string(&all)?);
            say_cut(done.cut, language);
        }
    }
    Ok(())
}

fn say_cut(cut: u64, language: Language) {
    if cut > 0 {
        let text = word(language, "warnings", "texts_cut");
        print::to_stderr(&text.replace("{count}", &cut.to_string()));
    }
}

fn draw(app: &App, job: &Job, plot: PlotCommand, language: Language) -> Result<()> {
    print::line(&ops::export::plot(app, job, plot.request(language))?.path);
    Ok(())
}

/// A saved request names its operation, so that anything Mirante ever did can be done again.
fn run_request(app: &Arc<App>, job: &Job, run: &RunArguments) -> Result<()> {
    let text = if run.request == "-" {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Error::reading("-".as_ref(), error))?;
        text
    } else {
        std::fs::read_to_string(&run.request)
            .map_err(|error| Error::reading(run.request.as_ref(), error))?
    };
    let saved: Value = serde_json::from_str(&text)
        .map_err(|error| Error::BadRequest { reason: error.to_string() })?;
    let name = saved["operation"].as_str().unwrap_or_default();
    let operation = Operation::named(name)
        .ok_or_else(|| Error::Unknown { what: "operation", id: name.to_owned() })?;
    match ops::carry_out(app, job, operation, saved["request"].clone())? {
        Output::Json(value) => print::json(&value),
        Output::Bytes(bytes) => {
            use std::io::Write;
            std::io::stdout().write_all(&bytes).map_err(|error| Error::writing("-".as_ref(), error))
        }
    }
}
