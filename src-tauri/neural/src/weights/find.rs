//! Which files of a folder hold its weights.

use std::collections::{BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::folder::Folder;

/// The files that hold weights, the preferred first. Each may be in parts that `NAME.index.json` lists.
const FILES: [&str; 2] = ["model.safetensors", "pytorch_model.bin"];

/// The part of an index that says which files there are.
#[derive(Deserialize)]
struct Index {
    weight_map: HashMap<String, String>,
}

/// The files that together hold the weights of a folder, where it has any.
///
/// # Errors
/// [`Error::MissingFile`] for a part that an index names, [`Error::Unreadable`], [`Error::BadFile`].
pub(crate) fn find(folder: &Folder) -> Result<Option<Vec<PathBuf>>> {
    for name in FILES {
        let index = format!("{name}.index.json");
        if let Some(Index { weight_map }) = folder.json_if_any(&index)? {
            let names: BTreeSet<_> = weight_map.into_values().collect();
            return names
                .iter()
                .map(|name| part(folder, &index, name))
                .collect::<Result<_>>()
                .map(Some);
        }
        if let Ok(path) = folder.file(name) {
            return Ok(Some(vec![path]));
        }
    }
    Ok(None)
}

/// That a folder has no weights, with what was looked for.
pub(crate) fn missing(folder: &Folder) -> Error {
    let file = FILES.join(", ");
    Error::MissingFile { folder: folder.path().to_owned(), file }
}

/// A file that an index names, which must lie beside it.
fn part(folder: &Folder, index: &str, name: &str) -> Result<PathBuf> {
    let mut components = Path::new(name).components();
    if !matches!((components.next(), components.next()), (Some(Component::Normal(_)), None)) {
        let path = folder.path().join(index);
        return Err(Error::BadFile { path, reason: format!("{name} is not in its folder") });
    }
    folder.file(name)
}
