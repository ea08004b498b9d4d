//! Features and clusters against what scikit-learn 1.9.1 made of the same documents; the cases come
//! from `tests/goldens/sklearn/make_goldens.py`. `MIRANTE_GOLDENS` names a folder of more.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests may; the lint spares test functions only"
)]

use std::path::{Path, PathBuf};

use mirante_data::cluster::{
    KMeansParams, KMeansWarning, Metric, NInit, assign, davies_bouldin, kmeans, silhouette,
};
use mirante_data::progress::Unwatched;
use mirante_data::text::TokenParams;
use mirante_data::tfidf::{
    DocumentFrequency, SparseRows, TermCounter, TfidfError, TfidfParams, Vocabulary, fit,
};
use serde_json::Value;

fn files() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/sklearn");
    let more = std::env::var_os("MIRANTE_GOLDENS").map(PathBuf::from);
    let mut files: Vec<PathBuf> = std::iter::once(own)
        .chain(more)
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    assert!(files.len() >= 7, "the goldens are missing");
    files
}

/// Every case of every file, with a name to blame.
fn cases() -> impl Iterator<Item = (String, Value)> {
    files().into_iter().flat_map(|path| {
        let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        cases.into_iter().enumerate().map(move |(i, case)| (format!("{name}[{i}]"), case))
    })
}

fn documents(of: &Value) -> Vec<String> {
    let text = |document: &Value| match document {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let part = |p: &Value| format!("{} ", p[0].as_str().unwrap()).repeat(number(&p[1]));
            parts.iter().map(part).collect()
        }
        other => panic!("{other} is not a document"),
    };
    of.as_array().unwrap().iter().map(text).collect()
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn tokens(params: &Value) -> TokenParams {
    TokenParams { strip_accents: params["strip_accents"] == "unicode" }
}

fn params(of: &Value) -> TfidfParams {
    let limit = |name: &str, default| match &of[name] {
        Value::Number(n) if n.is_u64() => DocumentFrequency::Count(n.as_u64().unwrap()),
        Value::Number(n) => DocumentFrequency::Fraction(n.as_f64().unwrap()),
        _ => default,
    };
    let default = TfidfParams::default();
    TfidfParams {
        max_features: of["max_features"].as_u64().map(|n| usize::try_from(n).unwrap()),
        min_df: limit("min_df", default.min_df),
        max_df: limit("max_df", default.max_df),
        stop_words: of["stop_words"]
            .as_array()
            .map(|words| words.iter().map(|w| w.as_str().unwrap().to_owned()).collect())
            .unwrap_or_default(),
    }
}

/// Reads the documents with several counters that take blocks of seven in turn.
fn counters(documents: &[String], tokens: TokenParams) -> Vec<TermCounter> {
    let mut counters: Vec<TermCounter> = (0..3).map(|_| TermCounter::new(tokens)).collect();
    for (index, block) in documents.chunks(7).enumerate().collect::<Vec<_>>().into_iter().rev() {
        let counter = &mut counters[index % 3];
        counter.begin_block(u32::try_from(index).unwrap());
        for document in block {
            counter.text(document.as_bytes());
            counter.end_document();
        }
    }
    counters
}

fn fitted(case: &Value) -> Result<(Vocabulary, SparseRows), TfidfError> {
    let counters = counters(&documents(&case["documents"]), tokens(&case["params"]));
    fit(counters, &params(&case["params"]), &Unwatched)
}

fn numbers(of: &Value) -> Vec<f64> {
    of.as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect()
}

#[test]
fn features_equal_scikit_learns() {
    let mut compared = 0;
    for (name, case) in cases().filter(|(_, case)| case["error"].is_null()) {
        let (vocabulary, rows) = fitted(&case).unwrap_or_else(|error| panic!("{name}: {error}"));
        let terms: Vec<&str> =
            case["terms"].as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
        assert_eq!(vocabulary.terms, terms, "{name}");
        for (own, theirs) in vocabulary.idf.iter().zip(numbers(&case["idf"])) {
            assert!((own - theirs).abs() <= 1e-12, "{name}: idf {own} for {theirs}");
        }
        for (index, theirs) in case["rows"].as_array().into_iter().flatten().enumerate() {
            let row = rows.row(index);
            let (features, weights): (Vec<usize>, Vec<f64>) = row.weights(rows.idf()).unzip();
            let columns: Vec<usize> = theirs[0].as_array().unwrap().iter().map(number).collect();
            assert_eq!(features, columns, "{name} row {index}");
            for (own, theirs) in weights.iter().zip(numbers(&theirs[1])) {
                assert!((own - theirs).abs() <= 1e-12, "{name} row {index}: {own} for {theirs}");
                compared += 1;
            }
        }
    }
    assert!(compared > 2_000, "only {compared} weights were compared");
}

#[test]
fn labels_equal_scikit_learns() {
    let (mut runs, mut warned) = (0, 0);
    let mut wrong = Vec::new();
    for (name, case) in cases().filter(|(_, case)| case["error"].is_null()) {
        let (_, rows) = fitted(&case).unwrap();
        for run in case["runs"].as_array().unwrap() {
            let params = KMeansParams {
                clusters: number(&run["clusters"]),
                n_init: NInit::Count(number(&run["n_init"])),
                max_iter: number(&run["max_iter"]),
                tol: run["tol"].as_f64().unwrap(),
                seed: u32::try_from(number(&run["seed"])).unwrap(),
            };
            let own = kmeans(&rows, &params, &Unwatched).unwrap();
            let labels: Vec<u32> =
                run["labels"].as_array().unwrap().iter().map(|l| number(l) as u32).collect();
            let inertia = run["inertia"].as_f64().unwrap();
            let near = (own.inertia - inertia).abs() <= 1e-9 * inertia.max(1.0);
            let warns = !own.warnings.is_empty();
            if own.labels != labels
                || !near
                || own.iterations != number(&run["iterations"])
                || warns != run["warns"].as_bool().unwrap()
            {
                let apart = own.labels.iter().zip(&labels).filter(|(a, b)| a != b).count();
                wrong.push(format!(
                    "{name} {params:?}: {apart} of {} labels, inertia {} for {inertia}, {} \
                     iterations for {}",
                    labels.len(),
                    own.inertia,
                    own.iterations,
                    run["iterations"],
                ));
            }
            for warning in &own.warnings {
                let KMeansWarning::FewerDistinctClusters { found, .. } = warning else { continue };
                assert_eq!(*found, number(&run["found"]), "{name}");
            }
            warned += usize::from(warns);
            runs += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {runs} runs differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(runs >= 17 && warned >= 3, "{runs} runs, {warned} with a warning");
}

#[test]
fn metrics_equal_scikit_learns() {
    let mut compared = 0;
    for (name, case) in cases().filter(|(_, case)| case["error"].is_null()) {
        let (_, rows) = fitted(&case).unwrap();
        for run in case["runs"].as_array().unwrap() {
            let labels: Vec<u32> = serde_json::from_value(run["labels"].clone()).unwrap();
            let all = rows.len();
            let mean = |metric, size, seed| {
                let found = silhouette(&rows, &labels, metric, size, seed, &Unwatched).unwrap();
                found.map(|silhouette| silhouette.value)
            };
            for (metric, key) in [(Metric::Euclidean, "euclidean"), (Metric::Cosine, "cosine")] {
                let Some(theirs) = run["silhouette"][key].as_f64() else { continue };
                let own = mean(metric, all, 0).unwrap();
                assert!((own - theirs).abs() < 1e-7, "{name} {key}: {own} for {theirs}");
                compared += 1;
            }
            if let Some(theirs) = run["silhouette_sample"]["value"].as_f64() {
                let of = &run["silhouette_sample"];
                let seed = u32::try_from(number(&of["seed"])).unwrap();
                let own = mean(Metric::Euclidean, number(&of["size"]), seed).unwrap();
                assert!((own - theirs).abs() < 1e-7, "{name} sample: {own} for {theirs}");
            }
            if let Some(theirs) = run["davies_bouldin"].as_f64() {
                let own = davies_bouldin(&rows, &labels, &Unwatched).unwrap().unwrap();
                assert!((own - theirs).abs() < 1e-7, "{name}: {own} for {theirs}");
            }
        }
    }
    assert!(compared >= 20, "only {compared} silhouettes were compared");
}

#[test]
fn a_saved_model_assigns_new_rows_as_scikit_learn_predicts() {
    let mut compared = 0;
    for (name, case) in cases().filter(|(_, case)| case["fresh"].is_array()) {
        let (vocabulary, rows) = fitted(&case).unwrap();
        for run in case["runs"].as_array().unwrap() {
            let clustering = KMeansParams {
                clusters: number(&run["clusters"]),
                n_init: NInit::Count(number(&run["n_init"])),
                seed: u32::try_from(number(&run["seed"])).unwrap(),
                ..KMeansParams::default()
            };
            let found = kmeans(&rows, &clustering, &Unwatched).unwrap();
            // What a saved model keeps goes through JSON and comes back bit for bit.
            let kept = serde_json::to_vec(&(&vocabulary, &found.centroids)).unwrap();
            let (read, centroids): (Vocabulary, Vec<f64>) = serde_json::from_slice(&kept).unwrap();
            assert_eq!((&read, &centroids), (&vocabulary, &found.centroids), "{name}");
            let fresh = counters(&documents(&case["fresh"]), tokens(&case["params"]));
            let fresh = read.transform(fresh, &Unwatched).unwrap();
            let labels = assign(&fresh, &centroids, &Unwatched).unwrap();
            let theirs: Vec<u32> = serde_json::from_value(run["predicted"].clone()).unwrap();
            assert_eq!(labels, theirs, "{name}");
            compared += 1;
        }
    }
    assert!(compared >= 8, "only {compared} predictions were compared");
}

#[test]
fn what_scikit_learn_refuses_is_refused() {
    let mut refused = 0;
    for (name, case) in cases().filter(|(_, case)| case["error"].is_string()) {
        let error = fitted(&case).expect_err(&name);
        let theirs = case["error"].as_str().unwrap();
        let same = match error {
            TfidfError::EmptyVocabulary { .. } => theirs.starts_with("empty vocabulary"),
            TfidfError::AllTermsPruned { .. } => theirs.starts_with("After pruning"),
            TfidfError::LimitsCross { .. } => theirs.starts_with("max_df corresponds"),
            _ => false,
        };
        assert!(same, "{name}: {error} for {theirs}");
        refused += 1;
    }
    assert!(refused >= 4);
}
