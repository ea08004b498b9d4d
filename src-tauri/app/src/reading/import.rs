//! A file into the columnar copy, its orders and its issues.

use std::path::Path;
use std::sync::Mutex;

use mirante_data::file::{Block, FileError, each_block};
use mirante_data::progress::{Cancelled, Progress};
use mirante_data::table::{ColumnSpec, Table, TableError, TableWriter, order_by};
use rayon::prelude::*;

use super::convert::{file_error, parser};
use super::source::{OpenFile, open_file, report_of};
use crate::error::{Error, Result};
use crate::job::Job;
use crate::opened::write_order;
use crate::ops::open::{Column, Format, ReadOptions};

/// What an import made.
pub(crate) struct Imported {
    pub(crate) format: Format,
    pub(crate) options: ReadOptions,
    pub(crate) line_end: String,
    pub(crate) bytes: u64,
    pub(crate) rows: u64,
    pub(crate) columns: Vec<Column>,
    pub(crate) issues: u64,
}

/// Reads a file into `folder`. Steps: `profile` and `store` (bytes), `index` (columns).
pub(crate) fn import(
    path: &Path,
    options: &ReadOptions,
    folder: &Path,
    job: &Job,
) -> Result<Imported> {
    let file = open_file(&path.display().to_string(), options, job)?;
    let found = report_of(&file, options, job)?;
    // Which of day and month comes first is decided over all rows, not by the beginning alone.
    let options =
        ReadOptions { date_order: Some(found.date_order.clone()), ..file.options.clone() };
    let at = folder.join("table.arrow");
    let specs = found
        .columns
        .iter()
        .map(|column| ColumnSpec {
            name: column.name.clone(),
            parse: parser(column.kind, &options),
        })
        .collect();
    let writer = TableWriter::create(&at, specs)?;
    let rows = store(&file, writer, job)?;
    let issues = serde_json::to_vec(&found.issues)?;
    let path = folder.join("issues.json");
    std::fs::write(&path, issues).map_err(|error| Error::writing(&path, error))?;
    index(&Table::open(&at)?, folder, job)?;
    Ok(Imported {
        format: file.format,
        line_end: file.line_end(),
        bytes: file.bytes,
        rows,
        columns: found.columns,
        issues: found.issue_counts.values().sum(),
        options,
    })
}

/// The cells of a block, decoded by a worker so that the writer only copies.
struct Cells {
    text: String,
    /// Where each cell ends in `text`; every row has as many cells as the table has columns.
    ends: Vec<usize>,
}

fn decode(block: &Block, width: usize) -> Cells {
    let rows = block.rows as usize;
    let mut cells = Cells {
        text: String::with_capacity(block.bytes().len()),
        ends: Vec::with_capacity(rows * width),
    };
    let mut records = block.records();
    while let Some(record) = records.next() {
        for column in 0..width {
            if let Some(field) = record.field(column) {
                field.decode(&mut cells.text);
            }
            cells.ends.push(cells.text.len());
        }
    }
    cells
}

fn store(file: &OpenFile, writer: TableWriter, job: &Job) -> Result<u64> {
    let width = file.reader.columns().len();
    job.step("store", Some(file.reader.input().len()));
    // Reading's callbacks fail only as reading does; what writing says is kept beside it.
    let failed: Mutex<Option<TableError>> = Mutex::new(None);
    let mut writer = writer;
    let read = each_block(
        file.reader.blocks(),
        rayon::current_num_threads(),
        job,
        || (),
        |(), block| Ok(decode(block, width)),
        |cells| {
            let mut from = 0;
            for row in cells.ends.chunks_exact(width) {
                let texts = row.iter().map(|&end| {
                    let text = &cells.text[from..end];
                    from = end;
                    Some(text).filter(|text| !text.is_empty())
                });
                if let Err(error) = writer.push(texts) {
                    *failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(error);
                    return Err(FileError::Cancelled(Cancelled));
                }
            }
            Ok(())
        },
    );
    if let Some(error) = failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        return Err(error.into());
    }
    read.map_err(|error| file_error(&file.path, error))?;
    Ok(writer.finish()?)
}

/// Keeps every column's order, so that a sorted page of a million rows is a slice.
fn index(table: &Table, folder: &Path, job: &Job) -> Result<()> {
    job.step("index", Some(table.names().len() as u64));
    let done = std::sync::atomic::AtomicU64::new(0);
    (0..table.names().len()).into_par_iter().try_for_each(|column| {
        job.checkpoint()?;
        write_order(folder, column, &order_by(table, column))?;
        job.at(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1);
        Ok(())
    })
}
