//! How many segments to take.

use mirante_data::cluster::{self, KReason};

use super::features::features;
use super::source::From;
use super::{SILHOUETTE_ROWS, check, cluster_error, kmeans_params};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::ops::segment::{SegmentBy, SuggestKRequest, SuggestKResponse, TriedK};

/// Tries several numbers of segments; see [`crate::ops::segment::suggest_k`].
pub(crate) fn suggest_k(
    app: &App,
    job: &Job,
    request: &SuggestKRequest,
) -> Result<SuggestKResponse> {
    check(&request.settings, request.min)?;
    if request.settings.by == SegmentBy::Meaning {
        let (value, allowed) = ("meaning".to_owned(), "words".to_owned());
        return Err(Error::BadOption { option: "by", value, allowed });
    }
    if request.max < request.min {
        let allowed = format!("≥ {}", request.min);
        return Err(Error::BadOption { option: "max", value: request.max.to_string(), allowed });
    }
    check(&request.settings, request.max)?;
    let from = From::open(app, job, &request.source)?;
    let features = features(job, &from, &request.settings, request.min)?;
    let params = kmeans_params(&request.settings, request.min);
    let (min, max) = (request.min as usize, request.max as usize);
    let suggested = cluster::suggest_k(&features.rows, min..=max, &params, SILHOUETTE_ROWS, job)
        .map_err(cluster_error)?;
    Ok(SuggestKResponse {
        rows: features.rows.len() as u64,
        tried: suggested
            .scores
            .iter()
            .map(|score| TriedK {
                k: score.clusters as u32,
                inertia: score.inertia,
                silhouette: score.silhouette.map(|found| found.value),
                davies_bouldin: score.davies_bouldin,
            })
            .collect(),
        recommended: suggested.clusters as u32,
        why: match suggested.reason {
            KReason::SilhouetteAndKnee => "silhouette_and_knee",
            KReason::Silhouette => "silhouette",
            KReason::Knee => "knee",
            KReason::Smallest => "smallest",
        }
        .to_owned(),
        text_cols: features.text_cols,
    })
}
