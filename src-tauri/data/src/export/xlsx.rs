//! A workbook with one sheet.
//!
//! Rows go to a temporary file in the target's folder as they are made, and are packed at the
//! end: memory does not grow with the rows.

use std::io::{Seek, Write};
use std::path::Path;

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::value::Value;
use super::{CHECK_ROWS, CUTS_KEPT, ExportError, Source, Written};
use crate::progress::Progress;

/// Rows of a sheet, the header aside.
pub(super) const ROWS_LIMIT: u64 = 1_048_575;
/// Columns of a sheet.
pub(super) const COLUMNS_LIMIT: u64 = 16_384;
/// What Excel counts as characters of a cell: UTF-16 code units.
const CELL_LIMIT: usize = 32_767;
/// Days from Excel's day 0 to 1970-01-01.
const EPOCH: f64 = 25_569.0;
/// Excel's calendar is the world's from 1900-03-01 to 9999-12-31.
const DAYS: std::ops::RangeInclusive<f64> = -25_508.0..=2_932_896.999;
/// Rows whose widths the columns take after.
const WIDTH_ROWS: usize = 500;

/// How the kinds of cell look.
struct Looks {
    header: Format,
    day: Format,
    moment: Format,
}

pub(super) fn write<W: Write + Seek + Send>(
    source: &Source,
    out: &mut W,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<Written, ExportError> {
    let looks = Looks {
        header: Format::new().set_bold(),
        day: Format::new().set_num_format("yyyy-mm-dd"),
        moment: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
    };
    let mut written = Written::default();
    let mut book = Workbook::new();
    book.set_tempdir(folder).map_err(encode)?;
    let sheet = book.add_worksheet_with_constant_memory().map_err(encode)?;
    sheet.set_name(sheet_name(source.title)).map_err(encode)?;
    sheet.set_freeze_panes(1, 0).map_err(encode)?;
    let names = source.names();
    for (column, name) in names.iter().enumerate() {
        sheet.set_column_width(column as u16, width(source, column, name)).map_err(encode)?;
    }
    if !names.is_empty() {
        let last = (source.len() as u32, names.len() as u16 - 1);
        sheet.autofilter(0, 0, last.0, last.1).map_err(encode)?;
    }
    for (column, name) in names.iter().enumerate() {
        let name = cut(name).unwrap_or(name);
        sheet.write_string_with_format(0, column as u16, name, &looks.header).map_err(encode)?;
    }
    for (nth, row) in source.each_row().enumerate() {
        if nth % CHECK_ROWS == 0 {
            progress.at(nth as u64);
            progress.check()?;
        }
        for (column, name) in names.iter().enumerate() {
            if write_cell(source, row, column, nth as u32 + 1, &looks, sheet)? {
                written.cut_count += 1;
                if written.cut.len() < CUTS_KEPT {
                    written.cut.push((row, (*name).to_owned()));
                }
            }
        }
    }
    book.save_to_writer(out).map_err(encode)?;
    progress.at(source.len() as u64);
    Ok(written)
}

/// Writes a cell; answers whether it had to be cut.
fn write_cell(
    source: &Source,
    row: u32,
    column: usize,
    line: u32,
    looks: &Looks,
    sheet: &mut Worksheet,
) -> Result<bool, ExportError> {
    let place = column as u16;
    let value = source.value(row, column);
    match value {
        Value::Missing => {}
        // Excel keeps 15 digits; a longer number stays whole as text.
        Value::Integer(number) if number.unsigned_abs() < 1_000_000_000_000_000 => {
            sheet.write_number(line, place, number as f64).map_err(encode)?;
        }
        Value::Number(number) => {
            sheet.write_number(line, place, number).map_err(encode)?;
        }
        Value::Boolean(value) => {
            sheet.write_boolean(line, place, value).map_err(encode)?;
        }
        Value::Day(day) if DAYS.contains(&f64::from(day)) => {
            let serial = f64::from(day) + EPOCH;
            sheet.write_number_with_format(line, place, serial, &looks.day).map_err(encode)?;
        }
        Value::Moment(millis) if DAYS.contains(&(millis as f64 / 86_400_000.0)) => {
            let serial = millis as f64 / 86_400_000.0 + EPOCH;
            sheet.write_number_with_format(line, place, serial, &looks.moment).map_err(encode)?;
        }
        Value::Text(_) | Value::Integer(_) | Value::Day(_) | Value::Moment(_) => {
            let text = source.text(row, column).unwrap_or_default();
            let short = cut(&text);
            sheet.write_string(line, place, short.unwrap_or(&text)).map_err(encode)?;
            return Ok(short.is_some());
        }
    }
    Ok(false)
}

/// The part of a text that a cell holds, when it does not hold all of it.
fn cut(text: &str) -> Option<&str> {
    // No text has more UTF-16 code units than bytes.
    if text.len() <= CELL_LIMIT {
        return None;
    }
    let mut units = 0;
    for (at, letter) in text.char_indices() {
        units += letter.len_utf16();
        if units > CELL_LIMIT {
            return Some(&text[..at]);
        }
    }
    None
}

/// Wide enough for most of the first rows, in characters.
fn width(source: &Source, column: usize, name: &str) -> f64 {
    let mut lengths: Vec<usize> = source
        .each_row()
        .take(WIDTH_ROWS)
        .filter_map(|row| source.text(row, column))
        .map(|text| text.chars().take(61).count())
        .collect();
    lengths.sort_unstable();
    let usual = lengths.get(lengths.len() * 9 / 10).copied().unwrap_or(0);
    // The header also has the filter's button beside it.
    usual.max(name.chars().count() + 2).clamp(8, 60) as f64 + 1.0
}

fn sheet_name(title: &str) -> String {
    let allowed: String = title
        .chars()
        .filter(|letter| !r"[]:*?/\".contains(*letter) && !letter.is_control())
        .take(31)
        .collect();
    let allowed = allowed.trim().trim_matches('\'');
    if allowed.is_empty() { "Mirante".to_owned() } else { allowed.to_owned() }
}

fn encode(error: XlsxError) -> ExportError {
    match error {
        // Of the temporary file; the target's own errors are noted where they happen.
        XlsxError::IoError(source) => ExportError::Io { path: Path::new("").to_owned(), source },
        error => ExportError::Encode { reason: error.to_string() },
    }
}
