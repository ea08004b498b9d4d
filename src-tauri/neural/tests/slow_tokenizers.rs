//! Tokenizers made of the files of slow ones, against what transformers makes of the same files.

use std::path::{Path, PathBuf};

use mirante_neural::{Error, Folder, Limit, Tokens, Window, Windows, import};
use serde::Deserialize;

/// Every folder of goldens.
const FOLDERS: [&str; 17] = [
    "bert-accents",
    "bert-cased",
    "bert-uncased",
    "camembert",
    "distilbert",
    "gpt2",
    "gpt2-begun",
    "llama",
    "llama-legacy",
    "mpnet",
    "mt5",
    "qwen2",
    "roberta",
    "roberta-space",
    "t5",
    "xlm-roberta",
    "xlm-roberta-mask",
];

#[derive(Deserialize)]
struct Texts {
    texts: Vec<String>,
    pairs: Vec<(String, String)>,
}

/// What transformers gives for [`Texts`].
#[derive(Deserialize)]
struct Golden {
    texts: Vec<Found>,
    pairs: Vec<Found>,
    decoded: Vec<String>,
    /// Tokens that are matched before all others.
    added: Vec<(u32, String)>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Found {
    ids: Vec<u32>,
    offsets: Vec<(usize, usize)>,
    types: Vec<u32>,
    /// 1 for what every text gets.
    special: Vec<u8>,
}

impl From<&Window> for Found {
    fn from(window: &Window) -> Self {
        Self {
            ids: window.ids.clone(),
            offsets: window.places.iter().map(|place| (place.start, place.end)).collect(),
            types: window.types.clone(),
            special: window.places.iter().map(|place| place.part.is_none().into()).collect(),
        }
    }
}

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/tokenizers")
}

fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> T {
    let text = std::fs::read_to_string(path).expect("a golden");
    serde_json::from_str(&text).expect("a golden of this shape")
}

fn texts() -> Texts {
    read(&goldens().join("texts.json"))
}

const LIMIT: Limit = Limit { longest: 10_000, shared: 0 };

/// Whether the tokenizer of a folder gives what stands in the golden of `name`.
fn assert_golden(path: &Path, name: &str) {
    let golden: Golden = read(&goldens().join(name).join("golden.json"));
    let Texts { texts, pairs } = texts();
    let folder = Folder::open_any(path).expect("a folder");
    let windows = Windows::open(&folder, LIMIT).expect(name);
    let tokens = Tokens::unlimited(&folder).expect(name);
    for (id, token) in &golden.added {
        assert_eq!(tokens.of_text(token, false).expect(name), [*id], "{name}: {token}");
    }
    let assert = |windows: Vec<Vec<Window>>, wanted: &[Found], what: &dyn Fn(usize) -> String| {
        assert_eq!(windows.len(), wanted.len());
        for (at, (found, wanted)) in windows.iter().zip(wanted).enumerate() {
            assert_eq!(found.len(), 1, "{name}: {}", what(at));
            assert_eq!(&Found::from(&found[0]), wanted, "{name}: {}", what(at));
        }
    };
    let found = windows.of_texts(texts.clone()).expect(name);
    assert(found, &golden.texts, &|at| format!("{:?}", texts[at]));
    let found = windows.of_pairs(pairs.clone(), LIMIT).expect(name);
    assert(found, &golden.pairs, &|at| format!("{:?}", pairs[at]));
    for (at, text) in texts.iter().enumerate() {
        let ids = tokens.of_text(text, true).expect(name);
        assert_eq!(ids, golden.texts[at].ids, "{name}: {text:?}");
        assert_eq!(tokens.text_of(&ids).expect(name), golden.decoded[at], "{name}: {text:?}");
    }
}

#[test]
fn every_tokenizer_gives_what_transformers_does() {
    for name in FOLDERS {
        let folder = goldens().join(name);
        assert!(!folder.join("tokenizer.json").exists(), "{name}");
        assert_golden(&folder, name);
    }
    let folders = std::fs::read_dir(goldens()).unwrap().filter(|entry| {
        let path = entry.as_ref().unwrap().path();
        path.join("golden.json").exists() && !path.join("model.gguf").exists()
    });
    assert_eq!(folders.count(), FOLDERS.len());
}

/// A copy of a golden's folder that may be changed.
fn copy(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for entry in std::fs::read_dir(goldens().join(name)).expect(name) {
        let entry = entry.expect(name);
        if entry.file_name() != "golden.json" {
            std::fs::copy(entry.path(), folder.path().join(entry.file_name())).expect(name);
        }
    }
    folder
}

fn write(folder: &tempfile::TempDir, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).expect(name);
}

/// Why the tokenizer of a folder cannot be made.
fn refused(folder: &tempfile::TempDir) -> String {
    let open = Tokens::unlimited(&Folder::open_any(folder.path()).expect("a folder"));
    let said = open.expect_err("an error").to_string();
    let place = folder.path().to_str().expect("a readable path");
    said.replace(place, "FOLDER").replace('\\', "/")
}

#[test]
fn special_tokens_are_matched_as_they_are_wherever_they_are_listed() {
    let folder = copy("bert-uncased");
    let token = "<NOVO>";
    let ids = || {
        let tokens = Tokens::unlimited(&Folder::open_any(folder.path()).unwrap()).unwrap();
        tokens.of_text(&format!("a{token}a"), false).unwrap()
    };
    assert!(ids().len() > 3);
    let listed = format!(r#"{{"additional_special_tokens": ["{token}"]}}"#);
    for file in ["special_tokens_map.json", "tokenizer_config.json"] {
        write(&folder, file, &listed);
        assert_eq!(ids()[1], 355, "{file}");
        assert_eq!(ids().len(), 3, "{file}");
        write(&folder, file, "{}");
    }
    write(&folder, "tokenizer_config.json", &listed);
    write(&folder, "added_tokens.json", r#"{"<NOVO>": 355, "outra": 356}"#);
    assert_eq!(ids().len(), 3);
}

#[test]
fn an_unknown_word_goes_on_with_none() {
    // Nothing but the vocabulary says which token stands for it.
    let folder = Folder::open_any(&goldens().join("distilbert")).unwrap();
    let windows = Windows::open(&folder, LIMIT).unwrap();
    let found = windows.of_texts(vec!["um ชื่อ zxqk".to_owned()]).unwrap();
    let unknown = |at: &usize| found[0][0].ids[*at] == 1;
    let places: Vec<usize> = (0..found[0][0].ids.len()).filter(unknown).collect();
    assert!(!places.is_empty());
    assert!(places.iter().all(|&at| found[0][0].places[at].inside == Some(false)));
}

#[test]
fn the_kind_is_told_by_the_class_then_the_model_then_the_files() {
    // The model says another kind than the class.
    let folder = copy("camembert");
    write(&folder, "config.json", r#"{"model_type": "xlm-roberta"}"#);
    write(&folder, "tokenizer_config.json", r#"{"tokenizer_class": "CamembertTokenizerFast"}"#);
    assert_golden(folder.path(), "camembert");
    write(&folder, "tokenizer_config.json", r#"{"tokenizer_class": "PreTrainedTokenizerFast"}"#);
    write(&folder, "config.json", r#"{"tokenizer_class": "CamembertTokenizer"}"#);
    assert_golden(folder.path(), "camembert");
    for name in ["bert-uncased", "gpt2", "xlm-roberta", "t5", "llama-legacy"] {
        let folder = copy(name);
        write(&folder, "config.json", "{}");
        let settings = folder.path().join("tokenizer_config.json");
        if name == "llama-legacy" {
            // What is said there is what goes without saying.
            std::fs::remove_file(settings).unwrap();
        }
        assert_golden(folder.path(), name);
    }
}

#[test]
fn what_cannot_be_made_is_said_by_name() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        refused(&folder),
        "FOLDER has no tokenizer.json, nor vocab.txt, vocab.json with merges.txt, \
         sentencepiece.bpe.model, spiece.model, tokenizer.model"
    );
    write(&folder, "config.json", r#"{"model_type": "roberta"}"#);
    assert_eq!(refused(&folder), "FOLDER has no tokenizer.json, nor vocab.json with merges.txt");
    write(&folder, "config.json", r#"{"model_type": "deberta-v2"}"#);
    assert_eq!(
        refused(&folder),
        "config.json: model_type is deberta-v2, whose tokenizer is made only of a tokenizer.json"
    );
    write(&folder, "tokenizer_config.json", r#"{"tokenizer_class": "BertJapaneseTokenizer"}"#);
    let class = "tokenizer_config.json: tokenizer_class is BertJapaneseTokenizer";
    assert_eq!(refused(&folder), class);
}

#[test]
fn files_that_do_not_fit_together_are_refused() {
    let folder = copy("bert-uncased");
    write(&folder, "tokenizer_config.json", r#"{"do_lower_case": "sim"}"#);
    assert_eq!(refused(&folder), "tokenizer_config.json: do_lower_case is \"sim\"");
    write(&folder, "tokenizer_config.json", r#"{"cls_token": null}"#);
    assert_eq!(refused(&folder), "tokenizer_config.json: cls_token is null");
    write(&folder, "tokenizer_config.json", r#"{"unk_token": "<desconhecido>"}"#);
    assert_eq!(refused(&folder), "FOLDER/vocab.txt is broken: it has no <desconhecido>");
    // An id that the vocabulary has for another token.
    let added = r#"{"added_tokens_decoder": {"7": {"content": "<novo>"}}}"#;
    write(&folder, "tokenizer_config.json", added);
    let said = refused(&folder);
    assert_eq!(said, "tokenizer_config.json: <novo> is 7, which is 355 after the vocabulary");
    write(&folder, "tokenizer_config.json", "{}");
    write(&folder, "added_tokens.json", r#"{"<novo>": 356}"#);
    let said = refused(&folder);
    assert_eq!(said, "added_tokens.json: <novo> is 356, which is 355 after the vocabulary");
    write(&folder, "special_tokens_map.json", r#"{"mask_token": 4}"#);
    assert_eq!(refused(&folder), "special_tokens_map.json: mask_token is 4");

    let folder = copy("gpt2");
    write(&folder, "merges.txt", "#version: 0.2\na b\nab");
    assert_eq!(refused(&folder), "FOLDER/merges.txt is broken: \"ab\" is no pair of tokens");
    let long = "e".repeat(100);
    let text = std::fs::read_to_string(folder.path().join("vocab.json")).unwrap();
    let long_too = text.replacen('{', &format!("{{\"{long}\": 5000, "), 1);
    write(&folder, "vocab.json", &long_too);
    write(&folder, "merges.txt", &format!("{long} {long}"));
    let said = refused(&folder);
    assert!(said.contains(&format!("but there is no {long}{long}")), "{said}");

    // The pieces of one kind of model are no other's.
    let folder = copy("llama");
    let (from, to) = (folder.path().join("tokenizer.model"), folder.path().join("spiece.model"));
    std::fs::copy(from, to).unwrap();
    write(&folder, "tokenizer_config.json", r#"{"tokenizer_class": "T5Tokenizer"}"#);
    let said = refused(&folder);
    assert_eq!(said, "FOLDER/spiece.model is broken: its model_type is Bpe, not Unigram");
}

/// The models of goldens but the one whose charsmap is as large as those of the hub.
const MODELS: [(&str, &str); 4] = [
    ("llama", "tokenizer.model"),
    ("camembert", "sentencepiece.bpe.model"),
    ("t5", "spiece.model"),
    ("xlm-roberta-mask", "sentencepiece.bpe.model"),
];

#[test]
fn a_model_that_is_cut_off_anywhere_is_an_error() {
    for (name, file) in MODELS {
        let folder = copy(name);
        let whole = std::fs::read(folder.path().join(file)).unwrap();
        // Rules for undoing normalization, of which there are none, come last and are read by nobody.
        let read = whole.strip_suffix(b"*\0").unwrap_or(&whole).len();
        let opened = Folder::open_any(folder.path()).unwrap();
        let path = folder.path().join(file);
        let cut = std::fs::OpenOptions::new().write(true).open(path).unwrap();
        for length in (0..whole.len()).rev() {
            cut.set_len(length as u64).unwrap();
            let made = Tokens::unlimited(&opened);
            assert_eq!(made.is_ok(), length == read, "{name}: {length} bytes");
        }
    }
}

#[test]
fn a_model_that_lies_never_panics() {
    let texts = texts().texts;
    for (name, file) in MODELS {
        let folder = copy(name);
        let whole = std::fs::read(folder.path().join(file)).unwrap();
        let opened = Folder::open_any(folder.path()).unwrap();
        let mut bytes = whole.clone();
        for (at, &kept) in whole.iter().enumerate() {
            bytes[at] = if at % 2 == 0 { 0xff } else { kept ^ 1 << (at / 2 % 8) };
            std::fs::write(folder.path().join(file), &bytes).unwrap();
            // Some lies cannot be told from the truth: another letter is a letter.
            if let Ok(tokens) = Tokens::unlimited(&opened) {
                for text in [&texts[at % texts.len()], &texts[18]] {
                    let ids = tokens.of_text(text, true).unwrap_or_default();
                    let _ = tokens.text_of(&ids);
                }
            }
            bytes[at] = kept;
        }
    }
}

/// Weights of any kind, which a model must have to be imported.
fn put_weights(folder: &tempfile::TempDir) {
    let weights = goldens().join("../formats/bert/pytorch_model.bin");
    std::fs::copy(weights, folder.path().join("pytorch_model.bin")).expect("weights");
}

#[test]
fn an_imported_model_has_the_tokenizer_in_whole() {
    let parent = tempfile::tempdir().unwrap();
    for name in FOLDERS {
        let (folder, out) = (copy(name), parent.path().join(name));
        put_weights(&folder);
        let imported = import(&Folder::open_any(folder.path()).unwrap(), &out).unwrap();
        assert!(imported.files.iter().any(|file| file == "tokenizer.json"), "{imported:?}");
        // Nothing else is needed.
        for entry in std::fs::read_dir(&out).unwrap() {
            let path = entry.unwrap().path();
            if !path.ends_with("tokenizer.json") {
                std::fs::remove_file(path).unwrap();
            }
        }
        assert_golden(&out, name);
    }
}

#[test]
fn a_model_is_imported_though_its_tokenizer_is_not_known() {
    let folder = copy("bert-cased");
    put_weights(&folder);
    write(&folder, "tokenizer_config.json", r#"{"tokenizer_class": "BertJapaneseTokenizer"}"#);
    let out = tempfile::tempdir().unwrap();
    let import = |name| import(&Folder::open_any(folder.path()).unwrap(), &out.path().join(name));
    let imported = import("other").unwrap();
    assert!(imported.files.iter().any(|file| file == "vocab.txt"), "{imported:?}");
    assert!(!imported.files.iter().any(|file| file == "tokenizer.json"), "{imported:?}");
    // A known one must be whole.
    std::fs::remove_file(folder.path().join("tokenizer_config.json")).unwrap();
    write(&folder, "vocab.txt", "a\nb\n");
    let failed = import("broken").unwrap_err();
    assert!(matches!(failed, Error::BadFile { .. }), "{failed}");
    assert!(!out.path().join("broken").exists());
}

#[test]
fn a_gguf_file_of_sentencepiece_alone_has_a_tokenizer() {
    let parent = tempfile::tempdir().unwrap();
    for name in ["gguf", "gguf-bare"] {
        let (folder, out) = (copy(name), parent.path().join(name));
        let imported = import(&Folder::open_any(folder.path()).unwrap(), &out).unwrap();
        assert!(imported.files.iter().any(|file| file == "tokenizer.json"), "{imported:?}");
        assert_golden(&out, name);
    }
}

#[test]
fn a_gguf_file_of_sentencepiece_that_does_not_fit_is_refused_by_name() {
    let folder = copy("gguf-bare");
    let whole = std::fs::read(folder.path().join("model.gguf")).unwrap();
    let refused = |from: &[u8], to: &[u8]| {
        assert_eq!(from.len(), to.len());
        let at = whole.windows(from.len()).position(|some| some == from).unwrap();
        let mut bytes = whole.clone();
        bytes[at..][..to.len()].copy_from_slice(to);
        std::fs::write(folder.path().join("model.gguf"), bytes).unwrap();
        let out = folder.path().join("out");
        import(&Folder::open_any(folder.path()).unwrap(), &out).unwrap_err().to_string()
    };
    let scores = refused(b"tokenizer.ggml.scores", b"tokenizer.ggml.sc0res");
    assert_eq!(scores, "GGUF: tokenizer.ggml.scores is no number for every token");
    let end = refused(b"eos_token_id", b"eos_t0ken_id");
    assert_eq!(end, "GGUF: tokenizer.ggml.eos_token_id is None");
    let unknown = [b"unknown_token_id".as_slice(), &4_u32.to_le_bytes()].concat();
    let huge = [unknown.as_slice(), &u32::MAX.to_le_bytes()].concat();
    let unknown = [unknown.as_slice(), &0_u32.to_le_bytes()].concat();
    let said = refused(&unknown, &huge);
    assert_eq!(said, "GGUF: tokenizer.ggml.unknown_token_id is 4294967295");
}
