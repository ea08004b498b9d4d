//! The archives of a folder, and the documents of an archive.

use std::path::{Path, PathBuf};

use mirante_data::documents::{Archive, Refusal, text_of};
use mirante_data::progress::Progress;

use crate::error::{Error, Result};
use crate::job::Job;
use crate::ops::qa::RefusedDocument;

/// The zip archives of a folder, by name.
pub(super) fn zips_of(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error| Error::reading(folder, error);
    let mut zips = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|found| found.eq_ignore_ascii_case("zip")) {
            zips.push(path);
        }
    }
    zips.sort();
    if zips.is_empty() { Err(Error::NoZips { path: folder.to_owned() }) } else { Ok(zips) }
}

/// An archive's own name.
pub(super) fn name_of(zip: &Path) -> String {
    zip.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Hands every document of an archive to `take`, name and text; answers what was not read.
///
/// # Errors
/// [`Error::Cancelled`], and what `take` fails with.
pub(crate) fn each_document(
    zip: &Path,
    job: &Job,
    mut take: impl FnMut(&str, &str) -> Result<()>,
) -> Result<Vec<RefusedDocument>> {
    job.checkpoint()?;
    let go_on = || job.check();
    let refused = |entry: Option<String>, code: &str, reason: String| RefusedDocument {
        zip: name_of(zip),
        entry,
        code: code.to_owned(),
        reason,
    };
    let mut archive = match Archive::open(zip) {
        Ok(Ok(archive)) => archive,
        Ok(Err(why)) => return Ok(vec![refused(None, why.code(), why.to_string())]),
        Err(error) => return Ok(vec![refused(None, "unreadable", error.to_string())]),
    };
    let mut all = Vec::new();
    for index in 0..archive.len() {
        let Some(entry) = archive.entry(index, &go_on) else { continue };
        match entry.bytes.and_then(|bytes| text_of(&entry.name, &bytes, &go_on)) {
            Ok(text) => take(&entry.name, &text)?,
            Err(Refusal::Cancelled(cancelled)) => return Err(cancelled.into()),
            Err(why) => all.push(refused(Some(entry.name), why.code(), why.to_string())),
        }
    }
    Ok(all)
}
