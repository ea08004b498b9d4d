//! Vectors and tokens as transformers and sentence-transformers give them.
//!
//! The models of random weights and what was made with them lie in `tests/goldens/transformers`, with
//! the script that made them. The real model is fetched by `scripts/sentence-model`.

mod devices;

use std::path::{Path, PathBuf};

use mirante_neural::embed::{Embedder, How};
use mirante_neural::{Device, Error, Folder, Target, Tokens};
use serde::Deserialize;

const MODELS: [&str; 5] = ["bert", "roberta", "xlm-roberta", "distilbert", "mpnet"];

#[derive(Deserialize)]
struct Golden {
    texts: Vec<String>,
    ids: Vec<Vec<u32>>,
    vectors: Vec<Vec<f64>>,
}

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/transformers")
}

fn golden(path: &Path) -> Golden {
    let text = std::fs::read(path).expect("a golden");
    serde_json::from_slice(&text).expect("JSON")
}

const HOW: How = How { normalize: false, batch: 32, go_on: &|| true };

/// The largest difference of any number from what it should be.
fn difference(embedder: &Embedder, golden: &Golden) -> f64 {
    let made = embedder.embed(golden.texts.clone(), &HOW).expect("vectors").numbers;
    let wanted: Vec<f64> = golden.vectors.concat();
    assert_eq!(made.len(), wanted.len());
    made.iter()
        .zip(wanted)
        .map(|(made, wanted)| (f64::from(*made) - wanted).abs())
        .fold(0.0, f64::max)
}

#[test]
fn every_architecture_gives_the_reference_vectors() {
    for model in MODELS {
        let folder = goldens().join(model);
        let golden = golden(&folder.join("golden.json"));
        let worst = difference(&Embedder::open(&folder).unwrap(), &golden);
        assert!(worst < 1e-5, "{model}: {worst}");
        for place in devices::places() {
            let embedder = Embedder::open_on(&folder, place.target).unwrap();
            let worst = difference(&embedder, &golden);
            assert!(worst < place.near, "{model} {place:?}: {worst}");
        }
    }
}

#[test]
fn texts_become_the_reference_tokens() {
    for model in MODELS {
        let folder = goldens().join(model);
        let golden = golden(&folder.join("golden.json"));
        let embedder = Embedder::open(&folder).unwrap();
        let tokens = Tokens::open(&Folder::open(&folder).unwrap(), embedder.longest()).unwrap();
        let (ids, is_cut) = tokens.of_texts(golden.texts).unwrap();
        let cut = is_cut.iter().filter(|&&is_cut| is_cut).count();
        assert_eq!(ids, golden.ids, "{model}");
        let full = golden.ids.iter().filter(|ids| ids.len() == embedder.longest()).count();
        assert!(0 < cut && cut <= full, "{model}: {cut} of {full}");
    }
}

#[test]
fn a_text_has_the_same_vector_in_any_company() {
    for model in MODELS {
        let folder = goldens().join(model);
        let texts = golden(&folder.join("golden.json")).texts;
        let embedder = Embedder::open(&folder).unwrap();
        let together = embedder.embed(texts.clone(), &HOW).unwrap().numbers;
        for (text, vector) in texts.iter().zip(together.chunks(embedder.width())) {
            let alone = embedder.embed(vec![text.clone()], &HOW).unwrap().numbers;
            assert_eq!(alone, vector, "{model}: {text}");
        }
        let threads = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let single = threads.install(|| embedder.embed(texts, &HOW).unwrap().numbers);
        assert_eq!(single, together, "{model}");
    }
}

#[test]
fn what_the_model_wants_before_a_text_is_known() {
    let embedder = Embedder::open(goldens().join("xlm-roberta")).unwrap();
    assert_eq!(embedder.prompts().query(), Some("busca: "));
    assert_eq!(embedder.prompts().document(), Some("trecho: "));
    assert_eq!(embedder.prompts().plain(), None);
    assert_eq!((embedder.pooling().as_str(), embedder.width()), ("mean", 20));
}

#[test]
fn work_that_should_stop_stops() {
    let embedder = Embedder::open(goldens().join("bert")).unwrap();
    let how = How { go_on: &|| false, ..HOW };
    assert!(matches!(embedder.embed(vec!["a".to_owned()], &how), Err(Error::Stopped)));
}

#[test]
fn a_card_that_is_not_there_is_refused_by_name() {
    let target = Target { device: Device::Cuda(99), precision: None };
    match Embedder::open_on(goldens().join("bert"), target) {
        Err(Error::NoDevice { device, reason }) => {
            assert_eq!(device, "cuda:99");
            assert!(!reason.is_empty());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_real_model_gives_the_reference_vectors() {
    let Some(model) = real_model() else {
        eprintln!("skipped: no sentence model; scripts/sentence-model fetches it");
        return;
    };
    let golden = golden(&goldens().join("minilm.json"));
    let embedder = Embedder::open(&model).unwrap();
    assert_eq!((embedder.width(), embedder.longest()), (384, 256));
    let worst = difference(&embedder, &golden);
    assert!(worst < 2e-6, "{worst}");
    for place in devices::places().into_iter().filter(|place| place.is_quick()) {
        let embedder = Embedder::open_on(&model, place.target).unwrap();
        let worst = difference(&embedder, &golden);
        assert!(worst < place.near, "{place:?}: {worst}");
    }
}

fn real_model() -> Option<PathBuf> {
    let said = std::env::var_os("MIRANTE_SENTENCE_MODEL").map(PathBuf::from);
    assert!(said.as_ref().is_none_or(|path| path.is_dir()), "{said:?} is no folder");
    said
}

/// A copy of a model, to be broken.
fn copy(model: &str) -> tempfile::TempDir {
    fn copy_all(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).expect("a folder");
        for entry in std::fs::read_dir(from).expect("a folder").flatten() {
            let to = to.join(entry.file_name());
            if entry.path().is_dir() {
                copy_all(&entry.path(), &to);
            } else {
                std::fs::copy(entry.path(), to).expect("a copy");
            }
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    copy_all(&goldens().join(model), folder.path());
    folder
}

fn said(folder: &Path) -> String {
    Embedder::open(folder).expect_err("a broken model").to_string()
}

#[test]
fn what_is_missing_or_not_known_is_said_by_name() {
    for file in ["config.json", "tokenizer.json", "model.safetensors", "1_Pooling/config.json"] {
        let folder = copy("bert");
        std::fs::remove_file(folder.path().join(file)).unwrap();
        let said = said(folder.path());
        assert!(said.contains(file), "{file}: {said}");
    }
    let edited = |file: &str, from: &str, to: &str| {
        let folder = copy("bert");
        let path = folder.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        std::fs::write(path, text.replace(from, to)).unwrap();
        said(folder.path())
    };
    let config = "config.json";
    assert_eq!(
        edited(config, "\"model_type\": \"bert\"", "\"model_type\": \"mamba\""),
        "config.json: model_type is mamba"
    );
    assert_eq!(
        edited(config, "\"num_attention_heads\": 4", "\"num_attention_heads\": 5"),
        "config.json: num_attention_heads is 5"
    );
    assert!(
        edited(config, "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3")
            .contains("encoder.layer.2.attention.self.query.weight")
    );
    let shape = edited(config, "\"intermediate_size\": 48", "\"intermediate_size\": 40");
    assert!(shape.contains("[48, 32]") && shape.contains("[40, 32]"), "{shape}");
    assert!(edited("modules.json", "normalize.Normalize", "router.Router").contains("Router"));
    assert!(edited("1_Pooling/config.json", "\"mean\"", "\"median\"").contains("median"));
}

#[test]
fn broken_weights_are_an_error() {
    let whole = std::fs::read(goldens().join("bert/model.safetensors")).unwrap();
    let huge = [&u64::MAX.to_le_bytes()[..], &whole[8..]].concat();
    let text = String::from_utf8_lossy(&whole[8..2000]).replace("data_offsets", "data_0ffsets");
    let odd = [&whole[..8], text.as_bytes(), &whole[2000..]].concat();
    for bytes in [&whole[..4], &whole[..100], &whole[..whole.len() - 1], &huge, &odd, b""] {
        let folder = copy("bert");
        std::fs::write(folder.path().join("model.safetensors"), bytes).unwrap();
        let said = said(folder.path());
        assert!(said.contains("model.safetensors is broken"), "{said}");
    }
}

#[test]
fn weights_that_shrink_while_they_are_used_are_an_error() {
    let folder = copy("bert");
    let embedder = Embedder::open(folder.path()).unwrap();
    let weights = folder.path().join("model.safetensors");
    std::fs::OpenOptions::new().write(true).open(weights).unwrap().set_len(100).unwrap();
    let failed = embedder.embed(vec!["prazo".to_owned()], &HOW).unwrap_err();
    assert!(matches!(failed, Error::Unreadable { .. }), "{failed}");
}
