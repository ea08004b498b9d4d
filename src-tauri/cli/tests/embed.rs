//! `mirante embed`: texts and tables into vectors.

mod common;

use std::io::Write;
use std::process::Stdio;

use common::{Run, Scratch, repository};
use serde_json::Value;

/// A model of random weights, and what sentence-transformers makes of texts with it.
fn model(name: &str) -> (String, Vec<String>, Vec<Vec<f64>>) {
    let folder = repository("tests/goldens/transformers").join(name);
    let golden = std::fs::read(folder.join("golden.json")).expect("a golden");
    let golden: Value = serde_json::from_slice(&golden).expect("JSON");
    let vectors = golden["vectors"].as_array().expect("vectors").iter().map(vector).collect();
    let texts = golden["texts"].as_array().expect("texts");
    let texts = texts.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    (folder.display().to_string(), texts, vectors)
}

fn vector(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).expect("a vector")
}

fn assert_near(made: &[f64], wanted: &[f64]) {
    assert_eq!(made.len(), wanted.len());
    for (made, wanted) in made.iter().zip(wanted) {
        assert!((made - wanted).abs() < 1e-5, "{made} is not {wanted}");
    }
}

fn with_input(scratch: &Scratch, arguments: &[&str], input: &str) -> Run {
    let mut command = scratch.command();
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut to = child.stdin.take().expect("its input");
    to.write_all(input.as_bytes()).expect("it reads");
    drop(to);
    Run(child.wait_with_output().expect("it ends"))
}

#[test]
fn a_text_from_standard_input_gets_the_reference_vector() {
    let scratch = Scratch::new();
    let (folder, texts, vectors) = model("bert");
    let run = with_input(&scratch, &["embed", "--stdin", "--model", &folder], &texts[0]);
    run.succeeded();
    let found: Value = serde_json::from_str(&run.out()).unwrap();
    assert_eq!(found[0]["text"], texts[0].as_str());
    assert_near(&vector(&found[0]["embedding"]), &vectors[0]);

    let both = format!("{}\n{}\n", texts[1], texts[4]);
    let run = with_input(&scratch, &["embed", "--stdin", "--lines", "--model", &folder], &both);
    let found: Value = serde_json::from_str(&run.out()).unwrap();
    assert_eq!(found.as_array().unwrap().len(), 2);
    assert_near(&vector(&found[1]["embedding"]), &vectors[4]);
}

#[test]
fn a_table_gets_a_vector_for_every_row() {
    let scratch = Scratch::new();
    let (folder, texts, vectors) = model("mpnet");
    let rows: String = texts
        .iter()
        .enumerate()
        .map(|(at, text)| format!("p-{at};\"{}\"\n", text.replace('"', "\"\"")))
        .collect();
    let csv = scratch.file("dores.csv", format!("código;dor\n{rows}"));
    let embed = |out: &str, more: &[&str]| {
        let out = scratch.path(out).display().to_string();
        let all = ["embed", "--csv", &csv, "--text-col", "dor", "--out", &out, "--model", &folder];
        let run = scratch.run(&[&all[..], more].concat());
        run.succeeded();
        assert!(run.out().contains(&format!("{} rows × 32", texts.len())), "{}", run.out());
        assert!(run.err().contains("cut off"), "{}", run.err());
        std::fs::read(out).unwrap()
    };
    let found: Value = serde_json::from_slice(&embed("v.json", &[])).unwrap();
    for (at, wanted) in vectors.iter().enumerate() {
        assert_eq!(found[at]["id"], at);
        assert_eq!(found[at]["text"], texts[at].as_str());
        assert_near(&vector(&found[at]["embedding"]), wanted);
    }
    let lines = embed("v.jsonl", &["--id-col", "código"]);
    let line: Value =
        serde_json::from_slice(lines.split(|&byte| byte == b'\n').nth(3).unwrap()).unwrap();
    assert_eq!((&line["id"], &line["embedding"]), (&"p-3".into(), &found[3]["embedding"]));

    let npy = embed("v.bin", &["--format", "npy", "--normalize"]);
    assert!(npy.starts_with(b"\x93NUMPY"));
    let numbers = &npy[npy.len() - texts.len() * 32 * 4..];
    for vector in numbers.chunks(32 * 4) {
        let numbers = vector.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
        assert!((numbers.map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-5);
    }
    assert!(embed("v.parquet", &[]).starts_with(b"PAR1"));
}

#[test]
fn what_cannot_be_is_said_and_nothing_is_written() {
    let scratch = Scratch::new();
    let (folder, ..) = model("bert");
    let csv = scratch.file("t.csv", "texto\num\ndois\n");
    let out = scratch.file("v.json", "before");
    let run = |more: &[&str]| {
        let run = scratch.run(&[&["embed", "--csv", &csv, "--out", &out], more].concat());
        assert_ne!(run.code(), Some(0));
        assert_eq!(std::fs::read_to_string(&out).unwrap(), "before");
        (run.code(), run.err())
    };
    let (code, said) = run(&["--model", "ana/nunca-baixado"]);
    assert!(code == Some(3) && said.contains("ana/nunca-baixado"), "{said}");
    let (code, said) = run(&["--model", &folder, "--text-col", "testo"]);
    assert!(code == Some(2) && said.contains("texto"), "{said}");
    let (code, said) = run(&["--model", &folder, "--text-col", "texto", "--device", "cuda:0"]);
    assert!(code == Some(2) && said.contains("cuda:0"), "{said}");
    let empty = scratch.path("");
    let (code, said) = run(&["--model", &empty.display().to_string(), "--text-col", "texto"]);
    assert!(code == Some(2) && said.contains("config.json"), "{said}");
}
