//! Classes, entities and answers as transformers gives them.
//!
//! The models of random weights and what was made with them lie in `tests/goldens/transformers/heads`;
//! `heads.py` beside them made both.

mod devices;

use std::path::{Path, PathBuf};

use mirante_neural::answer::{Choice, Reader};
use mirante_neural::classify::Classifier;
use mirante_neural::tag::{Entity as Tagged, Join, Tagger};
use mirante_neural::{Device, Error, Pace};
use serde::Deserialize;
use serde::de::DeserializeOwned;

const ARCHITECTURES: [&str; 5] = ["bert", "roberta", "xlm-roberta", "distilbert", "mpnet"];
const PACE: Pace = Pace { batch: 32, go_on: &|| true };

fn folder(architecture: &str, task: &str) -> PathBuf {
    let heads =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/transformers/heads");
    heads.join(format!("{architecture}-{task}"))
}

fn golden<T: DeserializeOwned>(folder: &Path) -> T {
    let text = std::fs::read(folder.join("golden.json")).expect("a golden");
    serde_json::from_slice(&text).expect("JSON")
}

#[derive(Deserialize)]
struct Classes {
    texts: Vec<String>,
    scores: Vec<Vec<f64>>,
}

#[test]
fn texts_get_the_reference_classes() {
    for architecture in ARCHITECTURES {
        let folder = folder(architecture, "classify");
        let golden: Classes = golden(&folder);
        for place in devices::places() {
            let model = Classifier::open_on(&folder, place.target).unwrap();
            assert_eq!(model.labels(), ["negativo", "neutro", "positivo"]);
            assert_eq!(model.is_multiple(), architecture == "distilbert");
            let made = model.classify(golden.texts.clone(), PACE).unwrap();
            let cut = made.is_cut.iter().filter(|&&is_cut| is_cut).count();
            assert!((1..golden.texts.len()).contains(&cut), "{architecture}: {cut}");
            let near = |made: &f32, wanted: f64| (f64::from(*made) - wanted).abs() < place.near;
            for (made, wanted) in made.scores.concat().iter().zip(golden.scores.concat()) {
                assert!(near(made, wanted), "{architecture} {place:?}: {made} {wanted}");
            }
            let alone = golden.texts.iter().flat_map(|text| {
                model.classify(vec![text.clone()], PACE).expect("classes").scores.concat()
            });
            for (alone, together) in alone.zip(made.scores.concat()) {
                assert!(near(&alone, together.into()), "{architecture} {place:?}");
                // Cards choose other kernels for other numbers of rows.
                if place.target.device == Device::Cpu {
                    assert_eq!(alone, together, "{architecture}");
                }
            }
        }
    }
}

#[derive(Deserialize)]
struct Entities {
    texts: Vec<String>,
    simple: Vec<Vec<Entity>>,
    first: Vec<Vec<Entity>>,
}

#[derive(Deserialize)]
struct Entity {
    r#type: String,
    start: usize,
    end: usize,
    score: f64,
}

#[test]
fn texts_get_the_reference_entities() {
    for architecture in ARCHITECTURES {
        let folder = folder(architecture, "tag");
        let golden: Entities = golden(&folder);
        for place in devices::places().into_iter().filter(|place| place.is_exact()) {
            let model = Tagger::open_on(&folder, place.target).unwrap();
            for (join, wanted) in [(Join::Simple, &golden.simple), (Join::First, &golden.first)] {
                let made = model.tag(golden.texts.clone(), join, PACE).unwrap();
                for ((text, made), wanted) in golden.texts.iter().zip(&made).zip(wanted) {
                    let what = format!("{architecture} {place:?} {join:?} {text}");
                    let spans = |one: &Tagged| (one.kind.clone(), one.start, one.end);
                    let made_spans: Vec<_> = made.iter().map(spans).collect();
                    let wanted_spans: Vec<_> =
                        wanted.iter().map(|one| (one.r#type.clone(), one.start, one.end)).collect();
                    assert_eq!(made_spans, wanted_spans, "{what}");
                    for (made, wanted) in made.iter().zip(wanted) {
                        assert!(
                            (f64::from(made.score) - wanted.score).abs() < place.near,
                            "{what}"
                        );
                    }
                }
            }
        }
    }
}

#[derive(Deserialize)]
struct Answers {
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    question: String,
    context: String,
    none_score: f64,
    best: Option<String>,
    candidates: Vec<Candidate>,
}

#[derive(Deserialize)]
struct Candidate {
    text: String,
    start: usize,
    end: usize,
    score: f64,
    probability: f64,
}

#[test]
fn questions_get_the_reference_answers() {
    for architecture in ARCHITECTURES {
        let folder = folder(architecture, "answer");
        let golden: Answers = golden(&folder);
        let pairs: Vec<_> =
            golden.answers.iter().map(|one| (one.question.clone(), one.context.clone())).collect();
        for place in devices::places().into_iter().filter(|place| place.is_exact()) {
            let model = Reader::open_on(&folder, place.target).unwrap();
            let made = model.answer(&pairs, Choice::default(), PACE).unwrap();
            let near = |made: f32, wanted: f64| (f64::from(made) - wanted).abs() < place.near;
            for (made, wanted) in made.iter().zip(&golden.answers) {
                let what = format!("{architecture} {place:?}: {}", wanted.question);
                assert!(near(made.none_score, wanted.none_score), "{what}");
                let best = made.best.as_ref().map(|best| &best.text);
                assert_eq!(best, wanted.best.as_ref(), "{what}");
                assert_eq!(made.candidates.len(), wanted.candidates.len(), "{what}");
                for (made, wanted) in made.candidates.iter().zip(&wanted.candidates) {
                    assert!(near(made.score, wanted.score), "{what}");
                    assert!(near(made.probability, wanted.probability), "{what}");
                    assert_eq!(
                        (&made.text, made.start, made.end),
                        (&wanted.text, wanted.start, wanted.end),
                        "{what}"
                    );
                }
            }
        }
    }
}

#[test]
fn an_answer_may_have_to_be_much_the_likelier() {
    let folder = folder("bert", "answer");
    let model = Reader::open(&folder).unwrap();
    let pair = ("Quem?".to_owned(), "O cliente reclama do prazo.".to_owned());
    let answered = |threshold| {
        let choice = Choice { threshold, ..Choice::default() };
        model.answer(std::slice::from_ref(&pair), choice, PACE).expect("answers").remove(0).best
    };
    assert!(answered(None).is_some());
    assert!(answered(Some(f32::INFINITY)).is_some());
    assert_eq!(answered(Some(f32::NEG_INFINITY)), None);
    let long = "Quem ".repeat(60);
    let failed = model.answer(&[(long, "O prazo.".to_owned())], Choice::default(), PACE);
    assert!(matches!(failed, Err(Error::Tokens { .. })), "{failed:?}");
    assert_eq!(
        model.answer(&[("Quem?".to_owned(), String::new())], Choice::default(), PACE).unwrap()[0]
            .best,
        None
    );
}

#[test]
fn a_long_context_is_read_in_windows_of_the_length_that_is_asked_for() {
    let folder = folder("bert", "answer");
    let model = Reader::open(&folder).unwrap();
    let pair = ("Quem?".to_owned(), "O cliente reclama do prazo. ".repeat(12));
    let answered = |window, shared| {
        let choice = Choice { window, shared, ..Choice::default() };
        model.answer(std::slice::from_ref(&pair), choice, PACE)
    };
    let all: Vec<_> =
        [(384, 128), (24, 8)].map(|(window, shared)| answered(window, shared).unwrap()).into();
    // A token that stands elsewhere in its window has other sums.
    assert_ne!(all[0][0].none_score, all[1][0].none_score);
    assert!(matches!(answered(24, 24), Err(Error::Tokens { .. })));
}

#[test]
fn a_model_with_another_head_is_refused_by_name() {
    let said = Classifier::open(folder("bert", "answer")).unwrap_err().to_string();
    assert!(said.contains("classifier"), "{said}");
    let said = Reader::open(folder("bert", "tag")).unwrap_err().to_string();
    assert!(said.contains("qa_outputs"), "{said}");
}
