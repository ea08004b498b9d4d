//! The text of a document that was searched, found again.

use std::path::Path;

use mirante_data::documents::{Archive, Refusal, text_of};
use mirante_data::progress::Progress;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::ops::labels::QaDocumentRequest;
use crate::training::hex;

/// What a document is known by: the SHA-256 of its text.
pub(crate) fn hash_of(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// A document's text: as it was kept when somebody judged it, else from where it was searched.
pub(crate) fn document(app: &App, job: &Job, request: &QaDocumentRequest) -> Result<String> {
    if let Some(text) = app.judged_text(&request.document)? {
        return Ok(text);
    }
    match (&request.text, &request.zip, &request.source) {
        (Some(text), None, None) if hash_of(text) == request.document => Ok(text.clone()),
        (None, Some(zip), Some(source)) => of_archive(Path::new(zip), source, request, job),
        (Some(_), None, None) => {
            let reason = "`text` is not the document that `document` names".to_owned();
            Err(Error::BadRequest { reason })
        }
        _ => {
            let reason = "either `zip` with `source`, or `text`".to_owned();
            Err(Error::BadRequest { reason })
        }
    }
}

fn of_archive(zip: &Path, source: &str, request: &QaDocumentRequest, job: &Job) -> Result<String> {
    let changed = || Error::DocumentChanged { path: zip.to_owned(), document: source.to_owned() };
    let opened = Archive::open(zip).map_err(|error| Error::reading(zip, error))?;
    let mut archive = opened.map_err(|_| changed())?;
    let go_on = || job.check();
    for index in 0..archive.len() {
        // Two entries may have one name.
        if archive.name(index).as_deref() != Some(source) {
            continue;
        }
        let Some(entry) = archive.entry(index, &go_on) else { continue };
        match entry.bytes.and_then(|bytes| text_of(source, &bytes, &go_on)) {
            Ok(text) if hash_of(&text) == request.document => return Ok(text),
            Err(Refusal::Cancelled(cancelled)) => return Err(cancelled.into()),
            Ok(_) | Err(_) => {}
        }
    }
    Err(changed())
}
