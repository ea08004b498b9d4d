//! Searching a table by words, by meaning, or by both; see [`crate::ops::search`].

mod beir;
mod builtin;
mod changing;
mod evaluate;
mod filter;
mod fuse;
mod given;
mod index;
mod maker;
mod metrics;
mod place;
mod update;
mod words;

use std::path::Path;
use std::sync::{Arc, Mutex};

use mirante_data::export::RowId;
use mirante_data::progress::Progress;
use serde_json::Value;
use tempfile::TempDir;

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
use crate::texts::TextRow;

pub(crate) use evaluate::eval_retrieval;
use filter::Filter;
use given::Given;
pub(crate) use index::OpenIndex;
use index::{IndexOut, about};
use maker::Maker;
use place::folder_of;
pub(crate) use place::{indexes, remove};
pub(crate) use update::update_index;
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
    let id = request.id_col.as_deref();
    let columns = from.columns_for(&request.text_cols, id)?.with_cells(&from);
    let name = request.name.clone().unwrap_or_else(|| from.name());
    let target = folder_of(app, &name)?;
    let _turn = place::turn(app, job, &name)?;
    if request.settings.is_some() {
        job.step("load", None);
    }
    let part = part(app)?;
    let rows = from.row_count(job)?;
    let mut maker = match &request.vectors {
        Some(path) => {
            let model = request.settings.as_ref().map(|settings| Ready::open(app, settings));
            let space = model.transpose()?.map(|model| model.space());
            let given = Given::read(path.as_ref(), self::part(app)?, id.is_some(), space, job)?;
            given.fits(rows)?;
            Maker::Given(Box::new(given))
        }
        None => Maker::open(app, request.settings.as_ref())?,
    };
    let mut out = IndexOut::create(part.path(), maker.width())?;
    job.step("index_rows", Some(rows));
    let all = from.column_names();
    let mut next = 0;
    from.each_text(&columns, ROWS, job, |some| {
        let entries: Vec<Entry> =
            some.into_iter().zip(next..).map(|(row, at)| row.entry(at, &all)).collect();
        next += entries.len() as u64;
        maker.push(&mut out, &entries, job)
    })?;
    let (space, _) = maker.end(&mut out, job)?;
    let now = now();
    let index = Index {
        name: name.clone(),
        dataset: match request.source {
            Source::Dataset { dataset } => Some(dataset),
            Source::File { .. } => None,
        },
        rows: out.rows(),
        slots: out.rows(),
        changed: 0,
        id_col: request.id_col.clone(),
        text_cols: columns.names,
        columns: all,
        space,
        settings: request.settings.clone(),
        created_at: now,
        updated_at: now,
    };
    out.finish(&index)?;
    replace(app, part.path(), &target)?;
    Ok(index)
}

/// A folder for an index that is not whole yet; gone when it is dropped.
fn part(app: &App) -> Result<TempDir> {
    let search = app.folder(&["search"])?;
    let part = tempfile::Builder::new().prefix(HALF_MADE).tempdir_in(&search);
    part.map_err(|error| Error::writing(&search, error))
}

/// Gives an index that is whole its place, whatever is there.
fn replace(app: &App, part: &Path, target: &Path) -> Result<()> {
    // Nobody opens the one before meanwhile; whoever searches it goes on until it is let go.
    let mut searched = held(&app.searched.0);
    place::put(part, target).map_err(|error| Error::writing(target, error))?;
    *searched = None;
    Ok(())
}

impl TextRow {
    /// The row as an index holds it.
    fn entry(self, row: u64, columns: &[String]) -> Entry {
        let id = match self.id {
            RowId::Number(id) => id.to_string(),
            RowId::Text(id) => id,
        };
        let cells = self.cells.into_iter().map(|cell| cell.map_or(Value::Null, Value::from));
        Entry { row, id, text: self.text, fields: columns.iter().cloned().zip(cells).collect() }
    }
}

/// Looks something up.
pub(crate) fn search(app: &App, job: &Job, request: &SearchRequest) -> Result<SearchResponse> {
    let open = opened(app, &request.index)?;
    let asked = if request.like.is_some() { Some(SearchMode::Vector) } else { request.mode };
    let mode = open.mode(asked, request.vector.is_some() || request.like.is_some())?;
    let filter = request.filter.as_deref().filter(|filter| !filter.trim().is_empty());
    let filter = filter.map(|filter| Filter::parse(filter, &open.about.columns)).transpose()?;
    if let Some(row) = request.like {
        let found = open.like(row, request.top.max(1) as usize, filter.as_ref())?;
        return Ok(SearchResponse { results: open.hits(found)?, mode, ran_on: None });
    }
    let model = match (&open.about.settings, mode) {
        (Some(settings), SearchMode::Hybrid | SearchMode::Vector) if request.vector.is_none() => {
            Some(Ready::open(app, settings)?)
        }
        _ => None,
    };
    let vector = match (&request.vector, &model) {
        (Some(vector), _) => Some(open.checked(vector)?.to_vec()),
        (None, Some(model)) => {
            open.same_space(&model.space())?;
            let texts = std::iter::once(request.query.as_str());
            Some(model.vectors(texts, TextRole::Query, &|| !job.is_cancelled())?.numbers)
        }
        (None, None) => own_vector(&open, mode, &request.query, job)?,
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
