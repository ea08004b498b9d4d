//! Which files of a repository are a model: configurations, the tokenizer, and weights of one framework.

use super::hub::HubFile;
use super::{Located, listing};
use crate::error::{Error, Result};

/// Weights, the preferred first; each may be in parts.
const WEIGHTS: [(&str, &str); 4] = [
    ("model", ".safetensors"),
    ("pytorch_model", ".bin"),
    ("tf_model", ".h5"),
    ("flax_model", ".msgpack"),
];
/// What holds a tokenizer: the newer kind, or one of the older ones.
const TOKENIZERS: [&str; 6] = [
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "sentencepiece.bpe.model",
    "spiece.model",
    "tokenizer.model",
];
/// Which quantisation is taken where none is named: the first that there is. The usual choice between
/// size and loss, then what loses less, then the smaller ones.
const USUAL: [&str; 9] =
    ["Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0", "Q4_K_S", "Q4_0", "Q3_K_M", "Q2_K", "F16"];

/// A model's name, and the quantisation that may stand behind a colon, as llama.cpp and Ollama have it:
/// `Qwen/Qwen2.5-0.5B-Instruct-GGUF:Q8_0`.
pub(super) fn quantisation(model: &str) -> (&str, Option<&str>) {
    match model.rsplit_once(':') {
        Some((name, kind)) if !kind.is_empty() && !kind.contains(['/', '\\']) => (name, Some(kind)),
        _ => (model, None),
    }
}

/// Whether a model that is here is of that quantisation.
pub(super) fn has(found: &Located, kind: &str) -> bool {
    let is_it = |name: &str| is_gguf(name) && is_of(name, kind);
    let files = listing::files(&found.folder);
    files
        .iter()
        .any(|(path, _)| path.file_name().is_some_and(|name| is_it(&name.to_string_lossy())))
}

/// The files of a repository that Mirante reads. `kind` names a quantisation.
///
/// # Errors
/// [`Error::HubLacksFile`].
pub(super) fn wanted(name: &str, kind: Option<&str>, files: Vec<HubFile>) -> Result<Vec<HubFile>> {
    let lacks = |file: &str| Error::HubLacksFile { id: name.to_owned(), file: file.to_owned() };
    let is_part = |file: &HubFile, (start, end): (&str, &str)| {
        let base = base(file);
        base.starts_with(start) && base.ends_with(end) && !file.name.contains('/')
    };
    let framework = WEIGHTS.into_iter().find(|&kind| files.iter().any(|file| is_part(file, kind)));
    let Some(framework) = framework.filter(|_| kind.is_none()) else {
        let missing = kind.map_or("model.safetensors".to_owned(), |kind| format!("*{kind}*.gguf"));
        return quantised(kind, files).ok_or_else(|| lacks(&missing));
    };
    let is_wanted = |file: &HubFile| {
        // Modules of a sentence model lie in folders that begin with their number.
        let folder = folder(file);
        let is_module = folder.is_some_and(|folder| {
            !folder.contains('/') && folder.starts_with(|first: char| first.is_ascii_digit())
        });
        let base = base(file);
        let weights = is_part(file, framework)
            || is_module && WEIGHTS.iter().any(|(_, end)| base.ends_with(end));
        (folder.is_none() || is_module) && (weights || is_words(file))
    };
    let has = |file: &str| files.iter().any(|found| found.name == file);
    if !has("config.json") {
        return Err(lacks("config.json"));
    }
    if !TOKENIZERS.iter().any(|file| has(file)) {
        return Err(lacks(TOKENIZERS[0]));
    }
    Ok(files.into_iter().filter(is_wanted).collect())
}

/// A GGUF file or its parts, with the configurations beside it: the file makes up for those that lack.
fn quantised(kind: Option<&str>, files: Vec<HubFile>) -> Option<Vec<HubFile>> {
    // What sees pictures for a model is none itself.
    let is_weights = |file: &HubFile| {
        is_gguf(&file.name) && folder(file).is_none() && !file.name.starts_with("mmproj")
    };
    let first = |kind: &str| files.iter().find(|one| is_weights(one) && is_of(&one.name, kind));
    let chosen = match kind {
        Some(kind) => first(kind),
        None => USUAL
            .iter()
            .find_map(|kind| first(kind))
            .or_else(|| files.iter().find(|one| is_weights(one))),
    }?;
    let stem = stem(&chosen.name).to_owned();
    let is_wanted = |file: &HubFile| {
        folder(file).is_none()
            && (is_words(file) || is_weights(file) && self::stem(&file.name) == stem)
    };
    Some(files.into_iter().filter(is_wanted).collect())
}

fn base(file: &HubFile) -> &str {
    file.name.rsplit('/').next().unwrap_or_default()
}

fn folder(file: &HubFile) -> Option<&str> {
    file.name.rsplit_once('/').map(|(folder, _)| folder)
}

fn is_words(file: &HubFile) -> bool {
    [".json", ".txt", ".jinja", ".model"].iter().any(|end| base(file).ends_with(end))
}

fn is_gguf(name: &str) -> bool {
    name.ends_with(".gguf")
}

/// A file's name without its ending and without its part: `-00001-of-00003`.
fn stem(name: &str) -> &str {
    let name = name.strip_suffix(".gguf").unwrap_or(name);
    let part = name.rsplit_once("-of-").filter(|(_, all)| all.bytes().all(|b| b.is_ascii_digit()));
    part.and_then(|(rest, _)| rest.rsplit_once('-')).map_or(name, |(stem, _)| stem)
}

/// Whether a GGUF file is of a quantisation: its name ends with it, as a part of its own.
fn is_of(name: &str, kind: &str) -> bool {
    let (name, kind) = (stem(name).to_lowercase(), kind.to_lowercase());
    name.strip_suffix(&kind).is_some_and(|rest| rest.is_empty() || rest.ends_with(['-', '.', '_']))
}

#[cfg(test)]
mod tests {
    use super::super::hub::Hash;
    use super::*;

    fn files(names: &[&str]) -> Vec<HubFile> {
        let hash = || Hash::Git("0a".to_owned());
        names.iter().map(|&name| HubFile { name: name.to_owned(), size: 1, hash: hash() }).collect()
    }

    fn chosen(kind: Option<&str>, names: &[&str]) -> Option<Vec<String>> {
        let wanted = wanted("ana/m", kind, files(names)).ok()?;
        Some(wanted.into_iter().map(|file| file.name).collect())
    }

    #[test]
    fn a_name_may_say_its_quantisation() {
        assert_eq!(quantisation("a/b:Q8_0"), ("a/b", Some("Q8_0")));
        assert_eq!(quantisation("a/b"), ("a/b", None));
        assert_eq!(quantisation(r"C:\m\x"), (r"C:\m\x", None));
    }

    #[test]
    fn of_a_quantised_repository_one_file_is_taken() {
        let names = [
            "m-q2_k.gguf",
            "m-q4_k_m.gguf",
            "m-q8_0-00001-of-00002.gguf",
            "m-q8_0-00002-of-00002.gguf",
        ];
        let given = |kind| chosen(kind, &names);
        assert_eq!(given(None).unwrap(), ["m-q4_k_m.gguf"]);
        assert_eq!(given(Some("Q8_0")).unwrap(), names[2..]);
        assert_eq!(given(Some("K_M")).unwrap(), ["m-q4_k_m.gguf"]);
        assert!(given(Some("Q5_0")).is_none());
        let beside = ["config.json", "mmproj-F16.gguf", "README.md", "m.IQ3_S.gguf"];
        assert_eq!(chosen(None, &beside).unwrap(), ["config.json", "m.IQ3_S.gguf"]);
    }

    #[test]
    fn weights_in_full_are_taken_where_no_quantisation_is_named() {
        let names = ["config.json", "tokenizer.json", "model.safetensors", "m-Q8_0.gguf"];
        assert_eq!(chosen(None, &names).unwrap(), names[..3]);
        assert_eq!(chosen(Some("q8_0"), &names).unwrap().last().unwrap(), "m-Q8_0.gguf");
        assert!(chosen(None, &["config.json", "model.safetensors"]).is_none(), "no tokenizer");
    }
}
