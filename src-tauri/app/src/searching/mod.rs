//! Searching a table by words, by meaning, or by both; see [`crate::ops::search`].

mod beir;
mod builtin;
mod evaluate;
mod filter;
mod fuse;
mod index;
mod metrics;
mod vectors;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use mirante_data::lsa::{Lsa, token_params};
use mirante_data::progress::Progress;
use mirante_data::tfidf::TermCounter;
use mirante_neural::embed::Embedder;
use serde_json::Value;

use crate::app::{App, HALF_MADE};
use crate::embedding::{check, how, ran_on, space};
use crate::error::{Error, Result};
use crate::job::Job;
use crate::lock::held;
use crate::models::Located;
use crate::ops::embed::{EmbedSettings, RanOn, Space, TextRole};
use crate::ops::search::{
    Index, IndexTableRequest, SearchHit, SearchMode, SearchRequest, SearchResponse,
};
use crate::segmenting::From;
use crate::store::now;
use crate::texts::count_rows;

pub(crate) use evaluate::eval_retrieval;
use filter::Filter;
pub(crate) use index::OpenIndex;
use index::{IndexOut, about};
use words::Entry;

/// Rows that are read before they are indexed.
const ROWS: usize = 1024;
/// Longest name of an index.
const LONGEST_NAME: usize = 100;

/// The index that was searched last.
#[derive(Default)]
pub(crate) struct Searched(Mutex<Option<(String, Arc<OpenIndex>)>>);

/// A model ready to make vectors, where one was asked for.
struct Model {
    located: Located,
    embedder: Arc<Embedder>,
    settings: EmbedSettings,
}

impl Model {
    fn open(app: &App, settings: &EmbedSettings) -> Result<Self> {
        check(settings)?;
        let located = app.locate(&settings.model)?;
        let embedder = app.embedder(&located)?;
        Ok(Self { located, embedder, settings: settings.clone() })
    }

    /// A vector of every text, after what the model wants before one of that role.
    fn vectors<'a>(
        &self,
        texts: impl Iterator<Item = &'a str>,
        role: TextRole,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<f32>> {
        let prompt = self.located.prompt(&self.embedder, role);
        let texts = texts.map(|text| format!("{prompt}{text}")).collect();
        Ok(self.embedder.embed(texts, &how(&self.settings, go_on))?.numbers)
    }

    fn ran_on(&self) -> RanOn {
        ran_on(&self.embedder)
    }
}

/// Where the vectors of an index come from.
enum Maker {
    Model(Model),
    /// The words of all rows, counted as they come.
    Own(Box<TermCounter>),
    /// There are none: words alone are searched.
    Nowhere,
}

impl Maker {
    fn open(app: &App, settings: Option<&EmbedSettings>) -> Result<Self> {
        Ok(match settings {
            Some(settings) => Self::Model(Model::open(app, settings)?),
            None => {
                let mut counter = TermCounter::new(token_params());
                counter.begin_block(0);
                Self::Own(Box::new(counter))
            }
        })
    }

    fn model(&self) -> Option<&Model> {
        match self {
            Self::Model(model) => Some(model),
            Self::Own(_) | Self::Nowhere => None,
        }
    }

    /// Appends rows to an index, with their vectors where they can be told already.
    fn push(&mut self, out: &mut IndexOut, entries: &[Entry], job: &Job) -> Result<()> {
        match self {
            Self::Model(model) => {
                let texts = entries.iter().map(|entry| entry.text.as_str());
                let vectors = model.vectors(texts, TextRole::Document, &|| job.check().is_ok())?;
                out.push(entries, Some((&vectors, model.embedder.width())))?;
            }
            Self::Own(counter) => {
                for entry in entries {
                    counter.text(entry.text.as_bytes());
                    counter.end_document();
                }
                out.push(entries, None)?;
            }
            Self::Nowhere => out.push(entries, None)?,
        }
        job.at(out.rows());
        job.checkpoint()
    }

    /// When all rows are in: their space, and what the model ran on.
    fn end(self, out: &mut IndexOut, job: &Job) -> Result<(Option<Space>, Option<Model>)> {
        match self {
            Self::Nowhere => Ok((None, None)),
            Self::Model(model) => Ok((Some(space(&model.located, &model.embedder)), Some(model))),
            Self::Own(counter) => {
                let fitted =
                    Lsa::fit(vec![*counter], out.rows(), builtin::DIMS, builtin::SEED, job);
                let Some((lsa, vectors)) = builtin::learnt(fitted)? else {
                    return Ok((None, None));
                };
                out.learnt(&lsa, &vectors.values)?;
                Ok((Some(builtin::space(&lsa)), None))
            }
        }
    }
}

/// The folder of an index: a name that is sound as a folder's is taken as it is.
fn folder_of(app: &App, name: &str) -> Result<PathBuf> {
    let sound = !name.trim().is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.starts_with('.')
        && !name.contains(['/', '\\', ':', '\0', '*', '?', '"', '<', '>', '|']);
    if sound {
        return Ok(app.home().join("search").join(name));
    }
    let allowed = format!("1–{LONGEST_NAME}, ≠ / \\ : * ? \" < > |");
    Err(Error::BadOption { option: "name", value: name.to_owned(), allowed })
}

/// Makes a table searchable. Steps: `load`, `index_rows` (rows), those of [`Lsa::fit`].
pub(crate) fn index_table(app: &App, job: &Job, request: &IndexTableRequest) -> Result<Index> {
    let from = From::open(app, job, &request.source)?;
    let columns = from.columns_for(&request.text_cols, None)?;
    let name = request.name.clone().unwrap_or_else(|| from.name());
    let target = folder_of(app, &name)?;
    if request.settings.is_some() {
        job.step("load", None);
    }
    let mut maker = Maker::open(app, request.settings.as_ref())?;
    let search = app.folder(&["search"])?;
    let failed = |error| Error::writing(&search, error);
    let part = tempfile::Builder::new().prefix(HALF_MADE).tempdir_in(&search).map_err(failed)?;
    let mut out = IndexOut::create(part.path(), maker.model().is_some())?;
    let rows = count_rows(&from, job)?;
    job.step("index_rows", Some(rows));
    let all = from.column_names();
    from.each_row(&columns, ROWS, job, |some| {
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
        rows: out.rows(),
        text_cols: columns.names,
        columns: all,
        space,
        settings: request.settings.clone(),
        created_at: now(),
    };
    out.finish(&index)?;
    replace(part.path(), &target).map_err(failed)?;
    // Whoever searches the one before goes on with it until it is let go.
    *held(&app.searched.0) = None;
    Ok(index)
}

/// What the folder of an index is called while another takes its place.
const BEFORE: &str = ".before-";

fn before(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!("{BEFORE}{name}"))
}

/// Gives `part` the name of `target`, whatever has it. Killed in the middle, [`settle`] brings back what
/// was there.
fn replace(part: &Path, target: &Path) -> std::io::Result<()> {
    settle(target)?;
    let before = before(target);
    if target.exists() {
        std::fs::rename(target, &before)?;
    }
    std::fs::rename(part, target)?;
    if before.exists() { std::fs::remove_dir_all(before) } else { Ok(()) }
}

/// Ends what a process that was killed had begun.
fn settle(target: &Path) -> std::io::Result<()> {
    let before = before(target);
    match (before.exists(), target.exists()) {
        (true, false) => std::fs::rename(before, target),
        (true, true) => std::fs::remove_dir_all(before),
        (false, _) => Ok(()),
    }
}

/// Looks something up.
pub(crate) fn search(app: &App, job: &Job, request: &SearchRequest) -> Result<SearchResponse> {
    let open = opened(app, &request.index)?;
    let mode = open.mode(request.mode)?;
    let filter = request.filter.as_deref().filter(|filter| !filter.trim().is_empty());
    let filter = filter.map(|filter| Filter::parse(filter, &open.about.columns)).transpose()?;
    let model = match (&open.about.settings, mode) {
        (Some(settings), SearchMode::Hybrid | SearchMode::Vector) => {
            Some(Model::open(app, settings)?)
        }
        _ => None,
    };
    let vector = match &model {
        Some(model) => {
            let now = space(&model.located, &model.embedder);
            if let Some(before) = open.about.space.as_ref().filter(|before| **before != now) {
                return Err(Error::SpaceChanged {
                    before: before.to_string(),
                    now: now.to_string(),
                });
            }
            let texts = std::iter::once(request.query.as_str());
            Some(model.vectors(texts, TextRole::Query, &|| !job.is_cancelled())?)
        }
        None => own_vector(&open, mode, &request.query, job)?,
    };
    let top = request.top.max(1) as usize;
    let found = open.find(&request.query, vector.as_deref(), mode, top, filter.as_ref())?;
    let results = found
        .into_iter()
        .map(|(row, score, why)| {
            let Entry { text, fields } = open.entry(row)?;
            Ok(SearchHit { row, score, text, fields, why })
        })
        .collect::<Result<_>>()?;
    Ok(SearchResponse { results, mode, ran_on: model.map(|model| model.ran_on()) })
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
    let mut searched = held(&app.searched.0);
    if let Some((_, open)) = searched.as_ref().filter(|(known, _)| known == name) {
        return Ok(Arc::clone(open));
    }
    let folder = folder_of(app, name)?;
    settle(&folder).map_err(|error| Error::writing(&folder, error))?;
    if about(&folder).is_none() {
        return Err(Error::Unknown { what: "index", id: name.to_owned() });
    }
    *searched = None;
    let open = Arc::new(OpenIndex::open(&folder)?);
    *searched = Some((name.to_owned(), Arc::clone(&open)));
    Ok(open)
}

/// All indexes by name.
pub(crate) fn indexes(app: &App) -> Vec<Index> {
    let Ok(entries) = std::fs::read_dir(app.home().join("search")) else { return Vec::new() };
    let mut all: BTreeMap<String, Index> = BTreeMap::new();
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(HALF_MADE) {
            continue;
        }
        let name = name.strip_prefix(BEFORE).map_or(name.clone(), str::to_owned);
        if let Some(index) = about(&entry.path()) {
            all.entry(name).or_insert(index);
        }
    }
    all.into_values().collect()
}

/// Removes an index.
pub(crate) fn remove(app: &App, name: &str) -> Result<()> {
    let folder = folder_of(app, name)?;
    if about(&folder).is_none() {
        return Err(Error::Unknown { what: "index", id: name.to_owned() });
    }
    *held(&app.searched.0) = None;
    std::fs::remove_dir_all(&folder).map_err(|error| Error::writing(&folder, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_was_being_replaced_is_there_again() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("dores");
        let has = |text: &str| std::fs::read_to_string(target.join("f")).unwrap() == text;
        let part = |text: &str| {
            let part = folder.path().join("part");
            std::fs::create_dir(&part).unwrap();
            std::fs::write(part.join("f"), text).unwrap();
            part
        };
        replace(&part("one"), &target).unwrap();
        // Killed between the two renames, and after both.
        std::fs::rename(&target, before(&target)).unwrap();
        settle(&target).unwrap();
        assert!(has("one"));
        std::fs::create_dir(before(&target)).unwrap();
        replace(&part("two"), &target).unwrap();
        assert!(has("two"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
