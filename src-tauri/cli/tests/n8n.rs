//! The workflows in `docs/n8n`: every call that their nodes make, made.

mod common;

use std::process::Command;

use common::server::Server;
use common::{Run, Scratch, repository, sample};
use serde_json::{Value, json};

/// Where a workflow says its tables lie.
const TABLES: &str = "/dados";

fn nodes(workflow: &str, kind: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(repository(&format!("docs/n8n/{workflow}.json")))
        .expect("a workflow");
    let workflow: Value = serde_json::from_str(&text).expect("JSON");
    let names: Vec<_> = workflow["nodes"].as_array().into_iter().flatten().collect();
    for (from, to) in workflow["connections"].as_object().expect("connections") {
        assert!(names.iter().any(|node| node["name"] == from.as_str()), "{from}");
        let next = &to["main"][0][0]["node"];
        assert!(names.iter().any(|node| &node["name"] == next), "{next}");
    }
    let is_kind = |node: &&&Value| node["type"] == format!("n8n-nodes-base.{kind}");
    names.iter().filter(is_kind).map(|node| node["parameters"].clone()).collect()
}

/// A model that does what the usual one of a task does, as nothing is fetched in tests.
fn model(path: &str) -> String {
    repository(&format!("tests/goldens/transformers/{path}")).display().to_string()
}

#[test]
fn the_calls_over_http_are_answered() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let dataset = server.import_sample();
    server.ok(
        "index_table?wait=true",
        &json!({ "source": { "dataset": dataset }, "name": "clientes" }),
    );
    let calls = nodes("http-request", "httpRequest");
    assert_eq!(calls.len(), 4);
    for call in calls {
        let url = call["url"].as_str().expect("a URL");
        let url = url.replace("http://127.0.0.1:8674", &server.base);
        assert_eq!(
            (&call["method"], &call["genericAuthType"]),
            (&json!("POST"), &json!("httpHeaderAuth"))
        );
        let request =
            Server::agent().post(&url).header("Authorization", format!("Bearer {}", server.token));
        let mut answer = if call["contentType"] == "binaryData" {
            let table = std::fs::read(sample()).expect("the sample");
            request.header("Content-Type", "text/csv").send(&table[..]).expect("an answer")
        } else {
            let mut body: Value =
                serde_json::from_str(call["jsonBody"].as_str().expect("a body")).expect("JSON");
            if url.contains("/ml/embed") {
                body["model"] = model("bert").into();
            } else if url.contains("/ml/classificar") {
                body["model"] = model("heads/bert-classify").into();
            }
            request.send_json(&body).expect("an answer")
        };
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().expect("a body");
        assert_eq!(status, 200, "{url}: {text}");
        let wanted = match url.rsplit('/').next().unwrap_or_default() {
            path if path.starts_with("segmentar") => ",segmento\n",
            "embed" => "\"embedding\"",
            "classificar" => "\"results\"",
            _ => "\"why\"",
        };
        assert!(text.contains(wanted), "{url}: {}", &text[..text.len().min(300)]);
    }
}

#[test]
fn the_commands_do_what_they_say() {
    let scratch = Scratch::new();
    let folder = scratch.path("dados");
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(sample(), folder.join("clientes.csv")).unwrap();
    let commands = nodes("execute-command", "executeCommand");
    assert_eq!(commands.len(), 4);
    let programs = std::path::Path::new(env!("CARGO_BIN_EXE_mirante")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    for command in commands {
        let mut line = command["command"]
            .as_str()
            .expect("a command")
            .replace(TABLES, &folder.display().to_string());
        if line.contains(" classify ") {
            line.push_str(&format!(" --model '{}'", model("heads/bert-classify")));
        }
        let done = Command::new("sh")
            .args(["-c", &line])
            .env("PATH", format!("{}:{path}", programs.display()))
            .env("MIRANTE_HOME", scratch.path("home"))
            .output()
            .expect("a shell");
        let found = Run(done).json();
        assert!(found.is_array() || found.is_object(), "{line}");
    }
    for file in ["clientes_segmentos.csv", "clientes_sentimento.csv"] {
        assert!(folder.join(file).exists(), "{file}");
    }
}
