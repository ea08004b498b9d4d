//! Weights of every framework against the same weights as safetensors.
//!
//! The files lie in `tests/goldens/formats`, with the script that made them.

mod common;

use std::path::Path;

use common::{all_of, everything, goldens};
use mirante_neural::weights::gguf::Value;
use mirante_neural::{Blocks, Error, Folder, Kind, Weights};

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
fn a_tensor_that_shows_a_number_over_and_over_is_an_error() {
    let failed = Weights::open(&[goldens().join("torch/expanded.bin")]).unwrap_err().to_string();
    assert!(failed.ends_with("wide shows more numbers than its storage has"), "{failed}");
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
    let all =
        "has no model.safetensors, pytorch_model.bin, *.gguf, tf_model.h5, flax_model.msgpack";
    assert!(missing.ends_with(all), "{missing}");
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

/// That a GGUF file stands for the numbers of a safetensors file, in whatever blocks it has them.
fn stands_for(file: &str, safetensors: &str) {
    let open = |file: &str| Weights::open(&[goldens().join(file)]).expect("weights");
    let (found, wanted) = (open(file), open(safetensors));
    assert_eq!(found.names(), wanted.names());
    let mut quantised = 0;
    for name in wanted.names() {
        let shape = wanted.shape(name).expect("a shape");
        let numbers = |weights: &Weights| weights.load(name, shape).expect("numbers");
        let (found_numbers, wanted_numbers) = (numbers(&found), numbers(&wanted));
        for (at, (found, wanted)) in found_numbers.iter().zip(&wanted_numbers).enumerate() {
            assert_eq!(found.to_bits(), wanted.to_bits(), "{name} at {at}: {found}, {wanted}");
        }
        match found.kind(name) {
            Some(Kind::Blocks(blocks)) => {
                quantised += 1;
                // What a kernel that multiplies blocks reads.
                let (_, bytes) = found.raw(name).expect("bytes");
                let mut read = vec![0.0; wanted_numbers.len()];
                blocks.read(&bytes, &mut read);
                assert_eq!(read, wanted_numbers);
            }
            _ => assert_eq!(found.raw(name).expect("bytes"), wanted.raw(name).expect("bytes")),
        }
        if let &[rows, width] = shape {
            let by_row = found.rows(name, rows, width).expect("rows");
            let mut row = vec![0.0; width];
            for (at, wanted) in wanted_numbers.chunks(width).enumerate() {
                by_row.read(at, &mut row).expect("a row");
                assert_eq!(row, wanted, "{name}");
            }
        }
    }
    assert!(quantised > 0, "{file}");
}

#[test]
fn quantised_numbers_of_gguf_are_what_llama_cpp_makes_of_them() {
    stands_for("gguf/kinds.gguf", "gguf/kinds.safetensors");
    let weights = Weights::open(&[goldens().join("gguf/kinds.gguf")]).unwrap();
    assert_eq!(weights.kind("Q4_K"), Some(&Kind::Blocks(Blocks::Q4K)));
    assert_eq!(weights.raw("Q4_K").unwrap().1.len(), 2 * 512 / 256 * 144);
    let odd = Weights::open(&[goldens().join("gguf/unread.gguf")]).unwrap();
    let shape = odd.shape("odd").unwrap().to_vec();
    assert_eq!(odd.load("odd", &shape).unwrap_err().to_string(), "odd holds IQ4_NL");
    assert_eq!(odd.raw("odd").unwrap_err().to_string(), "odd holds IQ4_NL");
    assert_eq!(odd.load("plain", &[8]).unwrap(), [1.0; 8]);
}

#[test]
fn llama_and_qwen2_have_the_names_and_rows_of_transformers() {
    stands_for("gguf/llama/model.gguf", "gguf/llama/golden.safetensors");
    stands_for("gguf/qwen2/model.gguf", "gguf/qwen2/golden.safetensors");
}

#[test]
fn what_gguf_says_of_a_model_is_known_by_type() {
    let weights = Weights::open(&[goldens().join("gguf/kinds.gguf")]).unwrap();
    let said = |name: &str| weights.metadata().get(&format!("a.{name}")).unwrap().clone();
    let text = |text: &str| Value::Text(text.to_owned());
    assert_eq!(said("u8"), Value::Unsigned(200));
    assert_eq!(said("i8"), Value::Signed(-100));
    assert_eq!(said("u16"), Value::Unsigned(60_000));
    assert_eq!(said("i16"), Value::Signed(-30_000));
    assert_eq!(said("u32"), Value::Unsigned(4_000_000_000));
    assert_eq!(said("i32"), Value::Signed(-2_000_000_000));
    assert_eq!(said("u64"), Value::Unsigned(1 << 63));
    assert_eq!(said("i64"), Value::Signed(-(1 << 62)));
    assert_eq!(said("f32"), Value::Float(0.5));
    assert_eq!(said("f64"), Value::Float(0.1));
    assert_eq!(said("bool"), Value::Bool(true));
    assert_eq!(said("text"), text("ação"));
    assert_eq!(said("texts"), Value::Array(vec![text("um"), text("dois"), text("")]));
    let numbers = [1, -2, 3].map(Value::Signed).to_vec();
    assert_eq!(said("numbers"), Value::Array(numbers));
    let other = Weights::open(&[goldens().join("bert/model.safetensors")]).unwrap();
    assert!(other.metadata().is_empty());
}

#[test]
fn a_gguf_file_in_a_folder_is_found_in_one_part_or_many_but_not_guessed() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Folder::open_any(folder.path()).unwrap().weights();
    let copy = |from: &str, to: &str| {
        std::fs::copy(goldens().join("gguf").join(from), folder.path().join(to)).unwrap();
    };
    copy("kinds.gguf", "some.gguf");
    assert!(open().unwrap().has("Q4_K"));
    copy("unread.gguf", "other.gguf");
    let failed = open().unwrap_err().to_string();
    assert!(failed.contains("it has other.gguf, some.gguf"), "{failed}");
    std::fs::remove_file(folder.path().join("some.gguf")).unwrap();
    std::fs::rename(folder.path().join("other.gguf"), folder.path().join("m-00002-of-00002.gguf"))
        .unwrap();
    let failed = open().unwrap_err().to_string();
    assert!(failed.ends_with("has no m-00001-of-00002.gguf"), "{failed}");
    copy("kinds.gguf", "m-00001-of-00002.gguf");
    let both = open().unwrap();
    assert!(both.has("Q4_K") && both.has("odd"));
}

#[test]
fn keras_gives_the_same_tensors() {
    same("bert/tf_model.h5", "bert/model.safetensors");
    same("keras/latest.h5", "bert/model.safetensors");
    same("keras/names.h5", "keras/names.safetensors");
}

#[test]
fn what_is_not_read_of_hdf5_is_named() {
    for (file, says) in [("chunked", "lies in chunks"), ("compressed", "is compressed")] {
        let path = goldens().join(format!("keras/{file}.h5"));
        let failed = Weights::open(&[path]).unwrap_err().to_string();
        assert!(failed.contains("layer/model/layer/kernel:0") && failed.contains(says), "{failed}");
    }
}

#[test]
fn a_group_that_holds_itself_is_an_error() {
    let failed = Weights::open(&[goldens().join("keras/cycle.h5")]).unwrap_err().to_string();
    assert!(failed.ends_with("layer/model/layer has no end"), "{failed}");
}

#[test]
fn flax_gives_the_same_tensors() {
    same("bert/flax_model.msgpack", "bert/model.safetensors");
    same("flax/names.msgpack", "flax/names.safetensors");
}

#[test]
fn both_versions_of_gguf_are_read_and_the_first_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    let mut bytes = std::fs::read(goldens().join("gguf/kinds.gguf")).unwrap();
    let mut of_version = |version: u8| {
        bytes[4] = version;
        std::fs::write(&path, &bytes).unwrap();
        everything(&path)
    };
    assert_eq!(of_version(2).unwrap(), of_version(3).unwrap());
    assert!(of_version(1).unwrap_err().to_string().ends_with("it is GGUF of version 1"));
}

#[test]
fn a_pointer_in_place_of_a_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["model.safetensors", "pytorch_model.bin", "tf_model.h5", "flax_model.msgpack"] {
        let path = folder.path().join(name);
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
        std::fs::write(&path, pointer).unwrap();
        let failed = Weights::open(&[path]).unwrap_err().to_string();
        assert!(failed.contains(name) && failed.contains("Git LFS"), "{failed}");
    }
}
