//! A model of any framework into Mirante's own folder, its weights as safetensors.

use std::path::{Path, PathBuf};

use mirante_data::progress::Progress;
use mirante_neural::Folder;
use sha2::{Digest, Sha256};

use super::Located;
use super::cache::Repository;
use crate::app::{App, HALF_MADE};
use crate::error::{Error, Result};
use crate::job::Job;

/// Under which imported models stand, as an owner does on the hub.
const OWNER: &str = "local";
/// Digits of a revision, as the hub has them.
const REVISION: usize = 40;

/// Imports the model at `path`, a folder or a single file of weights. Steps: `import_model` (bytes, a step
/// for each file of weights), `verify` (bytes).
pub(crate) fn import(app: &App, job: &Job, path: &Path, name: Option<&str>) -> Result<Located> {
    let failed = |error| Error::reading(path, error);
    let path = path.canonicalize().map_err(failed)?;
    let name = name.map_or_else(|| own_name(&path), str::to_owned);
    let cache = app.folder(&["models"])?;
    let bad_name = || Error::BadOption {
        option: "name",
        value: name.clone(),
        allowed: "A–Z a–z 0–9 - _ .".to_owned(),
    };
    let repository = Repository::new(&cache, &format!("{OWNER}/{name}")).ok_or_else(bad_name)?;
    job.step("import_model", None);
    let failed = |error| Error::writing(repository.root(), error);
    let part = tempfile::Builder::new().prefix(HALF_MADE).tempdir_in(&cache).map_err(failed)?;
    let source = source_of(&path, part.path())?;
    let made = part.path().join("made");
    let mut whole = None;
    let mut watch = |done, total| {
        if whole.replace(total) != Some(total) {
            job.step("import_model", Some(total));
        }
        job.at(done);
        job.check().is_ok()
    };
    mirante_neural::import_watched(&source, &made, &mut watch)?;
    job.checkpoint()?;
    let revision = revision_of(&made, job)?;
    let target = repository
        .snapshot(&revision)
        .ok_or_else(|| Error::Internal { reason: revision.clone() })?;
    if !target.exists() {
        let folder = target.parent().unwrap_or(&cache);
        std::fs::create_dir_all(folder).map_err(failed)?;
        std::fs::rename(&made, &target).map_err(failed)?;
    }
    repository.set_current(&revision)?;
    app.unload();
    repository.current().ok_or_else(bad_name)
}

/// The name of a folder or a file, as a repository may be called.
fn own_name(path: &Path) -> String {
    let name = if path.is_dir() { path.file_name() } else { path.file_stem() };
    let name = name.unwrap_or_default().to_string_lossy();
    let sound =
        |char: char| if char.is_ascii_alphanumeric() || "-_.".contains(char) { char } else { '-' };
    let mut name: String = name.chars().map(sound).collect();
    while name.contains("--") {
        name = name.replace("--", "-");
    }
    name.trim_matches(['-', '.']).to_owned()
}

/// The folder of a model; a single file gets one of its own, with what lies beside it that is no weights.
fn source_of(path: &Path, part: &Path) -> Result<Folder> {
    if path.is_dir() {
        return Ok(Folder::open_any(path)?);
    }
    let folder = part.join("source");
    let failed = |error| Error::writing(&folder, error);
    std::fs::create_dir(&folder).map_err(failed)?;
    let mut files = vec![path.to_owned()];
    let beside = path.parent().and_then(|parent| std::fs::read_dir(parent).ok());
    let is_text = |path: &PathBuf| {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        ["json", "txt", "jinja", "model"].contains(&ending)
    };
    // A quantised file stands for itself: what lies beside it may be of another model.
    if path.extension().is_none_or(|ending| ending != "gguf") {
        files.extend(
            beside.into_iter().flatten().flatten().map(|entry| entry.path()).filter(is_text),
        );
    }
    for file in files {
        let target = folder.join(file.file_name().unwrap_or_default());
        // A link costs nothing; where there can be none, the bytes are copied.
        if link(&file, &target).is_err() {
            std::fs::copy(&file, &target).map_err(failed)?;
        }
    }
    Ok(Folder::open_any(&folder)?)
}

#[cfg(unix)]
fn link(file: &Path, target: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(file, target)
}

#[cfg(not(unix))]
fn link(file: &Path, target: &Path) -> std::io::Result<()> {
    std::fs::hard_link(file, target)
}

/// What the weights are, in as many digits as a revision has.
fn revision_of(folder: &Path, job: &Job) -> Result<String> {
    use std::io::Read;
    let mut hash = Sha256::new();
    let mut bytes = vec![0; 1 << 20];
    let files = super::listing::files(folder);
    job.step("verify", Some(files.iter().map(|(_, size)| size).sum()));
    let mut done = 0;
    for (path, _) in files {
        let failed = |error| Error::reading(&path, error);
        let mut file = std::fs::File::open(&path).map_err(failed)?;
        loop {
            job.checkpoint()?;
            let read = file.read(&mut bytes).map_err(failed)?;
            if read == 0 {
                break;
            }
            hash.update(&bytes[..read]);
            done += read as u64;
            job.at(done);
        }
    }
    let digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(digits[..REVISION].to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, OnceLock};

    use super::*;

    #[test]
    fn an_import_tells_how_far_it_is_and_leaves_nothing_when_it_is_stopped() {
        let model = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../tests/goldens/transformers/decoders/llama");
        let home = tempfile::tempdir().unwrap();
        let app = App::new(home.path());
        let itself: Arc<OnceLock<Arc<Job>>> = Arc::default();
        let to_stop = Arc::clone(&itself);
        let job = Arc::new(Job::watched(Box::new(move |standing| {
            // After the first tensor.
            if standing.done > 0
                && let Some(job) = to_stop.get()
            {
                job.cancel();
            }
        })));
        let _ = itself.set(Arc::clone(&job));
        let stopped = import(&app, &job, &model, Some("x")).unwrap_err();
        assert!(matches!(stopped, Error::Cancelled), "{stopped}");
        let standing = job.standing();
        assert_eq!(standing.step, Some("import_model"));
        assert!(standing.done > 0 && Some(standing.done) < standing.total, "{standing:?}");
        let left = std::fs::read_dir(home.path().join("models")).unwrap();
        assert_eq!(left.count(), 0);
        // Nothing stands in the way of another.
        assert!(import(&app, &Job::quiet(), &model, Some("x")).is_ok());
    }

    #[test]
    fn a_model_is_called_as_its_folder_or_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Meu modelo (v2)");
        std::fs::create_dir(&path).unwrap();
        assert_eq!(own_name(&path), "Meu-modelo-v2");
        assert_eq!(own_name(Path::new("/x/qwen2.5-0.5b.Q4_K_M.gguf")), "qwen2.5-0.5b.Q4_K_M");
    }
}
