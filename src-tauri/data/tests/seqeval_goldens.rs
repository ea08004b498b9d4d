//! Figures of entities are those of seqeval, which `tests/goldens/seqeval/make.py` asked.

use std::collections::BTreeMap;
use std::path::Path;

use mirante_data::learn::{EntityFigures, entity_report};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    right: Vec<Vec<String>>,
    found: Vec<Vec<String>>,
    figures: BTreeMap<String, [f64; 4]>,
    accuracy: f64,
}

fn near(given: &EntityFigures, known: &[f64; 4]) -> bool {
    let given = [given.precision, given.recall, given.f1, given.support as f64];
    given.iter().zip(known).all(|(given, known)| (given - known).abs() < 1e-12)
}

#[test]
fn figures_are_those_of_seqeval() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/seqeval/golden.json");
    let cases: Vec<Case> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(cases.len(), 6);
    for (at, case) in cases.iter().enumerate() {
        let words = |labels: &'_ [String]| labels.iter().map(String::clone).collect::<Vec<_>>();
        let owned: Vec<_> = case
            .right
            .iter()
            .zip(&case.found)
            .map(|(right, found)| (words(right), words(found)))
            .collect();
        let sentences: Vec<(Vec<&str>, Vec<&str>)> = owned
            .iter()
            .map(|(right, found)| {
                (
                    right.iter().map(String::as_str).collect(),
                    found.iter().map(String::as_str).collect(),
                )
            })
            .collect();
        let given = entity_report(&sentences);
        assert!((given.accuracy - case.accuracy).abs() < 1e-12, "{at}");
        assert!(near(&given.all, &case.figures["micro avg"]), "{at}: {given:?}");
        assert!((given.macro_f1 - case.figures["macro avg"][2]).abs() < 1e-12, "{at}");
        assert_eq!(given.types.len() + 3, case.figures.len(), "{at}");
        for (kind, figures) in &given.types {
            assert!(near(figures, &case.figures[kind]), "{at} {kind}: {figures:?}");
        }
    }
}
