//! The tables that were imported.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use ts_rs::TS;
use utoipa::ToSchema;

use super::export::ExportResponse;
use super::open::{Column, Format, ReadOptions, RowIssue};
use super::runs::{RunsRequest, runs};
use crate::app::{App, HALF_MADE};
use crate::error::{Error, Result};
use crate::exporting;
use crate::job::Job;
use crate::searching;
use crate::store::now;

/// An imported table.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct Dataset {
    /// Names it in requests.
    pub id: i64,
    /// The file's name without its extension; the person can change it.
    pub name: String,
    /// Where it came from.
    pub path: String,
    /// Format of the source.
    pub format: Format,
    /// How the source was read, every guess filled in.
    pub options: ReadOptions,
    /// Line end of the source: `lf`, `crlf` or `cr`.
    pub line_end: String,
    /// Size of the source.
    pub bytes: u64,
    /// Rows.
    pub rows: u64,
    /// Columns in the file's order.
    pub columns: Vec<Column>,
    /// Row issues found on import.
    pub issues: u64,
    /// Unix time in milliseconds.
    pub imported_at: i64,
    /// Unix time in milliseconds.
    pub opened_at: i64,
    /// The segmentation in focus, if there is one.
    pub run: Option<i64>,
    /// Whether this is the sample that Mirante ships.
    pub is_sample: bool,
}

/// Imports a file: reads it once and keeps a columnar copy for browsing. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRequest {
    /// The file.
    pub path: String,
    /// How to read it.
    #[serde(default)]
    #[ts(as = "Option<ReadOptions>", optional)]
    pub options: ReadOptions,
    /// A name for it; the file's own unless given.
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
}

/// Imports the sample that Mirante ships. A job.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportSampleRequest {}

/// Lists the imported tables, the last used first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatasetsRequest {}

/// Every imported table.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct DatasetsResponse {
    /// The last used first.
    pub datasets: Vec<Dataset>,
}

/// Names one table. Asking for it makes it the last used.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatasetRequest {
    /// Which.
    pub dataset: i64,
}

/// Renames a table.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameDatasetRequest {
    /// Which.
    pub dataset: i64,
    /// Its new name.
    pub name: String,
}

/// Removes a table and its runs from Mirante; the source file stays.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveDatasetRequest {
    /// Which.
    pub dataset: i64,
}

/// The row issues of a table, by page.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssuesRequest {
    /// Which table.
    pub dataset: i64,
    /// First issue wanted, from 0.
    #[serde(default)]
    #[ts(as = "Option<u32>", optional)]
    pub offset: u32,
    /// Issues wanted, 100 unless said.
    #[serde(default = "issue_limit")]
    #[ts(as = "Option<u32>", optional)]
    pub limit: u32,
}

fn issue_limit() -> u32 {
    100
}

/// A page of row issues.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct IssuesResponse {
    /// All there are.
    pub total: u64,
    /// Those asked for; at most the first 10,000 are kept.
    pub issues: Vec<RowIssue>,
}

/// Writes the row issues of a table as CSV, the table's own delimiter between their fields. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportIssuesRequest {
    /// Which table.
    pub dataset: i64,
    /// Where to; absent: as in an export.
    #[serde(default)]
    #[ts(optional)]
    pub path: Option<String>,
}

/// An empty answer: it was done.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
pub struct Done {}

/// Lists the imported tables.
///
/// # Errors
/// [`Error::Storage`].
pub fn datasets(app: &App, _job: &Job, _request: DatasetsRequest) -> Result<DatasetsResponse> {
    let rows = app.store()?.with(async |pool| {
        sqlx::query("select * from datasets order by opened_at desc, id desc")
            .fetch_all(&pool)
            .await
    })?;
    Ok(DatasetsResponse { datasets: rows.iter().map(from_row).collect::<Result<_>>()? })
}

/// Answers one table and makes it the last used.
///
/// # Errors
/// [`Error::Unknown`].
pub fn dataset(app: &App, _job: &Job, request: DatasetRequest) -> Result<Dataset> {
    app.store()?.with(async |pool| {
        sqlx::query("update datasets set opened_at = ? where id = ?")
            .bind(now())
            .bind(request.dataset)
            .execute(&pool)
            .await
    })?;
    app.dataset(request.dataset)
}

/// Renames a table.
///
/// # Errors
/// [`Error::Unknown`], or [`Error::BadOption`] for an empty name.
pub fn rename_dataset(app: &App, _job: &Job, request: RenameDatasetRequest) -> Result<Dataset> {
    let before = app.dataset(request.dataset)?;
    let name = request.name.trim();
    if name.is_empty() {
        let allowed = before.name;
        return Err(Error::BadOption { option: "name", value: request.name, allowed });
    }
    let kept = serde_json::to_string(&before.name)?;
    app.store()?.transaction(async |store| {
        remember(store, before.id, "rename_dataset", &kept).await?;
        sqlx::query("update datasets set name = ? where id = ?")
            .bind(name)
            .bind(before.id)
            .execute(&mut **store)
            .await
    })?;
    app.dataset(request.dataset)
}

/// Removes a table and its runs from Mirante. The source file stays where it is.
///
/// # Errors
/// [`Error::Unknown`].
pub fn remove_dataset(app: &App, job: &Job, request: RemoveDatasetRequest) -> Result<Done> {
    let dataset = app.dataset(request.dataset)?;
    let runs = runs(app, job, RunsRequest { dataset: dataset.id })?.runs;
    app.store()?.with(async |pool| {
        sqlx::query("delete from datasets where id = ?").bind(dataset.id).execute(&pool).await
    })?;
    app.close_table(dataset.id);
    for run in runs {
        app.close_run(run.id);
        let _ = std::fs::remove_dir_all(app.run_folder(run.id));
    }
    let _ = std::fs::remove_dir_all(app.table_folder(dataset.id));
    // An index holds the table's cells too.
    for index in searching::indexes(app).iter().filter(|index| index.dataset == Some(dataset.id)) {
        searching::remove(app, &index.name)?;
    }
    if let Some(folder) = app.upload_folder(Path::new(&dataset.path)) {
        let _ = std::fs::remove_dir_all(folder);
    }
    Ok(Done {})
}

/// Answers a page of the row issues that the import found.
///
/// # Errors
/// [`Error::Unknown`].
pub fn issues(app: &App, _job: &Job, request: IssuesRequest) -> Result<IssuesResponse> {
    let dataset = app.dataset(request.dataset)?;
    let all = app.kept_issues(dataset.id)?;
    let page = all.into_iter().skip(request.offset as usize).take(request.limit as usize);
    Ok(IssuesResponse { total: dataset.issues, issues: page.collect() })
}

/// Writes the row issues that the import kept.
///
/// # Errors
/// [`Error::Unknown`], or those of writing the file.
pub fn export_issues(app: &App, job: &Job, request: ExportIssuesRequest) -> Result<ExportResponse> {
    exporting::issues(app, job, &request)
}

/// Imports a file.
///
/// # Errors
/// Those of reading the file and of writing the copy.
pub fn import(app: &App, job: &Job, request: ImportRequest) -> Result<Dataset> {
    let path = Path::new(&request.path);
    let name = request.name.unwrap_or_else(|| {
        path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
    });
    keep(app, job, path, &request.options, name, false)
}

/// The sample that Mirante ships, inside the program so that it is there wherever Mirante is.
const SAMPLE: &[u8] = include_bytes!("../../../../datasets/dores_solucoes.csv");
/// Its file name.
const SAMPLE_NAME: &str = "dores_solucoes";

/// Imports the sample.
///
/// # Errors
/// Those of writing to Mirante's home.
pub fn import_sample(app: &App, job: &Job, _request: ImportSampleRequest) -> Result<Dataset> {
    let path = app.folder(&["sample"])?.join(format!("{SAMPLE_NAME}.csv"));
    std::fs::write(&path, SAMPLE).map_err(|error| Error::writing(&path, error))?;
    keep(app, job, &path, &ReadOptions::default(), SAMPLE_NAME.to_owned(), true)
}

/// Reads a file into a new folder and, once it is whole, into the list of tables.
fn keep(
    app: &App,
    job: &Job,
    path: &Path,
    options: &ReadOptions,
    name: String,
    is_sample: bool,
) -> Result<Dataset> {
    let tables = app.folder(&["tables"])?;
    let part = tempfile::Builder::new()
        .prefix(HALF_MADE)
        .tempdir_in(&tables)
        .map_err(|error| Error::writing(&tables, error))?;
    let read = crate::reading::import(path, options, part.path(), job)?;
    job.checkpoint()?;
    let at = now();
    let mut dataset = Dataset {
        id: 0,
        name,
        path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string(),
        format: read.format,
        options: read.options,
        line_end: read.line_end,
        bytes: read.bytes,
        rows: read.rows,
        columns: read.columns,
        issues: read.issues,
        imported_at: at,
        opened_at: at,
        run: None,
        is_sample,
    };
    let description = serde_json::to_string(&dataset)?;
    let rename_failed = std::cell::Cell::new(None);
    let kept = app.store()?.transaction(async |store| {
        let id = sqlx::query(
            "insert into datasets (name, description, imported_at, opened_at) values (?, ?, ?, ?)",
        )
        .bind(&dataset.name)
        .bind(&description)
        .bind(at)
        .bind(at)
        .execute(&mut **store)
        .await?
        .last_insert_rowid();
        std::fs::rename(part.path(), tables.join(id.to_string())).map_err(|error| {
            rename_failed.set(Some(error));
            sqlx::Error::RowNotFound
        })?;
        Ok(id)
    });
    if let Some(error) = rename_failed.take() {
        return Err(Error::writing(&tables, error));
    }
    dataset.id = kept?;
    // Opened as a part of the import, so that the first page is answered at once.
    drop(app.table(dataset.id));
    job.say(format!("{}: {} rows", dataset.name, dataset.rows));
    Ok(dataset)
}

/// Keeps what is about to be changed, so that it can be taken back.
pub(crate) async fn remember(
    store: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
    dataset: i64,
    kind: &str,
    before: &str,
) -> sqlx::Result<()> {
    sqlx::query("insert into undo (dataset, kind, before) values (?, ?, ?)")
        .bind(dataset)
        .bind(kind)
        .bind(before)
        .execute(&mut **store)
        .await
        .map(|_| ())
}

impl App {
    /// One imported table.
    ///
    /// # Errors
    /// [`Error::Unknown`].
    pub fn dataset(&self, id: i64) -> Result<Dataset> {
        let row = self.store()?.with(async |pool| {
            sqlx::query("select * from datasets where id = ?").bind(id).fetch_optional(&pool).await
        })?;
        row.map_or_else(
            || Err(Error::Unknown { what: "dataset", id: id.to_string() }),
            |row| from_row(&row),
        )
    }

    /// Where a table's columnar copy lies.
    #[must_use]
    pub fn table_folder(&self, dataset: i64) -> PathBuf {
        self.home().join("tables").join(dataset.to_string())
    }

    /// The folder of a browser's upload, which is Mirante's own copy of a file that the person
    /// still has; `None` for every other file. Both sides are resolved first: a path can begin with
    /// the uploads folder and lead out of it again.
    fn upload_folder(&self, path: &Path) -> Option<PathBuf> {
        let uploads = self.home().join("uploads").canonicalize().ok()?;
        let folder = path.canonicalize().ok()?.parent()?.to_owned();
        (folder.parent() == Some(uploads.as_path())).then_some(folder)
    }

    /// The row issues an import kept.
    pub(crate) fn kept_issues(&self, dataset: i64) -> Result<Vec<RowIssue>> {
        let path = self.table_folder(dataset).join("issues.json");
        let text = std::fs::read(&path).map_err(|error| Error::reading(&path, error))?;
        Ok(serde_json::from_slice(&text)?)
    }
}

fn from_row(row: &sqlx::sqlite::SqliteRow) -> Result<Dataset> {
    let mut dataset: Dataset = serde_json::from_str(row.get("description"))?;
    dataset.id = row.get("id");
    dataset.name = row.get("name");
    dataset.opened_at = row.get("opened_at");
    dataset.run = row.get("run");
    Ok(dataset)
}
