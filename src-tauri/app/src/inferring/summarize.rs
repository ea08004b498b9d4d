//! Summaries; see [`crate::ops::summarize`].

use mirante_data::progress::Progress;
use mirante_neural::seq2seq::{Rewriter, Rewritten, Search};

use super::table::{Said, Task, infer};
use super::{Asked, ran_on, wanted};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::ops::inference::InferredTable;
use crate::ops::summarize::{
    DEFAULT_MODEL, SummarizeRequest, SummarizeResponse, SummarizeTableRequest, SummaryChoice,
};

/// Texts that are worked on before progress is told.
const SOME: usize = 8;

pub(crate) fn summarize(
    app: &App,
    job: &Job,
    request: SummarizeRequest,
) -> Result<SummarizeResponse> {
    check(&request.choice)?;
    job.step("load", None);
    let model = Asked::<Rewriter>::open(app, &request.settings, DEFAULT_MODEL)?;
    job.step("infer", Some(request.texts.len() as u64));
    let (mut summaries, mut cut) = (Vec::new(), 0);
    for some in request.texts.chunks(SOME) {
        let made = rewritten(&model, some.to_vec(), &request.choice, job)?;
        summaries.extend(made.texts);
        cut += made.cut as u64;
        job.at(summaries.len() as u64);
    }
    let ran_on = ran_on(model.engine.runs_on());
    Ok(SummarizeResponse { summaries, model: model.model(), ran_on, cut })
}

fn check(choice: &SummaryChoice) -> Result<()> {
    let positive = |option: &'static str, value: Option<u32>| match value {
        Some(0) => {
            let (value, allowed) = ("0".to_owned(), "≥ 1".to_owned());
            Err(Error::BadOption { option, value, allowed })
        }
        _ => Ok(()),
    };
    positive("max_tokens", choice.max_tokens)?;
    positive("beams", choice.beams)
}

fn rewritten(
    model: &Asked<Rewriter>,
    texts: Vec<String>,
    choice: &SummaryChoice,
    job: &Job,
) -> Result<Rewritten> {
    let usual = model.engine.search();
    let search = Search {
        beams: choice.beams.map_or(usual.beams, |beams| beams as usize),
        most: choice.max_tokens.map_or(usual.most, |most| most as usize),
        ..usual.clone()
    };
    let prefix = choice.prefix.as_deref().or(model.located.prefix()).unwrap_or_default();
    let texts = texts.into_iter().map(|text| format!("{prefix}{text}")).collect();
    Ok(model.engine.rewrite(texts, &search, model.pace(&wanted(job)))?)
}

pub(crate) fn summarize_table(
    app: &App,
    job: &Job,
    request: &SummarizeTableRequest,
) -> Result<InferredTable> {
    check(&request.choice)?;
    let task = Task {
        table: &request.table,
        settings: &request.settings,
        usual: DEFAULT_MODEL,
        columns: &["resumo"],
    };
    infer::<Rewriter>(
        app,
        job,
        &task,
        |engine| ran_on(engine.runs_on()),
        |model, texts| {
            let mut said = Said::default();
            for some in texts.chunks(SOME) {
                let made = rewritten(model, some.to_vec(), &request.choice, job)?;
                said.cells.extend(made.texts.into_iter().map(|text| vec![text]));
                said.cut += made.cut;
                job.checkpoint()?;
            }
            Ok(said)
        },
    )
}
