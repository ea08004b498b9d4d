//! What models there are: well-known ones, and those on this machine.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use mirante_data::progress::Progress;

use super::cache::Repository;
use super::card::{Card, card, cards};
use super::{Located, pull};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::ops::models::{ModelEntry, VerifyModelResponse};

/// Every model that is known or here: well-known ones first, then the others by name.
pub(crate) fn entries(app: &App) -> Vec<ModelEntry> {
    let mut here: Vec<Located> = Vec::new();
    for found in app.caches().iter().flat_map(|cache| Repository::all(cache)) {
        let known = here.iter().any(|one| one.name == found.name);
        // In a shared cache lie models of other programs, pictures and voices among them.
        let is_ours = found.folder.starts_with(app.home());
        if !known && (is_ours || card(&found.name).is_some()) {
            here.push(found);
        }
    }
    let of_card = |card: &Card| {
        let found = here.iter().find(|one| one.name == card.repository);
        entry(app, &card.repository, Some(card), found)
    };
    let others = here.iter().filter(|one| card(&one.name).is_none());
    cards()
        .iter()
        .map(of_card)
        .chain(others.map(|one| entry(app, &one.name, None, Some(one))))
        .collect()
}

/// One model that is known or here.
pub(crate) fn entry_of(app: &App, model: &str) -> Result<ModelEntry> {
    let (known, found) = (card(model), app.locate(model));
    match (known, found) {
        (None, Err(error)) => Err(error),
        (known, found) => {
            let found = found.ok();
            let name = known.map(|card| &card.repository).or(found.as_ref().map(|one| &one.name));
            Ok(entry(app, name.map_or(model, |name| name), known, found.as_ref()))
        }
    }
}

fn entry(app: &App, name: &str, card: Option<&Card>, found: Option<&Located>) -> ModelEntry {
    ModelEntry {
        id: card.map_or(name, |card| &card.id).to_owned(),
        repository: name.to_owned(),
        task: card.map(|card| card.task.clone()).or_else(|| task_of(&found?.folder)),
        architecture: card.map(|card| card.architecture.clone()),
        languages: card.map(|card| card.languages.clone()).unwrap_or_default(),
        licence: card.and_then(|card| card.licence.clone()),
        dimension: card.and_then(|card| card.dimension),
        tokens: card.map(|card| card.tokens),
        bytes: card.map(|card| card.bytes),
        memory: card.map(|card| card.memory(None)),
        fits: card.map(Card::fits),
        here: found.is_some(),
        own: found.is_some_and(|found| found.folder.starts_with(app.home())),
        revision: found.and_then(|found| found.revision.clone()),
        folder: found.map(|found| found.folder.display().to_string()),
        bytes_here: found.map(|found| files(&found.folder).iter().map(|(_, size)| size).sum()),
    }
}

/// What a model without a card does: by the class that its configuration names, as transformers has them.
pub(crate) fn task_of(folder: &Path) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Written {
        #[serde(default)]
        architectures: Vec<String>,
    }
    if folder.join("modules.json").exists() {
        return Some("embed".to_owned());
    }
    let Ok(text) = std::fs::read(folder.join("config.json")) else {
        // A GGUF file that makes up for it is a model that writes.
        let is_gguf = |(path, _): &(PathBuf, u64)| path.extension().is_some_and(|e| e == "gguf");
        return files(folder).iter().any(is_gguf).then(|| "generate".to_owned());
    };
    let written: Written = serde_json::from_slice(&text).ok()?;
    let class = written.architectures.first()?;
    let known = [
        ("ForSequenceClassification", "classify"),
        ("ForTokenClassification", "tag"),
        ("ForQuestionAnswering", "answer"),
        ("ForConditionalGeneration", "summarize"),
        ("ForCausalLM", "generate"),
        ("LMHeadModel", "generate"),
        ("Model", "embed"),
    ];
    let task = known.into_iter().find(|(ending, _)| class.ends_with(ending));
    task.map(|(_, task)| task.to_owned())
}

/// What people read of a model that is here, or of an adapter.
pub(crate) fn told_of(app: &App, model: &str) -> Result<String> {
    let path = app.locate(model)?.folder.join("README.md");
    match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(Error::Unknown { what: "model_card", id: model.to_owned() })
        }
        read => read.map_err(|error| Error::reading(&path, error)),
    }
}

/// Makes sure of every file of a model. Step: `verify` (bytes).
pub(crate) fn verify(app: &App, job: &Job, model: &str) -> Result<VerifyModelResponse> {
    let located = app.locate(model)?;
    let files = files(&located.folder);
    job.step("verify", Some(files.iter().map(|(_, size)| size).sum()));
    let (mut done, mut broken) = (0, Vec::new());
    for (path, size) in &files {
        if !pull::is_sound(path, job)? {
            let name = path.strip_prefix(&located.folder).unwrap_or(path);
            broken.push(name.to_string_lossy().into_owned());
        }
        done += size;
        job.at(done);
    }
    Ok(VerifyModelResponse { files: files.len() as u64, broken })
}

/// Takes a model out of Mirante's own folder.
pub(crate) fn remove(app: &App, model: &str) -> Result<ModelEntry> {
    let located = app.locate(model)?;
    let card = card(&located.name);
    let own = app.home().join("models");
    let repository = Repository::new(&own, &located.name)
        .filter(|_| located.revision.is_some() && located.folder.starts_with(&own));
    let Some(repository) = repository else {
        return Err(Error::ModelShared { id: located.name, path: located.folder });
    };
    app.unload();
    // First what makes it a model: killed in the middle, nothing half is taken for one.
    let _ = std::fs::remove_dir_all(repository.root().join("refs"));
    std::fs::remove_dir_all(repository.root())
        .map_err(|error| Error::writing(repository.root(), error))?;
    Ok(entry(app, &located.name, card, None))
}

/// The files of a folder and of those in it, with their sizes.
pub(super) fn files(folder: &Path) -> Vec<(PathBuf, u64)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        match path.metadata() {
            Ok(found) if found.is_dir() => files.extend(self::files(&path)),
            Ok(found) => files.push((path, found.len())),
            // A link to bytes that are gone.
            Err(_) => files.push((path, 0)),
        }
    }
    files.sort();
    files
}
