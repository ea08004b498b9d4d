//! Models: well-known ones, those on this machine, fetching more, and the one that is held in memory.

mod adapted;
mod cache;
mod card;
mod hub;
mod import;
mod listing;
mod loaded;
mod pull;
mod ready;
mod together;
pub(crate) mod token;
mod wanted;
mod writers;

use std::path::{Path, PathBuf};

use mirante_neural::embed::Embedder;
use mirante_neural::{Device, Target};

use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::ops::embed::TextRole;
use crate::ops::models::OfflineBy;
use crate::ops::settings::{SettingsRequest, settings};

pub(crate) use adapted::{BASE, base_of};
use cache::Repository;
pub(crate) use import::import;
pub(crate) use listing::{entries, entry_of, remove, task_of, told_of, verify};
pub(crate) use loaded::{Engine, Loaded};
pub(crate) use pull::pull;
pub(crate) use ready::Ready;
pub(crate) use together::{FEW, Queues};
pub(crate) use writers::{Wanted, Writers};

/// What a model is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Located {
    /// Its repository on the hub, or its folder's name.
    pub(crate) name: String,
    /// The revision of the repository; none for a folder of the person's own.
    pub(crate) revision: Option<String>,
    /// Where its files are.
    pub(crate) folder: PathBuf,
    /// The folder of the adapter that changes it.
    pub(crate) adapter: Option<PathBuf>,
}

impl Located {
    /// The licence of its weights, where it is known.
    pub(crate) fn licence(&self) -> Option<String> {
        card::card(&self.name).and_then(|card| card.licence.clone())
    }
}

impl App {
    /// Finds a model that is on this machine: a folder, or a repository of the hub in Mirante's own
    /// folder or in a cache that other programs share.
    ///
    /// # Errors
    /// [`Error::Unknown`].
    pub(crate) fn locate(&self, model: &str) -> Result<Located> {
        let folder = Path::new(model);
        if folder.is_dir() {
            let name = folder.canonicalize().ok();
            let name = name.as_deref().and_then(Path::file_name);
            return Ok(Located {
                name: name.unwrap_or(folder.as_os_str()).to_string_lossy().into_owned(),
                revision: None,
                folder: folder.to_owned(),
                adapter: None,
            });
        }
        let (name, kind) = wanted::quantisation(model);
        let name = card::card(name).map_or(name, |card| &card.repository);
        self.caches()
            .iter()
            .find_map(|cache| Repository::new(cache, name)?.current())
            .filter(|found| kind.is_none_or(|kind| wanted::has(found, kind)))
            .ok_or_else(|| Error::Unknown { what: "model", id: model.to_owned() })
    }

    /// What forbids network calls, if anything does: the settings, the command line or `HF_HUB_OFFLINE`.
    pub(crate) fn offline(&self) -> Result<Option<OfflineBy>> {
        let said = std::env::var("HF_HUB_OFFLINE").unwrap_or_default();
        if self.no_network() {
            return Ok(Some(OfflineBy::CommandLine));
        }
        if ["1", "true", "yes", "on"].contains(&said.to_lowercase().as_str()) {
            return Ok(Some(OfflineBy::Environment));
        }
        // A list of models leaves no home behind it.
        let set = self.has_home() && settings(self, &Job::quiet(), SettingsRequest {})?.offline;
        Ok(set.then_some(OfflineBy::Settings))
    }

    /// Folders in the hub's own layout, Mirante's first.
    fn caches(&self) -> Vec<PathBuf> {
        let from_env =
            |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let hub = from_env("HF_HUB_CACHE")
            .or_else(|| from_env("HF_HOME").map(|home| home.join("hub")))
            .or_else(|| {
                let cache = from_env("XDG_CACHE_HOME")
                    .or_else(|| from_env("HOME").map(|home| home.join(".cache")));
                cache.map(|cache| cache.join("huggingface").join("hub"))
            });
        std::iter::once(self.home().join("models")).chain(hub).collect()
    }

    /// Lets go of the models that are held in memory.
    pub(crate) fn unload(&self) {
        self.loaded.clear();
    }
}

impl Located {
    /// Bytes of main memory that it needs there, about.
    pub(crate) fn memory(&self, target: Target) -> u64 {
        if target.device != Device::Cpu {
            // Its weights are on the card, which says itself when they are too many.
            return card::WORKING;
        }
        if let Some(card) = card::card(&self.name) {
            return card.memory(target.precision);
        }
        let is_weights = |path: &Path| {
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            ["safetensors", "bin", "gguf", "h5", "msgpack"].contains(&ending)
        };
        let weights = listing::files(&self.folder).into_iter();
        card::WORKING
            + weights.filter(|(path, _)| is_weights(path)).map(|(_, size)| size).sum::<u64>()
    }

    /// What its card says that it wants before a text.
    pub(crate) fn prefix(&self) -> Option<&str> {
        card::card(&self.name)?.prefix.as_deref()
    }

    /// What the model wants before a text of that role: by its own files, else by its card.
    fn prompt<'a>(&self, embedder: &'a Embedder, role: TextRole) -> &'a str {
        let (prompts, card) = (embedder.prompts(), card::card(&self.name));
        match role {
            TextRole::Document => {
                let card = card.and_then(|card| card.document.as_deref());
                prompts.document().or(card).or(prompts.plain())
            }
            TextRole::Query => {
                let card = card.and_then(|card| card.query.as_deref());
                prompts.query().or(card).or(prompts.plain())
            }
            TextRole::Plain => None,
        }
        .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_found_in_the_hubs_own_layout() {
        let home = tempfile::tempdir().unwrap();
        let repository = home.path().join("models/models--ana--minhas-frases");
        std::fs::create_dir_all(repository.join("snapshots/0a1b")).unwrap();
        std::fs::create_dir_all(repository.join("refs")).unwrap();
        std::fs::write(repository.join("refs/main"), "0a1b\n").unwrap();
        let app = App::new(home.path());
        let found = app.locate("ana/minhas-frases").unwrap();
        assert_eq!(found.revision.as_deref(), Some("0a1b"));
        assert!(found.folder.ends_with("snapshots/0a1b"));
        std::fs::write(repository.join("refs/main"), "../..").unwrap();
        assert!(app.locate("ana/minhas-frases").is_err());
        assert_eq!(app.locate("ana/outra").unwrap_err().code(), "unknown_model");
        let own = app.locate(&found.folder.display().to_string()).unwrap();
        assert_eq!((own.name.as_str(), own.revision), ("0a1b", None));
    }
}
