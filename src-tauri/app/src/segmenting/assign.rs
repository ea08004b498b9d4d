//! New rows into the segments of a saved model.

use mirante_data::cluster;

use super::features::tfidf_error;
use super::meaning::Meaning;
use super::source::From;
use super::without_terms;
use super::write::{beside, commit, write_labels};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::model::SavedModel;
use crate::ops::open::RowIssue;
use crate::ops::segment::{AssignRequest, AssignResponse, Segment, SegmentSettings, Warning};
use crate::reading;

/// Puts the rows of a source into the segments of a model; see [`crate::ops::segment::assign`].
pub(crate) fn assign(app: &App, job: &Job, request: &AssignRequest) -> Result<AssignResponse> {
    let model = SavedModel::read(request.model.as_ref())?;
    let (mut out, path) = beside(request.out.as_ref())?;
    let from = From::open(app, job, &request.source)?;
    let (counted, _) = from.count(job, &model.text_cols)?;
    let issues: Vec<RowIssue> = counted.issues.kept().iter().map(reading::issue).collect();
    let rows = model.vocabulary.transform(counted.counters, job).map_err(tfidf_error)?;
    let labels = match &model.vectors {
        None => cluster::assign(&rows, &model.centroids, job)?,
        Some(saved) => {
            let settings = SegmentSettings {
                text_cols: model.text_cols.clone(),
                model: Some(saved.model.clone()),
                ..model.settings.clone()
            };
            let meaning = Meaning::of(app, job, &from, &settings, rows.len() as u64)?;
            if meaning.space != saved.space {
                let (before, now) = (saved.space.to_string(), meaning.space.to_string());
                return Err(Error::SpaceChanged { before, now });
            }
            cluster::assign_vectors(meaning.vectors(), &saved.centroids, job)?
        }
    };
    let mut warnings = write_labels(&from, &request.label_col, &labels, &mut out, &path, job)?;
    commit(out, &path)?;
    let mut segments = model.segments;
    count_rows(&mut segments, &labels);
    segments.iter_mut().for_each(|segment| segment.examples.clear());
    let silent = without_terms(&rows);
    if silent > 0 && model.vectors.is_none() {
        warnings.push(Warning { code: "rows_without_terms".to_owned(), count: silent });
    }
    Ok(AssignResponse {
        rows: labels.len() as u64,
        segments,
        out: request.out.clone(),
        warnings,
        issues,
    })
}

/// Counts anew how many rows each segment has.
pub(crate) fn count_rows(segments: &mut [Segment], labels: &[u32]) {
    let counts = cluster::sizes(labels, segments.len());
    for (segment, count) in segments.iter_mut().zip(counts) {
        segment.count = count;
        segment.share = count as f64 / labels.len().max(1) as f64;
    }
}
