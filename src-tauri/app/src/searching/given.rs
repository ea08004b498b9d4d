//! Vectors that another program made, for the rows of a table.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use mirante_data::nearest::{Store, StoreOut};
use mirante_data::vectors::{VectorsError, each_vector};
use tempfile::TempDir;

use super::words::Entry;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::ops::embed::Space;

/// What a space is called whose model nobody named.
const OWN: &str = "own";

/// Vectors of a file, in a form that any of them is found at once in.
pub(super) struct Given {
    path: PathBuf,
    store: Store,
    /// Where each is, by the id that the file has for it; else they are in the order of the rows.
    by_id: Option<HashMap<String, u64>>,
    space: Space,
    _folder: TempDir,
}

impl Given {
    /// Reads the vectors of a file into `folder`. They belong to rows by their ids where the file has some
    /// and `has_ids` says that the rows have; `space` is the model's that made them, where it is known.
    ///
    /// # Errors
    /// [`Error::BadVectors`] and those of reading and writing.
    pub(super) fn read(
        path: &Path,
        folder: TempDir,
        has_ids: bool,
        space: Option<Space>,
        job: &Job,
    ) -> Result<Self> {
        let at = folder.path().join("vectors");
        let failed = |error| Error::writing(&at, error);
        let mut ids = HashMap::new();
        let mut out: Option<StoreOut> = None;
        let taken = each_vector(path, |id, vector| {
            job.checkpoint()?;
            let out = match &mut out {
                Some(out) => out,
                None => out.insert(StoreOut::create(&at, vector.len()).map_err(failed)?),
            };
            if let Some(id) = id.filter(|_| has_ids) {
                ids.insert(id, out.rows());
            }
            out.push(vector).map_err(failed)
        });
        taken.map_err(|error| match error {
            VectorsError::Io(error) => Error::reading(path, error),
            VectorsError::Bad { vector, reason } => {
                Error::BadVectors { path: path.to_owned(), vector, reason }
            }
            VectorsError::Taker(error) => error,
        })?;
        // A file without vectors is an error of its own.
        let (rows, width) = out.as_ref().map_or((0, 0), |out| (out.rows(), out.width()));
        if let Some(out) = out {
            out.finish().map_err(failed)?;
        }
        let bad = |reason| Error::BadVectors { path: path.to_owned(), vector: 0, reason };
        if let Some(space) = space.as_ref().filter(|space| space.dimension as usize != width) {
            return Err(bad(format!("{width} numbers each, {space} has {}", space.dimension)));
        }
        let store = Store::open(&at, width, rows).map_err(|error| Error::reading(&at, error))?;
        let own = || Space {
            model: OWN.to_owned(),
            revision: None,
            pooling: "given".to_owned(),
            dimension: width as u32,
        };
        Ok(Self {
            path: path.to_owned(),
            store,
            by_id: (!ids.is_empty()).then_some(ids),
            space: space.unwrap_or_else(own),
            _folder: folder,
        })
    }

    /// Whether there is one for every row of a table, as far as their number tells.
    ///
    /// # Errors
    /// [`Error::VectorCount`].
    pub(super) fn fits(&self, rows: u64) -> Result<()> {
        if self.by_id.is_some() || self.store.rows() == rows {
            return Ok(());
        }
        Err(Error::VectorCount { path: self.path.clone(), vectors: self.store.rows(), rows })
    }

    pub(super) fn width(&self) -> usize {
        self.store.width()
    }

    pub(super) fn space(&self) -> Space {
        self.space.clone()
    }

    /// The vectors of some rows, one after the other.
    ///
    /// # Errors
    /// [`Error::BadVectors`] for a row that has none.
    pub(super) fn vectors(&self, rows: &[Entry]) -> Result<Vec<f32>> {
        let width = self.width();
        let mut numbers = vec![0.0; rows.len() * width];
        for (row, out) in rows.iter().zip(numbers.chunks_exact_mut(width)) {
            let place = match &self.by_id {
                Some(ids) => ids.get(&row.id).copied(),
                None => Some(row.row).filter(|&row| row < self.store.rows()),
            };
            let place = place.ok_or_else(|| Error::BadVectors {
                path: self.path.clone(),
                vector: 0,
                reason: format!("none for row {}, whose id is {}", row.row, row.id),
            })?;
            self.store.read(place, out);
        }
        Ok(numbers)
    }
}
