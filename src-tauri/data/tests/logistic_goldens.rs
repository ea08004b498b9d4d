//! Logistic regression, calibration and figures against what scikit-learn made of the same rows; the cases
//! come from `tests/goldens/sklearn/logistic/make_goldens.py`.

#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "tests may; the lint spares test functions only"
)]

use std::path::Path;

use mirante_data::learn::{
    Logistic, LogisticParams, Matrix, Platt, average_precision, brier, roc_area,
};
use mirante_data::progress::Unwatched;
use mirante_data::text::TokenParams;
use mirante_data::tfidf::{DocumentFrequency, TermCounter, TfidfParams, fit};
use serde::Deserialize;

#[derive(Deserialize)]
struct Goldens {
    cases: Vec<Case>,
    ranking: Ranking,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    c: f64,
    balanced: bool,
    labels: Vec<u32>,
    #[serde(default)]
    texts: Vec<String>,
    #[serde(default)]
    terms: Vec<String>,
    #[serde(default)]
    numbers: Vec<Vec<f64>>,
    /// By score, in it by column.
    coefficients: Vec<Vec<f64>>,
    intercepts: Vec<f64>,
    probabilities: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Ranking {
    scores: Vec<f64>,
    positive: Vec<bool>,
    slope: f64,
    offset: f64,
    roc_area: f64,
    average_precision: f64,
    brier: f64,
    roc_area_of_ties: f64,
    average_precision_of_ties: f64,
}

fn goldens() -> Goldens {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/goldens/sklearn/logistic/logistic.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The rows of a case; words and pairs of words must be scikit-learn's.
fn rows(case: &Case) -> Matrix {
    if !case.numbers.is_empty() {
        let mut matrix = Matrix::new(case.numbers[0].len());
        case.numbers.iter().for_each(|row| matrix.push(row.iter().copied().enumerate()));
        return matrix;
    }
    let mut counter = TermCounter::new(TokenParams::default()).with_pairs();
    counter.begin_block(0);
    for text in &case.texts {
        // In two pieces: a pair goes over from one to the next, never to the next text.
        let (one, other) = text.split_once(' ').unwrap_or((text, ""));
        counter.text(one.as_bytes());
        counter.text(other.as_bytes());
        counter.end_document();
    }
    let params = TfidfParams { min_df: DocumentFrequency::Count(2), ..TfidfParams::default() };
    let (vocabulary, rows) = fit(vec![counter], &params, &Unwatched).unwrap();
    assert_eq!(vocabulary.terms, case.terms, "{}", case.name);
    Matrix::from(&rows)
}

fn near(one: f64, other: f64, by: f64, what: &str) {
    assert!((one - other).abs() <= by, "{what}: {one} against {other}");
}

#[test]
fn coefficients_and_probabilities_are_scikit_learns() {
    for case in goldens().cases {
        let rows = rows(&case);
        let params = LogisticParams { c: case.c, balanced: case.balanced };
        let classes = case.probabilities[0].len();
        let model = Logistic::fit(&rows, &case.labels, classes, params, &Unwatched).unwrap();
        assert!(model.converged, "{} after {}", case.name, model.iterations);
        let heads = case.intercepts.len();
        for (head, (row, &intercept)) in case.coefficients.iter().zip(&case.intercepts).enumerate()
        {
            near(model.intercepts[head], intercept, 1e-3, &case.name);
            for (column, &coefficient) in row.iter().enumerate() {
                near(model.coefficients[column * heads + head], coefficient, 1e-3, &case.name);
            }
        }
        for (row, theirs) in case.probabilities.iter().enumerate() {
            for (one, &other) in model.probabilities(rows.row(row)).iter().zip(theirs) {
                near(*one, other, 1e-4, &case.name);
            }
        }
    }
}

#[test]
fn threads_do_not_matter() {
    let case = goldens().cases.remove(2);
    let rows = rows(&case);
    let params = LogisticParams { c: 1.0, balanced: true };
    let fit = || Logistic::fit(&rows, &case.labels, 3, params, &Unwatched).unwrap();
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    assert_eq!(pool(1).install(fit), pool(5).install(fit));
}

#[test]
fn calibration_and_figures_are_scikit_learns() {
    let golden = goldens().ranking;
    let platt = Platt::fit(&golden.scores, &golden.positive);
    near(platt.slope, golden.slope, 1e-4, "slope");
    near(platt.offset, golden.offset, 1e-4, "offset");
    let probabilities: Vec<f64> =
        golden.scores.iter().map(|&score| platt.probability(score)).collect();
    near(brier(&probabilities, &golden.positive), golden.brier, 1e-6, "brier");
    near(roc_area(&golden.scores, &golden.positive), golden.roc_area, 1e-12, "area");
    let precision = average_precision(&golden.scores, &golden.positive);
    near(precision, golden.average_precision, 1e-12, "precision");
    let ties: Vec<f64> = golden.scores.iter().map(|score| score.round_ties_even()).collect();
    near(roc_area(&ties, &golden.positive), golden.roc_area_of_ties, 1e-12, "area of ties");
    let precision = average_precision(&ties, &golden.positive);
    near(precision, golden.average_precision_of_ties, 1e-12, "precision of ties");
}
