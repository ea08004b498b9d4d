//! Tables out: in the source's own dialect byte for byte where that is possible, else by columns.

use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mirante_data::export::{self, Beside, ExportError, Labels};
use mirante_data::file::{Dialect, Encoding, Writer};
use mirante_data::progress::Progress;
use mirante_data::segment::label_name;

use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::opened::{OpenRun, OpenTable};
use crate::ops::datasets::{Dataset, ExportIssuesRequest};
use crate::ops::export::{ExportFormat, ExportRequest, ExportResponse};
use crate::ops::open::{Format, Kind};
use crate::ops::rows::View;
use crate::ops::segment::Warning;
use crate::reading;

/// Rows between two looks at whether to go on.
const CHECK_ROWS: usize = 4096;

/// What stands in the appended columns, by row and column.
pub(crate) type Cell<'a> = &'a (dyn Fn(u64, usize) -> String + Sync);

/// Writes a table; see [`crate::ops::export::export`].
pub(crate) fn export(app: &App, job: &Job, request: &ExportRequest) -> Result<ExportResponse> {
    let dataset = app.dataset(request.dataset)?;
    let open = app.table(request.dataset)?;
    let path = target(app, request, &dataset)?;
    let labelled = Segments::of(app, &dataset, request)?;
    let view =
        (request.view != View::default()).then(|| app.view(&dataset, &request.view)).transpose()?;
    let rows = view.as_ref().map(|view| view.shown.as_slice());
    let count = rows.map_or(open.table.rows(), <[u32]>::len) as u64;
    let warnings = if let ExportFormat::Csv = request.format {
        let failed = |error| Error::writing(&path, error);
        let mut out = Beside::create(&path).map_err(failed)?;
        let text = |row: u64, _| labelled.as_ref().map(|l| l.text(row as u32)).unwrap_or_default();
        let column = [request.label_col.as_str()];
        let added = labelled.as_ref().map(|_| (&column[..], &text as Cell<'_>));
        let warnings = write_csv(&dataset, &open, rows, added, &mut out, &path, job)?;
        out.commit().map_err(failed)?;
        warnings
    } else {
        write_columns(request, &dataset, &open, rows, labelled.as_ref(), &path, job)?
    };
    let bytes = std::fs::metadata(&path).map_err(|error| Error::reading(&path, error))?.len();
    Ok(ExportResponse { path: path.display().to_string(), rows: count, bytes, warnings })
}

/// Writes the row issues; see [`crate::ops::datasets::export_issues`].
pub(crate) fn issues(
    app: &App,
    job: &Job,
    request: &ExportIssuesRequest,
) -> Result<ExportResponse> {
    let dataset = app.dataset(request.dataset)?;
    let issues = app.kept_issues(dataset.id)?;
    let path = match &request.path {
        Some(path) => PathBuf::from(path),
        None => export_path(app, &format!("{}-issues", dataset.name), "csv")?,
    };
    // The table's delimiter, for the program that opens the one opens the other. Its encoding may
    // lack what stands for bytes that could not be read.
    let dialect = Dialect {
        encoding: Encoding::Utf8Bom,
        quote: Some(b'"'),
        ..reading::dialect_of(&dataset.options, &dataset.line_end)?
    };
    let failed = |error| reading::write_error(&path, error);
    let mut out = Beside::create(&path).map_err(|error| Error::writing(&path, error))?;
    job.step("write", Some(issues.len() as u64));
    let mut writer = Writer::new(std::io::BufWriter::new(&mut out), &dialect);
    writer.write(&["line", "column", "kind", "text"]).map_err(failed)?;
    for issue in &issues {
        let line = issue.line.to_string();
        let column = issue.column.as_deref().unwrap_or_default();
        writer.write(&[&line, column, &issue.kind, &issue.text]).map_err(failed)?;
    }
    writer.finish().map_err(failed)?;
    out.commit().map_err(|error| Error::writing(&path, error))?;
    let bytes = std::fs::metadata(&path).map_err(|error| Error::reading(&path, error))?.len();
    let path = path.display().to_string();
    Ok(ExportResponse { path, rows: issues.len() as u64, bytes, warnings: Vec::new() })
}

/// The segments of a dataset's current run, or of the run its view speaks of.
struct Segments {
    run: Arc<OpenRun>,
    /// By segment; empty where numbers are wanted.
    names: Vec<String>,
}

impl Segments {
    fn of(app: &App, dataset: &Dataset, request: &ExportRequest) -> Result<Option<Self>> {
        let selection = request.view.selection.as_ref();
        let Some(run) = selection.and_then(|s| s.run).or(dataset.run) else { return Ok(None) };
        let mut names = Vec::new();
        if request.names {
            names = app
                .run(run)?
                .result
                .segments
                .into_iter()
                .map(|segment| segment.name.unwrap_or_else(|| segment.id.to_string()))
                .collect();
        }
        Ok(Some(Self { run: app.open_run(run)?, names }))
    }

    fn number(&self, row: u32) -> Option<i64> {
        self.run.labels.get(row as usize).map(|&label| i64::from(label))
    }

    fn name(&self, row: u32) -> Option<&str> {
        let label = *self.run.labels.get(row as usize)?;
        self.names.get(label as usize).map(String::as_str)
    }

    fn text(&self, row: u32) -> String {
        match self.name(row) {
            Some(name) => name.to_owned(),
            None => self.number(row).map(|number| number.to_string()).unwrap_or_default(),
        }
    }
}

/// Where the export goes: where the person said, or into the exports folder under the table's name.
fn target(app: &App, request: &ExportRequest, dataset: &Dataset) -> Result<PathBuf> {
    if let Some(path) = &request.path {
        return Ok(PathBuf::from(path));
    }
    let extension = match request.format {
        ExportFormat::Csv => "csv",
        ExportFormat::Parquet => "parquet",
        ExportFormat::Xlsx => "xlsx",
        ExportFormat::Json => "json",
        ExportFormat::Jsonl => "jsonl",
    };
    export_path(app, &dataset.name, extension)
}

/// Begins a file whose folder need not be there yet.
///
/// # Errors
/// [`Error::Unwritable`] and its like, before any work is done for it.
pub(crate) fn begun(path: &Path) -> Result<Beside> {
    let failed = |error| Error::writing(path, error);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    Beside::create(path).map_err(failed)
}

/// A file in the exports folder.
pub(crate) fn export_path(app: &App, name: &str, extension: &str) -> Result<PathBuf> {
    let safe: String = name
        .chars()
        .map(|c| if c.is_control() || "/\\:*?\"<>|".contains(c) { '_' } else { c })
        .collect();
    Ok(app.folder(&["exports"])?.join(format!("{safe}.{extension}")))
}

/// Writes delimited text in the dataset's dialect. A whole table whose source is unchanged is
/// copied from it byte for byte.
pub(crate) fn write_csv(
    dataset: &Dataset,
    open: &OpenTable,
    rows: Option<&[u32]>,
    added: Option<(&[&str], Cell<'_>)>,
    out: &mut (dyn Write + Send),
    path: &Path,
    job: &Job,
) -> Result<Vec<Warning>> {
    if let (None, Some((columns, cell))) = (rows, added)
        && source_is_unchanged(dataset)
    {
        let file = reading::open_file(&dataset.path, &dataset.options, job)?;
        reading::write_labelled(&file, columns, cell, out, path, job)?;
        return Ok(Vec::new());
    }
    if let (None, None) = (rows, added)
        && source_is_unchanged(dataset)
    {
        let failed = |error| Error::reading(dataset.path.as_ref(), error);
        std::io::copy(&mut std::fs::File::open(&dataset.path).map_err(failed)?, out)
            .map_err(|error| Error::writing(path, error))?;
        return Ok(Vec::new());
    }
    let failed = |error| reading::write_error(path, error);
    let dialect = reading::dialect_of(&dataset.options, &dataset.line_end)?;
    let table = &open.table;
    let all: Vec<u32>;
    let rows = match rows {
        Some(rows) => rows,
        None => {
            all = (0..table.rows() as u32).collect();
            &all
        }
    };
    job.step("write", Some(rows.len() as u64));
    let mut writer = Writer::new(std::io::BufWriter::new(out), &dialect);
    let mut cells: Vec<Cow<'_, str>> = table.names().iter().map(|name| name.into()).collect();
    if let Some((columns, _)) = added {
        cells.extend(columns.iter().map(|column| label_name(table.names(), column)));
    }
    if dialect.has_header {
        writer.write(&cells).map_err(failed)?;
    }
    for (done, &row) in rows.iter().enumerate() {
        if done % CHECK_ROWS == 0 {
            job.checkpoint()?;
            job.at(done as u64);
        }
        cells.clear();
        let row_cells = (0..table.names().len()).map(|c| table.cell(row as usize, c));
        cells.extend(row_cells.map(|cell| Cow::from(cell.unwrap_or_default())));
        if let Some((columns, cell)) = added {
            cells.extend((0..columns.len()).map(|at| cell(u64::from(row), at).into()));
        }
        writer.write(&cells).map_err(failed)?;
    }
    writer.finish().map_err(failed)?;
    Ok(warnings([(SURPLUS, table.rows_with_surplus(Some(rows)))]))
}

/// Whether the source is still the file that was imported.
fn source_is_unchanged(dataset: &Dataset) -> bool {
    dataset.format == Format::Csv
        && std::fs::metadata(&dataset.path).is_ok_and(|file| {
            let modified = file.modified().ok().and_then(|at| {
                at.duration_since(std::time::UNIX_EPOCH).ok().map(|since| since.as_millis())
            });
            file.len() == dataset.bytes
                && modified.is_some_and(|at| at <= u128::from(dataset.imported_at.unsigned_abs()))
        })
}

fn write_columns(
    request: &ExportRequest,
    dataset: &Dataset,
    open: &OpenTable,
    rows: Option<&[u32]>,
    labelled: Option<&Segments>,
    path: &Path,
    job: &Job,
) -> Result<Vec<Warning>> {
    let kinds: Vec<export::Kind> = dataset.columns.iter().map(|c| kind_of(c.kind)).collect();
    let number = |row: u32| labelled.and_then(|labelled| labelled.number(row));
    let name = |row: u32| labelled.map(|labelled| Cow::from(labelled.text(row)));
    let column = label_name(open.table.names(), &request.label_col);
    let labels = labelled.map(|_| {
        let labels = if request.names { Labels::Names(&name) } else { Labels::Numbers(&number) };
        (&*column, labels)
    });
    let source = export::Source {
        table: &open.table,
        kinds: &kinds,
        rows,
        segment: labels,
        title: &dataset.name,
    };
    let format = match request.format {
        ExportFormat::Parquet => export::Format::Parquet,
        ExportFormat::Xlsx => export::Format::Xlsx,
        ExportFormat::Jsonl => export::Format::Jsonl,
        ExportFormat::Json | ExportFormat::Csv => export::Format::Json,
    };
    let written =
        export::export(&source, format, path, job).map_err(|error| export_error(path, error))?;
    for column in &written.as_text {
        job.say(format!("{column}: text"));
    }
    Ok(warnings([
        ("columns_as_text", written.as_text.len() as u64),
        ("cells_cut", written.cut_count),
        (SURPLUS, written.surplus),
    ]))
}

/// Rows with cells after the last column, which columns cannot carry.
const SURPLUS: &str = "surplus_left_out";

/// What happened at least once.
fn warnings<const N: usize>(counts: [(&str, u64); N]) -> Vec<Warning> {
    let happened = counts.into_iter().filter(|&(_, count)| count > 0);
    happened.map(|(code, count)| Warning { code: code.to_owned(), count }).collect()
}

fn kind_of(kind: Kind) -> export::Kind {
    match kind {
        Kind::Integer => export::Kind::Integer,
        Kind::Number => export::Kind::Number,
        Kind::Date => export::Kind::Date,
        Kind::Boolean => export::Kind::Boolean,
        Kind::Text | Kind::Empty => export::Kind::Text,
    }
}

pub(crate) fn export_error(path: &Path, error: ExportError) -> Error {
    match error {
        ExportError::Cancelled(_) => Error::Cancelled,
        ExportError::Io { source, .. } => Error::writing(path, source),
        ExportError::DiskFull { .. } => Error::DiskFull { path: path.to_owned() },
        ExportError::TooManyRows { rows, limit } => {
            Error::TooManyForFormat { what: "rows", count: rows, limit }
        }
        ExportError::TooManyColumns { columns, limit } => {
            Error::TooManyForFormat { what: "columns", count: columns, limit }
        }
        other => Error::Internal { reason: other.to_string() },
    }
}
