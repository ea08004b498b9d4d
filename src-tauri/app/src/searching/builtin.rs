//! The embedder that needs no model: what was learnt of an index's own words, beside the index.

use std::path::Path;

use mirante_data::lsa::{Lsa, LsaError};
use mirante_data::project2d::{Directions, ProjectError};
use mirante_data::tfidf::{TfidfError, Vocabulary};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::ops::embed::Space;

const ABOUT: &str = "lsa.json";
const SHARES: &str = "lsa.f32";

/// Numbers of a vector.
pub(super) const DIMS: usize = 128;
/// Seed of what is random in finding them.
pub(super) const SEED: u64 = 42;

#[derive(Serialize, Deserialize)]
struct About {
    vocabulary: Vocabulary,
    dims: usize,
}

/// Writes what was learnt into the folder of an index.
pub(super) fn save(lsa: &Lsa, folder: &Path) -> Result<()> {
    let about = About { vocabulary: lsa.vocabulary.clone(), dims: lsa.directions.dims };
    let bytes: Vec<u8> = lsa.directions.shares.iter().flat_map(|x| x.to_le_bytes()).collect();
    for (name, bytes) in [(ABOUT, serde_json::to_vec(&about)?), (SHARES, bytes)] {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(|error| Error::writing(&path, error))?;
    }
    Ok(())
}

/// Reads what was learnt, if anything was.
pub(super) fn load(folder: &Path) -> Result<Option<Lsa>> {
    let path = folder.join(ABOUT);
    let Ok(text) = std::fs::read(&path) else { return Ok(None) };
    let broken = || Error::Storage { reason: format!("{} is broken", folder.display()) };
    let About { vocabulary, dims } = serde_json::from_slice(&text).map_err(|_| broken())?;
    let path = folder.join(SHARES);
    let bytes = std::fs::read(&path).map_err(|error| Error::reading(&path, error))?;
    let columns = vocabulary.terms.len();
    if bytes.len() != columns * dims * 4 || vocabulary.idf.len() != columns {
        return Err(broken());
    }
    let (words, _) = bytes.as_chunks::<4>();
    let shares = words.iter().map(|word| f32::from_le_bytes(*word)).collect();
    Ok(Some(Lsa { vocabulary, directions: Directions { columns, dims, shares } }))
}

/// The space of its vectors: that of the index itself, and of no other.
pub(super) fn space(lsa: &Lsa) -> Space {
    Space {
        model: "lsa".to_owned(),
        revision: None,
        pooling: "tfidf".to_owned(),
        dimension: lsa.directions.dims as u32,
    }
}

/// A table without words is searched by words alone, in vain; everything else is an error.
pub(super) fn learnt<T>(result: std::result::Result<T, LsaError>) -> Result<Option<T>> {
    match result {
        Ok(learnt) => Ok(Some(learnt)),
        Err(
            LsaError::Words(TfidfError::Cancelled(_))
            | LsaError::Project(ProjectError::Cancelled(_)),
        ) => Err(Error::Cancelled),
        Err(LsaError::Words(_)) => Ok(None),
        Err(LsaError::Project(error)) => Err(Error::Internal { reason: error.to_string() }),
    }
}
