//! The bytes of one file, read by position.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::FileError;

/// An open regular file whose length is fixed at the moment of opening. What is no regular file
/// (a pipe, standard input) is spooled to a temporary file first. Clones share the file.
///
/// Bytes are read by position into buffers and never mapped: a mapped file that shrinks kills the
/// process, a short read is [`FileError::Shrunk`].
#[derive(Debug, Clone)]
pub struct Input {
    file: Arc<File>,
    path: PathBuf,
    len: u64,
}

impl Input {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// [`FileError::NotFound`], [`FileError::IsFolder`] or [`FileError::Unreadable`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, FileError> {
        let path = path.as_ref().to_path_buf();
        let fail = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => FileError::NotFound { path: path.clone() },
            io::ErrorKind::IsADirectory => FileError::IsFolder { path: path.clone() },
            _ => FileError::Unreadable { path: path.clone(), source },
        };
        // Before opening: some systems refuse to open a folder with an error of another kind.
        if std::fs::metadata(&path).map_err(fail)?.is_dir() {
            return Err(FileError::IsFolder { path });
        }
        let file = File::open(&path).map_err(fail)?;
        let about = file.metadata().map_err(fail)?;
        if !about.is_file() {
            return Self::spool(path, file);
        }
        Ok(Self { file: Arc::new(file), path, len: about.len() })
    }

    /// Reads standard input to its end into a temporary file.
    ///
    /// # Errors
    /// [`FileError::Unreadable`], also when the temporary folder is full.
    pub fn stdin() -> Result<Self, FileError> {
        Self::spool(PathBuf::from("-"), io::stdin().lock())
    }

    /// Copies what `from` yields into an unnamed temporary file; `path` is only its name in errors.
    ///
    /// # Errors
    /// [`FileError::Unreadable`].
    pub fn spool(path: impl Into<PathBuf>, mut from: impl Read) -> Result<Self, FileError> {
        let path = path.into();
        let copied = tempfile::tempfile()
            .and_then(|mut file| io::copy(&mut from, &mut file).map(|len| (file, len)));
        match copied {
            Ok((file, len)) => Ok(Self { file: Arc::new(file), path, len }),
            Err(source) => Err(FileError::Unreadable { path, source }),
        }
    }

    /// Length in bytes at the moment of opening.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is no byte at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The path it was opened by; `-` for standard input.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends up to `want` bytes from `offset` on to `to`; fewer only at the end of the file.
    ///
    /// # Errors
    /// [`FileError::Shrunk`] if bytes that were there at opening are gone, or
    /// [`FileError::Unreadable`].
    pub fn read_at(&self, offset: u64, want: usize, to: &mut Vec<u8>) -> Result<(), FileError> {
        let left = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let start = to.len();
        to.resize(start + want.min(left), 0);
        let mut filled = start;
        while filled < to.len() {
            let at = offset + (filled - start) as u64;
            match read_some(&self.file, &mut to[filled..], at) {
                Ok(0) => {
                    let path = self.path.clone();
                    return Err(FileError::Shrunk { path, expected: self.len, found: at });
                }
                Ok(count) => filled += count,
                Err(source) if source.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => {
                    return Err(FileError::Unreadable { path: self.path.clone(), source });
                }
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
fn read_some(file: &File, to: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, to, at)
}

#[cfg(windows)]
fn read_some(file: &File, to: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, to, at)
}
