//! Points for a run's rows, kept beside its labels.

use std::path::Path;

use mirante_data::project2d::{ProjectError, view_bounds};
use mirante_data::segment::{judge, map_of};
use mirante_data::tfidf::SparseRows;

use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::memory;
use crate::model::SavedModel;
use crate::ops::map::LayOutMapResponse;
use crate::ops::segment::Source;
use crate::runs::{MODEL, POINTS};
use crate::segmenting::{From, tfidf_error};

/// Rows of a source as its model sees them.
pub(crate) fn rows_of(
    app: &App,
    job: &Job,
    model: &SavedModel,
    source: &Source,
) -> Result<SparseRows> {
    let from = From::open(app, job, source)?;
    let (counted, _) = from.count(job, &model.text_cols)?;
    model.vocabulary.transform(counted.counters, job).map_err(tfidf_error)
}

/// Lays out a run's map; see [`crate::ops::map::lay_out_map`].
pub(crate) fn lay_out(app: &App, job: &Job, run: i64) -> Result<LayOutMapResponse> {
    let kept = app.run(run)?;
    if let Some(points) = &app.open_run(run)?.points {
        return Ok(LayOutMapResponse {
            points: points.len() as u64,
            bounds: bounds(points),
            trustworthiness: None,
        });
    }
    let folder = app.run_folder(run);
    let model = SavedModel::read(&folder.join(MODEL))?;
    let rows = rows_of(app, job, &model, &Source::Dataset { dataset: kept.dataset })?;
    let limit = memory::limit(app)?;
    let seed = model.settings.seed;
    let (points, dense) = map_of(&rows, seed, limit, job).map_err(project_error)?;
    let trustworthiness = judge(&dense, &points, seed).map_err(project_error)?;
    job.checkpoint()?;
    write_points(&folder.join(POINTS), &points)?;
    app.close_run(run);
    Ok(LayOutMapResponse { points: points.len() as u64, bounds: bounds(&points), trustworthiness })
}

fn bounds(points: &[[f32; 2]]) -> [f32; 4] {
    let bounds = view_bounds(points);
    [bounds.min[0], bounds.min[1], bounds.max[0], bounds.max[1]]
}

fn write_points(path: &Path, points: &[[f32; 2]]) -> Result<()> {
    use std::io::Write;
    let bytes: Vec<u8> = points.iter().flatten().flat_map(|number| number.to_le_bytes()).collect();
    let failed = |error| Error::writing(path, error);
    let mut file = mirante_data::export::Beside::create(path).map_err(failed)?;
    file.write_all(&bytes).map_err(failed)?;
    file.commit().map_err(failed)
}

pub(crate) fn project_error(error: ProjectError) -> Error {
    match error {
        ProjectError::Cancelled(_) => Error::Cancelled,
        ProjectError::Memory { needed, limit, .. } => Error::TooLarge { needs: needed, limit },
        other => Error::Internal { reason: other.to_string() },
    }
}
