//! Workbooks: one worksheet, cell by cell.
//!
//! The sheet is read twice: first for the columns that hold anything, then for the rows. In
//! memory: one row, the styles, and the workbook's table of shared strings, which the reader needs
//! whole; a table of more than 1 GiB is refused before it is read.
//!
//! The first row with a cell is the header. A cell is the text that Excel shows without a number
//! format: numbers with at most 15 digits, dates in ISO 8601, `true` and `false`, a formula's last
//! result. Rows without any cell are left out and listed.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::iso::{push_float, push_time};
use super::records::Records;
use super::{TranscribeError, Transcript, guarded};
use crate::letters;
use crate::progress::Progress;

/// The most bytes of shared strings that are taken into memory.
const STRINGS_LIMIT: u64 = 1 << 30;
/// Columns of a worksheet, by the file format's definition.
const COLUMNS_LIMIT: u32 = 16_384;
/// Cells between two looks at whether to go on.
const CHECK_CELLS: u64 = 1 << 16;

type Book = Xlsx<BufReader<File>>;

pub(super) fn transcribe(
    path: &Path,
    sheet: Option<&str>,
    out: &mut dyn Write,
    progress: &dyn Progress,
) -> Result<Transcript, TranscribeError> {
    progress.step("transcribe", None);
    let open = || {
        File::open(path).map_err(|source| TranscribeError::Read { path: path.to_owned(), source })
    };
    // An encrypted workbook is no zip: what it is, the workbook's reader says below.
    if let Ok(mut zip) = zip::ZipArchive::new(BufReader::new(open()?)) {
        limit_strings(&mut zip, progress)?;
    }
    let mut book: Book = guarded(|| Xlsx::new(BufReader::new(open()?)).map_err(not_a_workbook))?;
    let worksheets: Vec<(String, bool)> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect();
    let sheets: Vec<String> = worksheets.iter().map(|(name, _)| name.clone()).collect();
    let name = match sheet {
        Some(name) if sheets.iter().any(|known| known == name) => name.to_owned(),
        Some(name) => {
            return Err(TranscribeError::UnknownSheet { name: name.to_owned(), sheets });
        }
        None => worksheets
            .iter()
            .find(|(_, visible)| *visible)
            .or(worksheets.first())
            .map(|(name, _)| name.clone())
            .ok_or_else(|| TranscribeError::Empty { sheet: None, sheets: Vec::new() })?,
    };
    let (mut first, mut last, mut cells) = (u32::MAX, 0, 0_u64);
    each_cell(&mut book, &name, progress, &mut |_, column, _| {
        first = first.min(column);
        last = last.max(column);
        cells += 1;
        Ok(())
    })?;
    if cells == 0 {
        return Err(TranscribeError::Empty { sheet: Some(name), sheets });
    }
    progress.step("transcribe", Some(cells));
    let mut rows = Rows {
        records: Records::new(out),
        row: None,
        cells: vec![None; (last - first + 1) as usize],
        transcript: Transcript { sheets, ..Transcript::default() },
    };
    let mut done = 0;
    each_cell(&mut book, &name, progress, &mut |row, column, value| {
        if rows.row != Some(row) {
            rows.end()?;
            rows.begin(row);
        }
        let text = shown(value);
        if let DataRef::Error(_) = value {
            rows.transcript.note(
                u64::from(row) + 1,
                Some(&letters::name(column as usize)),
                "error_value",
                &text,
            );
        }
        rows.cells[(column - first) as usize] = Some(text);
        done += 1;
        if done % CHECK_CELLS == 0 {
            progress.at(done);
        }
        Ok(())
    })?;
    rows.end()?;
    Ok(rows.transcript)
}

/// Takes a cell's row, column and value.
type Take<'a> = dyn FnMut(u32, u32, &DataRef) -> Result<(), TranscribeError> + 'a;

/// Calls `take` with the row, the column (both from 0) and the value of every cell that has one.
fn each_cell(
    book: &mut Book,
    sheet: &str,
    progress: &dyn Progress,
    take: &mut Take,
) -> Result<(), TranscribeError> {
    guarded(|| {
        let mut reader = book.worksheet_cells_reader(sheet).map_err(damaged)?;
        let mut seen = 0_u64;
        while let Some(cell) = reader.next_cell().map_err(damaged)? {
            seen += 1;
            if seen.is_multiple_of(CHECK_CELLS) {
                progress.check()?;
            }
            let (row, column) = cell.get_position();
            if column >= COLUMNS_LIMIT {
                return Err(TranscribeError::TooManyColumns { limit: COLUMNS_LIMIT as usize });
            }
            if !matches!(cell.get_value(), DataRef::Empty) {
                take(row, column, cell.get_value())?;
            }
        }
        progress.check()?;
        Ok(())
    })
}

/// The rows as they are put together.
struct Rows<'a> {
    records: Records<'a>,
    row: Option<u32>,
    cells: Vec<Option<String>>,
    transcript: Transcript,
}

impl Rows<'_> {
    fn begin(&mut self, row: u32) {
        // Rows before the header are no part of the table; those after it are said to be left out.
        if let Some(blank) = self.row.map(|before| row.saturating_sub(before + 1))
            && blank > 0
        {
            let from = u64::from(row - blank) + 1;
            self.transcript.note(from, None, "blank_rows", &blank.to_string());
        }
        self.row = Some(row);
    }

    fn end(&mut self) -> Result<(), TranscribeError> {
        if self.row.is_none() {
            return Ok(());
        }
        for cell in &self.cells {
            self.records.field(cell.as_deref());
        }
        self.records.end()?;
        let cells = self.cells.iter_mut().map(|cell| cell.take().unwrap_or_default());
        if self.transcript.columns.is_empty() {
            self.transcript.columns = cells.collect();
        } else {
            cells.for_each(drop);
            self.transcript.rows += 1;
        }
        Ok(())
    }
}

/// Refuses a table of strings that memory could not hold, by unpacking it into nothing: the size
/// that a zip states may be a lie.
fn limit_strings<R: Read + std::io::Seek>(
    zip: &mut zip::ZipArchive<R>,
    progress: &dyn Progress,
) -> Result<(), TranscribeError> {
    let Some(name) = zip
        .file_names()
        .filter_map(Result::ok)
        .find(|name| name.to_ascii_lowercase().ends_with("sharedstrings.xml"))
        .map(|name| name.into_owned())
    else {
        return Ok(());
    };
    let mut strings = zip.by_name(&name).map_err(damaged)?;
    let mut chunk = vec![0; 1 << 18];
    let (mut size, mut promised) = (0_u64, None);
    loop {
        let read = strings.read(&mut chunk).map_err(damaged)?;
        if read == 0 {
            break;
        }
        if size == 0 {
            promised = unique_count(&chunk[..read.min(4096)]);
        }
        size += read as u64;
        if size > STRINGS_LIMIT {
            return Err(TranscribeError::TooLong { line: 0, limit: STRINGS_LIMIT });
        }
        progress.check()?;
    }
    // The reader makes room for as many strings as are promised; each takes five bytes at least.
    match promised {
        Some(count) if count > size / 5 => Err(damaged("more strings promised than there are")),
        _ => Ok(()),
    }
}

fn unique_count(xml: &[u8]) -> Option<u64> {
    let at = memchr::memmem::find(xml, b"uniqueCount")? + "uniqueCount".len();
    let digits = xml[at..].iter().skip_while(|byte| !byte.is_ascii_digit());
    let digits: Vec<u8> = digits.take_while(|byte| byte.is_ascii_digit()).copied().collect();
    Some(std::str::from_utf8(&digits).ok()?.parse().unwrap_or(u64::MAX))
}

fn shown(value: &DataRef) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(moment) => moment_text(moment),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// Excel keeps 17 digits and shows 15, so that 0.1 + 0.2 is 0.3.
fn number_text(number: f64) -> String {
    let rounded = format!("{number:.14e}").parse().unwrap_or(number);
    let mut text = String::new();
    // Writing into a String does not fail.
    let _ = push_float(&mut text, rounded);
    text
}

/// A day, a day and time, a time of day (a moment in Excel's day 0), or a duration in hours.
fn moment_text(moment: &ExcelDateTime) -> String {
    let value = moment.as_f64();
    let mut text = String::new();
    let millis = (value.abs() * 86_400_000.0).round();
    if moment.is_duration() || (0.0..1.0).contains(&value) {
        if value < 0.0 {
            text.push('-');
        }
        let _ = push_time(&mut text, millis as i64, 1000);
        return text;
    }
    if value < 0.0 {
        return number_text(value);
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let _ = write!(text, "{year:04}-{month:02}-{day:02}");
    if hour != 0 || minute != 0 || second != 0 || milli != 0 {
        text.push('T');
        let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        let _ = push_time(&mut text, seconds * 1000 + i64::from(milli), 1000);
    }
    text
}

fn not_a_workbook(error: XlsxError) -> TranscribeError {
    match error {
        XlsxError::Password => TranscribeError::Encrypted,
        error @ (XlsxError::Zip(_)
        | XlsxError::FileNotFound(_)
        | XlsxError::RelationshipNotFound) => {
            TranscribeError::NotAWorkbook { reason: error.to_string() }
        }
        error => damaged(error),
    }
}

fn damaged(error: impl std::fmt::Display) -> TranscribeError {
    TranscribeError::Damaged { reason: error.to_string() }
}
