//! Labels written beside the records they belong to.

use std::io::Write;
use std::path::{Path, PathBuf};

use mirante_data::export::Beside;

use super::source::From;
use crate::error::{Error, Result};
use crate::exporting::Cell;
use crate::job::Job;
use crate::ops::segment::Warning;
use crate::reading;

/// A file to be written beside `path`, and `path`.
pub(crate) fn beside(path: &Path) -> Result<(Beside, PathBuf)> {
    if path.is_dir() {
        return Err(Error::IsFolder { path: path.to_owned() });
    }
    let file = Beside::create(path).map_err(|error| Error::writing(path, error))?;
    Ok((file, path.to_owned()))
}

pub(crate) fn commit(file: Beside, path: &Path) -> Result<()> {
    file.commit().map_err(|error| Error::writing(path, error))
}

pub(super) fn write_labels(
    from: &From,
    column: &str,
    labels: &[u32],
    out: &mut (dyn Write + Send),
    path: &Path,
    job: &Job,
) -> Result<Vec<Warning>> {
    let label = |row: u64, _| labels.get(row as usize).map(u32::to_string).unwrap_or_default();
    write_columns(from, &[column], &label, out, path, job)
}

/// Writes the source with columns appended; `cell` says what stands in them, by row and column.
pub(crate) fn write_columns(
    from: &From,
    columns: &[&str],
    cell: Cell<'_>,
    out: &mut (dyn Write + Send),
    path: &Path,
    job: &Job,
) -> Result<Vec<Warning>> {
    match from {
        From::File(file) => {
            reading::write_labelled(file, columns, cell, out, path, job).map(|()| Vec::new())
        }
        From::Table(dataset, open) => {
            crate::exporting::write_csv(dataset, open, None, Some((columns, cell)), out, path, job)
        }
    }
}
