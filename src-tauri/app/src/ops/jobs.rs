//! Watching and steering jobs.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::{Failure, Result};
use crate::job::Job;
use crate::queue::Steer;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for its turn.
    Queued,
    /// At work.
    Running,
    /// Holds where it is until told to go on.
    Paused,
    /// Has its result.
    Done,
    /// Ended by an error.
    Failed,
    /// Ended by the person.
    Cancelled,
    /// Was at work when Mirante ended.
    Interrupted,
}

/// A job as the screen shows it.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct JobStatus {
    /// Names it in requests.
    pub id: i64,
    /// The operation's name.
    pub operation: String,
    /// Where it stands.
    pub state: JobState,
    /// The step it is in, by code; the locale files hold its words.
    pub step: Option<String>,
    /// Number of that step, from 1.
    pub step_number: u32,
    /// Units of the step done.
    pub done: u64,
    /// Units of the step in all, where known.
    pub total: Option<u64>,
    /// Units a second, over the last seconds.
    pub rate: Option<f64>,
    /// Seconds until the step ends, at that rate.
    pub seconds_left: Option<f64>,
    /// Unix time in milliseconds.
    pub created_at: i64,
    /// Unix time in milliseconds.
    pub started_at: Option<i64>,
    /// Unix time in milliseconds.
    pub finished_at: Option<i64>,
    /// What was asked for: `mirante run` takes it.
    #[ts(type = "unknown")]
    #[schema(value_type = Object)]
    pub request: serde_json::Value,
    /// What came out, once done.
    #[ts(type = "unknown")]
    #[schema(value_type = Object)]
    pub response: serde_json::Value,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// The text that it has written so far, while it writes one or where it was stopped; not kept.
    pub text: Option<String>,
    /// What it said on the way, a line each.
    pub log: Vec<String>,
}

/// Lists jobs, the newest first.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobsRequest {
    /// How many, 50 unless said.
    #[serde(default = "job_limit")]
    #[ts(as = "Option<u32>", optional)]
    pub limit: u32,
}

fn job_limit() -> u32 {
    50
}

/// Jobs.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct JobsResponse {
    /// The newest first.
    pub jobs: Vec<JobStatus>,
}

/// Names one job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobRequest {
    /// Which.
    pub job: i64,
}

/// Lists jobs.
///
/// # Errors
/// [`Error::Storage`](crate::Error::Storage).
pub fn jobs(app: &App, _job: &Job, request: JobsRequest) -> Result<JobsResponse> {
    Ok(JobsResponse { jobs: app.jobs(request.limit)? })
}

/// Answers one job.
///
/// # Errors
/// [`Error::Unknown`](crate::Error::Unknown).
pub fn job(app: &App, _job: &Job, request: JobRequest) -> Result<JobStatus> {
    app.job(request.job)
}

/// Asks a job to stop; it ends within half a second and leaves nothing half done.
///
/// # Errors
/// [`Error::Unknown`](crate::Error::Unknown).
pub fn cancel(app: &App, _job: &Job, request: JobRequest) -> Result<JobStatus> {
    app.steer(request.job, Steer::Cancel)
}

/// Asks a job to wait.
///
/// # Errors
/// [`Error::Unknown`](crate::Error::Unknown).
pub fn pause(app: &App, _job: &Job, request: JobRequest) -> Result<JobStatus> {
    app.steer(request.job, Steer::Pause)
}

/// Lets a waiting job go on.
///
/// # Errors
/// [`Error::Unknown`](crate::Error::Unknown).
pub fn resume(app: &App, _job: &Job, request: JobRequest) -> Result<JobStatus> {
    app.steer(request.job, Steer::Resume)
}
