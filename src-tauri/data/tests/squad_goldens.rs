//! Scores against those of SQuAD's official definition; the cases come from `tests/goldens/squad/make.py`.
//! Every figure is the same to the last digit.

#![allow(clippy::unwrap_used, reason = "tests may; the lint spares test functions only")]

use std::path::Path;

use mirante_data::squad::{
    Edition, Score, Tally, Totals, Weighed, best_threshold, normalize, score,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    normalized: Vec<(String, String)>,
    questions: Vec<Question>,
    v1: Means,
    v2: SecondEdition,
}

#[derive(Deserialize)]
struct Question {
    prediction: String,
    answers: Vec<String>,
    margin: f64,
    v1: Option<Figures>,
    v2: Figures,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Figures {
    exact: f64,
    f1: f64,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Means {
    exact: f64,
    f1: f64,
    count: u64,
}

#[derive(Deserialize)]
struct SecondEdition {
    all: Means,
    answered: Means,
    unanswered: Means,
    best_exact: Best,
    best_f1: Best,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Best {
    threshold: f64,
    score: f64,
}

fn golden() -> Golden {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/squad/golden.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn scored(edition: Edition, question: &Question) -> Score {
    score(edition, &question.prediction, question.answers.iter().map(String::as_str))
}

fn means(questions: &[&Question], edition: Edition) -> Means {
    let mut tally = Tally::default();
    questions.iter().for_each(|one| tally.add(scored(edition, one)));
    let Totals { exact, f1, count } = tally.totals().unwrap();
    Means { exact, f1, count }
}

#[test]
fn answers_are_normalized_alike() {
    for (text, wanted) in golden().normalized {
        assert_eq!(normalize(&text), wanted, "{text:?}");
    }
}

#[test]
fn every_question_has_the_official_score() {
    for one in &golden().questions {
        let figures = |edition| {
            let Score { exact, f1 } = scored(edition, one);
            Figures { exact, f1 }
        };
        let what = format!("{:?} for {:?}", one.prediction, one.answers);
        if let Some(v1) = &one.v1 {
            assert_eq!(figures(Edition::V1), *v1, "{what}");
        }
        assert_eq!(figures(Edition::V2), one.v2, "{what}");
    }
}

#[test]
fn means_and_thresholds_are_the_official_ones() {
    let golden = golden();
    let all: Vec<&Question> = golden.questions.iter().collect();
    let (answered, unanswered): (Vec<_>, Vec<_>) =
        all.iter().copied().partition(|one| !one.answers.is_empty());
    assert_eq!(means(&answered, Edition::V1), golden.v1);
    assert_eq!(means(&all, Edition::V2), golden.v2.all);
    assert_eq!(means(&answered, Edition::V2), golden.v2.answered);
    assert_eq!(means(&unanswered, Edition::V2), golden.v2.unanswered);
    let best = |figure: fn(Score) -> f64| {
        let weighed: Vec<_> = all
            .iter()
            .map(|one| Weighed {
                margin: one.margin,
                score: figure(scored(Edition::V2, one)),
                is_found: !one.prediction.is_empty(),
                is_answered: !one.answers.is_empty(),
            })
            .collect();
        let (threshold, score) = best_threshold(&weighed).unwrap();
        Best { threshold, score }
    };
    assert_eq!(best(|score| score.exact), golden.v2.best_exact);
    assert_eq!(best(|score| score.f1), golden.v2.best_f1);
    assert_eq!(Tally::default().totals(), None);
}
