//! Weights of every framework against the same weights as safetensors.
//!
//! The files lie in `tests/goldens/formats`, with the script that made them.

mod common;

use std::path::Path;

use common::{all_of, everything, goldens};
use mirante_neural::{Error, Folder, Weights};

/// That a file of another framework gives what the safetensors file gives, bit for bit.
fn same(file: &str, safetensors: &str) {
    let found = everything(&goldens().join(file)).expect("tensors");
    let wanted = everything(&goldens().join(safetensors)).expect("tensors");
    let names = |all: &[common::Whole]| all.iter().map(|one| one.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&found), names(&wanted), "{file}");
    for (found, wanted) in found.iter().zip(&wanted) {
        assert!(found == wanted, "{file}: {} is {:?}\n{:?}", found.0, found, wanted);
    }
}

#[test]
fn pytorch_gives_the_same_tensors() {
    same("bert/pytorch_model.bin", "bert/model.safetensors");
    let sharded = goldens().join("torch");
    let sharded = Folder::open_any(&sharded).unwrap().weights().unwrap();
    assert_eq!(
        all_of(&sharded).unwrap(),
        everything(&goldens().join("bert/model.safetensors")).unwrap()
    );
}

#[test]
fn tensors_of_pytorch_show_parts_of_their_storage_in_any_order() {
    same("torch/shown.bin", "torch/shown.safetensors");
    same("torch/shown_legacy.bin", "torch/shown.safetensors");
}

#[test]
fn checkpoints_of_pytorch_are_read_for_their_state_dict() {
    same("torch/checkpoint.bin", "torch/checkpoint.safetensors");
    same("torch/checkpoint_legacy.bin", "torch/checkpoint.safetensors");
}

#[test]
fn code_in_a_pickle_is_refused_by_name() {
    for file in ["evil.bin", "evil_legacy.bin", "evil_0.bin", "evil_4.bin"] {
        let path = goldens().join("torch").join(file);
        let failed = Weights::open(std::slice::from_ref(&path)).unwrap_err();
        let Error::BadFile { path: said, reason } = failed else { panic!("{failed}") };
        assert_eq!(said, path);
        // `os` is `posix` or `nt` where it was pickled.
        assert_eq!(reason, "code in a pickle is refused: posix.system");
        assert!(!Path::new("evil-was-here").exists());
    }
}

#[test]
fn a_matrix_is_read_by_rows_in_whatever_order_it_lies() {
    let weights = Weights::open(&[goldens().join("torch/shown.bin")]).unwrap();
    for name in ["single", "half", "brain", "double", "rows", "columns", "turned", "steps"] {
        let shape = weights.shape(name).unwrap().to_vec();
        let whole = weights.load(name, &shape).unwrap();
        assert!(whole.iter().any(|&number| number != 0.0));
        let rows = weights.rows(name, shape[0], shape[1]).unwrap();
        assert_eq!((rows.len(), weights.row_count(name)), (shape[0], Some(shape[0])));
        let mut row = vec![0.0; shape[1]];
        for (at, wanted) in whole.chunks(shape[1]).enumerate() {
            rows.read(at, &mut row).unwrap();
            assert_eq!(row, wanted, "{name}");
        }
    }
    let failed = weights.load("long", &[3, 4]).unwrap_err();
    assert_eq!(failed.to_string(), "long holds I64");
}

#[test]
fn safetensors_are_preferred_and_what_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Folder::open_any(folder.path()).unwrap().weights();
    let missing = open().unwrap_err().to_string();
    for name in ["model.safetensors", "pytorch_model.bin"] {
        assert!(missing.contains(name), "{missing}");
    }
    let copy = |from: &str, to: &str| {
        std::fs::copy(goldens().join(from), folder.path().join(to)).unwrap();
    };
    copy("torch/shown.bin", "pytorch_model.bin");
    assert!(open().unwrap().has("turned"));
    copy("bert/model.safetensors", "model.safetensors");
    assert!(open().unwrap().has("bert.pooler.dense.weight"));
    let index = folder.path().join("model.safetensors.index.json");
    std::fs::write(&index, r#"{"weight_map": {"a": "part-1.safetensors"}}"#).unwrap();
    assert!(open().unwrap_err().to_string().ends_with("has no part-1.safetensors"));
    std::fs::write(&index, r#"{"weight_map": {"a": "../part-1.safetensors"}}"#).unwrap();
    assert!(open().unwrap_err().to_string().contains("is not in its folder"));
}

#[test]
fn a_pickle_that_nests_without_end_is_an_error() {
    const DEEP: usize = 100_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep.bin");
    for (opcode, says) in
        [(0x85, "no state dict"), (b'(', "takes a value"), (b'R', "takes a value")]
    {
        let pickle = [&[0x80, 2, b')'], &vec![opcode; DEEP][..], b"."].concat();
        std::fs::write(&path, pickle).unwrap();
        let failed = everything(&path).unwrap_err().to_string();
        assert!(failed.contains(says), "{failed}");
    }
}
