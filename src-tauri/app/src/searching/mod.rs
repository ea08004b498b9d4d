//! Searching a table by words, by meaning, or by both; see [`crate::ops::search`].

mod beir;
mod builtin;
mod evaluate;
mod filter;
mod fuse;
mod index;
mod maker;
mod metrics;
mod place;
mod vectors;
mod words;

use std::sync::{Arc, Mutex};

use mirante_data::progress::Progress;
use serde_json::Value;

use crate::app::{App, HALF_MADE};
use crate::error::{Error, Result};
use crate::job::Job;
use crate::lock::held;
use crate::models::Ready;
use crate::ops::embed::TextRole;
use crate::ops::search::{Index, IndexTableRequest, SearchMode, SearchRequest, SearchResponse};
use crate::ops::segment::Source;
use crate::segmenting::From;
use crate::store::now;

pub(crate) use evaluate::eval_retrieval;
use filter::Filter;
pub(crate) use index::OpenIndex;
use index::{IndexOut, about};
use maker::Maker;
use place::folder_of;
pub(crate) use place::{indexes, remove};
use words::Entry;

/// Rows that are read before they are indexed.
const ROWS: usize = 1024;

/// The index that was searched last.
#[derive(Default)]
pub(crate) struct Searched(Mutex<Option<(String, Arc<OpenIndex>)>>);

/// Makes a table searchable. Steps: `load`, `index_rows` (rows), those of [`Lsa::fit`].
pub(crate) fn index_table(app: &App, job: &Job, request: &IndexTableRequest) -> Result<Index> {
    if let Some(settings) = &request.settings {
        Ready::find(app, settings)?;
    }
    let from = From::open(app, job, &request.source)?;
    let columns = from.columns_for(&request.text_cols, None)?.with_cells(&from);
    let name = request.name.clone().unwrap_or_else(|| from.name());
    let target = folder_of(app, &name)?;
    if request.settings.is_some() {
        job.step("load", None);
    }
    let mut maker = Maker::open(app, request.settings.as_ref())?;
    let search = app.folder(&["search"])?;
    let failed = |error| Error::writing(&search, error);
    let part = tempfile::Builder::new().prefix(HALF_MADE).tempdir_in(&search).map_err(failed)?;
    let mut out = IndexOut::create(part.path(), maker.is_model())?;
    let rows = from.row_count(job)?;
    job.step("index_rows", Some(rows));
    let all = from.column_names();
    from.each_text(&columns, ROWS, job, |some| {
        let entries: Vec<Entry> = some
            .into_iter()
            .map(|row| {
                let cells = row.cells.into_iter().map(|cell| cell.map_or(Value::Null, Value::from));
                Entry { text: row.text, fields: all.iter().cloned().zip(cells).collect() }
            })
            .collect();
        maker.push(&mut out, &entries, job)
    })?;
    let (space, _) = maker.end(&mut out, job)?;
    let index = Index {
        name: name.clone(),
        dataset: match request.source {
            Source::Dataset { dataset } => Some(dataset),
            Source::File { .. } => None,
        },
        rows: out.rows(),
        text_cols: columns.names,
        columns: all,
        space,
        settings: request.settings.clone(),
        created_at: now(),
    };
    out.finish(&index)?;
    // Nobody opens the one before meanwhile; whoever searches it goes on until it is let go.
    let mut searched = held(&app.searched.0);
    place::put(part.path(), &target).map_err(failed)?;
    *searched = None;
    Ok(index)
}

/// Looks something up.
pub(crate) fn search(app: &App, job: &Job, request: &SearchRequest) -> Result<SearchResponse> {
    let open = opened(app, &request.index)?;
    let asked = if request.like.is_some() { Some(SearchMode::Vector) } else { request.mode };
    let mode = open.mode(asked)?;
    let filter = request.filter.as_deref().filter(|filter| !filter.trim().is_empty());
    let filter = filter.map(|filter| Filter::parse(filter, &open.about.columns)).transpose()?;
    if let Some(row) = request.like {
        let found = open.like(row, request.top.max(1) as usize, filter.as_ref())?;
        return Ok(SearchResponse { results: open.hits(found)?, mode, ran_on: None });
    }
    let model = match (&open.about.settings, mode) {
        (Some(settings), SearchMode::Hybrid | SearchMode::Vector) => {
            Some(Ready::open(app, settings)?)
        }
        _ => None,
    };
    let vector = match &model {
        Some(model) => {
            let now = model.space();
            if let Some(before) = open.about.space.as_ref().filter(|before| **before != now) {
                return Err(Error::SpaceChanged {
                    before: before.to_string(),
                    now: now.to_string(),
                });
            }
            let texts = std::iter::once(request.query.as_str());
            Some(model.vectors(texts, TextRole::Query, &|| !job.is_cancelled())?.numbers)
        }
        None => own_vector(&open, mode, &request.query, job)?,
    };
    let top = request.top.max(1) as usize;
    let found = open.find(&request.query, vector.as_deref(), mode, top, filter.as_ref())?;
    Ok(SearchResponse {
        results: open.hits(found)?,
        mode,
        ran_on: model.map(|model| model.ran_on()),
    })
}

/// A query's vector out of the index's own words.
fn own_vector(
    open: &OpenIndex,
    mode: SearchMode,
    query: &str,
    job: &Job,
) -> Result<Option<Vec<f32>>> {
    match &open.lsa {
        Some(lsa) if mode != SearchMode::Words => builtin::learnt(lsa.vector(query, job)),
        _ => Ok(None),
    }
}

fn opened(app: &App, name: &str) -> Result<Arc<OpenIndex>> {
    let folder = place::existing(app, name)?;
    let mut searched = held(&app.searched.0);
    // Another Mirante may have put another index in its place.
    let is_same = |open: &OpenIndex| about(&folder).is_some_and(|about| about == open.about);
    if let Some((_, open)) =
        searched.as_ref().filter(|(known, open)| known == name && is_same(open))
    {
        return Ok(Arc::clone(open));
    }
    *searched = None;
    let open = Arc::new(OpenIndex::open(&folder)?);
    *searched = Some((name.to_owned(), Arc::clone(&open)));
    Ok(open)
}
