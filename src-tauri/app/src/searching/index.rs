//! An index on disk: `search/<name>/{index.json, words.db, vectors.f32}`, a folder that gets its name
//! when all is in it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use mirante_data::lsa::Lsa;

use super::builtin;
use super::filter::Filter;
use super::fuse::{Found, by_vectors, by_words, fuse};
use super::vectors::{Vectors, VectorsOut};
use super::words::{Entry, Words};
use crate::error::{Error, Result};
use crate::ops::search::{Index, SearchHit, SearchMode};

const ABOUT: &str = "index.json";
const WORDS: &str = "words.db";
const VECTORS: &str = "vectors.f32";
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
    vectors: Option<VectorsOut>,
    rows: u64,
}

impl IndexOut {
    /// Begins an index in a folder that is there and empty.
    pub(super) fn create(folder: &Path, with_vectors: bool) -> Result<Self> {
        let vectors =
            with_vectors.then(|| VectorsOut::create(&folder.join(VECTORS))).transpose()?;
        let words = Words::create(&folder.join(WORDS))?;
        Ok(Self { folder: folder.to_owned(), words, vectors, rows: 0 })
    }

    /// Appends rows with their vectors.
    pub(super) fn push(
        &mut self,
        entries: &[Entry],
        vectors: Option<(&[f32], usize)>,
    ) -> Result<()> {
        self.words.add(self.rows, entries)?;
        self.rows += entries.len() as u64;
        match (&mut self.vectors, vectors) {
            (Some(out), Some((numbers, width))) => out.push(numbers, width),
            _ => Ok(()),
        }
    }

    /// Puts in what was learnt of the table's own words, and the vectors of all rows.
    pub(super) fn learnt(&mut self, lsa: &Lsa, vectors: &[f32]) -> Result<()> {
        builtin::save(lsa, &self.folder)?;
        let mut out = VectorsOut::create(&self.folder.join(VECTORS))?;
        out.push(vectors, lsa.directions.dims)?;
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
            vectors.finish()?;
        }
        self.words.finish()?;
        let path = self.folder.join(ABOUT);
        std::fs::write(&path, serde_json::to_vec_pretty(about)?)
            .map_err(|error| Error::writing(&path, error))
    }
}

/// An index that can be searched.
pub(crate) struct OpenIndex {
    pub(super) about: Index,
    words: Words,
    vectors: Option<Vectors>,
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
                Some(Vectors::open(&folder.join(VECTORS), about.rows, width)?)
            }
            None => None,
        };
        let lsa = builtin::load(folder)?;
        Ok(Self { words: Words::open(&folder.join(WORDS))?, vectors, lsa, about })
    }

    /// The way of looking that was asked for, if this index has it.
    pub(super) fn mode(&self, asked: Option<SearchMode>) -> Result<SearchMode> {
        match (asked, &self.vectors) {
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
                let allowed: Option<HashSet<u64>> =
                    filter.map(|filter| self.words.allowed(filter)).transpose()?;
                let mut found = vectors.search(vector, depth, |row| {
                    allowed.as_ref().is_none_or(|allowed| allowed.contains(&row))
                });
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
                fuse(&words, &vectors, |row| all.similarity(row, query), weight)
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
        let vectors = self.vectors.as_ref().filter(|_| row < self.about.rows);
        let vectors = vectors.ok_or_else(|| Error::Unknown { what: "row", id: row.to_string() })?;
        let allowed = filter.map(|filter| self.words.allowed(filter)).transpose()?;
        let counts = |other| {
            other != row
                && allowed.as_ref().is_none_or(|allowed: &HashSet<u64>| allowed.contains(&other))
        };
        Ok(by_vectors(&vectors.search(vectors.of(row), top, counts)))
    }

    /// Rows that were found, with their texts and cells.
    pub(super) fn hits(&self, found: Vec<Found>) -> Result<Vec<SearchHit>> {
        let hit = |(row, score, why): Found| {
            let Entry { text, fields } = self.words.entry(row)?;
            Ok(SearchHit { row, score, text, fields, why })
        };
        found.into_iter().map(hit).collect()
    }
}
