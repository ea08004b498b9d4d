//! An index on disk: `search/<name>/{index.json, words.db, vectors.f16, vectors.sketches}`, a folder that
//! gets its name when all is in it.

use std::path::{Path, PathBuf};

use mirante_data::lsa::Lsa;
use mirante_data::nearest::{Bits, Near, Store, StoreOut};

use super::builtin;
use super::filter::Filter;
use super::fuse::{Found, by_vectors, by_words, fuse};
use super::words::{Entry, Match, Words};
use crate::error::{Error, Result};
use crate::ops::embed::Space;
use crate::ops::search::{Index, SearchHit, SearchMode};

const ABOUT: &str = "index.json";
pub(super) const WORDS: &str = "words.db";
pub(super) const VECTORS: &str = "vectors.f16";
/// Results of each way of looking that are joined.
const DEPTH: usize = 100;
/// What the cosine of a model's vectors weighs beside words; and of those out of the table's own words,
/// which say little that the words do not.
const MODEL_WEIGHT: f64 = 0.5;
const BUILTIN_WEIGHT: f64 = 0.3;

/// An index being written.
pub(super) struct IndexOut {
    folder: PathBuf,
    words: Words,
    vectors: Option<StoreOut>,
    rows: u64,
}

impl IndexOut {
    /// Begins an index in a folder that is there and empty; `width` is that of vectors that come with the
    /// rows.
    pub(super) fn create(folder: &Path, width: Option<usize>) -> Result<Self> {
        let vectors = width.map(|width| vectors_out(folder, width)).transpose()?;
        let words = Words::create(&folder.join(WORDS))?;
        Ok(Self { folder: folder.to_owned(), words, vectors, rows: 0 })
    }

    /// Appends rows with their vectors, one after the other.
    pub(super) fn push(&mut self, entries: &[Entry], vectors: Option<&[f32]>) -> Result<()> {
        self.words.add(self.rows, entries)?;
        self.rows += entries.len() as u64;
        match (&mut self.vectors, vectors) {
            (Some(out), Some(numbers)) => {
                out.push(numbers).map_err(|error| Error::writing(&self.folder.join(VECTORS), error))
            }
            _ => Ok(()),
        }
    }

    /// Puts in what was learnt of the table's own words, and the vectors of all rows.
    pub(super) fn learnt(&mut self, lsa: &Lsa, vectors: &[f32]) -> Result<()> {
        builtin::save(lsa, &self.folder)?;
        let mut out = vectors_out(&self.folder, lsa.directions.dims)?;
        out.push(vectors).map_err(|error| Error::writing(&self.folder.join(VECTORS), error))?;
        self.vectors = Some(out);
        Ok(())
    }

    /// Rows so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Ends the index, which is described by `about`.
    pub(super) fn finish(self, about: &Index) -> Result<()> {
        if let Some(vectors) = self.vectors {
            let failed = |error| Error::writing(&self.folder.join(VECTORS), error);
            vectors.finish().map_err(failed)?;
        }
        self.words.finish()?;
        describe(&self.folder, about)
    }
}

fn vectors_out(folder: &Path, width: usize) -> Result<StoreOut> {
    let path = folder.join(VECTORS);
    StoreOut::create(&path, width).map_err(|error| Error::writing(&path, error))
}

/// Writes what an index is: the last that comes into its folder.
pub(super) fn describe(folder: &Path, about: &Index) -> Result<()> {
    let path = folder.join(ABOUT);
    std::fs::write(&path, serde_json::to_vec_pretty(about)?)
        .map_err(|error| Error::writing(&path, error))
}

/// An index that can be searched.
pub(crate) struct OpenIndex {
    pub(super) about: Index,
    pub(super) words: Words,
    pub(super) vectors: Option<Store>,
    /// The slots of rows that are still there, where some are not.
    live: Option<Bits>,
    /// What makes a query's vector, where no model does.
    pub(super) lsa: Option<Lsa>,
}

/// What an index is, without opening it.
pub(super) fn about(folder: &Path) -> Option<Index> {
    serde_json::from_slice(&std::fs::read(folder.join(ABOUT)).ok()?).ok()
}

impl OpenIndex {
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let unknown = || Error::Storage { reason: format!("{} is no index", folder.display()) };
        let about = about(folder).ok_or_else(unknown)?;
        let vectors = match &about.space {
            Some(space) => {
                let width = space.dimension as usize;
                let path = folder.join(VECTORS);
                let store = Store::open(&path, width, about.slots);
                Some(store.map_err(|error| Error::reading(&path, error))?)
            }
            None => None,
        };
        let lsa = builtin::load(folder)?;
        let words = Words::open(&folder.join(WORDS))?;
        let live = (about.slots > about.rows).then(|| words.slots(None)).transpose()?;
        Ok(Self { words, vectors, live, lsa, about })
    }

    /// Whether vectors of that space can be compared with those here.
    pub(super) fn same_space(&self, now: &Space) -> Result<()> {
        match &self.about.space {
            Some(before) if before != now => {
                Err(Error::SpaceChanged { before: before.to_string(), now: now.to_string() })
            }
            _ => Ok(()),
        }
    }

    /// A query's vector that was made elsewhere, if it can be compared with those here.
    pub(super) fn checked<'a>(&self, vector: &'a [f32]) -> Result<&'a [f32]> {
        let width = self.vectors.as_ref().map_or(0, Store::width);
        if vector.len() == width && vector.iter().all(|x| x.is_finite()) {
            return Ok(vector);
        }
        Err(Error::BadOption {
            option: "vector",
            value: vector.len().to_string(),
            allowed: width.to_string(),
        })
    }

    /// The way of looking that was asked for, if this index has it; `has_vector` says that the query's
    /// vector was made elsewhere.
    pub(super) fn mode(&self, asked: Option<SearchMode>, has_vector: bool) -> Result<SearchMode> {
        let makes = self.about.settings.is_some() || self.lsa.is_some();
        let vectors = self.vectors.as_ref().filter(|_| makes || has_vector);
        match (asked, vectors) {
            (None, Some(_)) => Ok(SearchMode::Hybrid),
            (None, None) => Ok(SearchMode::Words),
            (Some(mode), None) if mode != SearchMode::Words => Err(Error::BadOption {
                option: "mode",
                value: if mode == SearchMode::Hybrid { "hybrid" } else { "vector" }.to_owned(),
                allowed: "words".to_owned(),
            }),
            (Some(mode), _) => Ok(mode),
        }
    }

    /// The best rows for a query; `vector` is the query's, where vectors are searched.
    pub(super) fn find(
        &self,
        query: &str,
        vector: Option<&[f32]>,
        mode: SearchMode,
        top: usize,
        filter: Option<&Filter>,
    ) -> Result<Vec<Found>> {
        let depth = top.max(DEPTH);
        let words = match mode {
            SearchMode::Vector => Vec::new(),
            _ => self.words.search(query, depth, filter)?,
        };
        let vectors = match (&self.vectors, vector) {
            (Some(vectors), Some(vector)) if mode != SearchMode::Words => {
                let allowed = self.allowed(filter)?;
                let counts = |slot| {
                    allowed.as_ref().or(self.live.as_ref()).is_none_or(|some| some.has(slot))
                };
                let mut found = matches(vectors.search(vector, depth, &counts));
                // Of a table's own words some may be unknown to it, and then point nowhere.
                if self.lsa.is_some() {
                    found.retain(|one| one.1 > 0.0);
                }
                found
            }
            _ => Vec::new(),
        };
        let mut found = match (mode, &self.vectors, vector) {
            (SearchMode::Hybrid, Some(all), Some(query)) => {
                let weight = if self.lsa.is_some() { BUILTIN_WEIGHT } else { MODEL_WEIGHT };
                fuse(&words, &vectors, |slot| f64::from(all.similarity(slot, query)), weight)
            }
            (SearchMode::Vector, ..) => by_vectors(&vectors),
            _ => by_words(&words),
        };
        found.truncate(top);
        Ok(found)
    }

    /// The rows most like one of the index's own, by their vectors.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a row that it does not have.
    pub(super) fn like(&self, row: u64, top: usize, filter: Option<&Filter>) -> Result<Vec<Found>> {
        let unknown = || Error::Unknown { what: "row", id: row.to_string() };
        let vectors = self.vectors.as_ref().ok_or_else(unknown)?;
        let slot = self.words.slot_of(row)?.ok_or_else(unknown)?;
        let allowed = self.allowed(filter)?;
        let counts = |other| {
            let some = allowed.as_ref().or(self.live.as_ref());
            other != slot && some.is_none_or(|some| some.has(other))
        };
        let mut vector = vec![0.0; vectors.width()];
        vectors.read(slot, &mut vector);
        Ok(by_vectors(&matches(vectors.search(&vector, top, &counts))))
    }

    /// The slots that a filter lets through.
    fn allowed(&self, filter: Option<&Filter>) -> Result<Option<Bits>> {
        filter.map(|filter| self.words.slots(Some(filter))).transpose()
    }

    /// Rows that were found, with their texts and cells.
    pub(super) fn hits(&self, found: Vec<Found>) -> Result<Vec<SearchHit>> {
        let hit = |(slot, score, why): Found| {
            let Entry { row, id, text, fields } = self.words.entry(slot)?;
            Ok(SearchHit { row, id, score, text, fields, why })
        };
        found.into_iter().map(hit).collect()
    }
}

fn matches(near: Vec<Near>) -> Vec<Match> {
    near.into_iter().map(|(slot, cosine)| (slot, f64::from(cosine))).collect()
}
