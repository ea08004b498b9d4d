//! Models of any framework, written as safetensors.

mod common;

use std::path::Path;

use common::{all_of, everything, goldens};
use mirante_neural::decoder::{Decoder, Room, Step};
use mirante_neural::embed::{Embedder, How};
use mirante_neural::{Error, Folder, Target, Tokens, Weights, import, weights};
use serde::Deserialize;

#[test]
fn what_is_written_is_what_was_read_and_readable_by_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let source = Weights::open(&[goldens().join("torch/shown.bin")]).unwrap();
    weights::save(&path, &source).unwrap();
    assert_eq!(everything(&path).unwrap(), all_of(&source).unwrap());
    // Nothing is left beside it.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    // Every tensor begins at a multiple of its numbers' size.
    let bytes = std::fs::read(&path).unwrap();
    let size = u64::from_le_bytes(*bytes.first_chunk().unwrap());
    assert_eq!(size % 8, 0);
    let header: serde_json::Value = serde_json::from_slice(&bytes[8..][..size as usize]).unwrap();
    assert_eq!(header["__metadata__"]["format"], "pt");
    assert_eq!(header["brain"]["dtype"], "BF16");
    for name in source.names() {
        let (_, size) = source.kind(name).unwrap().block().unwrap();
        let offset = header[name]["data_offsets"][0].as_u64().unwrap();
        assert_eq!(offset % size as u64, 0, "{name}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let beside = folder.path().join("other");
        std::fs::write(&beside, "").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&path), mode(&beside));
    }
}

#[test]
fn a_file_is_replaced_only_by_a_whole_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    std::fs::write(&path, "what was there").unwrap();
    let cut = folder.path().join("source.bin");
    std::fs::copy(goldens().join("torch/shown.bin"), &cut).unwrap();
    let source = Weights::open(std::slice::from_ref(&cut)).unwrap();
    std::fs::OpenOptions::new().write(true).open(&cut).unwrap().set_len(2000).unwrap();
    let failed = weights::save(&path, &source).unwrap_err();
    assert!(matches!(failed, Error::Unreadable { .. }), "{failed}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "what was there");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn an_imported_model_makes_the_same_of_a_text() {
    let how = How { normalize: false, batch: 8, go_on: &|| true };
    let texts = vec!["O prazo de entrega".to_owned(), "coração".to_owned()];
    let source = goldens().join("../transformers/xlm-roberta");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let imported = import(&Folder::open_any(&source).unwrap(), &out).unwrap();
    let files = ["model.safetensors", "tokenizer.json", "config.json", "2_Dense/model.safetensors"];
    for file in files {
        assert!(imported.files.iter().any(|name| name == file), "{imported:?}");
    }
    assert!(!imported.files.iter().any(|name| name == "golden.json"));
    assert!(out.join("1_Pooling/config.json").is_file());
    let vectors =
        |path: &Path| Embedder::open(path).unwrap().embed(texts.clone(), &how).unwrap().numbers;
    assert_eq!(vectors(&out), vectors(&source));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_pytorch_model_becomes_safetensors() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    std::fs::create_dir(&source).unwrap();
    for file in ["config.json", "pytorch_model.bin"] {
        std::fs::copy(goldens().join("bert").join(file), source.join(file)).unwrap();
    }
    let out = folder.path().join("out");
    let imported = import(&Folder::open_any(&source).unwrap(), &out).unwrap();
    assert_eq!(imported.files, ["config.json", "model.safetensors"]);
    let wanted = everything(&goldens().join("bert/model.safetensors")).unwrap();
    assert_eq!(imported.tensors, wanted.len());
    assert_eq!(everything(&out.join("model.safetensors")).unwrap(), wanted);
    // What is there is never written over.
    let again = import(&Folder::open_any(&source).unwrap(), &out).unwrap_err().to_string();
    assert!(again.contains("out cannot be written"), "{again}");
}

#[test]
fn a_folder_without_weights_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    std::fs::create_dir(&source).unwrap();
    let import = || import(&Folder::open_any(&source).unwrap(), &folder.path().join("out"));
    assert!(import().unwrap_err().to_string().contains("pytorch_model.bin"));
    std::fs::write(source.join("modules.json"), r#"[{"path": "../other"}]"#).unwrap();
    assert!(import().unwrap_err().to_string().contains("../other is not in its folder"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[derive(Deserialize)]
struct Golden {
    texts: Vec<String>,
    ids: Vec<Vec<u32>>,
    /// The scores of every token after the first text.
    logits: Vec<f32>,
}

#[test]
fn a_gguf_file_alone_becomes_a_whole_model() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["llama", "qwen2"] {
        let (source, out) = (folder.path().join(name), folder.path().join(format!("{name}-out")));
        std::fs::create_dir(&source).unwrap();
        let from = goldens().join("gguf").join(name);
        std::fs::copy(from.join("model.gguf"), source.join("some-Q4_0.gguf")).unwrap();
        let imported = import(&Folder::open_any(&source).unwrap(), &out).unwrap();
        let made = ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"];
        assert_eq!(imported.files, made);
        let mut wanted = everything(&from.join("golden.safetensors")).unwrap();
        // Scaling of positions stands in the configuration.
        wanted.retain(|(name, ..)| name != "rope_freqs.weight");
        assert_eq!(everything(&out.join("model.safetensors")).unwrap(), wanted);
        let golden: Golden =
            serde_json::from_slice(&std::fs::read(from.join("golden.json")).unwrap()).unwrap();
        let tokens = Tokens::open(&Folder::open(&out).unwrap(), 1000).unwrap();
        assert_eq!(tokens.of_texts(golden.texts).unwrap().0, golden.ids, "{name}");
        let decoder = Decoder::open(&Folder::open(&out).unwrap(), Target::default()).unwrap();
        let (mut cache, mut room) = (decoder.cache(), Room::default());
        let mut steps = [Step { cache: &mut cache, ids: &golden.ids[0] }];
        let scores = decoder.next(&mut steps, &mut room).unwrap();
        assert_eq!(scores.len(), golden.logits.len());
        for (score, wanted) in scores.iter().zip(&golden.logits) {
            assert!((score - wanted).abs() < 1e-4, "{name}: {score} {wanted}");
        }
        let config: serde_json::Value = Folder::open(&out).unwrap().json("config.json").unwrap();
        assert_eq!(config["model_type"], name);
        assert_eq!(config["num_key_value_heads"], 1);
        assert_eq!(config["rms_norm_eps"], 1e-5);
        assert_eq!(config["tie_word_embeddings"], name == "llama");
        let scaling = &config["rope_scaling"];
        if name == "llama" {
            assert_eq!(
                (&scaling["rope_type"], &scaling["factor"]),
                (&"llama3".into(), &8.0.into())
            );
        } else {
            assert!(scaling.is_null());
        }
        let settings: serde_json::Value =
            Folder::open(&out).unwrap().json("tokenizer_config.json").unwrap();
        assert_eq!(settings["bos_token"], "<|um|>");
        assert_eq!(settings["chat_template"], "{{ messages }}");
    }
}

#[test]
fn a_gguf_file_of_another_architecture_or_tokenizer_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("source/model.gguf");
    std::fs::create_dir(folder.path().join("source")).unwrap();
    let import = |bytes: Vec<u8>| {
        std::fs::write(&path, bytes).unwrap();
        let source = Folder::open_any(&folder.path().join("source")).unwrap();
        import(&source, &folder.path().join("out")).unwrap_err().to_string()
    };
    let whole = std::fs::read(goldens().join("gguf/qwen2/model.gguf")).unwrap();
    let edited = |from: &[u8], to: &[u8]| {
        assert_eq!(from.len(), to.len());
        let at = whole.windows(from.len()).position(|some| some == from).unwrap();
        let mut bytes = whole.clone();
        bytes[at..][..to.len()].copy_from_slice(to);
        bytes
    };
    assert_eq!(import(edited(b"qwen2", b"mamba")), "GGUF: general.architecture is mamba");
    let block_count = import(edited(b"qwen2.block_count", b"qwen2.block_c0unt"));
    assert_eq!(block_count, "GGUF: qwen2.block_count is missing");
    assert_eq!(import(edited(b"gpt2", b"spm3")), "GGUF: tokenizer.ggml.model is spm3");
    let pre = [&5_u64.to_le_bytes()[..], b"qwen2"].concat();
    let last = |some: &[u8]| whole.windows(some.len()).rposition(|window| window == some).unwrap();
    let mut bytes = whole.clone();
    bytes[last(&pre) + 8..][..5].copy_from_slice(b"mambo");
    assert_eq!(import(bytes), "GGUF: tokenizer.ggml.pre is mambo");
    assert!(!folder.path().join("out").exists());
}
