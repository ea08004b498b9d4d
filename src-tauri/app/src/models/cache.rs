//! The hub's own layout on disk, so that what other programs fetched is found and what Mirante fetched
//! is found by them: `models--owner--name/{blobs, snapshots/<revision>, refs}`
//! (<https://huggingface.co/docs/huggingface_hub/guides/manage-cache>).

use std::path::{Component, Path, PathBuf};

use mirante_data::export::Beside;

use super::Located;
use super::hub::HubFile;
use crate::error::{Error, Result};

/// A repository in a cache.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    name: String,
    root: PathBuf,
}

impl Repository {
    /// The place of a repository, be there anything or not; `None` for what cannot be its name.
    pub(crate) fn new(cache: &Path, name: &str) -> Option<Self> {
        let part = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && !part.contains("--")
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        let parts: Vec<_> = name.split('/').collect();
        let sound = parts.len() <= 2 && parts.iter().all(|name| part(name));
        let root = cache.join(format!("models--{}", parts.join("--")));
        sound.then(|| Self { name: name.to_owned(), root })
    }

    /// Every repository of a cache that is whole.
    pub(crate) fn all(cache: &Path) -> Vec<Located> {
        let Ok(entries) = std::fs::read_dir(cache) else { return Vec::new() };
        let mut all: Vec<_> = entries
            .flatten()
            .filter_map(|entry| {
                let name = entry
                    .file_name()
                    .to_string_lossy()
                    .strip_prefix("models--")?
                    .replace("--", "/");
                Self::new(cache, &name)?.current()
            })
            .collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }

    /// Where it lies.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The files of the revision that `refs/main` names, which is written when all are there.
    pub(crate) fn current(&self) -> Option<Located> {
        let revision = std::fs::read_to_string(self.root.join("refs").join("main")).ok()?;
        let revision = revision.trim().to_owned();
        let folder = self.snapshot(&revision)?;
        folder.is_dir().then(|| Located {
            name: self.name.clone(),
            revision: Some(revision),
            folder,
            adapter: None,
        })
    }

    /// A revision's folder. A name out of a file or an answer must not lead out of the cache.
    pub(crate) fn snapshot(&self, revision: &str) -> Option<PathBuf> {
        is_hash(revision).then(|| self.root.join("snapshots").join(revision))
    }

    /// Where the bytes of that hash lie.
    pub(crate) fn blob(&self, hash: &str) -> Option<PathBuf> {
        is_hash(hash).then(|| self.root.join("blobs").join(hash))
    }

    /// Gives the bytes of `hash` the name `file` in a revision.
    pub(crate) fn link(&self, revision: &str, file: &str, hash: &str) -> Result<()> {
        let bad = || Error::HubAnswer { reason: format!("{revision}/{file}") };
        let folder = self.snapshot(revision).ok_or_else(bad)?;
        if !is_within(file) {
            return Err(bad());
        }
        let path = folder.join(file);
        let failed = |error| Error::writing(&path, error);
        std::fs::create_dir_all(path.parent().unwrap_or(&folder)).map_err(failed)?;
        let _ = std::fs::remove_file(&path);
        let up = "../".repeat(2 + file.matches('/').count());
        let target = PathBuf::from(format!("{up}blobs/{hash}"));
        link(&target, &path, &self.blob(hash).ok_or_else(bad)?).map_err(failed)
    }

    /// Takes GGUF files out of a revision that are none of `files`, and their bytes.
    pub(crate) fn drop_other_weights(&self, revision: &str, files: &[HubFile]) -> Result<()> {
        let Some(folder) = self.snapshot(revision) else { return Ok(()) };
        let failed = |error| Error::writing(&folder, error);
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let is_kept = files.iter().any(|file| name == *file.name);
            if is_kept || Path::new(&name).extension().is_none_or(|ending| ending != "gguf") {
                continue;
            }
            let bytes = entry.path().canonicalize().map_err(failed)?;
            std::fs::remove_file(entry.path()).map_err(failed)?;
            if bytes.parent() == self.root.join("blobs").canonicalize().ok().as_deref() {
                std::fs::remove_file(bytes).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Makes a revision the one that is used.
    pub(crate) fn set_current(&self, revision: &str) -> Result<()> {
        use std::io::Write;
        let path = self.root.join("refs").join("main");
        let failed = |error| Error::writing(&path, error);
        std::fs::create_dir_all(self.root.join("refs")).map_err(failed)?;
        let mut file = Beside::create(&path).map_err(failed)?;
        file.write_all(revision.as_bytes()).map_err(failed)?;
        file.commit().map_err(failed)
    }
}

#[cfg(unix)]
fn link(target: &Path, path: &Path, _blob: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

/// Links need a permission that people seldom have there: a second name for the same bytes, or a copy.
#[cfg(not(unix))]
fn link(_target: &Path, path: &Path, blob: &Path) -> std::io::Result<()> {
    std::fs::hard_link(blob, path).or_else(|_| std::fs::copy(blob, path).map(|_| ()))
}

fn is_hash(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether a name stays within its folder.
pub(crate) fn is_within(file: &str) -> bool {
    !file.contains(['\\', ':'])
        && !file.is_empty()
        && Path::new(file).components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_none() {
        let cache = Path::new("/c");
        for name in ["", "..", "a/../b", "/etc", "a/b/c", "a//b", "a\\b", ".hidden/x", "a--b/c"] {
            assert!(Repository::new(cache, name).is_none(), "{name}");
        }
        let found = Repository::new(cache, "intfloat/multilingual-e5-small").unwrap();
        assert_eq!(found.root(), Path::new("/c/models--intfloat--multilingual-e5-small"));
        assert!(Repository::new(cache, "gpt2").is_some());
        for file in ["", "../x", "/x", "a/../../x", "C:x", "a\\..\\x", "./x"] {
            assert!(!is_within(file), "{file}");
        }
        assert!(is_within("1_Pooling/config.json"));
        assert!(found.snapshot("../..").is_none() && found.blob("").is_none());
    }
}
