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
        .map(|column| ColumnSpec { name: column.name.clone(), parse: parser(column, &options) })
        .collect();
    let over_long = found.issue_counts.contains_key("too_many_fields");
    let writer = match over_long {
        true => TableWriter::create_with_surplus(&at, specs)?,
        false => TableWriter::create(&at, specs)?,
    };
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
    /// Rows of the block that go on after the last column, and what they have there.
    surplus: Vec<(usize, String)>,
}

fn decode(block: &Block, width: usize) -> Cells {
    let rows = block.rows as usize;
    let mut cells = Cells {
        text: String::with_capacity(block.bytes().len()),
        ends: Vec::with_capacity(rows * width),
        surplus: Vec::new(),
    };
    let mut records = block.records();
    while let Some(record) = records.next() {
        for column in 0..width {
            if let Some(field) = record.field(column) {
                field.decode(&mut cells.text);
            }
            cells.ends.push(cells.text.len());
        }
        if let Some(surplus) = record.surplus_text(width) {
            cells.surplus.push(((record.row - block.first_row) as usize, surplus));
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
            let mut surplus = cells.surplus.iter().peekable();
            for (at, row) in cells.ends.chunks_exact(width).enumerate() {
                let texts = row.iter().map(|&end| {
                    let text = &cells.text[from..end];
                    from = end;
                    Some(text).filter(|text| !text.is_empty())
                });
                let surplus = surplus.next_if(|(row, _)| *row == at).map(|(_, text)| text.as_str());
                if let Err(error) = writer.push_with_surplus(texts, surplus) {
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

#[cfg(test)]
mod tests {
    use mirante_data::export::{self, Labels};
    use mirante_data::table::{Bits, column_stats};
    use mirante_data::transcribe;

    use super::*;

    const MIXED: &str = "sale,due\n31/12/2023,12/31/2023\n05/01/2024,1/5/2024\n\
                         02/02/2024,2/2/2024\n";

    #[test]
    fn what_rows_have_in_surplus_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        std::fs::write(&path, b"a;b\n1;2;3;\"x;y\"\n4;5\n6\n7;8;\xE9\n").unwrap();
        let job = Job::quiet();
        let made = import(&path, &ReadOptions::default(), folder.path(), &job).unwrap();
        assert_eq!((made.rows, made.issues), (4, 3));
        let table = Table::open(&folder.path().join("table.arrow")).unwrap();
        let surplus: Vec<_> = (0..4).map(|row| table.surplus(row)).collect();
        assert_eq!(surplus, [Some("3;\"x;y\""), None, None, Some("é")]);
        let issues = std::fs::read(folder.path().join("issues.json")).unwrap();
        let issues: Vec<crate::ops::open::RowIssue> = serde_json::from_slice(&issues).unwrap();
        let said: Vec<_> =
            issues.iter().map(|i| (i.line, i.row, i.cells, i.kind.as_str(), &*i.text)).collect();
        assert_eq!(
            said,
            [
                (2, Some(0), Some(2), "too_many_fields", "3;\"x;y\""),
                (4, Some(2), Some(1), "too_few_fields", "6"),
                (5, Some(3), Some(1), "too_many_fields", "é"),
            ]
        );
        let kinds = [export::Kind::Integer; 2];
        let source =
            export::Source { table: &table, kinds: &kinds, rows: None, segment: None, title: "t" };
        for format in [export::Format::Parquet, export::Format::Xlsx, export::Format::Json] {
            let path = folder.path().join("out");
            let all = export::export(&source, format, &path, &job).unwrap();
            let rows = Some([0, 1].as_slice());
            let part = export::Source { rows, ..source };
            let part = export::export(&part, format, &path, &job).unwrap();
            assert_eq!((all.surplus, part.surplus), (2, 1), "{format:?}");
        }
    }

    #[test]
    fn each_column_is_read_in_its_own_order_of_day_and_month() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        std::fs::write(&path, MIXED).unwrap();
        let job = Job::quiet();
        let made = import(&path, &ReadOptions::default(), folder.path(), &job).unwrap();
        let orders: Vec<_> = made.columns.iter().map(|c| c.date_order.as_deref()).collect();
        assert_eq!(orders, [Some("day_first"), Some("month_first")]);
        let table = Table::open(&folder.path().join("table.arrow")).unwrap();
        let days = [Some(19_722.0), Some(19_727.0), Some(19_755.0)];
        for column in 0..2 {
            let values: Vec<_> = (0..3).map(|row| table.value(row, column)).collect();
            assert_eq!(values, days, "column {column}");
            assert_eq!(order_by(&table, column).rows, [0, 1, 2]);
            let range = column_stats(&table, column, &Bits::all(3)).range.unwrap();
            assert_eq!((range.min, range.max), (19_722.0, 19_755.0));
            // A filter's value is read as the column's own cells are.
            let parse = parser(&made.columns[column], &made.options).unwrap();
            assert_eq!(parse(table.cell(1, column).unwrap()), Some(19_727.0));
        }
        let kinds = [export::Kind::Date; 2];
        let none: Option<(&str, Labels<'_>)> = None;
        let source =
            export::Source { table: &table, kinds: &kinds, rows: None, segment: none, title: "t" };
        let formats = [
            (export::Format::Parquet, transcribe::Format::Parquet),
            (export::Format::Xlsx, transcribe::Format::Xlsx),
            (export::Format::Jsonl, transcribe::Format::Jsonl),
        ];
        for (out, back) in formats {
            let path = folder.path().join("out");
            export::export(&source, out, &path, &job).unwrap();
            let mut text = Vec::new();
            transcribe::transcribe(&path, back, None, &mut text, &job).unwrap();
            let text = String::from_utf8(text).unwrap();
            let expected = "sale,due\n2023-12-31,2023-12-31\n2024-01-05,2024-01-05\n\
                            2024-02-02,2024-02-02\n";
            assert_eq!(text, expected, "{out:?}");
        }
    }
}
