//! What models make of texts once an adapter has changed them, as PEFT has it.
//!
//! The adapters of random weights and what was made with them lie in
//! `tests/goldens/transformers/adapters`; `adapters.py` beside them made both.

use std::fs;
use std::path::{Path, PathBuf};

use mirante_neural::classify::Classifier;
use mirante_neural::decoder::{Decoder, Room, Step};
use mirante_neural::generate::Generator;
use mirante_neural::{Adapter, Error, Folder, Pace, Precision, Result, Target, import};
use serde::Deserialize;
use serde_json::{Value, json};

const NEAR: f32 = 1e-4;

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/transformers")
}

fn adapter(name: &str) -> PathBuf {
    goldens().join("adapters").join(name)
}

#[derive(Deserialize)]
struct Golden {
    base: String,
    text: String,
    ids: Vec<u32>,
    scores: Vec<f32>,
}

fn golden(name: &str) -> Golden {
    let text = fs::read(adapter(name).join("golden.json")).expect("a golden");
    serde_json::from_slice(&text).expect("JSON")
}

fn open(base: &Path, adapter: Option<&Adapter>, precision: Option<Precision>) -> Result<Decoder> {
    let target = Target { precision, ..Target::default() };
    Decoder::open_with(&Folder::open(base)?, target, adapter)
}

/// What may come after some tokens, read as so many sequences at once.
fn next(decoder: &Decoder, ids: &[u32], times: usize) -> Vec<f32> {
    let mut caches = vec![decoder.cache(); times];
    let mut steps: Vec<_> = caches.iter_mut().map(|cache| Step { cache, ids }).collect();
    decoder.next(&mut steps, &mut Room::default()).expect("scores").to_vec()
}

fn farthest(one: &[f32], other: &[f32]) -> f32 {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn decoders_with_an_adapter_give_the_reference_scores() {
    for name in ["llama", "llama-root", "qwen2", "gpt2", "phi"] {
        let (golden, adapter) = (golden(name), Adapter::open(adapter(name)).unwrap());
        let base = goldens().join(&golden.base);
        let changed = open(&base, Some(&adapter), None).unwrap();
        let scores = next(&changed, &golden.ids, 1);
        assert!(farthest(&scores, &golden.scores) < NEAR, "{name}");
        let plain = next(&open(&base, None, None).unwrap(), &golden.ids, 1);
        assert!(farthest(&plain, &golden.scores) > 0.1, "{name}");
        // In company, and token by token.
        assert_eq!(next(&changed, &golden.ids, 3), scores.repeat(3));
        let (mut cache, mut room) = (changed.cache(), Room::default());
        let mut last = Vec::new();
        for id in &golden.ids {
            let mut steps = [Step { cache: &mut cache, ids: std::slice::from_ref(id) }];
            last = changed.next(&mut steps, &mut room).unwrap().to_vec();
        }
        assert!(farthest(&last, &golden.scores) < NEAR, "{name}");
    }
}

#[test]
fn quantised_weights_take_an_adapter_too() {
    let folder = tempfile::tempdir().unwrap();
    let (golden, adapter) = (golden("quantised"), Adapter::open(adapter("quantised")).unwrap());
    let file = folder.path().join("model.gguf");
    fs::copy(goldens().join(&golden.base).join("model.gguf"), file).unwrap();
    let kept = open(folder.path(), Some(&adapter), None).unwrap();
    assert_eq!(kept.runs_on().precision, Precision::Quantised);
    let scores = next(&kept, &golden.ids, 1);
    assert!(farthest(&scores, &golden.scores) < NEAR);
    let wide = folder.path().join("wide");
    import(&Folder::open_any(folder.path()).unwrap(), &wide).unwrap();
    assert_eq!(next(&open(&wide, Some(&adapter), None).unwrap(), &golden.ids, 1), scores);
    // Numbers of a precision that is asked for are changed as well.
    let f32 = open(folder.path(), Some(&adapter), Some(Precision::F32)).unwrap();
    assert!(farthest(&next(&f32, &golden.ids, 1), &golden.scores) < NEAR);
}

#[test]
fn an_encoder_takes_an_adapter_and_the_head_that_was_trained_with_it() {
    let (golden, adapter) =
        (golden("bert-classify"), Adapter::open(adapter("bert-classify")).unwrap());
    let base = goldens().join(&golden.base);
    let scores = |adapter: Option<&Adapter>, copies: usize| {
        let model = Classifier::open_with(&base, Target::default(), adapter).unwrap();
        let pace = Pace { batch: 4, go_on: &|| true };
        model.classify(vec![golden.text.clone(); copies], pace).unwrap().scores
    };
    let changed = scores(Some(&adapter), 3);
    assert!(farthest(&changed[0], &golden.scores) < NEAR);
    assert!(changed.iter().all(|scores| scores == &changed[0]));
    assert!(farthest(&scores(None, 1)[0], &golden.scores) > 0.01);
}

#[test]
fn a_generator_writes_with_an_adapter() {
    let adapter = Adapter::open(adapter("llama")).unwrap();
    let base = goldens().join(golden("llama").base);
    assert!(Generator::open_with(base, Target::default(), Some(&adapter)).is_ok());
}

/// A copy of an adapter whose configuration was changed.
fn edited(name: &str, edit: impl FnOnce(&mut Value)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let tensors = "adapter_model.safetensors";
    fs::copy(adapter(name).join(tensors), folder.path().join(tensors)).expect("a copy");
    let config = fs::read(adapter(name).join("adapter_config.json")).expect("a configuration");
    let mut config = serde_json::from_slice(&config).expect("JSON");
    edit(&mut config);
    fs::write(folder.path().join("adapter_config.json"), config.to_string()).expect("a file");
    folder
}

#[test]
fn what_would_be_left_out_of_an_adapter_is_refused_by_name() {
    for (field, value, said) in [
        ("peft_type", json!("IA3"), "peft_type is IA3"),
        ("use_dora", json!(true), "use_dora is true"),
        ("rank_pattern", json!({"q_proj": 2}), "rank_pattern is {\"q_proj\":2}"),
        ("alpha_pattern", json!({"q_proj": 2}), "alpha_pattern is {\"q_proj\":2}"),
        ("bias", json!("lora_only"), "bias is \"lora_only\""),
        ("init_lora_weights", json!("pissa_niter_4"), "init_lora_weights is \"pissa_niter_4\""),
        ("use_of_tomorrow", json!(1), "use_of_tomorrow is 1"),
        ("r", json!(0), "r is 0"),
        ("target_modules", json!(["q_proj", "w_pack"]), "target_modules is w_pack, which"),
    ] {
        let folder = edited("qwen2", |config| config[field] = value);
        let failed = Adapter::open(folder.path()).unwrap_err().to_string();
        assert!(failed.starts_with(&format!("adapter_config.json: {said}")), "{failed}");
    }
    let folder = edited("qwen2", |config| config["r"] = 4.into());
    let failed = Adapter::open(folder.path()).unwrap_err();
    assert!(matches!(&failed, Error::BadShape { expected, .. } if expected == "r 4"), "{failed}");
    let folder = edited("qwen2", |_| ());
    fs::write(folder.path().join("adapter_model.safetensors"), b"\x02\0\0\0\0\0\0\0{}").unwrap();
    let failed = Adapter::open(folder.path()).unwrap_err().to_string();
    assert!(failed.ends_with("it changes no map"), "{failed}");
    let folder = edited("bert-classify", |config| config["modules_to_save"] = Value::Null);
    let failed = Adapter::open(folder.path()).unwrap_err().to_string();
    assert!(failed.contains("base_model.model.classifier.bias is none of the tensors"), "{failed}");
    let failed = Adapter::open(goldens().join("decoders/llama")).unwrap_err().to_string();
    assert!(failed.ends_with("has no adapter_config.json"), "{failed}");
}

#[test]
fn an_adapter_of_another_model_is_refused_by_name() {
    let refused = |name: &str, base: &str| {
        let adapter = Adapter::open(adapter(name)).unwrap();
        open(&goldens().join(base), Some(&adapter), None).unwrap_err()
    };
    let failed = refused("gpt2", "decoders/llama").to_string();
    assert!(failed.contains("transformer.h.0.attn.c_attn is no map of the model"), "{failed}");
    // Phi's layers have maps that a llama has not, and the other way round.
    let failed = refused("phi", "decoders/llama");
    assert!(matches!(failed, Error::BadShape { .. }), "{failed}");
    // The same names, other sizes.
    let failed = refused("llama", "decoders/llama-tied");
    assert!(matches!(failed, Error::BadShape { .. }), "{failed}");
    // Of a tied model, a head of its own would leave the rows of the vocabulary as they were.
    let folder = edited("qwen2", |config| config["modules_to_save"] = json!(["embed_tokens"]));
    let file = folder.path().join("adapter_model.safetensors");
    let mut bytes = fs::read(&file).unwrap();
    let size = u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
    let mut header: serde_json::Map<String, Value> =
        serde_json::from_slice(&bytes[8..8 + size]).unwrap();
    header.insert(
        "base_model.model.model.embed_tokens.weight".to_owned(),
        json!({ "dtype": "F32", "shape": [1, 1], "data_offsets": [0, 4] }),
    );
    let header = Value::from(header).to_string();
    bytes.splice(..8 + size, [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat());
    fs::write(file, bytes).unwrap();
    let adapter = Adapter::open(folder.path()).unwrap();
    let failed = open(&goldens().join("decoders/qwen2"), Some(&adapter), None).unwrap_err();
    assert_eq!(failed.to_string(), "adapter_config.json: modules_to_save is embed_tokens");
    let failed = refused("bert-classify", "decoders/llama").to_string();
    assert!(failed.contains("is no map of the model"), "{failed}");
}

#[test]
fn an_adapter_of_other_layers_is_refused_unless_it_says_which() {
    let base = goldens().join("decoders/qwen2");
    let opened = |folder: &tempfile::TempDir| {
        open(&base, Some(&Adapter::open(folder.path()).unwrap()), None).map(|_| ())
    };
    let file = |folder: &tempfile::TempDir| folder.path().join("adapter_model.safetensors");
    // The second layer's as if they were a third's.
    let folder = edited("qwen2", |_| ());
    let mut bytes = fs::read(file(&folder)).unwrap();
    let size = u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
    let header = String::from_utf8(bytes[8..8 + size].to_vec()).unwrap();
    bytes[8..8 + size].copy_from_slice(header.replace("layers.1", "layers.2").as_bytes());
    fs::write(file(&folder), &bytes).unwrap();
    let failed = opened(&folder).unwrap_err().to_string();
    assert!(failed.contains("model.layers.2.self_attn.q_proj is no map of the model"), "{failed}");
    // Without the second layer's.
    let mut tensors: serde_json::Map<String, Value> = serde_json::from_str(&header).unwrap();
    tensors.retain(|name, _| !name.contains("layers.1"));
    let header = Value::from(tensors).to_string();
    let half = [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &bytes[8 + size..]];
    let half = half.concat();
    fs::write(file(&folder), &half).unwrap();
    let failed = opened(&folder).unwrap_err().to_string();
    assert_eq!(failed, "the weights have no layers.1.self_attn.q_proj.lora_A.weight");
    let folder = edited("qwen2", |config| config["layers_to_transform"] = json!([0]));
    fs::write(file(&folder), &half).unwrap();
    opened(&folder).unwrap();
}
