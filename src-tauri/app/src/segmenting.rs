//! From a source to its segments, and from a saved model to the segments of new rows.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use mirante_data::cluster::{self, KMeans, KMeansParams, KMeansWarning, KReason, Metric, NInit};
use mirante_data::export::Beside;
use mirante_data::file::{Issues, Role};
use mirante_data::progress::Progress;
use mirante_data::segment::{self, Counted, text_columns};
use mirante_data::text::TokenParams;
use mirante_data::text::stop_words::{ENGLISH, PORTUGUESE};
use mirante_data::tfidf::{self, DocumentFrequency, SparseRows, TfidfParams, Vocabulary};

use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::model::SavedModel;
use crate::opened::OpenTable;
use crate::ops::datasets::Dataset;
use crate::ops::open::RowIssue;
use crate::ops::segment::{
    AssignRequest, AssignResponse, Seconds, Segment, SegmentRequest, SegmentResponse,
    SegmentSettings, Silhouette, Source, StopWords, SuggestKRequest, SuggestKResponse, Term,
    TriedK, Warning,
};
use crate::reading::{self, OpenFile};

/// Rows the silhouette is computed on: every pair of them is compared.
const SILHOUETTE_ROWS: usize = 1000;
/// Terms and examples that a segment shows.
const TERMS: usize = 12;
const EXAMPLES: usize = 5;
/// Most segments: labels are kept in two bytes.
const MOST_CLUSTERS: u32 = u16::MAX as u32;

/// Where rows come from, opened.
pub(crate) enum From {
    File(Box<OpenFile>),
    Table(Box<Dataset>, Arc<OpenTable>),
}

impl From {
    pub(crate) fn open(app: &App, job: &Job, source: &Source) -> Result<Self> {
        Ok(match source {
            Source::Dataset { dataset } => {
                Self::Table(Box::new(app.dataset(*dataset)?), app.table(*dataset)?)
            }
            Source::File { path, options } => {
                Self::File(Box::new(reading::open_file(path, options, job)?))
            }
        })
    }

    /// The columns to read, by place and by name.
    fn text_columns(&self, named: &[String]) -> Result<(Vec<usize>, Vec<String>)> {
        let columns: Vec<(String, Role)> = match self {
            Self::File(file) => file.columns(named)?,
            Self::Table(dataset, _) => dataset
                .columns
                .iter()
                .map(|column| (column.name.clone(), reading::role_of(column.role)))
                .collect(),
        };
        let borrowed: Vec<_> = columns.iter().map(|(name, role)| (name.as_str(), *role)).collect();
        let places = text_columns(&borrowed, named).map_err(|error| match error {
            segment::TextColumnsError::Unknown(name) => {
                let names: Vec<_> = columns.iter().map(|(name, _)| name.clone()).collect();
                crate::ops::rows::unknown_column(&name, &names)
            }
            segment::TextColumnsError::None => Error::NoText,
        })?;
        let names = places.iter().map(|&place| columns[place].0.clone()).collect();
        Ok((places, names))
    }

    pub(crate) fn count(&self, job: &Job, named: &[String]) -> Result<(Counted, Vec<String>)> {
        let (places, names) = self.text_columns(named)?;
        let tokens = TokenParams::default();
        let counted = match self {
            Self::File(file) => segment::count_file(
                &file.reader,
                &places,
                rayon::current_num_threads(),
                tokens,
                job,
            )
            .map_err(|error| reading::file_error(&file.path, error))?,
            Self::Table(_, open) => segment::count_table(&open.table, &places, tokens, job)?,
        };
        Ok((counted, names))
    }
}

/// Features of a source: what every use of TF-IDF begins with.
struct Features {
    vocabulary: Vocabulary,
    rows: SparseRows,
    text_cols: Vec<String>,
    issues: Issues,
    read: f64,
    made: f64,
}

fn features(job: &Job, from: &From, settings: &SegmentSettings, clusters: u32) -> Result<Features> {
    let began = Instant::now();
    let (counted, text_cols) = from.count(job, &settings.text_cols)?;
    // Said before anything else that a table this small also lacks.
    if counted.rows < u64::from(clusters) {
        return Err(Error::TooFewRows { rows: counted.rows, clusters });
    }
    let read = began.elapsed().as_secs_f64();
    let params = TfidfParams {
        max_features: Some(settings.max_features as usize),
        min_df: frequency(settings.min_df, 1.0),
        max_df: frequency(settings.max_df, 1.0 + f64::EPSILON),
        stop_words: match settings.stop_words {
            StopWords::None => Vec::new(),
            StopWords::Pt => PORTUGUESE.iter().map(|&word| word.to_owned()).collect(),
            StopWords::En => ENGLISH.iter().map(|&word| word.to_owned()).collect(),
        },
    };
    let (vocabulary, rows) = tfidf::fit(counted.counters, &params, job).map_err(tfidf_error)?;
    let made = began.elapsed().as_secs_f64() - read;
    Ok(Features { vocabulary, rows, text_cols, issues: counted.issues, read, made })
}

/// Below `whole` a share of the rows, else a number of them: scikit-learn tells them apart by the
/// type of the number, which JSON and the command line do not have. So 1 as `min_df` is one row and
/// 1 as `max_df` is all of them.
fn frequency(given: f64, whole: f64) -> DocumentFrequency {
    if given < whole {
        DocumentFrequency::Fraction(given)
    } else {
        DocumentFrequency::Count(given as u64)
    }
}

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

/// Segments a source; see [`crate::ops::segment::segment`].
pub(crate) fn segment(app: &App, job: &Job, request: &SegmentRequest) -> Result<SegmentResponse> {
    let settings = &request.settings;
    check(settings, settings.clusters)?;
    // Where the result goes is opened first: better to hear of a missing folder now than at the end.
    let out = request.out.as_deref().map(|out| beside(out.as_ref())).transpose()?;
    let model_out = request.save_model.as_deref().map(|out| beside(out.as_ref())).transpose()?;
    let from = From::open(app, job, &request.source)?;
    let mut features = features(job, &from, settings, settings.clusters)?;

    let began = Instant::now();
    let found = cluster_rows(&mut features, settings, job)?;
    job.step("silhouette", None);
    let silhouette = cluster::silhouette(
        &features.rows,
        &found.labels,
        Metric::Euclidean,
        SILHOUETTE_ROWS,
        settings.seed,
        job,
    )?
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
        warnings: warnings(&features.rows, &found),
        issues: features.issues.kept().iter().map(reading::issue).collect(),
    };
    let began = Instant::now();
    let model = SavedModel::new(request, &response, features.vocabulary, found.centroids);
    let labels = found.labels;
    if let Some((mut out, path)) = out {
        write_labels(&from, &request.label_col, &labels, &mut out, &path, job)?;
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

fn warnings(rows: &SparseRows, found: &KMeans) -> Vec<Warning> {
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
    if silent > 0 {
        warnings.push(Warning { code: "rows_without_terms".to_owned(), count: silent });
    }
    warnings
}

fn without_terms(rows: &SparseRows) -> u64 {
    rows.blocks().iter().flat_map(|b| b.rows()).filter(|row| row.entries.is_empty()).count() as u64
}

/// A file to be written beside `path`, and `path`.
fn beside(path: &Path) -> Result<(Beside, std::path::PathBuf)> {
    if path.is_dir() {
        return Err(Error::IsFolder { path: path.to_owned() });
    }
    let file = Beside::create(path).map_err(|error| Error::writing(path, error))?;
    Ok((file, path.to_owned()))
}

fn commit(file: Beside, path: &Path) -> Result<()> {
    file.commit().map_err(|error| Error::writing(path, error))
}

fn write_labels(
    from: &From,
    column: &str,
    labels: &[u32],
    out: &mut (dyn Write + Send),
    path: &Path,
    job: &Job,
) -> Result<()> {
    let label = |row: u64| labels.get(row as usize).map(u32::to_string).unwrap_or_default();
    match from {
        From::File(file) => reading::write_labelled(file, column, &label, out, path, job),
        From::Table(dataset, open) => {
            crate::exporting::write_csv(dataset, open, None, Some((column, &label)), out, path, job)
        }
    }
}

/// Puts the rows of a source into the segments of a model; see [`crate::ops::segment::assign`].
pub(crate) fn assign(app: &App, job: &Job, request: &AssignRequest) -> Result<AssignResponse> {
    let model = SavedModel::read(request.model.as_ref())?;
    let (mut out, path) = beside(request.out.as_ref())?;
    let from = From::open(app, job, &request.source)?;
    let (counted, _) = from.count(job, &model.text_cols)?;
    let issues: Vec<RowIssue> = counted.issues.kept().iter().map(reading::issue).collect();
    let rows = model.vocabulary.transform(counted.counters, job).map_err(tfidf_error)?;
    let labels = cluster::assign(&rows, &model.centroids, job)?;
    write_labels(&from, &request.label_col, &labels, &mut out, &path, job)?;
    commit(out, &path)?;
    let mut segments = model.segments;
    for segment in &mut segments {
        segment.count = labels.iter().filter(|&&label| label == segment.id).count() as u64;
        segment.share = segment.count as f64 / labels.len().max(1) as f64;
        segment.examples.clear();
    }
    let silent = without_terms(&rows);
    let warnings = (silent > 0)
        .then(|| Warning { code: "rows_without_terms".to_owned(), count: silent })
        .into_iter()
        .collect();
    Ok(AssignResponse {
        rows: labels.len() as u64,
        segments,
        out: request.out.clone(),
        warnings,
        issues,
    })
}

/// Tries several numbers of segments; see [`crate::ops::segment::suggest_k`].
pub(crate) fn suggest_k(
    app: &App,
    job: &Job,
    request: &SuggestKRequest,
) -> Result<SuggestKResponse> {
    check(&request.settings, request.min)?;
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

pub(crate) fn tfidf_error(error: tfidf::TfidfError) -> Error {
    match error {
        tfidf::TfidfError::Cancelled(_) => Error::Cancelled,
        tfidf::TfidfError::NoDocuments | tfidf::TfidfError::EmptyVocabulary { .. } => Error::NoText,
        tfidf::TfidfError::OutOfRange { name, value } => Error::BadOption {
            option: name,
            value: value.to_string(),
            allowed: "0–1, ≥ 1".to_owned(),
        },
        other => Error::NoTerms { reason: other.to_string() },
    }
}

pub(crate) fn cluster_error(error: cluster::ClusterError) -> Error {
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
