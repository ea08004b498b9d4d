//! Models of any framework, written as safetensors.

mod common;

use std::path::Path;

use common::{all_of, everything, goldens};
use mirante_neural::embed::{Embedder, How};
use mirante_neural::{Folder, Weights, import, weights};

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
    assert!(matches!(failed, mirante_neural::Error::Unreadable { .. }), "{failed}");
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
