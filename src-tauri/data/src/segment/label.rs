//! Labels beside the records they belong to.

use std::borrow::Cow;
use std::io::Write;
use std::sync::Mutex;

use crate::file::{Append, FileError, Reader, WriteError, each_block};
use crate::progress::Progress;

/// Why a labelled copy could not be written.
#[derive(Debug, thiserror::Error)]
pub enum LabelError {
    /// The file could not be read again.
    #[error(transparent)]
    Read(#[from] FileError),
    /// A label cannot be written in the file's dialect.
    #[error(transparent)]
    Label(#[from] WriteError),
    /// The copy could not be written.
    #[error(transparent)]
    Write(std::io::Error),
}

/// What an appended column is called: as `wanted`, with a number from 2 where the table has a column
/// of that name, as where a header has one twice. A table that was segmented before keeps what it
/// was told then.
#[must_use]
pub fn label_name<'a>(columns: &[String], wanted: &'a str) -> Cow<'a, str> {
    let is_free = |name: &str| columns.iter().all(|known| known != name);
    if is_free(wanted) {
        return wanted.into();
    }
    let numbered = (2..).map(|number: u32| format!("{wanted}_{number}"));
    numbered.into_iter().find(|name| is_free(name)).map_or(wanted.into(), Cow::from)
}

/// Copies every record of a file byte for byte, with columns appended to it that are called `names`
/// (see [`label_name`]); `cell` says what stands there, by row and column from 0. Step: `write` (bytes).
///
/// # Errors
/// [`LabelError`]; what was written until then is the caller's to throw away.
pub fn write_labelled(
    reader: &Reader,
    names: &[&str],
    cell: &(dyn Fn(u64, usize) -> String + Sync),
    out: &mut (dyn Write + Send),
    threads: usize,
    progress: &dyn Progress,
) -> Result<(), LabelError> {
    progress.step("write", Some(reader.input().len()));
    let mut head = Vec::new();
    let free: Vec<_> = names.iter().map(|name| label_name(reader.columns(), name)).collect();
    Append::new(reader.dialect()).head(reader, &free, &mut head)?;
    out.write_all(&head).map_err(LabelError::Write)?;
    // The reader's callbacks can fail only as reading does: what else fails is kept here, and the
    // reading is stopped for it.
    let failed: Mutex<Option<LabelError>> = Mutex::new(None);
    let keep = |error: LabelError| {
        *failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(error);
        FileError::Cancelled(crate::progress::Cancelled)
    };
    let width = reader.columns().len();
    let read = each_block(
        reader.blocks(),
        threads,
        progress,
        || Append::new(reader.dialect()),
        |append, block| {
            let mut bytes = Vec::new();
            append
                .block(block, width, free.len(), |record, at| cell(record.row, at), &mut bytes)
                .map_err(|error| keep(error.into()))?;
            Ok(bytes)
        },
        |bytes| out.write_all(&bytes).map_err(|error| keep(LabelError::Write(error))),
    );
    if let Some(error) = failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        return Err(error);
    }
    read.map(|_| ()).map_err(LabelError::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_column_takes_no_other_columns_name() {
        let columns = ["a", "segmento", "segmento_2"].map(str::to_owned);
        assert_eq!(label_name(&columns[..1], "segmento"), "segmento");
        assert_eq!(label_name(&columns[..2], "segmento"), "segmento_2");
        assert_eq!(label_name(&columns, "segmento"), "segmento_3");
    }
}
