//! Writing beside a file, then taking its name.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file under a passing name in its target's folder; [`Beside::commit`] gives it the target's
/// name. Dropped before that, it is removed, and a file of the target's name is as it was.
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
        let mut builder = tempfile::Builder::new();
        builder.prefix(".mirante-").suffix(".part");
        // A temporary file is its owner's alone; one that stays is as any other new file.
        #[cfg(unix)]
        let new_file = std::os::unix::fs::PermissionsExt::from_mode(0o666);
        #[cfg(unix)]
        builder.permissions(new_file);
        let file = builder.tempfile_in(folder_of(&target))?;
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

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
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
