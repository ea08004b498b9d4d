//! From a source to its segments, and from a saved model to the segments of new rows.

mod assign;
mod features;
mod meaning;
mod source;
mod suggest;
mod write;

use std::time::Instant;

use mirante_data::cluster::{self, KMeans, KMeansParams, KMeansWarning, Metric, NInit};
use mirante_data::progress::Progress;
use mirante_data::text::stop_words::{ENGLISH, PORTUGUESE};
use mirante_data::tfidf::SparseRows;

use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::model::{SavedModel, SavedVectors};
use crate::ops::embed::DEFAULT_MODEL;
use crate::ops::segment::{
    Seconds, Segment, SegmentBy, SegmentRequest, SegmentResponse, SegmentSettings, Silhouette,
    Term, Warning,
};
use crate::reading;
pub(crate) use assign::{assign, count_rows};
pub(crate) use features::tfidf_error;
use features::{Features, features};
use meaning::Meaning;
pub(crate) use source::From;
pub(crate) use suggest::suggest_k;
use write::write_labels;
pub(crate) use write::{beside, commit, write_columns};

/// Rows the silhouette is computed on: every pair of them is compared.
const SILHOUETTE_ROWS: usize = 1000;
/// Terms and examples that a segment shows.
const TERMS: usize = 12;
const EXAMPLES: usize = 5;
/// Most segments: labels are kept in two bytes.
const MOST_CLUSTERS: u32 = u16::MAX as u32;

fn kmeans_params(settings: &SegmentSettings, clusters: u32) -> KMeansParams {
    KMeansParams {
        clusters: clusters as usize,
        n_init: match settings.n_init {
            0 => NInit::Auto,
            runs => NInit::Count(runs as usize),
        },
        seed: settings.seed,
        ..KMeansParams::default()
    }
}

fn check(settings: &SegmentSettings, clusters: u32) -> Result<()> {
    if clusters < 2 {
        return Err(Error::TooFewClusters { clusters });
    }
    if clusters > MOST_CLUSTERS {
        let allowed = format!("2–{MOST_CLUSTERS}");
        return Err(Error::BadOption { option: "clusters", value: clusters.to_string(), allowed });
    }
    if settings.max_features == 0 {
        let allowed = "≥ 1".to_owned();
        return Err(Error::BadOption { option: "max_features", value: "0".to_owned(), allowed });
    }
    Ok(())
}

/// Segments by meaning follow the order of the rows.
fn refuse_stable(settings: &SegmentSettings) -> Result<()> {
    if settings.stable {
        let (value, allowed) = ("true".to_owned(), "by = words".to_owned());
        return Err(Error::BadOption { option: "stable", value, allowed });
    }
    Ok(())
}

/// Segments a source; see [`crate::ops::segment::segment`].
pub(crate) fn segment(app: &App, job: &Job, request: &SegmentRequest) -> Result<SegmentResponse> {
    let settings = &request.settings;
    check(settings, settings.clusters)?;
    if settings.by == SegmentBy::Meaning {
        refuse_stable(settings)?;
        app.locate(settings.model.as_deref().unwrap_or(DEFAULT_MODEL))?;
    }
    // Where the result goes is opened first: better to hear of a missing folder now than at the end.
    let out = request.out.as_deref().map(|out| beside(out.as_ref())).transpose()?;
    let model_out = request.save_model.as_deref().map(|out| beside(out.as_ref())).transpose()?;
    if let (Some((out, _)), Some((model, path))) = (&out, &model_out)
        && out.same_target(model)
    {
        let value = path.display().to_string();
        return Err(Error::BadOption {
            option: "save_model", value, allowed: "≠ out".to_owned()
        });
    }
    let from = From::open(app, job, &request.source)?;
    let mut features = features(job, &from, settings, settings.clusters)?;

    let began = Instant::now();
    let meaning = match settings.by {
        SegmentBy::Words => None,
        SegmentBy::Meaning => {
            Some(Meaning::of(app, job, &from, settings, features.rows.len() as u64)?)
        }
    };
    let (found, vectors) = match &meaning {
        None => (cluster_rows(&mut features, settings, job)?, None),
        Some(meaning) => {
            let params = kmeans_params(settings, settings.clusters);
            let made = cluster::by_vectors(&features.rows, meaning.vectors(), &params, job)
                .map_err(cluster_error)?;
            let saved = SavedVectors {
                model: meaning.model.clone(),
                space: meaning.space.clone(),
                centroids: made.centroids,
            };
            (made.found, Some(saved))
        }
    };
    job.step("silhouette", None);
    let (labels, seed) = (&found.labels, settings.seed);
    let silhouette = match &meaning {
        None => cluster::silhouette(
            &features.rows,
            labels,
            Metric::Euclidean,
            SILHOUETTE_ROWS,
            seed,
            job,
        ),
        Some(meaning) => {
            let vectors = meaning.vectors();
            cluster::silhouette_of_vectors(vectors, labels, SILHOUETTE_ROWS, seed, job)
        }
    }?
    .map(|found| Silhouette { value: found.value, sample: found.sample as u64 });
    let segments = describe(&features, &found, job)?;
    let clustered = began.elapsed().as_secs_f64();

    let mut response = SegmentResponse {
        run: None,
        rows: features.rows.len() as u64,
        clusters: settings.clusters,
        inertia: found.inertia,
        iterations: found.iterations as u32,
        silhouette,
        segments,
        text_cols: features.text_cols.clone(),
        features: features.vocabulary.terms.len() as u32,
        seconds: Seconds {
            read: features.read,
            features: features.made,
            cluster: clustered,
            write: 0.0,
        },
        model: request.save_model.clone(),
        out: request.out.clone(),
        warnings: warnings(&features.rows, &found, settings.by),
        issues: features.issues.kept().iter().map(reading::issue).collect(),
    };
    let began = Instant::now();
    let model = SavedModel::new(request, &response, features.vocabulary, found.centroids, vectors);
    let labels = found.labels;
    if let Some((mut out, path)) = out {
        let lacks = write_labels(&from, &request.label_col, &labels, &mut out, &path, job)?;
        response.warnings.extend(lacks);
        commit(out, &path)?;
    }
    if let Some((mut out, path)) = model_out {
        model.write(&mut out).map_err(|error| Error::writing(&path, error))?;
        commit(out, &path)?;
    }
    if let From::Table(dataset, _) = &from {
        response.run = Some(app.keep_run(dataset.id, request, &response, |folder| {
            let bytes: Vec<u8> =
                labels.iter().flat_map(|&label| (label as u16).to_le_bytes()).collect();
            let path = folder.join(crate::runs::LABELS);
            std::fs::write(&path, bytes).map_err(|error| Error::writing(&path, error))?;
            model.save(&folder.join(crate::runs::MODEL))
        })?);
    }
    response.seconds.write = began.elapsed().as_secs_f64();
    Ok(response)
}

fn cluster_rows(features: &mut Features, settings: &SegmentSettings, job: &Job) -> Result<KMeans> {
    let params = kmeans_params(settings, settings.clusters);
    if settings.stable {
        cluster::stable(&mut features.rows, &params, job)
    } else {
        cluster::kmeans(&features.rows, &params, job)
    }
    .map_err(cluster_error)
}

fn describe(features: &Features, found: &KMeans, job: &Job) -> Result<Vec<Segment>> {
    let total = features.rows.len() as f64;
    let clusters = found.centroids.len() / features.vocabulary.terms.len().max(1);
    let sizes = cluster::sizes(&found.labels, clusters);
    // Words like "de" weigh much and say nothing: they take part, but are not shown.
    let terms = cluster::top_terms(
        &features.vocabulary.terms,
        &found.centroids,
        &sizes,
        TERMS,
        is_stop_word,
    );
    let examples =
        cluster::examples(&features.rows, &found.labels, &found.centroids, EXAMPLES, job)?;
    Ok(sizes
        .into_iter()
        .zip(terms.into_iter().zip(examples))
        .enumerate()
        .map(|(id, (count, (terms, examples)))| Segment {
            id: id as u32,
            name: None,
            count,
            share: count as f64 / total,
            terms: terms
                .into_iter()
                .map(|top| Term { term: top.term, weight: top.weight })
                .collect(),
            examples: examples.into_iter().map(|row| row as u32).collect(),
        })
        .collect())
}

fn is_stop_word(term: &str) -> bool {
    PORTUGUESE.contains(&term) || ENGLISH.contains(&term)
}

fn warnings(rows: &SparseRows, found: &KMeans, by: SegmentBy) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = found
        .warnings
        .iter()
        .map(|warning| match warning {
            KMeansWarning::FewerDistinctClusters { found, .. } => {
                Warning { code: "fewer_distinct_rows".to_owned(), count: *found as u64 }
            }
            _ => Warning { code: "not_converged".to_owned(), count: 0 },
        })
        .collect();
    let silent = without_terms(rows);
    // By meaning, words that are not counted say as much as others.
    if silent > 0 && by == SegmentBy::Words {
        warnings.push(Warning { code: "rows_without_terms".to_owned(), count: silent });
    }
    warnings
}

fn without_terms(rows: &SparseRows) -> u64 {
    rows.blocks().iter().flat_map(|b| b.rows()).filter(|row| row.entries.is_empty()).count() as u64
}

fn cluster_error(error: cluster::ClusterError) -> Error {
    use cluster::ClusterError as From;
    match error {
        From::Cancelled(_) => Error::Cancelled,
        From::TooFewClusters { asked } => Error::TooFewClusters { clusters: asked as u32 },
        From::FewerRowsThanClusters { rows, clusters } => {
            Error::TooFewRows { rows: rows as u64, clusters: clusters as u32 }
        }
        From::AllRowsAlike { .. } => Error::AllAlike { distinct: 1 },
        From::OutOfRange { name, value } => {
            Error::BadOption { option: name, value: value.to_string(), allowed: "≥ 1".to_owned() }
        }
        other => Error::Internal { reason: other.to_string() },
    }
}
