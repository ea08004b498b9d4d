//! Measuring retrieval over judged questions.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use mirante_data::export::Beside;
use mirante_data::progress::Progress;

use super::beir::{Record, judgements, records};
use super::index::{IndexOut, OpenIndex};
use super::maker::Maker;
use super::metrics::{ndcg, recall, reciprocal_rank};
use super::words::Entry;
use super::{ROWS, own_vector};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::models::Ready;
use crate::ops::embed::TextRole;
use crate::ops::search::{
    EvalRetrievalRequest, EvalRetrievalResponse, EvalSeconds, Index, SearchMode,
};
use crate::store::now;

/// Results of every query that are judged.
const TOP: usize = 100;
/// Places at which recall is told.
const PLACES: [u32; 4] = [1, 5, 10, 100];

/// Measures retrieval. Steps: `load`, `index_rows` (documents), `search` (queries).
pub(crate) fn eval_retrieval(
    app: &App,
    job: &Job,
    request: &EvalRetrievalRequest,
) -> Result<EvalRetrievalResponse> {
    let documents = records(Path::new(&request.corpus))?;
    let queries = records(Path::new(&request.queries))?;
    let judged = judgements(Path::new(&request.qrels))?;
    let queries: Vec<_> = queries.into_iter().filter(|one| judged.contains_key(&one.id)).collect();
    if documents.is_empty() || queries.is_empty() {
        return Err(Error::NothingJudged);
    }
    job.step("load", None);
    let maker = match request.mode {
        Some(SearchMode::Words) => Maker::Nowhere,
        _ => Maker::open(app, request.settings.as_ref())?,
    };

    let began = Instant::now();
    let folder =
        tempfile::tempdir().map_err(|error| Error::writing(&std::env::temp_dir(), error))?;
    let (open, model) = indexed(job, folder.path(), &documents, maker)?;
    let mode = open.mode(request.mode, model.is_some())?;
    let index = began.elapsed().as_secs_f64();

    let began = Instant::now();
    job.step("search", Some(queries.len() as u64));
    let out = request.run_out.as_deref().map(Path::new);
    let mut run = out
        .map(|path| Beside::create(path).map(BufWriter::new).map_err(|e| Error::writing(path, e)))
        .transpose()?;
    let (mut sum_ndcg, mut sum_rank, mut sum_recall) = (0.0, 0.0, [0.0; PLACES.len()]);
    for (at, query) in queries.iter().enumerate() {
        job.checkpoint()?;
        let text = query.whole();
        let vector = match &model {
            Some(model) => {
                let texts = std::iter::once(text.as_str());
                Some(model.vectors(texts, TextRole::Query, &|| !job.is_cancelled())?.numbers)
            }
            None => own_vector(&open, mode, &text, job)?,
        };
        let found = open.find(&text, vector.as_deref(), mode, TOP, None)?;
        if let (Some(run), Some(path)) = (&mut run, out) {
            for (place, (row, score, _)) in found.iter().enumerate() {
                let document = &documents[*row as usize].id;
                writeln!(run, "{} Q0 {document} {} {score} mirante", query.id, place + 1)
                    .map_err(|error| Error::writing(path, error))?;
            }
        }
        let gain_of = &judged[&query.id];
        let gain = |row: u64| gain_of.get(&documents[row as usize].id).copied().unwrap_or(0.0);
        let gains: Vec<f64> = found.iter().map(|&(row, ..)| gain(row)).collect();
        let all: Vec<f64> = gain_of.values().copied().collect();
        sum_ndcg += ndcg(&gains, &all, 10);
        sum_rank += reciprocal_rank(&gains, 10);
        for (sum, place) in sum_recall.iter_mut().zip(PLACES) {
            *sum += recall(&gains, &all, place as usize);
        }
        job.at(at as u64 + 1);
    }
    if let (Some(run), Some(path)) = (run, out) {
        let failed = |error| Error::writing(path, error);
        run.into_inner().map_err(|error| failed(error.into_error()))?.commit().map_err(failed)?;
    }
    let count = queries.len() as f64;
    Ok(EvalRetrievalResponse {
        queries: queries.len() as u64,
        documents: documents.len() as u64,
        mode,
        ndcg_10: sum_ndcg / count,
        mrr_10: sum_rank / count,
        recall: PLACES.into_iter().zip(sum_recall.map(|sum| sum / count)).collect(),
        seconds: EvalSeconds { index, search: began.elapsed().as_secs_f64() },
        ran_on: model.map(|model| model.ran_on()),
    })
}

fn indexed(
    job: &Job,
    folder: &Path,
    documents: &[Record],
    mut maker: Maker,
) -> Result<(OpenIndex, Option<Ready>)> {
    job.step("index_rows", Some(documents.len() as u64));
    let mut out = IndexOut::create(folder, maker.width())?;
    for some in documents.chunks(ROWS) {
        let entries: Vec<Entry> = some
            .iter()
            .zip(out.rows()..)
            .map(|(document, row)| Entry {
                row,
                id: document.id.clone(),
                text: document.whole(),
                fields: BTreeMap::new(),
            })
            .collect();
        maker.push(&mut out, &entries, job)?;
    }
    let (space, model) = maker.end(&mut out, job)?;
    let now = now();
    let about = Index {
        name: String::new(),
        dataset: None,
        rows: out.rows(),
        slots: out.rows(),
        changed: 0,
        id_col: None,
        text_cols: Vec::new(),
        columns: Vec::new(),
        space,
        settings: None,
        created_at: now,
        updated_at: now,
    };
    out.finish(&about)?;
    Ok((OpenIndex::open(folder)?, model))
}
