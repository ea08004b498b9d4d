//! Encoders in other numbers than single precision: how near their results stay, and which there are.

use std::path::{Path, PathBuf};

use mirante_neural::classify::Classifier;
use mirante_neural::embed::{Embedder, How};
use mirante_neural::{Error, Pace, Precision, Target};
use serde::Deserialize;

const MODELS: [&str; 5] = ["bert", "roberta", "xlm-roberta", "distilbert", "mpnet"];
const HOW: How = How { normalize: true, batch: 32, go_on: &|| true };

/// How near a precision stays.
struct Near {
    precision: Precision,
    /// The least cosine of the real model's vectors to those in single precision.
    real: f64,
    /// The same of models that are 32 wide and of random weights, where few errors cancel out.
    small: f64,
    /// The largest difference of a small model's score.
    score: f32,
}

/// A number in bf16 is off by at most one part in 256, about a thousandth as a rule; that squared is what
/// the cosine loses, and layers add to it. The bytes of a group are off by as much as one part in 255 of
/// its largest number, whatever their own size: some ten times as much.
const NEAR: [Near; 2] = [
    Near { precision: Precision::Bf16, real: 0.9999, small: 0.9999, score: 0.01 },
    Near { precision: Precision::Int8, real: 0.999, small: 0.995, score: 0.05 },
];

#[derive(Deserialize)]
struct Golden {
    texts: Vec<String>,
}

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/transformers")
}

fn texts_of(path: &Path) -> Vec<String> {
    let text = std::fs::read(path).expect("a golden");
    serde_json::from_slice::<Golden>(&text).expect("JSON").texts
}

fn in_numbers(precision: Precision) -> Target {
    Target { precision: Some(precision), ..Target::default() }
}

/// The vectors of some texts.
fn vectors(model: &Path, target: Target, texts: &[String]) -> (usize, Vec<f32>) {
    let embedder = Embedder::open_on(model, target).expect("a model");
    assert_eq!(embedder.runs_on().precision, target.precision.unwrap_or(Precision::F32));
    (embedder.width(), embedder.embed(texts.to_vec(), &HOW).expect("vectors").numbers)
}

/// The least cosine of a text's vector to that in single precision.
fn least_cosine(model: &Path, precision: Precision, texts: &[String]) -> f64 {
    let (width, exact) = vectors(model, Target::default(), texts);
    let (_, made) = vectors(model, in_numbers(precision), texts);
    assert_ne!(made, exact, "{precision:?} is another arithmetic");
    let cosine = |(a, b): (&[f32], &[f32])| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    made.chunks(width).zip(exact.chunks(width)).map(cosine).fold(1.0, f64::min)
}

#[test]
fn every_architecture_stays_near_single_precision() {
    for model in MODELS {
        let folder = goldens().join(model);
        let texts = texts_of(&folder.join("golden.json"));
        for Near { precision, small, .. } in NEAR {
            let cosine = least_cosine(&folder, precision, &texts);
            assert!(cosine >= small, "{model} {precision:?}: {cosine}");
        }
    }
}

#[test]
fn the_real_model_stays_near_single_precision() {
    let Some(model) = std::env::var_os("MIRANTE_SENTENCE_MODEL").map(PathBuf::from) else {
        eprintln!("skipped: no sentence model; scripts/sentence-model fetches it");
        return;
    };
    let texts = texts_of(&goldens().join("minilm.json"));
    for Near { precision, real, .. } in NEAR {
        let cosine = least_cosine(&model, precision, &texts);
        assert!(cosine >= real, "{precision:?}: {cosine}");
    }
}

#[test]
fn a_text_has_the_same_vector_in_any_company() {
    for model in MODELS {
        let folder = goldens().join(model);
        let texts = texts_of(&folder.join("golden.json"));
        for Near { precision, .. } in NEAR {
            let embedder = Embedder::open_on(&folder, in_numbers(precision)).unwrap();
            let together = embedder.embed(texts.clone(), &HOW).unwrap().numbers;
            for (text, vector) in texts.iter().zip(together.chunks(embedder.width())) {
                let alone = embedder.embed(vec![text.clone()], &HOW).unwrap().numbers;
                assert_eq!(alone, vector, "{model} {precision:?}: {text}");
            }
        }
    }
}

#[test]
fn scores_stay_near_those_in_single_precision() {
    let pace = Pace { batch: 32, go_on: &|| true };
    for model in MODELS {
        let folder = goldens().join("heads").join(format!("{model}-classify"));
        let texts = texts_of(&folder.join("golden.json"));
        let exact = Classifier::open(&folder).unwrap().classify(texts.clone(), pace).unwrap();
        for Near { precision, score, .. } in NEAR {
            let classifier = Classifier::open_on(&folder, in_numbers(precision)).unwrap();
            assert_eq!(classifier.runs_on().precision, precision);
            let made = classifier.classify(texts.clone(), pace).unwrap();
            for (made, exact) in made.scores.concat().iter().zip(exact.scores.concat()) {
                assert!((made - exact).abs() < score, "{model} {precision:?}: {made} {exact}");
            }
        }
    }
}

#[test]
fn numbers_that_an_encoder_does_not_work_in_are_refused_by_name() {
    let failed = Embedder::open_on(goldens().join("bert"), in_numbers(Precision::F16)).unwrap_err();
    assert!(failed.to_string().contains("f16 on cpu"), "{failed}");
    let Error::NoPrecision { known, .. } = failed else { panic!("{failed}") };
    assert_eq!(known, ["f32", "bf16", "int8"]);
}
