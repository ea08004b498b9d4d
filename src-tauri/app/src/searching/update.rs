//! Changing rows of an index. It is done in a copy that then takes the index's place: killed at any moment,
//! the index is as it was or as it should be. Vectors are not copied: new ones are written behind them.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use mirante_data::lsa::Lsa;
use mirante_data::nearest::{Store, StoreOut};
use mirante_data::progress::Progress;
use serde_json::Value;

use super::changing::{Changed, Changes};
use super::index::{IndexOut, OpenIndex, VECTORS, WORDS, describe};
use super::maker::Maker;
use super::words::{Entry, Words};
use super::{ROWS, builtin, part, place, replace};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::models::Ready;
use crate::ops::embed::{Space, TextRole};
use crate::ops::search::{Index, IndexRow, UpdateIndexRequest, UpdateIndexResponse};
use crate::ops::segment::Source;
use crate::segmenting::From;
use crate::store::now;

/// When one row of so many has changed, all is built anew.
const SHARE: u64 = 10;

/// Changes rows. Steps: `load`, `update_rows` (rows), and where it is due `rebuild` (rows).
pub(crate) fn update_index(
    app: &App,
    job: &Job,
    request: UpdateIndexRequest,
) -> Result<UpdateIndexResponse> {
    place::existing(app, &request.index)?;
    let _turn = place::turn(app, job, &request.index)?;
    let target = place::existing(app, &request.index)?;
    let open = OpenIndex::open(&target)?;
    let part = part(app)?;
    copy(&target, part.path())?;
    let words = Words::open_to_change(&part.path().join(WORDS))?;
    let mut changes = Changes::begin(&words, open.about.slots)?;
    job.step("load", None);
    let mut vectors = NewVectors::open(app, job, &open, part.path())?;
    let mut about = open.about.clone();
    let is_own = about.space.is_some() && about.settings.is_none() && open.lsa.is_none();
    if let Some(source) = &request.source {
        if is_own {
            let allowed = "put, delete".to_owned();
            return Err(Error::BadOption { option: "source", value: "own".to_owned(), allowed });
        }
        about.dataset = match source {
            Source::Dataset { dataset } => Some(*dataset),
            Source::File { .. } => None,
        };
        about.columns = all_rows(app, job, source, &open.about, &mut changes, &mut vectors)?;
    }
    let put = last_of_each(request.put);
    if !put.is_empty() {
        job.step("update_rows", Some(put.len() as u64));
    }
    for id in request.delete.iter().filter(|id| !put.iter().any(|row| row.id == **id)) {
        changes.delete(id)?;
    }
    for (some, done) in put.chunks(ROWS).zip(1..) {
        let given = some.iter().filter_map(|row| Some((row.id.clone(), row.vector.clone()?)));
        let given: Given = if is_own { given.collect() } else { Given::new() };
        let rows = some.iter().map(|row| entry(row, &about)).collect();
        let new = changes.put(rows, |row| given.contains_key(&row.id))?;
        vectors.push(&new, &given)?;
        job.at(put.len().min(done * ROWS) as u64);
        job.checkpoint()?;
    }
    about.slots = changes.slots();
    let changed = changes.apply()?;
    vectors.finish()?;
    about.rows = words.count("select count(*) from rows")?;
    about.changed += changed.added + changed.changed + changed.removed;
    about.updated_at = now();
    let is_due = about.changed * SHARE > about.rows;
    words.finish()?;
    describe(part.path(), &about)?;
    replace(app, part.path(), &target)?;
    if is_due {
        about = rebuild(app, job, &target)?;
    }
    let Changed { added, changed, removed } = changed;
    Ok(UpdateIndexResponse { index: about, added, changed, removed, rebuilt: is_due })
}

/// Everything of an index but what it is; vectors stay one file under two names where the disk can do that.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let failed = |error| Error::writing(to, error);
    for entry in std::fs::read_dir(from).map_err(|error| Error::reading(from, error))? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).map_err(failed)?;
        let target = to.join(&name);
        let is_vectors = name.to_string_lossy().starts_with("vectors.");
        if !(is_vectors && std::fs::hard_link(&path, &target).is_ok()) {
            std::fs::copy(&path, &target).map_err(failed)?;
        }
    }
    Ok(())
}

/// Brings an index in line with a table. Returned are the table's columns.
fn all_rows(
    app: &App,
    job: &Job,
    source: &Source,
    about: &Index,
    changes: &mut Changes,
    vectors: &mut NewVectors,
) -> Result<Vec<String>> {
    let from = From::open(app, job, source)?;
    let columns = from.columns_for(&about.text_cols, about.id_col.as_deref())?.with_cells(&from);
    let rows = from.row_count(job)?;
    job.step("update_rows", Some(rows));
    let all = from.column_names();
    let mut known = changes.known()?;
    let mut next = 0;
    from.each_text(&columns, ROWS, job, |some| {
        let rows: Vec<Entry> =
            some.into_iter().zip(next..).map(|(row, at)| row.entry(at, &all)).collect();
        next += rows.len() as u64;
        let new = changes.table_rows(&mut known, rows)?;
        vectors.push(&new, &Given::new())?;
        job.at(next);
        job.checkpoint()
    })?;
    changes.only_these()?;
    Ok(all)
}

/// Of rows with one id the last.
fn last_of_each(rows: Vec<IndexRow>) -> Vec<IndexRow> {
    let mut place: HashMap<String, usize> = HashMap::new();
    let mut last: Vec<IndexRow> = Vec::with_capacity(rows.len());
    for row in rows {
        match place.get(&row.id) {
            Some(&at) => last[at] = row,
            None => {
                place.insert(row.id.clone(), last.len());
                last.push(row);
            }
        }
    }
    last
}

/// A row as the index holds it; its place is told where it is taken in.
fn entry(row: &IndexRow, about: &Index) -> Entry {
    let cell = |column: &String| row.fields.get(column).cloned().flatten();
    let texts: Vec<String> = about.text_cols.iter().filter_map(cell).collect();
    let mut fields: BTreeMap<String, Value> = about
        .columns
        .iter()
        .map(|column| (column.clone(), cell(column).map_or(Value::Null, Value::from)))
        .collect();
    if let Some(column) = &about.id_col {
        fields.insert(column.clone(), Value::from(row.id.clone()));
    }
    Entry { row: 0, id: row.id.clone(), text: texts.join(" "), fields }
}

/// Vectors that came with rows, by the rows' ids.
type Given = HashMap<String, Vec<f32>>;

/// Where the vectors of new texts come from.
enum Origin<'a> {
    Model(Ready),
    Own(&'a Lsa),
    /// With the rows.
    Rows(usize),
    /// There are none.
    Nowhere,
}

/// The vectors of new texts, written behind those that are there.
struct NewVectors<'a> {
    job: &'a Job,
    origin: Origin<'a>,
    out: Option<StoreOut>,
    folder: &'a Path,
}

impl<'a> NewVectors<'a> {
    fn open(app: &App, job: &'a Job, index: &'a OpenIndex, folder: &'a Path) -> Result<Self> {
        let origin = match (&index.about.settings, &index.lsa, &index.about.space) {
            (_, _, None) => Origin::Nowhere,
            (Some(settings), ..) => {
                let model = Ready::open(app, settings)?;
                index.same_space(&model.space())?;
                Origin::Model(model)
            }
            (None, Some(lsa), _) => Origin::Own(lsa),
            (None, None, Some(space)) => Origin::Rows(space.dimension as usize),
        };
        let append = |space: &Space| {
            let path = folder.join(VECTORS);
            StoreOut::append(&path, space.dimension as usize, index.about.slots)
                .map_err(|error| Error::writing(&path, error))
        };
        let out = index.about.space.as_ref().map(append).transpose()?;
        Ok(Self { job, origin, out, folder })
    }

    /// Vectors of new rows; `given` has those that came with them, by their ids.
    fn push(&mut self, rows: &[Entry], given: &Given) -> Result<()> {
        let job = self.job;
        let texts = rows.iter().map(|row| row.text.as_str());
        let numbers = match &self.origin {
            Origin::Model(model) => {
                model.vectors(texts, TextRole::Document, &|| job.check().is_ok())?.numbers
            }
            Origin::Own(lsa) => {
                let mut numbers = Vec::with_capacity(rows.len() * lsa.directions.dims);
                for text in texts {
                    let vector = builtin::learnt(lsa.vector(text, job))?;
                    let from = numbers.len();
                    numbers.extend(vector.unwrap_or_default());
                    numbers.resize(from + lsa.directions.dims, 0.0);
                }
                numbers
            }
            Origin::Rows(width) => {
                let mut numbers = Vec::with_capacity(rows.len() * width);
                for row in rows {
                    let vector = given.get(&row.id);
                    let sound = |vector: &&Vec<f32>| {
                        vector.len() == *width && vector.iter().all(|x| x.is_finite())
                    };
                    let vector = vector.filter(sound).ok_or_else(|| Error::BadOption {
                        option: "vector",
                        value: format!("{}: {}", row.id, vector.map_or(0, Vec::len)),
                        allowed: width.to_string(),
                    })?;
                    numbers.extend(vector);
                }
                numbers
            }
            Origin::Nowhere => return Ok(()),
        };
        match &mut self.out {
            Some(out) => out.push(&numbers).map_err(|error| Error::writing(self.folder, error)),
            None => Ok(()),
        }
    }

    fn finish(self) -> Result<()> {
        let failed = |error| Error::writing(self.folder, error);
        self.out.map_or(Ok(()), |out| out.finish().map_err(failed))
    }
}

/// Builds an index anew of its own rows, without those that are gone; what is made of its own words is
/// learnt of the words as they are now.
fn rebuild(app: &App, job: &Job, target: &Path) -> Result<Index> {
    let open = OpenIndex::open(target)?;
    let part = part(app)?;
    let mut maker = match (&open.lsa, &open.about.space) {
        (Some(_), _) | (None, None) => Maker::open(app, None)?,
        (None, Some(_)) => Maker::Nowhere,
    };
    let vectors = open.vectors.as_ref().filter(|_| open.lsa.is_none());
    let mut out = IndexOut::create(part.path(), vectors.map(Store::width))?;
    job.step("rebuild", Some(open.about.rows));
    let mut from = 0;
    loop {
        let page = open.words.page(from, ROWS)?;
        let Some((_, last)) = page.last() else { break };
        from = last.row + 1;
        let (slots, rows): (Vec<u64>, Vec<Entry>) = page.into_iter().unzip();
        match vectors {
            Some(vectors) => {
                let mut numbers = vec![0.0; slots.len() * vectors.width()];
                let places = numbers.chunks_exact_mut(vectors.width());
                slots.iter().zip(places).for_each(|(slot, out)| vectors.read(*slot, out));
                out.push(&rows, Some(&numbers))?;
                job.at(out.rows());
                job.checkpoint()?;
            }
            None => maker.push(&mut out, &rows, job)?,
        }
    }
    let (space, _) = maker.end(&mut out, job)?;
    let rows = out.rows();
    let space = if vectors.is_some() { open.about.space.clone() } else { space };
    let created_at = now();
    let about = Index { rows, slots: rows, changed: 0, space, created_at, ..open.about.clone() };
    out.finish(&about)?;
    replace(app, part.path(), target)?;
    Ok(about)
}
