//! `mirante lora`: from a table to an adapter that is used.

mod common;

use std::path::Path;

use common::server::Server;
use common::training::{losses, spawn, wait_for};
use common::{Run, Scratch, repository};
use serde_json::{Value, json};

fn base() -> String {
    repository("tests/goldens/transformers/decoders/llama").display().to_string()
}

/// A table of questions and answers, with some that are none.
fn table(scratch: &Scratch) -> String {
    let mut rows = String::from("pergunta;resposta\n");
    for at in 0..24 {
        rows.push_str(&format!("Qual o prazo do pedido {at}?;O prazo é de {} dias.\n", at % 5 + 1));
    }
    rows.push_str("Qual o prazo do pedido 3?;O prazo é de 4 dias.\n");
    rows.push_str("Sem resposta?;\n");
    rows.push_str("De quem é 529.982.247-25?;De ana@loja.com.br, (11) 98765-4321.\n");
    scratch.file("atendimento.csv", &rows)
}

fn examples(scratch: &Scratch) -> String {
    let (table, out) = (table(scratch), scratch.path("treino.jsonl"));
    let out = out.display().to_string();
    let names = ["--prompt-col", "pergunta", "--reply-col", "resposta"];
    let built = ["lora", "build", "--csv", &table, "--out", &out, "--json"];
    let made = scratch.run(&[&built[..], &names].concat()).json();
    assert_eq!((&made["read"], &made["written"]), (&json!(27), &json!(25)), "{made}");
    assert_eq!((&made["duplicates"], &made["empty"]), (&json!(1), &json!(1)));
    assert_eq!(made["masked"], json!({ "cpf": 1, "email": 1, "telephone": 1 }));
    out
}

/// What a training is started with, so that it takes some steps.
fn start<'a>(train: &'a str, out: &'a str, base: &'a str, epochs: &'a str) -> Vec<&'a str> {
    let named = ["lora", "start", "--base-model", base, "--train-file", train, "--output-dir", out];
    let how = ["--learning-rate", "0.005", "--batch-size", "2", "--gradient-accumulation", "2"];
    let rest = ["--max-length", "150", "--save-steps", "2", "--validation-split", "0.1", "--json"];
    [&named[..], &how, &rest, &["--epochs", epochs]].concat()
}

#[test]
fn a_table_becomes_an_adapter_that_is_used_and_merged() {
    let (scratch, base) = (Scratch::new(), base());
    let train = examples(&scratch);
    let text = std::fs::read_to_string(&train).unwrap();
    assert!(
        text.contains("De quem é [cpf]?") && text.contains("De [email], [telephone]."),
        "{text}"
    );
    let out = scratch.path("treino").display().to_string();
    let estimate = [&["lora", "estimate"][..], &start(&train, &out, &base, "2")[2..]].concat();
    let estimate = scratch.run(&estimate).json();
    assert_eq!((&estimate["fits"], &estimate["steps"]), (&json!(true), &json!(12)), "{estimate}");

    let done = scratch.run(&start(&train, &out, &base, "2")).json();
    assert_eq!((&done["end"], &done["steps"]), (&json!("whole"), &json!(12)), "{done}");
    let all = losses(Path::new(&out));
    assert!(all.len() == 12 && all[11] < all[0], "{all:?}");
    let expected = done["estimate"]["memory"].as_f64().unwrap();
    assert!(done["peak_memory"].as_f64().is_none_or(|peak| peak < 1.15 * expected), "{done}");
    for name in ["request.json", "environment.json", "metrics-final.json"] {
        let text = std::fs::read(Path::new(&out).join(name)).unwrap();
        serde_json::from_slice::<Value>(&text).unwrap();
    }
    let status = scratch.run(&["lora", "status", "--output-dir", &out, "--json"]).json();
    assert_eq!((&status[0]["state"], &status[0]["step"]), (&json!("done"), &json!(12)));

    let adapter = done["adapter"].as_str().unwrap();
    let write = |more: &[&str]| {
        let ask = ["generate", "--prompt", "Qual o prazo?", "--max-tokens", "8", "--json"];
        scratch.run(&[&ask[..], more].concat())
    };
    let changed = write(&["--adapter", adapter]).json();
    assert_ne!(changed["text"], write(&["--model", &base]).json()["text"]);
    let merged = scratch.path("inteiro").display().to_string();
    let made = scratch.run(&["lora", "merge", "--adapter", adapter, "--out", &merged, "--json"]);
    assert_eq!(made.json()["changed"], 8);
    assert_eq!(write(&["--model", &merged]).json()["text"], changed["text"]);

    let small = scratch.path("pequeno").display().to_string();
    let small = start(&train, &small, &base, "1");
    let small = [&small[..], &["--quant", "nf4", "--gradient-checkpointing"]].concat();
    let small = scratch.run(&small).json();
    assert_eq!(small["end"], "whole");
    assert!(small["estimate"]["memory"].as_u64() < done["estimate"]["memory"].as_u64(), "{small}");

    let other = repository("tests/goldens/transformers/decoders/qwen2").display().to_string();
    assert!(write(&["--adapter", adapter, "--model", &other]).refusal().contains("qwen2"));
    let there = scratch.run(&start(&train, &out, &base, "2")).refusal();
    assert!(there.contains(&out), "{there}");
    let again = scratch.run(&["lora", "merge", "--adapter", adapter, "--out", &merged]).refusal();
    assert!(again.contains("inteiro"), "{again}");
}

#[test]
fn a_training_that_is_killed_goes_on_as_if_it_had_not_been() {
    let (scratch, base) = (Scratch::new(), base());
    let train = examples(&scratch);
    let (whole, cut) = (scratch.path("inteiro"), scratch.path("cortado"));
    let (whole_at, cut_at) = (whole.display().to_string(), cut.display().to_string());
    scratch.run(&start(&train, &whole_at, &base, "20")).succeeded();
    let whole = losses(&whole);
    assert_eq!(whole.len(), 120);
    let mut child = spawn(&scratch, &start(&train, &cut_at, &base, "20"));
    for steps in [3, 40] {
        wait_for(&cut, steps);
        child.kill().unwrap();
        child.wait().unwrap();
        let status = scratch.run(&["lora", "status", "--output-dir", &cut_at, "--json"]).json();
        assert_eq!(status[0]["state"], "interrupted", "{status}");
        child = spawn(&scratch, &["lora", "start", "--resume", "--output-dir", &cut_at, "--json"]);
    }
    let done = child.wait_with_output().unwrap();
    let done = Run(done).json();
    assert_eq!(done["steps"], 120);
    assert_eq!(losses(&cut), whole);
    assert!(!cut.join("checkpoint.safetensors").exists());
}

#[test]
fn what_others_keep_and_what_has_ended_is_never_written_over() {
    let (scratch, base) = (Scratch::new(), base());
    let train = examples(&scratch);
    let nowhere = scratch.path("nada").display().to_string();
    scratch.run(&["lora", "start", "--resume", "--output-dir", &nowhere]).refusal();
    assert!(!Path::new(&nowhere).exists());

    // A folder of somebody's own, whose files are called as ours are.
    let mine = scratch.path("meus");
    std::fs::create_dir(&mine).unwrap();
    std::fs::write(mine.join("metrics.jsonl"), "meu\n").unwrap();
    let at = mine.display().to_string();
    assert!(scratch.run(&start(&train, &at, &base, "1")).refusal().contains("meus"));
    assert_eq!(std::fs::read_to_string(mine.join("metrics.jsonl")).unwrap(), "meu\n");

    let ended = scratch.path("pronto");
    let at = ended.display().to_string();
    scratch.run(&start(&train, &at, &base, "1")).succeeded();
    let (curve, adapter) = (losses(&ended), ended.join("adapter/adapter_model.safetensors"));
    let learned = std::fs::read(&adapter).unwrap();
    let resume = ["lora", "start", "--resume", "--output-dir", &at];
    assert!(scratch.run(&resume).refusal().contains("pronto"));
    assert_eq!((losses(&ended), std::fs::read(&adapter).unwrap()), (curve, learned));

    // Examples that changed since it was cut off are others.
    let cut = scratch.path("cortado");
    let at = cut.display().to_string();
    let mut child = spawn(&scratch, &start(&train, &at, &base, "5000"));
    wait_for(&cut, 3);
    child.kill().unwrap();
    child.wait().unwrap();
    let lines = std::fs::read_to_string(&train).unwrap();
    std::fs::write(&train, lines.replace("dias", "anos")).unwrap();
    let resume = ["lora", "start", "--resume", "--output-dir", &at];
    assert!(scratch.run(&resume).refusal().contains("treino.jsonl"));
    assert!(cut.join("checkpoint.safetensors").exists());
}

#[test]
fn one_training_at_a_time_that_another_process_can_end() {
    let (scratch, base) = (Scratch::new(), base());
    let train = examples(&scratch);
    let folder = scratch.path("longo");
    let out = folder.display().to_string();
    let child = spawn(&scratch, &start(&train, &out, &base, "5000"));
    wait_for(&folder, 3);
    let other = scratch.path("outro").display().to_string();
    let busy = scratch.run(&start(&train, &other, &base, "1"));
    assert_eq!(busy.code(), Some(4));
    assert!(busy.err().contains("longo"), "{}", busy.err());
    let status = scratch.run(&["lora", "status", "--json"]).json();
    assert_eq!(status[0]["state"], "running");
    assert!(status[0]["seconds_left"].as_f64().unwrap() > 0.0);
    scratch.run(&["lora", "cancel", "--keep"]).succeeded();
    let done = Run(child.wait_with_output().unwrap()).json();
    assert_eq!(done["end"], "kept");
    assert!(folder.join("adapter/adapter_model.safetensors").exists());

    let second = scratch.path("segundo");
    let out = second.display().to_string();
    let child = spawn(&scratch, &start(&train, &out, &base, "5000"));
    wait_for(&second, 3);
    scratch.run(&["lora", "cancel", "--output-dir", &out]).succeeded();
    let stopped = child.wait_with_output().unwrap();
    assert_eq!(stopped.status.code(), Some(130));
    assert!(!second.join("adapter").exists() && second.join("checkpoint.safetensors").exists());
    assert!(scratch.run(&["lora", "cancel"]).refusal().contains("lora status"));
}

#[test]
fn over_http_a_second_training_is_a_conflict_and_the_first_is_cancelled() {
    let (scratch, base) = (Scratch::new(), base());
    let train = examples(&scratch);
    let server = Server::start(&scratch);
    let request = |out: &str| {
        json!({
            "base_model": base, "train_file": train,
            "output_dir": scratch.path(out).display().to_string(),
            "settings": { "epochs": 5000, "max_length": 150 },
        })
    };
    let job = server.ok("train_lora", &request("um"))["id"].as_i64().unwrap();
    wait_for(&scratch.path("um"), 2);
    let (status, failed) = server.post("train_lora?wait=true", &request("dois"));
    assert_eq!((status, &failed["code"]), (409, &json!("training_busy")), "{failed}");
    server.ok("cancel", &json!({ "job": job }));
    server.until(job, &["cancelled"]);
    let told = server.ok("training", &json!({}));
    assert_eq!(told["state"], "interrupted");
}

#[test]
fn what_cannot_be_is_refused_before_it_starts() {
    let (scratch, base) = (Scratch::new(), base());
    let train = examples(&scratch);
    let out = scratch.path("x").display().to_string();
    let begin = start(&train, &out, &base, "1");
    let with = |more: &[&str]| scratch.run(&[&begin[..], more].concat()).refusal();
    assert!(with(&["--targets", "q_proj,c_attn"]).contains("c_attn"));
    assert!(with(&["--r", "0"]).contains("r"));
    assert!(with(&["--dropout", "1.5"]).contains("dropout"));
    let bad = scratch.file("ruim.jsonl", "{\"prompt\": \"a\", \"reply\": \"b\"}\n{\"prompt\": \n");
    let refused = scratch.run(&start(&bad, &out, &base, "1")).refusal();
    assert!(refused.contains("ruim.jsonl") && refused.contains('2'), "{refused}");
    let none = scratch.file("vazio.jsonl", "{\"prompt\": \"a\"}\n");
    assert!(scratch.run(&start(&none, &out, &base, "1")).refusal().contains("vazio.jsonl"));
    let gpt2 = repository("tests/goldens/transformers/decoders/gpt2").display().to_string();
    let gpt2 = start(&train, &out, &gpt2, "1");
    assert!(scratch.run(&gpt2).refusal().contains("model_type"));
    let estimate = [&["lora", "estimate"][..], &gpt2[2..]].concat();
    assert!(scratch.run(&estimate).refusal().contains("model_type"));
    assert!(
        scratch.run(&["lora", "start", "--resume", "--output-dir", &out]).refusal().contains('x')
    );

    let server = Server::start(&scratch);
    let request = |batch: u32| {
        json!({
            "base_model": base, "train_file": train, "output_dir": out,
            "settings": { "max_length": 150, "batch_size": batch, "r": 2 },
        })
    };
    let estimate = |batch: u32| server.ok("estimate_training?wait=true", &request(batch));
    let memory = |batch: u32| estimate(batch)["memory"].as_u64().unwrap();
    let mut settings = server.ok("settings", &json!({}));
    settings["memory_limit"] = json!(memory(4));
    server.ok("save_settings", &settings);
    let found = estimate(16);
    assert_eq!(found["fits"], false, "{found}");
    assert!(found["would_fit"]["batch_size"].as_u64() < Some(16), "{found}");
    let (status, failed) = server.post("train_lora?wait=true", &request(16));
    assert_eq!(
        (status, &failed["code"]),
        (422, &json!("training_too_large_for_these")),
        "{failed}"
    );
    assert!(!Path::new(&out).exists());
}
