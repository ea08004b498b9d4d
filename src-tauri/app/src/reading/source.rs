//! A file, opened: as it is when it is delimited text, else through a transcript.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::Path;

use mirante_data::file::{self, ColumnProfile, Input, IssueKind, Overrides, Reader};
use mirante_data::progress::Progress;
use mirante_data::segment;
use mirante_data::transcribe::{self, TranscribeError, Transcript};
use tempfile::NamedTempFile;

use super::convert::{
    date_order_name, file_error, issue, kind_from, kind_name, label_error, line_end_name,
    options_of, overrides, role_from,
};
use crate::error::{Error, Result};
use crate::job::Job;
use crate::ops::open::{Column, Format, Kind, OpenResponse, ReadOptions, RowIssue};

/// Bytes that tell one format from another.
const MAGIC_BYTES: usize = 1 << 16;

/// Rows that a report shows.
const REPORTED_ROWS: usize = 20;

/// A file that is ready to be read, as often as wanted.
pub(crate) struct OpenFile {
    /// As the person named it.
    pub(crate) path: String,
    /// What it is.
    pub(crate) format: Format,
    /// Its records.
    pub(crate) reader: Reader,
    /// What the person insists on, and the encoding that was found.
    pub(super) said: Overrides,
    /// Its size.
    pub(super) bytes: u64,
    /// Every guess filled in.
    pub(super) options: ReadOptions,
    /// For formats that are no delimited text: what the transcript said, and the file it is in.
    pub(super) transcript: Option<(Transcript, NamedTempFile)>,
}

impl OpenFile {
    /// Names and roles of its columns. Roles are guessed from the file's beginning, and not at all
    /// when the columns wanted are known by name.
    pub(crate) fn columns(&self, named: &[String]) -> Result<Vec<(String, file::Role)>> {
        let names = self.reader.columns();
        let by_name =
            names.iter().map(|name| (name.clone(), file::Role::Category)).collect::<Vec<_>>();
        let borrowed: Vec<_> = by_name.iter().map(|(name, role)| (name.as_str(), *role)).collect();
        if !named.is_empty() || segment::text_columns(&borrowed, &[]).is_ok() {
            return Ok(by_name);
        }
        let seen = self.preview(0, &Job::quiet())?;
        Ok(seen.columns.into_iter().map(|column| (column.name, column.role)).collect())
    }

    fn preview(&self, rows: usize, job: &Job) -> Result<file::Preview> {
        file::preview(self.reader.input(), &self.said, rows, job)
            .map_err(|error| file_error(&self.path, error))
    }

    pub(super) fn line_end(&self) -> String {
        line_end_name(self.reader.dialect())
    }
}

/// Opens a file, whatever it is; `-` is standard input.
pub(crate) fn open_file(path: &str, options: &ReadOptions, job: &Job) -> Result<OpenFile> {
    let mut said = overrides(options)?;
    let failed = |error| file_error(path, error);
    let given = if path == "-" { Input::stdin() } else { Input::open(path) }.map_err(failed)?;
    let bytes = given.len();
    let mut start = Vec::new();
    given.read_at(0, MAGIC_BYTES, &mut start).map_err(failed)?;
    let found = transcribe::detect(Path::new(path), &start);
    let (input, format, transcript) = match found {
        None => (given, Format::Csv, None),
        Some(found) => {
            let (transcript, text) = transcribe_file(path, &given, found, options, job)?;
            let input = Input::open(text.path()).map_err(failed)?;
            said = file::Overrides {
                encoding: Some(file::Encoding::Utf8),
                delimiter: Some(b','),
                quote: Some(Some(b'"')),
                has_header: Some(true),
                decimal: Some(file::Decimal::Point),
                // Dates are ISO; those in texts are read as in any other table.
                date_order: said.date_order,
            };
            (input, format_of(found), Some((transcript, text)))
        }
    };
    let dialect = file::detect(&input, &said, job).map_err(failed)?;
    let reader = Reader::open(&input, &dialect).map_err(failed)?;
    let options = options_of(&dialect, options);
    // Found once, over the whole file; not again.
    said.encoding = Some(dialect.encoding);
    Ok(OpenFile { path: path.to_owned(), format, reader, said, bytes, options, transcript })
}

fn format_of(format: transcribe::Format) -> Format {
    match format {
        transcribe::Format::Jsonl => Format::Jsonl,
        transcribe::Format::Parquet => Format::Parquet,
        transcribe::Format::Xlsx => Format::Xlsx,
    }
}

fn transcribe_file(
    path: &str,
    given: &Input,
    format: transcribe::Format,
    options: &ReadOptions,
    job: &Job,
) -> Result<(Transcript, NamedTempFile)> {
    let failed = |error| Error::writing(&std::env::temp_dir(), error);
    let text = NamedTempFile::new().map_err(failed)?;
    // Standard input has no name to open again: it is put where it has one.
    let spooled = (path == "-").then(|| spool(given)).transpose()?;
    let from = spooled.as_ref().map_or(Path::new(path), NamedTempFile::path);
    let mut out = BufWriter::new(text.as_file());
    let transcript = transcribe::transcribe(from, format, options.sheet.as_deref(), &mut out, job)
        .map_err(|error| transcribe_error(path, format, error))?;
    out.flush().map_err(failed)?;
    drop(out);
    Ok((transcript, text))
}

fn spool(given: &Input) -> Result<NamedTempFile> {
    let failed = |error| Error::writing(&std::env::temp_dir(), error);
    let mut file = NamedTempFile::new().map_err(failed)?;
    let (mut at, mut part) = (0, Vec::new());
    while at < given.len() {
        part.clear();
        given.read_at(at, 1 << 20, &mut part).map_err(|error| file_error("-", error))?;
        file.write_all(&part).map_err(failed)?;
        at += part.len() as u64;
    }
    Ok(file)
}

fn transcribe_error(path: &str, format: transcribe::Format, error: TranscribeError) -> Error {
    let at = Path::new(path).to_owned();
    match error {
        TranscribeError::Cancelled(_) => Error::Cancelled,
        TranscribeError::Read { source, .. } => Error::reading(&at, source),
        TranscribeError::Write(source) => Error::writing(&std::env::temp_dir(), source),
        TranscribeError::Empty { .. } => Error::EmptyFile { path: at },
        TranscribeError::UnknownSheet { name, sheets } => {
            Error::BadOption { option: "sheet", value: name, allowed: sheets.join(", ") }
        }
        other => Error::BadFile {
            code: match (&other, format) {
                (TranscribeError::Encrypted, _) => "locked_workbook",
                (_, transcribe::Format::Jsonl) => "bad_json_line",
                (_, transcribe::Format::Parquet) => "bad_parquet",
                (_, transcribe::Format::Xlsx) => "bad_workbook",
            },
            path: at,
            reason: other.to_string(),
        },
    }
}

/// Reads a file's beginning; see [`crate::ops::open::preview`].
pub(crate) fn preview(
    path: &str,
    options: &ReadOptions,
    rows: usize,
    job: &Job,
) -> Result<OpenResponse> {
    let file = open_file(path, options, job)?;
    let seen = file.preview(rows, job)?;
    let mut response = respond(&file, options, &seen.columns, &seen.issues);
    if !seen.complete {
        // As many rows as the whole file would have if it went on like its beginning.
        response.complete = false;
    }
    response.rows = seen.estimated_rows;
    response.count(seen.issue_counts);
    response.options(&seen.dialect);
    response.preview = cells(seen.rows);
    Ok(response)
}

/// Reads a whole file; see [`crate::ops::open::open`].
pub(crate) fn report(path: &str, options: &ReadOptions, job: &Job) -> Result<OpenResponse> {
    let file = open_file(path, options, job)?;
    let mut response = report_of(&file, options, job)?;
    response.preview = cells(file.preview(REPORTED_ROWS, job)?.rows);
    Ok(response)
}

/// What a whole file holds, without its first rows. Step: `profile` (bytes).
pub(crate) fn report_of(file: &OpenFile, options: &ReadOptions, job: &Job) -> Result<OpenResponse> {
    job.step("profile", Some(file.reader.input().len()));
    let found = file::profile(&file.reader, &file.said, job)
        .map_err(|error| file_error(&file.path, error))?;
    let mut response = respond(file, options, &found.columns, &found.issues);
    response.rows = found.rows;
    response.count(found.issue_counts);
    response.options(&found.dialect);
    Ok(response)
}

impl OpenResponse {
    /// Adds to what the transcript counted.
    fn count(&mut self, issues: BTreeMap<IssueKind, u64>) {
        for (kind, count) in issues {
            *self.issue_counts.entry(kind_name(kind)).or_default() += count;
        }
    }

    fn options(&mut self, dialect: &file::Dialect) {
        let said = options_of(dialect, &ReadOptions::default());
        self.date_order = said.date_order.unwrap_or_default();
    }
}

/// A file's answer but for its rows and their counts.
fn respond(
    file: &OpenFile,
    options: &ReadOptions,
    columns: &[ColumnProfile],
    issues: &[file::RowIssue],
) -> OpenResponse {
    let said = file.options.clone();
    let mut response = OpenResponse {
        path: file.path.clone(),
        format: file.format,
        bytes: file.bytes,
        encoding: said.encoding.unwrap_or_default(),
        delimiter: said.delimiter.unwrap_or_default(),
        quote: said.quote.unwrap_or_default(),
        has_header: said.has_header.unwrap_or(true),
        decimal: said.decimal.unwrap_or_default(),
        date_order: said.date_order.unwrap_or_default(),
        line_end: file.line_end(),
        rows: 0,
        complete: true,
        columns: columns.iter().map(|column| column_of(column, options)).collect(),
        issues: issues.iter().map(issue).collect(),
        issue_counts: BTreeMap::new(),
        preview: Vec::new(),
        sheets: Vec::new(),
    };
    if let Some((transcript, _)) = &file.transcript {
        response.delimiter.clear();
        response.quote.clear();
        response.sheets.clone_from(&transcript.sheets);
        response.issues.extend(transcript.issues.iter().map(|issue| RowIssue {
            line: issue.line,
            row: None,
            cells: None,
            column: issue.column.clone(),
            kind: issue.kind.to_owned(),
            text: issue.text.clone(),
        }));
        for (kind, count) in &transcript.issue_counts {
            response.issue_counts.insert((*kind).to_owned(), *count);
        }
    }
    response
}

/// A column as it was found, but for what the person says it is.
fn column_of(found: &ColumnProfile, options: &ReadOptions) -> Column {
    let kind = options.kinds.get(&found.name).copied();
    let role = options.roles.get(&found.name).copied();
    let kind = kind.unwrap_or_else(|| kind_from(found.kind));
    Column {
        name: found.name.clone(),
        kind,
        date_order: (kind == Kind::Date).then(|| date_order_name(found.date_order)),
        role: role.unwrap_or_else(|| role_from(found.role)),
        missing: found.missing,
        distinct: found.distinct.count,
        distinct_exact: found.distinct.exact,
        sample: found.sample.clone(),
    }
}

fn cells(rows: Vec<Vec<String>>) -> Vec<Vec<Option<String>>> {
    let cell = |text: String| Some(text).filter(|text| !text.is_empty());
    rows.into_iter().map(|row| row.into_iter().map(cell).collect()).collect()
}

/// Copies a file's records with columns appended; see [`segment::write_labelled`].
pub(crate) fn write_labelled(
    file: &OpenFile,
    columns: &[&str],
    cell: &(dyn Fn(u64, usize) -> String + Sync),
    out: &mut (dyn Write + Send),
    path: &Path,
    job: &Job,
) -> Result<()> {
    let threads = rayon::current_num_threads();
    segment::write_labelled(&file.reader, columns, cell, out, threads, job)
        .map_err(|error| label_error(&file.path, path, error))
}
