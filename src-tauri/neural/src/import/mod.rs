//! A model of any framework into a folder as the hub keeps it now: `config.json`, the tokenizer's files
//! and `model.safetensors`.

mod config;
mod sentencepiece;
mod tokenizer;

use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path};

use serde::Deserialize;
use serde_json::Value as Json;

use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::tokens::slow::tokenizer_if_any;
use crate::weights::{self, Watch, Weights};

/// Files that say what a model is and how texts become its tokens; whatever of them a folder has is
/// copied as it is.
const COPIED: [&str; 20] = [
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "tokenizer.model",
    "spiece.model",
    "sentencepiece.bpe.model",
    "chat_template.jinja",
    "chat_template.json",
    "preprocessor_config.json",
    "processor_config.json",
    "modules.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "LICENSE",
];

/// How texts become tokens, in whole.
const TOKENIZER: &str = "tokenizer.json";

/// What came of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Tensors that were written.
    pub tensors: usize,
    /// Files that were written, by their paths in the new folder.
    pub files: Vec<String>,
}

/// The part of `modules.json` that says where the parts of a sentence model lie.
#[derive(Deserialize)]
struct Module {
    path: String,
}

/// Writes the model in `folder` into the new folder `out`, which appears when it is whole. What the
/// weights give is the same bit for bit, and so is what the model makes of a text.
///
/// What a GGUF file alone says of a llama or qwen2 is written as `config.json` and `tokenizer.json`
/// where the folder has none. Of the files of a slow tokenizer `tokenizer.json` is made too, where its
/// kind is known.
///
/// # Errors
/// [`Error::MissingFile`] where the folder has no weights, [`Error::Unwritable`] where `out` exists or
/// cannot be made, [`Error::BadField`] for a GGUF file of another architecture or tokenizer,
/// [`Error::BadField`] and [`Error::BadFile`] for files of a tokenizer that do not fit together, and
/// those of reading weights.
pub fn import(folder: &Folder, out: &Path) -> Result<Imported> {
    import_watched(folder, out, &mut |_, _| true)
}

/// The same, telling how far the file of weights is that is written at the time.
///
/// # Errors
/// As [`import`], and [`Error::Stopped`] once `watch` says no; nothing is then left.
pub fn import_watched(folder: &Folder, out: &Path, watch: &mut Watch) -> Result<Imported> {
    let unwritable = |source| Error::Unwritable { path: out.to_owned(), source };
    if out.exists() {
        return Err(unwritable(ErrorKind::AlreadyExists.into()));
    }
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let beside = tempfile::Builder::new().prefix(".import-").tempdir_in(parent);
    let beside = beside.map_err(unwritable)?;
    let whole = beside.path().join("model");
    let mut imported = Imported::default();
    for part in parts(folder)? {
        import_part(folder, &whole, &part, &mut imported, watch)?;
    }
    if imported.tensors == 0 {
        return Err(weights::missing(folder));
    }
    fs::rename(&whole, out).map_err(unwritable)?;
    Ok(imported)
}

/// The folders of a model: its own, and those of a sentence model's parts.
fn parts(folder: &Folder) -> Result<Vec<String>> {
    const MODULES: &str = "modules.json";
    let mut parts = vec![String::new()];
    for Module { path } in folder.json_if_any::<Vec<Module>>(MODULES)?.unwrap_or_default() {
        let within = |part| matches!(part, Component::Normal(_));
        if !Path::new(&path).components().all(within) {
            let reason = format!("{path} is not in its folder");
            return Err(Error::BadFile { path: folder.path().join(MODULES), reason });
        }
        if !parts.contains(&path) {
            parts.push(path);
        }
    }
    Ok(parts)
}

fn import_part(
    root: &Folder,
    out: &Path,
    part: &str,
    imported: &mut Imported,
    watch: &mut Watch,
) -> Result<()> {
    // A module that only does something, as `Normalize`, has no folder.
    let Ok(folder) = Folder::open_any(&root.path().join(part)) else { return Ok(()) };
    let out = out.join(part);
    let unwritable = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Unwritable { path, source }
    };
    fs::create_dir_all(&out).map_err(unwritable(&out))?;
    let mut note = |name: &str| {
        let part = part.trim_end_matches('/');
        let path = if part.is_empty() { name.to_owned() } else { format!("{part}/{name}") };
        imported.files.push(path);
    };
    for name in COPIED {
        if let Ok(path) = folder.file(name) {
            let to = out.join(name);
            fs::copy(path, &to).map_err(unwritable(&to))?;
            note(name);
        }
    }
    let made = if folder.file(TOKENIZER).is_ok() { None } else { tokenizer_if_any(&folder)? };
    if let Some(tokenizer) = &made {
        let to = out.join(TOKENIZER);
        let broken = |error: tokenizers::Error| Error::Tokens { reason: error.to_string() };
        fs::write(&to, tokenizer.to_string(false).map_err(broken)?).map_err(unwritable(&to))?;
        note(TOKENIZER);
    }
    if weights::find(&folder)?.is_some() {
        let mut weights = folder.weights()?;
        for (name, made) in described(&folder, &weights)? {
            let to = out.join(name);
            fs::write(&to, format!("{made:#}\n")).map_err(unwritable(&to))?;
            note(name);
        }
        // The configuration says it.
        weights.leave_out(config::FREQUENCIES);
        weights::save_watched(&out.join("model.safetensors"), &weights, watch)?;
        note("model.safetensors");
        imported.tensors += weights.names().len();
    }
    Ok(())
}

/// Files that a folder lacks and the metadata of its GGUF file makes up for.
///
/// # Errors
/// [`Error::BadField`] for another architecture or tokenizer, and those of reading a tokenizer's files.
pub(crate) fn described(folder: &Folder, weights: &Weights) -> Result<Vec<(&'static str, Json)>> {
    let (metadata, mut made) = (weights.metadata(), Vec::new());
    if !metadata.is_empty() {
        if folder.file("config.json").is_err() {
            made.push(("config.json", config::config(weights)?));
        }
        if folder.file(TOKENIZER).is_err() && tokenizer_if_any(folder)?.is_none() {
            made.push((TOKENIZER, tokenizer::tokenizer(metadata)?));
            if folder.file("tokenizer_config.json").is_err() {
                made.push(("tokenizer_config.json", tokenizer::settings(metadata)));
            }
        }
    }
    Ok(made)
}
