//! `mirante classify`, `tag`, `answer`, `summarize` and `generate`.
//!
//! What the models give is compared with transformers elsewhere; here it is that the texts get to them,
//! and what they say to where it belongs.

mod common;

use std::io::Write;
use std::process::Stdio;

use common::{Run, Scratch, repository};
use serde_json::{Value, json};

fn model(path: &str) -> String {
    repository(&format!("tests/goldens/transformers/{path}")).display().to_string()
}

fn golden(path: &str) -> Value {
    let file = repository(&format!("tests/goldens/transformers/{path}/golden.json"));
    serde_json::from_slice(&std::fs::read(file).expect("a golden")).expect("JSON")
}

fn piped(scratch: &Scratch, arguments: &[&str], input: &str) -> Run {
    let mut command = scratch.command();
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("standard input");
    stdin.write_all(input.as_bytes()).expect("input is read");
    drop(stdin);
    Run(child.wait_with_output().expect("the program ends"))
}

const TABLE: &str = "id;dor;valor\r\n\
    1;\"O cliente reclama; do prazo\";1,50\r\n\
    2;;2\r\n\
    3;Não há previsão para a devolução\r\n";

#[test]
fn texts_get_classes_and_rows_get_columns() {
    let scratch = Scratch::new();
    let model = model("heads/bert-classify");
    let wanted = golden("heads/bert-classify");
    let text = wanted["texts"][0].as_str().unwrap();
    let one = scratch.run(&["classify", "--text", text, "--model", &model, "--json"]).json();
    let scores = |label: &str| {
        let all = one[0]["scores"].as_array().unwrap().iter();
        all.clone().find(|score| score["label"] == label).unwrap()["score"].as_f64().unwrap()
    };
    for (at, label) in ["negativo", "neutro", "positivo"].into_iter().enumerate() {
        assert!((scores(label) - wanted["scores"][0][at].as_f64().unwrap()).abs() < 1e-4);
    }
    assert_eq!((&one[0]["text"], &one[0]["label"]), (&json!(text), &json!("neutro")));
    let lines = ["classify", "--stdin", "--lines", "--model", &model, "--json"];
    let lines = piped(&scratch, &lines, &format!("{text}\noutro\n")).json();
    assert_eq!(lines.as_array().map(Vec::len), Some(2));
    assert_eq!(lines[0], one[0]);
    let said = scratch.run(&["classify", "--text", text, "--model", &model]);
    assert!(said.out().contains("neutro"), "{}", said.out());

    let (csv, out) = (scratch.file("t.csv", TABLE), scratch.path("t2.csv").display().to_string());
    let table = ["classify", "--csv", &csv, "--text-col", "dor", "--out", &out, "--model", &model];
    let done = scratch.run(&[&table[..], &["--json"]].concat()).json();
    assert_eq!((&done["rows"], &done["text_cols"]), (&json!(3), &json!(["dor"])));
    assert_eq!(done["columns"], json!(["classe", "classe_score"]));
    assert_eq!(done["ran_on"]["device"], "cpu");
    let counted: u64 = done["counts"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert_eq!(counted, 3);
    let copy = std::fs::read_to_string(&out).unwrap();
    let lines: Vec<_> = copy.split("\r\n").collect();
    assert_eq!(lines[0], "id;dor;valor;classe;classe_score");
    assert!(lines[1].starts_with("1;\"O cliente reclama; do prazo\";1,50;"), "{copy}");
    // A short record gets the separators that it lacks.
    assert!(lines[3].starts_with("3;Não há previsão para a devolução;;"), "{copy}");
    scratch.run(&[&table[..], &["--column", "tom"]].concat()).succeeded();
    assert!(std::fs::read_to_string(&out).unwrap().starts_with("id;dor;valor;tom;tom_score\r\n"));
}

#[test]
fn texts_get_entities() {
    let scratch = Scratch::new();
    let model = model("heads/xlm-roberta-tag");
    let wanted = golden("heads/xlm-roberta-tag");
    let text = wanted["texts"][1].as_str().unwrap();
    let found = scratch.run(&["tag", "--text", text, "--model", &model, "--json"]).json();
    let entities = found[0]["entities"].as_array().unwrap();
    let chars: Vec<char> = text.chars().collect();
    // This tokenizer puts the space to the word after it; what is nothing else is no entity.
    let is_some = |one: &&Value| {
        let place = |name: &str| one[name].as_u64().expect("a place") as usize;
        !chars[place("start")..place("end")].iter().all(|char| char.is_whitespace())
    };
    let wanted = wanted["first"][1].as_array().unwrap();
    assert_eq!(entities.len(), wanted.iter().filter(is_some).count());
    for entity in entities {
        let place = |name: &str| entity[name].as_u64().unwrap() as usize;
        let stands: String = chars[place("start")..place("end")].iter().collect();
        assert_eq!(entity["text"], stands);
        assert_eq!(stands.trim(), stands);
        assert!(["PESSOA", "LOCAL"].contains(&entity["type"].as_str().unwrap()));
    }
    let simple = ["tag", "--text", text, "--join", "simple", "--model", &model, "--json"];
    let simple = scratch.run(&simple).json();
    assert_ne!(simple, found);

    let (csv, out) = (scratch.file("t.csv", TABLE), scratch.path("t2.csv").display().to_string());
    let table = ["tag", "--csv", &csv, "--text-col", "dor", "--out", &out, "--model", &model];
    scratch.run(&table).succeeded();
    let copy = std::fs::read_to_string(&out).unwrap();
    assert!(copy.starts_with("id;dor;valor;entidades\r\n"), "{copy}");
    assert!(copy.contains("\"[{\"\"text\"\":"), "{copy}");
    assert!(copy.contains("2;;2;[]\r\n"), "{copy}");
}

#[test]
fn questions_get_answers_or_none() {
    let scratch = Scratch::new();
    let model = model("heads/bert-answer");
    let wanted = golden("heads/bert-answer");
    let one = &wanted["answers"][0];
    let (question, context) = (one["question"].as_str().unwrap(), one["context"].as_str().unwrap());
    let ask = ["answer", "--question", question, "--context", context, "--model", &model];
    let found = scratch.run(&[&ask[..], &["--best", "5", "--json"]].concat()).json();
    assert_eq!(found[0]["answer"], one["best"].as_str().unwrap().trim());
    assert_eq!(found[0]["candidates"].as_array().map(Vec::len), Some(5));
    let margin = found[0]["margin"].as_f64().unwrap();
    assert!(margin > 0.0);
    let sure = format!("-{}", margin + 1.0);
    let none = scratch.run(&[&ask[..], &["--threshold", &sure]].concat());
    assert!(none.out().contains("(no answer)"), "{}", none.out());
    let must =
        scratch.run(&[&ask[..], &["--threshold", &sure, "--must", "--json"]].concat()).json();
    assert_eq!(must[0]["answer"], found[0]["answer"]);

    let (csv, out) = (scratch.file("t.csv", TABLE), scratch.path("t2.csv").display().to_string());
    let table = [
        "answer",
        "--question",
        question,
        "--csv",
        &csv,
        "--text-col",
        "dor",
        "--out",
        &out,
        "--model",
        &model,
    ];
    scratch.run(&table).succeeded();
    let copy = std::fs::read_to_string(&out).unwrap();
    assert!(copy.starts_with("id;dor;valor;resposta;resposta_score\r\n"), "{copy}");
    // There is no answer in an empty text.
    assert!(copy.contains("2;;2;;\r\n"), "{copy}");
    let empty = ["answer", "--question", " ", "--context", "x", "--model", &model];
    assert!(scratch.run(&empty).refusal().contains("question"));
    let long = "palavra ".repeat(60);
    let long = ["answer", "--question", &long, "--context", "x", "--model", &model];
    assert!(scratch.run(&long).refusal().contains("no room"));
}

#[test]
fn texts_are_summarised() {
    let scratch = Scratch::new();
    let model = model("seq2seq/mt5");
    let wanted = golden("seq2seq/mt5");
    let text = wanted["texts"][1].as_str().unwrap();
    let ask = ["summarize", "--text", text, "--model", &model, "--max-tokens", "20"];
    let found = scratch.run(&[&ask[..], &["--json"]].concat()).json();
    // The model's own search has four beams and no two tokens twice in the same order.
    assert_eq!(found[0]["summary"], wanted["searches"][1]["written"][1]);
    let greedy = scratch.run(&[&ask[..], &["--beams", "1", "--json"]].concat()).json();
    assert_ne!(greedy[0]["summary"], found[0]["summary"]);
    let (csv, out) = (scratch.file("t.csv", TABLE), scratch.path("t2.csv").display().to_string());
    let table = ["summarize", "--csv", &csv, "--text-col", "dor", "--out", &out, "--model", &model];
    scratch.run(&table).succeeded();
    assert!(std::fs::read_to_string(&out).unwrap().starts_with("id;dor;valor;resumo\r\n"));
    assert!(scratch.run(&[&ask[..], &["--beams", "0"]].concat()).refusal().contains("beams"));
}

#[test]
fn texts_are_written() {
    let scratch = Scratch::new();
    let model = model("decoders/gpt2");
    let wanted = golden("decoders/gpt2");
    let prompt = wanted["prompts"][0].as_str().unwrap();
    let ask = ["generate", "--prompt", prompt, "--model", &model, "--max-tokens", "24"];
    let found = scratch.run(&[&ask[..], &["--temperature", "0", "--json"]].concat()).json();
    assert_eq!(found["text"], wanted["texts"][0]);
    assert_eq!((&found["tokens"], &found["end"]), (&json!(24), &json!("length")));
    assert_eq!(found["prompt_tokens"], wanted["ids"][0].as_array().unwrap().len());
    let streamed = piped(
        &scratch,
        &["generate", "--stdin", "--model", &model, "--max-tokens", "24", "--temperature", "0"],
        &format!("{prompt}\n"),
    );
    assert_eq!(streamed.out(), format!("{}\n", wanted["texts"][0].as_str().unwrap()));
    let warm = |seed: &str| {
        scratch.run(&[&ask[..], &["--temperature", "1", "--seed", seed]].concat()).out()
    };
    assert_eq!(warm("7"), warm("7"));
    assert_ne!(warm("7"), warm("8"));

    let (csv, out) = (scratch.file("t.csv", TABLE), scratch.path("t2.csv").display().to_string());
    let table = [
        "generate",
        "--prompt",
        "Resuma: {texto}",
        "--csv",
        &csv,
        "--text-col",
        "dor",
        "--out",
        &out,
        "--model",
        &model,
        "--max-tokens",
        "5",
        "--json",
    ];
    assert_eq!(scratch.run(&table).json()["columns"], json!(["texto"]));
    assert!(std::fs::read_to_string(&out).unwrap().starts_with("id;dor;valor;texto\r\n"));
    // A row that is too long for the model is cut, and costs no other row its text.
    let long = format!("id;dor\n1;curto\n2;{}\n", "palavra muito longa ".repeat(400));
    let csv = scratch.file("longa.csv", long);
    let cut = [
        "generate",
        "--prompt",
        "Resuma: {texto}",
        "--csv",
        &csv,
        "--text-col",
        "dor",
        "--out",
        &out,
        "--model",
        &model,
        "--max-tokens",
        "5",
        "--json",
    ];
    let cut = scratch.run(&cut).json();
    assert_eq!((&cut["rows"], &cut["cut"]), (&json!(2), &json!(1)));
    for (option, value) in [("--temperature", "-1"), ("--top-p", "2"), ("--max-tokens", "0")] {
        let option_is = format!("{option}={value}");
        let refused = scratch.run(&["generate", "--prompt", "a", "--model", &model, &option_is]);
        assert!(refused.refusal().contains(value), "{}", refused.err());
    }
}

#[test]
fn a_model_that_cannot_do_it_is_refused_by_name() {
    let scratch = Scratch::new();
    let bert = model("heads/bert-tag");
    let said = scratch.run(&["answer", "--question", "Quem?", "--context", "x", "--model", &bert]);
    assert!(said.refusal().contains("qa_outputs"), "{}", said.err());
    let said = scratch.run(&["generate", "--prompt", "x", "--model", &bert]);
    assert!(said.refusal().contains("bert"), "{}", said.err());
    let said = scratch.run(&["--offline", "classify", "--text", "x"]);
    assert!(said.refusal().contains("twitter-xlm-roberta-base-sentiment"), "{}", said.err());
    let (csv, out) = (scratch.file("t.csv", TABLE), scratch.path("t2.csv").display().to_string());
    let table = ["classify", "--csv", &csv, "--text-col", "nada", "--out", &out, "--model", &bert];
    assert!(scratch.run(&table).refusal().contains("nada"));
    assert!(!scratch.path("t2.csv").exists());
}
