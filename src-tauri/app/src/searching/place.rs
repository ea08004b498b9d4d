//! Where indexes lie: a folder each in `search/` of the home.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::index::about;
use crate::app::{App, HALF_MADE};
use crate::error::{Error, Result};
use crate::job::Job;
use crate::lock::held;
use crate::ops::search::Index;

/// Longest name of an index.
const LONGEST_NAME: usize = 100;
/// Begins the name of the file that is locked while an index is built or changed.
const TURN: &str = ".turn-";
/// Between two looks at whether another is done.
const LOOK: Duration = Duration::from_millis(200);
/// What the folder of an index is called while another takes its place.
const BEFORE: &str = ".before-";

/// The folder of an index: a name that is sound as a folder's is taken as it is.
pub(super) fn folder_of(app: &App, name: &str) -> Result<PathBuf> {
    let sound = !name.trim().is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.starts_with('.')
        && !name.contains(['/', '\\', ':', '\0', '*', '?', '"', '<', '>', '|']);
    if sound {
        return Ok(app.home().join("search").join(name));
    }
    let allowed = format!("1–{LONGEST_NAME}, ≠ / \\ : * ? \" < > |");
    Err(Error::BadOption { option: "name", value: name.to_owned(), allowed })
}

/// The folder of an index that is there.
///
/// # Errors
/// [`Error::Unknown`].
pub(super) fn existing(app: &App, name: &str) -> Result<PathBuf> {
    let folder = folder_of(app, name)?;
    let failed = |error| Error::writing(&folder, error);
    if about(&folder).is_none() && before(&folder).exists() {
        settle(&folder).map_err(failed)?;
    }
    match about(&folder) {
        Some(_) => Ok(folder),
        None => Err(Error::Unknown { what: "index", id: name.to_owned() }),
    }
}

fn before(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!("{BEFORE}{name}"))
}

/// Held while folders change their names: another Mirante may be at it too.
fn lock(target: &Path) -> std::io::Result<File> {
    let file = File::create(target.with_file_name(".lock"))?;
    file.lock()?;
    Ok(file)
}

/// The right to build or change an index, until it is dropped.
pub(super) struct Turn {
    path: PathBuf,
    _locked: File,
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Still locked: who waits for it finds another file, or none, and begins again.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Waits until nobody else builds or changes the index: of two who began with the same, one would lose
/// what it did.
pub(super) fn turn(app: &App, job: &Job, name: &str) -> Result<Turn> {
    folder_of(app, name)?;
    let path = app.folder(&["search"])?.join(format!("{TURN}{name}"));
    let failed = |error| Error::writing(&path, error);
    loop {
        let file = File::create(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) if is_locked(&path) => return Ok(Turn { path, _locked: file }),
            // The one before took it away after it was opened here.
            Ok(()) => continue,
            Err(TryLockError::WouldBlock) => job.checkpoint()?,
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        std::thread::sleep(LOOK);
    }
}

/// Whether the file of that name is one that somebody has locked.
fn is_locked(path: &Path) -> bool {
    let tried = File::open(path).map(|file| file.try_lock());
    matches!(tried, Ok(Err(TryLockError::WouldBlock)))
}

/// Gives `part` the name of `target`, whatever has it. Killed in the middle, [`settle`] brings back what
/// was there.
///
/// # Errors
/// When the disk refuses; the index is then as it was.
pub(super) fn put(part: &Path, target: &Path) -> std::io::Result<()> {
    let _lock = lock(target)?;
    end_what_was_begun(target)?;
    let before = before(target);
    if target.exists() {
        std::fs::rename(target, &before)?;
    }
    std::fs::rename(part, target)?;
    if before.exists() { std::fs::remove_dir_all(before) } else { Ok(()) }
}

/// Ends what a process that was killed had begun.
fn settle(target: &Path) -> std::io::Result<()> {
    let _lock = lock(target)?;
    end_what_was_begun(target)
}

fn end_what_was_begun(target: &Path) -> std::io::Result<()> {
    let before = before(target);
    match (before.exists(), target.exists()) {
        (true, false) => std::fs::rename(before, target),
        (true, true) => std::fs::remove_dir_all(before),
        (false, _) => Ok(()),
    }
}

/// All indexes by name.
pub(crate) fn indexes(app: &App) -> Vec<Index> {
    let Ok(entries) = std::fs::read_dir(app.home().join("search")) else { return Vec::new() };
    let mut all: BTreeMap<String, Index> = BTreeMap::new();
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(HALF_MADE) {
            continue;
        }
        let name = name.strip_prefix(BEFORE).map_or(name.clone(), str::to_owned);
        if let Some(index) = about(&entry.path()) {
            all.entry(name).or_insert(index);
        }
    }
    all.into_values().collect()
}

/// Removes an index.
pub(crate) fn remove(app: &App, name: &str) -> Result<()> {
    let folder = existing(app, name)?;
    let mut searched = held(&app.searched.0);
    *searched = None;
    let failed = |error| Error::writing(&folder, error);
    // Under a name that is swept: it is gone at once, however long its files take.
    let swept = tempfile::Builder::new()
        .prefix(HALF_MADE)
        .tempdir_in(app.home().join("search"))
        .map_err(failed)?;
    let _lock = lock(&folder).map_err(failed)?;
    std::fs::rename(&folder, swept.path().join("index")).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_was_being_replaced_is_there_again() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("dores");
        let has = |text: &str| std::fs::read_to_string(target.join("f")).unwrap() == text;
        let part = |text: &str| {
            let part = folder.path().join("part");
            std::fs::create_dir(&part).unwrap();
            std::fs::write(part.join("f"), text).unwrap();
            part
        };
        put(&part("one"), &target).unwrap();
        // Killed between the two renames, and after both.
        std::fs::rename(&target, before(&target)).unwrap();
        settle(&target).unwrap();
        assert!(has("one"));
        std::fs::create_dir(before(&target)).unwrap();
        put(&part("two"), &target).unwrap();
        assert!(has("two"));
        // The index and the lock.
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
