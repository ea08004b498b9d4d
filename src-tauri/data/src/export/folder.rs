//! A folder built beside its place, then given its name.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::beside::folder_of;

/// What a passing name begins and ends with.
const PREFIX: &str = ".mirante-";
const SUFFIX: &str = ".parts";
/// Locked for as long as the folder is being filled.
const LOCK: &str = ".lock";

/// A folder under a passing name beside its target; [`FolderBeside::commit`] gives it the target's name.
/// Dropped before that, it is removed. What a killed process left is removed by the next one that builds
/// a folder there, as with [`super::Beside`].
#[derive(Debug)]
pub struct FolderBeside {
    folder: TempDir,
    lock: File,
    target: PathBuf,
}

impl FolderBeside {
    /// Begins a folder that is to be `target`, whose own folder must be there. A folder that is there
    /// already is replaced when it holds nothing, or the file `mark`.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] when something else is there; when nothing can be written there.
    pub fn create(target: &Path, mark: &str) -> io::Result<Self> {
        let is_ours = |target: &Path| {
            let is_empty = || target.read_dir().is_ok_and(|mut entries| entries.next().is_none());
            target.is_dir() && (target.join(mark).is_file() || is_empty())
        };
        if target.symlink_metadata().is_ok() && !is_ours(target) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        if target.file_name().is_none() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        // A link is followed, so that what it points to is replaced and not the link.
        let target = target.canonicalize().unwrap_or_else(|_| target.to_owned());
        remove_abandoned(folder_of(&target));
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX).suffix(SUFFIX);
        // A temporary folder is its owner's alone; one that stays is as any other new folder.
        #[cfg(unix)]
        let open: std::fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        #[cfg(unix)]
        builder.permissions(open);
        let folder = builder.tempdir_in(folder_of(&target))?;
        let lock = File::create(folder.path().join(LOCK))?;
        let _ = lock.try_lock();
        Ok(Self { folder, lock, target })
    }

    /// Where to write meanwhile.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into it, to the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path().join(name);
        std::fs::write(&path, bytes)?;
        File::open(path)?.sync_all()
    }

    /// Gives the folder its name; the one that was there goes.
    ///
    /// # Errors
    /// When the disk refuses; the folder that was there is then as it was.
    pub fn commit(self) -> io::Result<()> {
        let Self { folder, lock, target } = self;
        drop(lock);
        std::fs::remove_file(folder.path().join(LOCK))?;
        let before = folder.path().with_extension("before");
        let was_there = target.exists();
        if was_there {
            std::fs::rename(&target, &before)?;
        }
        if let Err(error) = std::fs::rename(folder.path(), &target) {
            if was_there {
                let _ = std::fs::rename(&before, &target);
            }
            return Err(error);
        }
        // It has another name now.
        let _ = folder.keep();
        if was_there {
            std::fs::remove_dir_all(before)?;
        }
        if let Ok(parent) = File::open(folder_of(&target)) {
            let _ = parent.sync_all();
        }
        Ok(())
    }
}

/// Removes folders under passing names that no process fills any more.
fn remove_abandoned(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_parts = name.to_str().is_some_and(|n| n.starts_with(PREFIX) && n.ends_with(SUFFIX));
        if is_parts
            && let Ok(lock) = File::open(entry.path().join(LOCK))
            && lock.try_lock().is_ok()
        {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_has_its_name_when_it_is_whole_and_takes_only_the_place_of_its_like() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("modelo");
        let left = home.path().join(".mirante-left.parts");
        std::fs::create_dir(&left).unwrap();
        std::fs::write(left.join(LOCK), "").unwrap();
        let first = FolderBeside::create(&target, "model.json").unwrap();
        first.write("model.json", b"1").unwrap();
        assert!(!target.exists() && !left.exists());
        let second = FolderBeside::create(&target, "model.json").unwrap();
        first.commit().unwrap();
        assert_eq!(names(&target), ["model.json"]);
        second.write("model.json", b"2").unwrap();
        second.commit().unwrap();
        assert_eq!(std::fs::read(target.join("model.json")).unwrap(), b"2");
        drop(FolderBeside::create(&target, "model.json").unwrap());
        assert_eq!(names(home.path()), ["modelo"]);

        std::fs::remove_file(target.join("model.json")).unwrap();
        std::fs::write(target.join("tese.docx"), "minha").unwrap();
        let refused = FolderBeside::create(&target, "model.json").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(names(home.path()), ["modelo"]);
    }
}
