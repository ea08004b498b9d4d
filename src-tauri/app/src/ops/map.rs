//! The map: every row a point, near what it resembles.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;

/// Lays out a run's rows in two dimensions and keeps the points. A job; at once when it was done before.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LayOutMapRequest {
    /// Which run.
    pub run: i64,
}

/// What the map is.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct LayOutMapResponse {
    /// Points, one a row.
    pub points: u64,
    /// Box that holds all but the outermost points: least x, least y, greatest x, greatest y.
    pub bounds: [f32; 4],
    /// How well neighbours stayed neighbours (Venna and Kaski 2001), k = 15, on a sample.
    pub trustworthiness: Option<f64>,
}

/// A run's points as bytes, little-endian: n × (x: f32, y: f32), then n × (segment: u16).
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MapPointsRequest {
    /// Which run.
    pub run: i64,
}

/// Lays out a run's map, or answers the one that is there.
///
/// # Errors
/// [`Error::Unknown`], [`Error::TooLarge`], or those of reading the table.
pub fn lay_out_map(app: &App, job: &Job, request: LayOutMapRequest) -> Result<LayOutMapResponse> {
    crate::mapping::lay_out(app, job, request.run)
}

/// Answers a run's points and segments.
///
/// # Errors
/// [`Error::Unknown`], or [`Error::NoMap`] before the map was laid out.
pub fn map_points(app: &App, _job: &Job, request: MapPointsRequest) -> Result<Vec<u8>> {
    let run = app.open_run(request.run)?;
    let points = run.points.as_ref().ok_or(Error::NoMap { run: request.run })?;
    let mut bytes = Vec::with_capacity(points.len() * 10);
    bytes.extend(points.iter().flatten().flat_map(|number| number.to_le_bytes()));
    bytes.extend(run.labels.iter().flat_map(|label| label.to_le_bytes()));
    Ok(bytes)
}
