//! What T5s make of texts, as transformers has it.
//!
//! The models of random weights and what was made with them lie in `tests/goldens/transformers/seq2seq`;
//! `seq2seq.py` beside them made both.

mod devices;

use std::path::{Path, PathBuf};

use devices::Place;
#[cfg(feature = "candle")]
use mirante_neural::Device;
use mirante_neural::seq2seq::{Model, Rewriter, Search};
use mirante_neural::{Error, Folder, Pace, Precision, Target};
use serde::Deserialize;

const MODELS: [&str; 3] = ["t5", "flan-t5", "mt5"];
const PACE: Pace = Pace { batch: 4, go_on: &|| true };

fn folder(model: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/goldens/transformers/seq2seq")
        .join(model)
}

#[derive(Deserialize)]
struct Golden {
    texts: Vec<String>,
    ids: Vec<Vec<u32>>,
    scores: Vec<Vec<Vec<f64>>>,
    searches: Vec<Written>,
    most: usize,
}

#[derive(Deserialize)]
struct Written {
    num_beams: usize,
    length_penalty: f32,
    no_repeat_ngram_size: usize,
    early_stopping: bool,
    written: Vec<String>,
}

fn golden(model: &str) -> Golden {
    let text = std::fs::read(folder(model).join("golden.json")).expect("a golden");
    serde_json::from_slice(&text).expect("JSON")
}

/// T5 leaves the range of half precision, and is not worked with in it.
fn places() -> impl Iterator<Item = Place> {
    let places = devices::places().into_iter();
    places.filter(|place| place.target.precision != Some(Precision::F16))
}

#[test]
fn every_architecture_gives_the_reference_scores() {
    for model in MODELS {
        let golden = golden(model);
        for place in places() {
            let t5 = Model::open(&Folder::open(folder(model)).unwrap(), place.target).unwrap();
            let start = t5.config().start;
            let (mut worst, mut largest) = (0.0_f64, 0.0_f64);
            for (ids, wanted) in golden.ids.iter().zip(&golden.scores) {
                let mut memory = t5.read(ids).unwrap();
                for (token, wanted) in [start, 5, 9, 7].into_iter().zip(wanted) {
                    let scores = t5.next(&mut [&mut memory], &[token]).unwrap();
                    for (score, wanted) in scores.iter().step_by(19).zip(wanted) {
                        worst = worst.max((f64::from(*score) - wanted).abs());
                        largest = largest.max(wanted.abs());
                    }
                }
            }
            // T5 does not scale its scores of attention, whose exponentials make much of a last bit:
            // transformers itself is an eighth of the largest off where all of it is bf16.
            let near = if place.is_exact() { place.near } else { largest / 8.0 };
            assert!(worst < near, "{model} {place:?}: {worst} of {largest}");
        }
    }
}

#[test]
fn weights_are_kept_in_the_precision_that_is_asked_for() {
    for model in MODELS {
        let (golden, folder) = (golden(model), Folder::open(folder(model)).unwrap());
        let scores = |precision: Option<Precision>| {
            let t5 = Model::open(&folder, Target { precision, ..Target::default() })?;
            let mut memory = t5.read(&golden.ids[0])?;
            let scores = t5.next(&mut [&mut memory], &[t5.config().start])?;
            Ok((t5.runs_on().precision, scores))
        };
        let (own, exact) = scores(None).unwrap();
        assert_eq!(own, Precision::F32);
        for precision in [Precision::F32, Precision::F16, Precision::Bf16] {
            let (runs_on, given) = scores(Some(precision)).unwrap();
            assert_eq!(runs_on, precision);
            let far = given.iter().zip(&exact).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            let most = exact.iter().fold(0.0, |most: f32, x| most.max(x.abs()));
            assert!(far < 0.05 * most && (far == 0.0) == (precision == own), "{model}: {far}");
        }
        let failed: mirante_neural::Result<_> = scores(Some(Precision::Int8));
        assert!(matches!(failed, Err(Error::NoPrecision { precision: "int8", .. })));
    }
}

#[test]
fn texts_become_what_the_reference_makes_of_them() {
    for model in MODELS {
        let golden = golden(model);
        for place in places().filter(|place| place.is_exact()) {
            let rewriter = Rewriter::open_on(folder(model), place.target).unwrap();
            for wanted in &golden.searches {
                let search = Search {
                    beams: wanted.num_beams,
                    most: golden.most,
                    length_penalty: wanted.length_penalty,
                    no_repeat: wanted.no_repeat_ngram_size,
                    early: wanted.early_stopping,
                };
                let made = rewriter.rewrite(golden.texts.clone(), &search, PACE).unwrap();
                assert_eq!(made.texts, wanted.written, "{model} {place:?} {search:?}");
                assert!(made.cut > 0);
                let alone = rewriter.rewrite(golden.texts[..1].to_vec(), &search, PACE).unwrap();
                assert_eq!(alone.texts[0], made.texts[0]);
            }
        }
    }
}

#[cfg(feature = "candle")]
#[test]
fn half_precision_is_refused_by_name() {
    let target = Target { device: Device::Candle, precision: Some(Precision::F16) };
    match Rewriter::open_on(folder("t5"), target) {
        Err(Error::NoPrecision { precision, known, .. }) => {
            assert_eq!((precision, known), ("f16", vec!["bf16", "f32"]));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn its_makers_say_how_texts_are_searched_for() {
    let rewriter = Rewriter::open(folder("mt5")).unwrap();
    let said = Search { beams: 4, most: 83, length_penalty: 0.6, no_repeat: 2, early: false };
    assert_eq!(rewriter.search(), &said);
    assert_eq!(rewriter.longest(), 30);
    let stopped = Pace { go_on: &|| false, ..PACE };
    let failed = rewriter.rewrite(vec!["a".to_owned()], &said, stopped);
    assert!(matches!(failed, Err(Error::Stopped)));
}
