//! An adapter into its model.

use std::path::Path;

use mirante_data::progress::Progress;
use mirante_neural::{Adapter, Folder};

use crate::app::{App, HALF_MADE};
use crate::error::{Error, Result};
use crate::job::Job;
use crate::models::base_of;
use crate::ops::train::{MergeAdapterRequest, MergeAdapterResponse};

/// Step: `merge` (tensors).
pub(crate) fn merge(
    app: &App,
    job: &Job,
    request: &MergeAdapterRequest,
) -> Result<MergeAdapterResponse> {
    let adapter = Path::new(&request.adapter);
    let base = match &request.base_model {
        Some(base) => base.clone(),
        None => base_of(adapter)?,
    };
    let located = app.locate(&base)?.with_adapter(Some(&request.adapter))?;
    let out = Path::new(&request.out);
    if out.exists() {
        return Err(Error::FolderTaken { path: out.to_owned() });
    }
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(|error| Error::writing(parent, error))?;
    let part = tempfile::Builder::new()
        .prefix(HALF_MADE)
        .tempdir_in(parent)
        .map_err(|error| Error::writing(parent, error))?;
    job.step("merge", None);
    let mut told = false;
    let changed = mirante_neural::train::merge(
        &Folder::open(&located.folder)?,
        &Adapter::open(adapter)?,
        part.path(),
        &mut |done, all| {
            if !told {
                job.step("merge", Some(all));
                told = true;
            }
            job.at(done);
            job.check().is_ok()
        },
    )?;
    let made = part.keep();
    std::fs::rename(&made, out).map_err(|error| {
        let _ = std::fs::remove_dir_all(&made);
        Error::writing(out, error)
    })?;
    Ok(MergeAdapterResponse { out: request.out.clone(), changed: changed as u64 })
}
