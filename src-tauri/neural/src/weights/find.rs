//! Which files of a folder hold its weights.

use std::collections::{BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::folder::Folder;

/// The files that hold weights, the preferred first. Each may be in parts that `NAME.index.json` lists.
/// `*` stands for whatever name there is.
const FILES: [&str; 5] =
    ["model.safetensors", "pytorch_model.bin", "*.gguf", "tf_model.h5", "flax_model.msgpack"];

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
        if name.starts_with('*') {
            match gguf(folder)? {
                found if found.is_empty() => continue,
                found => return Ok(Some(found)),
            }
        }
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

/// Whether it is a GGUF file, or several, that hold the weights of a folder.
///
/// # Errors
/// Those of [`find`].
pub(crate) fn is_gguf(folder: &Folder) -> Result<bool> {
    let found = find(folder)?.unwrap_or_default();
    Ok(found.first().is_some_and(|path| path.extension().is_some_and(|ending| ending == "gguf")))
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

/// The GGUF file of a folder, or its parts: `NAME-00001-of-00003.gguf`.
fn gguf(folder: &Folder) -> Result<Vec<PathBuf>> {
    let unreadable = |source| Error::Unreadable { path: folder.path().to_owned(), source };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder.path()).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        names.extend(name.to_str().filter(|name| name.ends_with(".gguf")).map(str::to_owned));
    }
    names.sort_unstable();
    let Some((stem, parts)) = names.first().and_then(|name| part_of(name)) else {
        if names.len() > 1 {
            let reason = format!("one .gguf file is a model, it has {}", names.join(", "));
            return Err(Error::BadFile { path: folder.path().to_owned(), reason });
        }
        return names.iter().map(|name| folder.file(name)).collect();
    };
    (1..=parts).map(|at| folder.file(&format!("{stem}-{at:05}-of-{parts:05}.gguf"))).collect()
}

/// What the parts' names begin with, and how many there are.
fn part_of(name: &str) -> Option<(&str, usize)> {
    let (rest, parts) = name.strip_suffix(".gguf")?.rsplit_once("-of-")?;
    let (stem, _) = rest.rsplit_once('-')?;
    Some((stem, parts.parse().ok()?))
}
