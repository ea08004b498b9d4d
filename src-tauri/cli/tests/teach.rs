//! Teaching models that read, and using what comes of it: `tagger train`, `qa train`,
//! `classifier train --kind transformer`.

mod common;

use std::path::Path;

use common::server::Server;
use common::training::{losses, spawn, wait_for};
use common::{Run, Scratch, repository};
use serde_json::{Value, json};

fn base(name: &str) -> String {
    repository("tests/goldens/transformers/heads").join(name).display().to_string()
}

/// Sentences in which persons and places are told by what stands before them.
fn sentences() -> String {
    let (names, places) = (["Ana", "Zé", "Rui", "Lia"], ["Belém", "Natal", "São Paulo"]);
    let mut text = String::new();
    for at in 0..24 {
        let (name, place) = (names[at % 4], places[at % 3]);
        text.push_str(&format!("cliente O\n{name} B-PESSOA\nmora O\nem O\n"));
        for (nth, word) in place.split(' ').enumerate() {
            text.push_str(&format!("{word} {}-LOCAL\n", if nth == 0 { "B" } else { "I" }));
        }
        text.push_str(". O\n\n");
    }
    text
}

/// What a small model is taught with, so that it learns at once.
fn quickly(epochs: &str) -> [&str; 9] {
    [
        "--num-epochs",
        epochs,
        "--learning-rate",
        "0.01",
        "--batch-size",
        "4",
        "--save-steps",
        "2",
        "--json",
    ]
}

fn tagger<'a>(train: &'a str, out: &'a str, base: &'a str, epochs: &'a str) -> Vec<&'a str> {
    let named = ["tagger", "train", "--train-file", train, "--output-dir", out];
    [&named[..], &["--model-name", base, "--max-length", "32"], &quickly(epochs)].concat()
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON")
}

#[test]
fn sentences_become_a_tagger_that_is_used() {
    let (scratch, base) = (Scratch::new(), base("bert-tag"));
    let train = scratch.file("treino.conll", sentences());
    let out = scratch.path("etiquetador").display().to_string();
    let estimate = [&tagger(&train, &out, &base, "8")[..], &["--estimate"]].concat();
    let estimate = scratch.run(&estimate).json();
    assert_eq!((&estimate["taught"], &estimate["held"]), (&json!(22), &json!(2)), "{estimate}");
    assert!(!Path::new(&out).exists());

    let asked = ["--optimizer", "adamw_8bit", "--device", "cpu"];
    let done = scratch.run(&[&tagger(&train, &out, &base, "20")[..], &asked].concat()).json();
    assert_eq!(
        (&done["ran_on"]["device"], &done["ran_on"]["precision"]),
        (&json!("cpu"), &json!("f32")),
        "{done}"
    );
    assert_eq!((&done["figures"]["f1"], &done["model"]), (&json!(1.0), &json!(out)), "{done}");
    let types: Vec<_> =
        done["labels"].as_array().unwrap().iter().map(|one| &one["label"]).collect();
    assert_eq!(types, ["LOCAL", "PESSOA"]);
    let expected = done["estimate"]["memory"].as_f64().unwrap();
    assert!(done["peak_memory"].as_f64().is_none_or(|peak| peak < 1.15 * expected), "{done}");
    let told = read(&Path::new(&out).join("metrics-final.json"));
    assert_eq!((&told["f1"], &told["precision"]), (&json!(1.0), &json!(1.0)));
    let card = std::fs::read_to_string(Path::new(&out).join("README.md")).unwrap();
    assert!(card.contains("| LOCAL | 1.000 |") && card.contains("`treino.conll`"), "{card}");
    let config = read(&Path::new(&out).join("config.json"));
    assert_eq!(config["architectures"], json!(["BertForTokenClassification"]));
    assert_eq!(config["label2id"], json!({ "O": 0, "B-LOCAL": 1, "I-LOCAL": 2, "B-PESSOA": 3 }));

    let text = "cliente Lia mora em São Paulo .";
    let found = scratch.run(&["tag", "--text", text, "--model", &out, "--json"]).json();
    let entities: Vec<_> = found[0]["entities"]
        .as_array()
        .unwrap_or_else(|| panic!("{found}"))
        .iter()
        .map(|one| (one["type"].as_str().unwrap(), one["text"].as_str().unwrap()))
        .collect();
    assert_eq!(entities, [("PESSOA", "Lia"), ("LOCAL", "São Paulo")]);

    let status = scratch.run(&["training", "status", "--output-dir", &out, "--json"]).json();
    assert_eq!(status[0]["request"]["task"]["kind"], "tag", "{status}");
    let there = scratch.run(&tagger(&train, &out, &base, "1")).refusal();
    assert!(there.contains(&out), "{there}");
}

#[test]
fn a_training_that_is_killed_goes_on_as_if_it_had_not_been() {
    let (scratch, base) = (Scratch::new(), base("bert-tag"));
    let train = scratch.file("treino.conll", sentences());
    let (whole, cut) = (scratch.path("inteiro"), scratch.path("cortado"));
    let (whole_at, cut_at) = (whole.display().to_string(), cut.display().to_string());
    scratch.run(&tagger(&train, &whole_at, &base, "30")).succeeded();
    let whole = losses(&whole);
    assert_eq!(whole.len(), 180);
    let mut child = spawn(&scratch, &tagger(&train, &cut_at, &base, "30"));
    for steps in [3, 50] {
        wait_for(&cut, steps);
        child.kill().unwrap();
        child.wait().unwrap();
        // What is not whole is no model.
        assert!(!cut.join("config.json").exists());
        // Where it goes on may be said anew, and is then taken at its word.
        let resume = ["tagger", "train", "--resume", "--output-dir", &cut_at];
        let elsewhere = scratch.run(&[&resume[..], &["--device", "cuda:7"]].concat()).refusal();
        assert!(elsewhere.contains("cuda:7"), "{elsewhere}");
        child = spawn(&scratch, &[&resume[..], &["--json"]].concat());
    }
    let done = Run(child.wait_with_output().unwrap()).json();
    assert_eq!(done["steps"], 180);
    assert_eq!(losses(&cut), whole);
    assert!(!cut.join("checkpoint.safetensors").exists() && cut.join("config.json").exists());
}

/// Questions about clients, each answered by its context but every fifth.
fn questions(count: usize) -> String {
    let (complaints, places) = (["prazo", "preço", "produto"], ["Belém", "Natal"]);
    let mut lines = String::new();
    for at in 0..count {
        let before = "O cliente reclama do ";
        let (complaint, place) = (complaints[at % 3], places[at % 2]);
        let context = format!("{before}{complaint} em {place}.");
        let (question, answers) = match at % 5 {
            4 => ("Quem paga?", json!({ "text": [], "answer_start": [] })),
            _ => {
                let start = before.chars().count();
                ("O que reclama?", json!({ "text": [complaint], "answer_start": [start] }))
            }
        };
        let line = json!({ "id": at.to_string(), "question": question, "context": context, "answers": answers });
        lines.push_str(&format!("{line}\n"));
    }
    lines
}

#[test]
fn questions_become_a_model_that_answers_as_it_was_measured() {
    let (scratch, base) = (Scratch::new(), base("distilbert-answer"));
    let train = scratch.file("treino.jsonl", questions(60));
    let held = scratch.file("medida.jsonl", questions(10));
    let out = scratch.path("respostas").display().to_string();
    let named = ["qa", "train", "--train-file", &train, "--validation-file", &held];
    let more =
        ["--output-dir", &out, "--model-name", &base, "--max-length", "40", "--doc-stride", "8"];
    let done = scratch.run(&[&named[..], &more, &quickly("20")].concat()).json();
    assert_eq!((&done["figures"]["exact"], &done["steps"]), (&json!(100.0), &json!(300)), "{done}");
    let told = read(&Path::new(&out).join("metrics-final.json"));
    for name in ["exact", "f1", "HasAns_exact", "HasAns_f1", "NoAns_exact", "NoAns_f1"] {
        assert_eq!(told[name], json!(100.0), "{name}: {told}");
    }
    let asked = ["qa", "eval", "--dataset", &held, "--model-name", &out, "--json"];
    let measured =
        scratch.run(&[&asked[..], &["--max-length", "40", "--doc-stride", "8"]].concat());
    assert_eq!(measured.json()["all"]["exact"], 100.0);

    // Without a file to measure on, whole contexts are held back.
    let out = scratch.path("sozinho").display().to_string();
    let named = ["qa", "train", "--train-file", &train, "--output-dir", &out, "--lora"];
    let more = ["--model-name", &base, "--max-length", "40", "--max-eval-samples", "3"];
    let done = scratch.run(&[&named[..], &more, &quickly("1")].concat()).json();
    assert_eq!(done["estimate"]["held"], 3, "{done}");
    assert!(done["estimate"]["parameters"].as_u64() < Some(2000), "{done}");
}

#[test]
fn a_table_becomes_a_classifier_that_is_used() {
    let (scratch, base) = (Scratch::new(), base("bert-classify"));
    let mut rows = String::from("texto;nota\n");
    for at in 0..30 {
        let (text, class) = match at % 3 {
            0 => ("entrega rápida, produto ótimo", "boa"),
            1 => ("não chegou, quero meu dinheiro", "ruim"),
            _ => ("entrega no prazo", "boa"),
        };
        rows.push_str(&format!("{text};{class}\n"));
    }
    rows.push_str(";boa\nsem classe;\n");
    let csv = scratch.file("notas.csv", rows);
    let out = scratch.path("notas").display().to_string();
    let named =
        ["classifier", "train", "--csv", &csv, "--text-col", "texto", "--label-col", "nota"];
    let how = [
        "--kind",
        "transformer",
        "--output-dir",
        &out,
        "--model-name",
        &base,
        "--max-length",
        "32",
    ];
    let all = [&named[..], &how, &quickly("10")].concat();
    let done = scratch.run(&all).json();
    assert_eq!(
        (&done["figures"]["macro_f1"], &done["estimate"]["dropped"]),
        (&json!(1.0), &json!(2))
    );
    assert_eq!(done["confusion"], json!([[4, 0], [0, 2]]), "{done}");
    assert!(Path::new(&out).join("confusion.svg").exists());
    let text = "não chegou";
    let found = scratch.run(&["classify", "--text", text, "--model", &out, "--json"]).json();
    assert_eq!(found[0]["label"], "ruim", "{found}");

    // The usual one of its task, until that is taken back.
    let used = scratch.run(&["models", "use", &out, "--task", "classify", "--json"]).json();
    assert_eq!(used["before"], Value::Null, "{used}");
    let usual = || scratch.run(&["classify", "--text", text, "--json"]);
    assert_eq!(usual().json()[0]["label"], "ruim");
    let other = scratch.run(&["models", "use", &out, "--task", "tag"]).refusal();
    assert!(other.contains("classify"), "{other}");
    let back = scratch.run(&["models", "use", "--none", "--task", "classify", "--json"]).json();
    assert_eq!((&back["before"]["model"], &back["usual"]), (&json!(out), &json!({})), "{back}");
    usual().refusal();

    // What only one of the kinds knows is not passed over.
    let linear = ["--output-dir", &out, "--num-epochs", "2"];
    assert!(scratch.run(&[&named[..], &linear].concat()).refusal().contains("num_epochs"));
    let other = scratch.path("outro").display().to_string();
    let with = |more: &[&str]| {
        let how = ["--kind", "transformer", "--output-dir", &other, "--model-name", &base];
        scratch.run(&[&named[..], &how, more].concat()).refusal()
    };
    assert!(with(&["--features", "minilm"]).contains("features"));
    assert!(with(&["--fp16"]).contains("f32"));
    assert!(with(&["--num-epochs", "0"]).contains("epochs"));
    assert!(with(&["--validation-split", "1"]).contains("validation_split"));
    assert!(with(&["--lora", "--lora-targets", "q_proj"]).contains("q_proj"));
    assert!(!Path::new(&other).exists());
}

#[test]
fn what_cannot_be_is_refused_with_its_place() {
    let scratch = Scratch::new();
    let bert = base("bert-tag");
    let out = scratch.path("x").display().to_string();
    let bad = scratch.file("ruim.conll", "Ana B-PESSOA\nmora\n");
    let refused = scratch.run(&tagger(&bad, &out, &bert, "1")).refusal();
    assert!(refused.contains("ruim.conll") && refused.contains('2'), "{refused}");
    let empty = scratch.file("vazio.conll", "\n\n");
    assert!(scratch.run(&tagger(&empty, &out, &bert, "1")).refusal().contains("vazio.conll"));
    let train = scratch.file("treino.conll", sentences());
    let mpnet = base("mpnet-tag");
    assert!(scratch.run(&tagger(&train, &out, &mpnet, "1")).refusal().contains("mpnet"));
    let llama = repository("tests/goldens/transformers/decoders/llama").display().to_string();
    assert!(scratch.run(&tagger(&train, &out, &llama, "1")).refusal().contains("llama"));
    assert!(scratch.run(&tagger(&train, &out, "nao/existe", "1")).refusal().contains("nao/existe"));
    let on = |more: &[&str]| {
        scratch.run(&[&tagger(&train, &out, &bert, "1")[..], more].concat()).refusal()
    };
    assert!(on(&["--device", "cpu", "--fp16"]).contains("f16"));
    assert!(on(&["--device", "cuda:7"]).contains("cuda:7"));
    assert!(on(&["--device", "fpga"]).contains("fpga"));
    assert!(!Path::new(&out).exists());

    // Too little memory is said with what would do.
    let server = Server::start(&scratch);
    let request = |batch: u32| {
        json!({
            "base_model": bert, "output_dir": out, "task": { "kind": "tag", "train_file": train },
            "settings": { "max_length": 32, "batch_size": batch },
        })
    };
    let estimate = |batch: u32| server.ok("estimate_encoder?wait=true", &request(batch));
    let mut settings = server.ok("settings", &json!({}));
    settings["memory_limit"] = json!(estimate(4)["memory"].as_u64().unwrap());
    server.ok("save_settings", &settings);
    let found = estimate(64);
    assert_eq!(found["fits"], false, "{found}");
    assert!(found["would_take"].as_u64() <= settings["memory_limit"].as_u64(), "{found}");
    let (status, failed) = server.post("train_encoder?wait=true", &request(64));
    assert_eq!(
        (status, &failed["code"]),
        (422, &json!("training_too_large_for_these")),
        "{failed}"
    );
    assert!(!Path::new(&out).exists());
}
