//! Models of quantised weights, as a GGUF file alone has them.
//!
//! The files lie in `tests/goldens/formats/gguf`, with what transformers makes of the same weights.

use std::path::{Path, PathBuf};

use mirante_neural::decoder::{Decoder, Room, Step};
use mirante_neural::generate::{Generator, Sampling, Writing};
use mirante_neural::{Error, Folder, Precision, Target, Tokens, import};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    texts: Vec<String>,
    ids: Vec<Vec<u32>>,
    /// The scores of every token after the first text.
    logits: Vec<f32>,
}

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/formats")
}

fn golden(name: &str) -> Golden {
    let path = goldens().join("gguf").join(name).join("golden.json");
    serde_json::from_slice(&std::fs::read(path).expect("a golden")).expect("JSON")
}

/// A folder with the GGUF file of that name and nothing else.
fn alone(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let from = goldens().join("gguf").join(name).join("model.gguf");
    std::fs::copy(from, folder.path().join("some-Q4_K_M.gguf")).expect("a copy");
    folder
}

fn decoder(path: &Path) -> Decoder {
    Decoder::open(&Folder::open(path).expect("a model"), Target::default()).expect("a decoder")
}

/// What may come after each of the texts, read together or one by one.
fn next(decoder: &Decoder, texts: &[Vec<u32>]) -> Vec<f32> {
    let mut caches: Vec<_> = texts.iter().map(|_| decoder.cache()).collect();
    let steps = caches.iter_mut().zip(texts).map(|(cache, ids)| Step { cache, ids });
    let mut room = Room::default();
    decoder.next(&mut steps.collect::<Vec<_>>(), &mut room).expect("scores").to_vec()
}

fn bits(scores: &[f32]) -> Vec<u32> {
    scores.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn a_gguf_file_alone_is_a_model_and_stays_quantised() {
    for (name, precision) in [
        ("llama", Precision::Quantised),
        ("llama-k", Precision::Quantised),
        // Of its weights only those of the keys are in blocks.
        ("qwen2", Precision::F16),
    ] {
        let (golden, folder) = (golden(name), alone(name));
        let decoder = decoder(folder.path());
        assert_eq!(decoder.runs_on().precision, precision, "{name}");
        let scores = next(&decoder, &golden.ids[..1]);
        assert_eq!(scores.len(), golden.logits.len());
        for (score, wanted) in scores.iter().zip(&golden.logits) {
            assert!((score - wanted).abs() < 1e-4, "{name}: {score} {wanted}");
        }
        let tokens = Tokens::open(&Folder::open(folder.path()).unwrap(), 1000).unwrap();
        assert_eq!(tokens.of_texts(golden.texts).unwrap().0, golden.ids, "{name}");
        let generator = Generator::open(folder.path()).unwrap();
        assert!(generator.has_template());
        let writing = Writing { most: 5, sampling: Sampling::greedy() };
        let texts = generator.write(&golden.ids[..1], writing, 1, &mut |_, _| true).unwrap();
        assert!(texts[0].written > 0);
    }
}

#[test]
fn quantised_weights_give_the_bits_of_what_they_stand_for() {
    for name in ["llama", "llama-k"] {
        let (golden, folder) = (golden(name), alone(name));
        let wide = folder.path().join("wide");
        import(&Folder::open_any(folder.path()).unwrap(), &wide).unwrap();
        let (kept, wide) = (decoder(folder.path()), decoder(&wide));
        assert_ne!(wide.runs_on().precision, Precision::Quantised);
        for ids in golden.ids.iter().filter(|ids| !ids.is_empty()) {
            let ids = std::slice::from_ref(ids);
            assert!(bits(&next(&kept, ids)) == bits(&next(&wide, ids)), "{name}");
        }
    }
}

#[test]
fn texts_read_together_give_what_each_gives_alone() {
    let (golden, folder) = (golden("llama-k"), alone("llama-k"));
    let decoder = decoder(folder.path());
    let texts: Vec<_> = golden.ids.iter().filter(|ids| !ids.is_empty()).cloned().collect();
    let together = next(&decoder, &texts);
    let each = texts.iter().flat_map(|ids| next(&decoder, std::slice::from_ref(ids)));
    assert_eq!(bits(&together), bits(&each.collect::<Vec<_>>()));
}

#[test]
fn a_gguf_file_of_an_unknown_architecture_or_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    let missing = Folder::open(folder.path()).unwrap_err();
    assert!(missing.to_string().ends_with("has no config.json"), "{missing}");
    std::fs::copy(goldens().join("gguf/kinds.gguf"), path).unwrap();
    let failed = Folder::open(folder.path()).unwrap_err();
    assert_eq!(failed.to_string(), "GGUF: general.architecture is none");
    assert!(matches!(failed, Error::BadField { .. }));
}
