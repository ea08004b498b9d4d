//! The segmentations that are kept: which there are, which is in focus, what their segments are
//! called.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::segment::{SegmentRequest, SegmentResponse};
use crate::app::App;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::job::Job;

/// Lists a table's segmentations, the newest first.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunsRequest {
    /// Which table.
    pub dataset: i64,
}

/// A table's segmentations.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct RunsResponse {
    /// The newest first.
    pub runs: Vec<Run>,
}

/// A kept segmentation.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct Run {
    /// Names it in requests.
    pub id: i64,
    /// Its table.
    pub dataset: i64,
    /// Unix time in milliseconds.
    pub created_at: i64,
    /// The request it can be made again from.
    pub request: SegmentRequest,
    /// What came out.
    pub result: SegmentResponse,
    /// Whether the map has been laid out.
    pub has_map: bool,
}

/// Names one run.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// Which.
    pub run: i64,
}

/// Makes a run the one in focus.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChooseRunRequest {
    /// Which table.
    pub dataset: i64,
    /// Which of its runs.
    pub run: i64,
}

/// Names a segment. An empty name takes the name away.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameSegmentRequest {
    /// Which run.
    pub run: i64,
    /// Which of its segments.
    pub segment: u32,
    /// Its name.
    pub name: String,
}

/// Takes back the last rename, new run, choice of run, or dataset rename.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UndoRequest {}

/// What was taken back.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct UndoResponse {
    /// `rename_segment`, `rename_dataset` or `choose_run` (a new run counts as one); null when there was nothing left to undo.
    pub undone: Option<String>,
    /// The table it was about.
    pub dataset: Option<i64>,
}

/// Lists a table's segmentations.
///
/// # Errors
/// [`Error::Unknown`].
pub fn runs(app: &App, _job: &Job, request: RunsRequest) -> Result<RunsResponse> {
    Ok(RunsResponse { runs: app.runs(request.dataset)? })
}

/// Answers one segmentation.
///
/// # Errors
/// [`Error::Unknown`].
pub fn run(app: &App, _job: &Job, request: RunRequest) -> Result<Run> {
    app.run(request.run)
}

/// Makes a run the one in focus.
///
/// # Errors
/// [`Error::Unknown`].
pub fn choose_run(app: &App, _job: &Job, request: ChooseRunRequest) -> Result<Run> {
    app.choose_run(request.dataset, request.run)
}

/// Names a segment.
///
/// # Errors
/// [`Error::Unknown`].
pub fn rename_segment(app: &App, _job: &Job, request: RenameSegmentRequest) -> Result<Run> {
    app.rename_segment(request.run, request.segment, &request.name)
}

/// Takes back the last change.
///
/// # Errors
/// [`Error::Storage`].
pub fn undo(app: &App, _job: &Job, _request: UndoRequest) -> Result<UndoResponse> {
    let undone = app.undo()?;
    let (undone, dataset) = undone.map_or((None, None), |(kind, id)| (Some(kind), Some(id)));
    Ok(UndoResponse { undone, dataset })
}
