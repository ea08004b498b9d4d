//! Kept segmentations: in the database what they are, in `runs/<id>/` their labels, points and model.

use sqlx::Row as _;

use crate::app::{App, HALF_MADE};
use crate::error::{Error, Result};
use crate::ops::datasets::remember;
use crate::ops::runs::Run;
use crate::ops::segment::{SegmentRequest, SegmentResponse};
use crate::store::now;

/// Name of the file that holds one segment a row, u16 little-endian.
pub(crate) const LABELS: &str = "labels.u16";
/// Name of the file that holds one point a row, two f32 little-endian.
pub(crate) const POINTS: &str = "points.f32";
/// Name of the file that holds the model.
pub(crate) const MODEL: &str = "model.json";

impl App {
    /// Keeps a segmentation as the current run of its table; `write` fills its folder.
    pub(crate) fn keep_run(
        &self,
        dataset: i64,
        request: &SegmentRequest,
        result: &SegmentResponse,
        write: impl FnOnce(&std::path::Path) -> Result<()>,
    ) -> Result<i64> {
        let runs = self.folder(&["runs"])?;
        let part = tempfile::Builder::new()
            .prefix(HALF_MADE)
            .tempdir_in(&runs)
            .map_err(|error| Error::writing(&runs, error))?;
        write(part.path())?;
        let before = serde_json::to_string(&self.dataset(dataset)?.run)?;
        let (request, result) = (serde_json::to_string(request)?, serde_json::to_string(result)?);
        let mut rename_failed = None;
        let kept = self.store()?.transaction(async |store| {
            let id = sqlx::query(
                "insert into runs (dataset, created_at, request, result) values (?, ?, ?, ?)",
            )
            .bind(dataset)
            .bind(now())
            .bind(&request)
            .bind(&result)
            .execute(&mut **store)
            .await?
            .last_insert_rowid();
            remember(store, dataset, "choose_run", &before).await?;
            choose(store, dataset, Some(id)).await?;
            if let Err(error) = std::fs::rename(part.path(), runs.join(id.to_string())) {
                rename_failed = Some(error);
                return Err(sqlx::Error::RowNotFound);
            }
            Ok(id)
        });
        rename_failed.map_or(kept, |error| Err(Error::writing(&runs, error)))
    }

    /// One run.
    ///
    /// # Errors
    /// [`Error::Unknown`].
    pub(crate) fn run(&self, id: i64) -> Result<Run> {
        let row = self.store()?.with(async |pool| {
            sqlx::query("select * from runs where id = ?").bind(id).fetch_optional(&pool).await
        })?;
        let row = row.ok_or(Error::Unknown { what: "run", id: id.to_string() })?;
        self.run_from(&row)
    }

    /// A table's runs, the newest first.
    pub(crate) fn runs(&self, dataset: i64) -> Result<Vec<Run>> {
        self.dataset(dataset)?;
        let rows = self.store()?.with(async |pool| {
            sqlx::query("select * from runs where dataset = ? order by id desc")
                .bind(dataset)
                .fetch_all(&pool)
                .await
        })?;
        rows.iter().map(|row| self.run_from(row)).collect()
    }

    fn run_from(&self, row: &sqlx::sqlite::SqliteRow) -> Result<Run> {
        let id: i64 = row.get("id");
        let mut result: SegmentResponse = serde_json::from_str(row.get("result"))?;
        result.run = Some(id);
        Ok(Run {
            id,
            dataset: row.get("dataset"),
            created_at: row.get("created_at"),
            request: serde_json::from_str(row.get("request"))?,
            result,
            has_map: self.run_folder(id).join(POINTS).exists(),
        })
    }

    /// Makes a run the one in focus, so that it can be taken back.
    pub(crate) fn choose_run(&self, dataset: i64, run: i64) -> Result<Run> {
        let chosen = self.run(run)?;
        if chosen.dataset != dataset {
            return Err(Error::Unknown { what: "run", id: run.to_string() });
        }
        let before = serde_json::to_string(&self.dataset(dataset)?.run)?;
        self.store()?.transaction(async |store| {
            remember(store, dataset, "choose_run", &before).await?;
            choose(store, dataset, Some(run)).await
        })?;
        Ok(chosen)
    }

    /// Names a segment of a run, so that it can be taken back.
    pub(crate) fn rename_segment(&self, run: i64, segment: u32, name: &str) -> Result<Run> {
        let before = self.run(run)?;
        let old = before
            .result
            .segments
            .iter()
            .find(|known| known.id == segment)
            .map(|known| known.name.clone())
            .ok_or(Error::Unknown { what: "segment", id: segment.to_string() })?;
        let kept = serde_json::to_string(&(run, segment, old))?;
        let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
        let result = with_name(before.result, segment, name)?;
        self.store()?.transaction(async |store| {
            remember(store, before.dataset, "rename_segment", &kept).await?;
            set_result(store, run, &result).await
        })?;
        self.run(run)
    }

    /// Takes back the last change that can be.
    pub(crate) fn undo(&self) -> Result<Option<(String, i64)>> {
        let last = self.store()?.with(async |pool| {
            sqlx::query("select * from undo order by id desc limit 1").fetch_optional(&pool).await
        })?;
        let Some(last) = last else { return Ok(None) };
        let id: i64 = last.get("id");
        let (kind, dataset): (String, i64) = (last.get("kind"), last.get("dataset"));
        let before: &str = last.get("before");
        let renamed = match kind.as_str() {
            "rename_segment" => {
                let (run, segment, name): (i64, u32, Option<String>) =
                    serde_json::from_str(before)?;
                Some((run, with_name(self.run(run)?.result, segment, name)?))
            }
            _ => None,
        };
        let run: Option<i64> = match kind.as_str() {
            "choose_run" => serde_json::from_str(before)?,
            _ => None,
        };
        let name: String = match kind.as_str() {
            "rename_dataset" => serde_json::from_str(before)?,
            _ => String::new(),
        };
        self.store()?.transaction(async |store| {
            match kind.as_str() {
                "rename_dataset" => {
                    sqlx::query("update datasets set name = ? where id = ?")
                        .bind(&name)
                        .bind(dataset)
                        .execute(&mut **store)
                        .await?;
                }
                "choose_run" => choose(store, dataset, run).await?,
                _ => {
                    if let Some((run, result)) = &renamed {
                        set_result(store, *run, result).await?;
                    }
                }
            }
            sqlx::query("delete from undo where id = ?").bind(id).execute(&mut **store).await
        })?;
        Ok(Some((kind, dataset)))
    }
}

fn with_name(mut result: SegmentResponse, segment: u32, name: Option<String>) -> Result<String> {
    for known in &mut result.segments {
        if known.id == segment {
            known.name.clone_from(&name);
        }
    }
    Ok(serde_json::to_string(&result)?)
}

async fn set_result(
    store: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
    run: i64,
    result: &str,
) -> sqlx::Result<()> {
    sqlx::query("update runs set result = ? where id = ?")
        .bind(result)
        .bind(run)
        .execute(&mut **store)
        .await
        .map(|_| ())
}

async fn choose(
    store: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
    dataset: i64,
    run: Option<i64>,
) -> sqlx::Result<()> {
    sqlx::query("update datasets set run = ? where id = ?")
        .bind(run)
        .bind(dataset)
        .execute(&mut **store)
        .await
        .map(|_| ())
}
