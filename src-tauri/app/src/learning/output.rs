//! The folder that a training writes: there whole, or not at all.

use std::fmt::Write as _;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use mirante_data::export::FolderBeside;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::saved::MODEL;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::ops::segment::Source;

/// A folder that is being written.
pub(crate) struct Output {
    folder: FolderBeside,
    target: PathBuf,
}

impl Output {
    /// Begins it: better to hear of a folder that cannot be written now than at the end.
    ///
    /// # Errors
    /// [`Error::FolderTaken`], [`Error::Unwritable`].
    pub(crate) fn create(target: &str) -> Result<Self> {
        let target = PathBuf::from(target);
        let folder = FolderBeside::create(&target, MODEL).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Error::FolderTaken { path: target.clone() },
            _ => Error::writing(&target, error),
        })?;
        Ok(Self { folder, target })
    }

    /// Writes a file into it.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let failed = |error| Error::writing(&self.target.join(name), error);
        self.folder.write(name, bytes).map_err(failed)
    }

    /// Gives it its name.
    pub(crate) fn commit(self) -> Result<()> {
        let Self { folder, target } = self;
        folder.commit().map_err(|error| Error::writing(&target, error))
    }
}

/// Writes a value that a person may want to read.
pub(crate) fn write_json(out: &Output, name: &str, value: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    out.write(name, &text)
}

/// The SHA-256 of a source's file, in hexadecimal; nothing for what is no file.
pub(crate) fn hash_of(source: &Source, job: &Job) -> Result<Option<String>> {
    let Source::File { path, .. } = source else { return Ok(None) };
    if path == "-" {
        return Ok(None);
    }
    let failed = |error| Error::reading(Path::new(path), error);
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let mut hasher = Sha256::new();
    let mut part = vec![0; 1 << 20];
    loop {
        job.checkpoint()?;
        let read = file.read(&mut part).map_err(failed)?;
        if read == 0 {
            break;
        }
        hasher.update(&part[..read]);
    }
    let mut digits = String::new();
    for byte in hasher.finalize() {
        let _ = write!(digits, "{byte:02x}");
    }
    Ok(Some(digits))
}
