//! Parquet, batch by batch.
//!
//! In memory: one batch of rows, and of each column the page it is decoded from. The types are
//! Parquet's own; what a writer says about Arrow types beside them is left alone, because the
//! text is the same and fewer of them can go wrong.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use arrow_array::{Array, RecordBatch};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use super::cell::text_of;
use super::records::Records;
use super::{TranscribeError, Transcript, guarded};
use crate::progress::Progress;

/// Rows decoded at once; fewer where a row has many columns.
const BATCH_ROWS: usize = 4096;
/// Cells decoded at once.
const BATCH_CELLS: usize = 1 << 18;

pub(super) fn transcribe(
    path: &Path,
    out: &mut dyn Write,
    progress: &dyn Progress,
) -> Result<Transcript, TranscribeError> {
    let file = File::open(path)
        .map_err(|source| TranscribeError::Read { path: path.to_owned(), source })?;
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = guarded(|| {
        ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).map_err(damaged)
    })?;
    let columns: Vec<String> =
        builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    if columns.is_empty() {
        return Err(TranscribeError::Empty { sheet: None, sheets: Vec::new() });
    }
    let total = u64::try_from(builder.metadata().file_metadata().num_rows()).ok();
    progress.step("transcribe", total);
    let batch_rows = (BATCH_CELLS / columns.len()).clamp(1, BATCH_ROWS);
    let mut reader = guarded(|| builder.with_batch_size(batch_rows).build().map_err(damaged))?;
    let mut records = Records::new(out);
    for name in &columns {
        records.field(Some(name));
    }
    records.end()?;
    let mut transcript = Transcript { columns, ..Transcript::default() };
    while let Some(batch) = guarded(|| reader.next().transpose().map_err(damaged))? {
        progress.check()?;
        guarded(|| write_batch(&batch, &mut records))?;
        transcript.rows += batch.num_rows() as u64;
        progress.at(transcript.rows);
    }
    Ok(transcript)
}

fn write_batch(batch: &RecordBatch, records: &mut Records) -> Result<(), TranscribeError> {
    let schema = batch.schema_ref();
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (field, array) in schema.fields().iter().zip(batch.columns()) {
        let text = text_of(array, false).ok_or_else(|| TranscribeError::ColumnType {
            column: field.name().clone(),
            data_type: field.data_type().to_string(),
        })?;
        columns.push((array, text));
    }
    let mut cell = String::new();
    for row in 0..batch.num_rows() {
        for (array, text) in &columns {
            if array.is_null(row) || array.data_type().is_null() {
                records.field(None);
                continue;
            }
            cell.clear();
            text(row, &mut cell).map_err(damaged)?;
            records.field(Some(&cell));
        }
        records.end()?;
    }
    Ok(())
}

fn damaged(error: impl std::fmt::Display) -> TranscribeError {
    TranscribeError::Damaged { reason: error.to_string() }
}
