//! Writing beside a file, then taking its name.

use std::fs::{File, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// What a passing name begins and ends with.
const PREFIX: &str = ".mirante-";
const SUFFIX: &str = ".part";

/// A file under a passing name in its target's folder; [`Beside::commit`] gives it the target's
/// name. Dropped before that, it is removed, and a file of the target's name is as it was.
///
/// The file is locked for as long as it is written, so that what a killed process left is told
/// from what another is still writing: the next one that writes into the folder removes it.
#[derive(Debug)]
pub struct Beside {
    file: NamedTempFile,
    target: PathBuf,
}

impl Beside {
    /// Begins a file that is to be `path`. A link is followed, so that what it points to is
    /// replaced and not the link; a replaced file's permissions are kept.
    ///
    /// # Errors
    /// When `path` is a folder or its folder cannot be written to.
    pub fn create(path: &Path) -> io::Result<Self> {
        let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if target.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        // A device or a pipe must not be replaced by a file of its name.
        let is_other = target.metadata().is_ok_and(|found| !found.is_file());
        if is_other || target.file_name().is_none() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        remove_abandoned(folder_of(&target));
        let file = locked_in(folder_of(&target))?;
        if let Ok(before) = target.metadata() {
            file.as_file().set_permissions(before.permissions())?;
        }
        Ok(Self { file, target })
    }

    /// The folder both names are in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        folder_of(&self.target)
    }

    /// Whether both are to become the same file.
    #[must_use]
    pub fn same_target(&self, other: &Self) -> bool {
        let place =
            |of: &Self| (of.folder().canonicalize().ok(), of.target.file_name().map(PathBuf::from));
        place(self) == place(other)
    }

    /// Waits until everything is on the disk, then gives the file its name.
    ///
    /// # Errors
    /// When the disk refuses; a file of that name is then as it was.
    pub fn commit(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.as_file().sync_all()?;
        let folder = self.folder().to_owned();
        self.file.persist(&self.target).map_err(|error| error.error)?;
        // The new name is on the disk once the folder is; not every system can say so.
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A new file under a passing name, locked.
fn locked_in(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    // A temporary file is its owner's alone; one that stays is as any other new file.
    #[cfg(unix)]
    let new_file = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(new_file);
    loop {
        let file = builder.tempfile_in(folder)?;
        match file.as_file().try_lock() {
            // Another process may have taken it for abandoned before it was locked.
            Ok(()) if file.path().exists() => return Ok(file),
            Ok(()) | Err(TryLockError::WouldBlock) => {}
            // Where files cannot be locked none is ever taken for abandoned.
            Err(TryLockError::Error(_)) => return Ok(file),
        }
    }
}

/// Removes the files under passing names that no process writes any more. What cannot be looked at
/// or removed stays: it is in nobody's way.
fn remove_abandoned(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_part = name.to_str().is_some_and(|n| n.starts_with(PREFIX) && n.ends_with(SUFFIX));
        if !is_part || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        if let Ok(file) = File::open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Beside {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
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
    fn what_nobody_writes_any_more_goes_and_what_another_writes_stays() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.csv");
        std::fs::write(folder.path().join(".mirante-left.part"), "half").unwrap();
        std::fs::write(folder.path().join(".mirante-notes.txt"), "mine").unwrap();
        std::fs::create_dir(folder.path().join(".mirante-folder.part")).unwrap();
        let mut first = Beside::create(&target).unwrap();
        let second = Beside::create(&target).unwrap();
        assert!(!folder.path().join(".mirante-left.part").exists());
        first.write_all(b"whole").unwrap();
        first.commit().unwrap();
        drop(second);
        assert_eq!(names(folder.path()), [".mirante-folder.part", ".mirante-notes.txt", "out.csv"]);
        assert_eq!(std::fs::read(&target).unwrap(), b"whole");
    }
}
