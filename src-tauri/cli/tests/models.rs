//! `mirante models`, against a server that speaks the hub's routes.

mod common;

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::hub::{Hub, Mishaps, REVISION};
use common::server::Server;
use common::{Run, Scratch, repository};
use serde_json::Value;

const NAME: &str = "ana/frases";

/// A hub with a small sentence model.
fn hub(mishaps: Mishaps) -> Hub {
    Hub::start(&repository("tests/goldens/transformers/xlm-roberta"), mishaps)
}

fn run(scratch: &Scratch, hub: &Hub, arguments: &[&str]) -> Run {
    Run(hub.command(scratch).args(arguments).output().expect("the program starts"))
}

fn pull(scratch: &Scratch, hub: &Hub) -> Run {
    run(scratch, hub, &["models", "pull", NAME, "--json"])
}

fn blobs(scratch: &Scratch) -> PathBuf {
    scratch.path("home/models/models--ana--frases/blobs")
}

#[test]
fn a_model_is_fetched_used_checked_and_removed() {
    let (scratch, hub) = (Scratch::new(), hub(Mishaps::default()));
    let found = pull(&scratch, &hub).json();
    assert_eq!((&found["here"], &found["revision"]), (&true.into(), &REVISION.into()));

    // Without the hub: the model is here, and nobody is asked.
    let asked = hub.asked().len();
    let embed = ["--offline", "embed", "--text", "prazo", "--model", NAME];
    let vectors = run(&scratch, &hub, &embed).json();
    assert_eq!(vectors[0]["embedding"].as_array().unwrap().len(), 20);
    assert_eq!(hub.asked().len(), asked);

    let listed = run(&scratch, &hub, &["models", "list", "--json"]).json();
    let own = listed.as_array().unwrap().iter().find(|model| model["repository"] == NAME).unwrap();
    assert_eq!((&own["own"], &own["bytes_here"]), (&true.into(), &found["bytes_here"]));
    assert!(listed[0]["fits"].is_boolean() && listed[0]["here"] == false);

    // A second time nothing is fetched again.
    pull(&scratch, &hub).succeeded();
    assert_eq!(hub.asked().len(), asked + 1);

    let whole = run(&scratch, &hub, &["models", "verify", NAME, "--json"]).json();
    assert_eq!(whole["broken"].as_array().unwrap().len(), 0);
    let folder = PathBuf::from(found["folder"].as_str().unwrap());
    let weights = folder.join("2_Dense/model.safetensors");
    let mut bytes = std::fs::read(&weights).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&weights, bytes).unwrap();
    let broken = run(&scratch, &hub, &["models", "verify", NAME, "--json"]).json();
    assert_eq!(broken["broken"], serde_json::json!(["2_Dense/model.safetensors"]));

    assert_eq!(run(&scratch, &hub, &["models", "remove", NAME, "--json"]).json()["here"], false);
    assert!(!folder.exists());
    assert!(run(&scratch, &hub, &["models", "show", NAME]).refusal().contains(NAME));
}

#[test]
fn a_fetch_that_is_cut_off_goes_on_where_it_was() {
    let scratch = Scratch::new();
    let hub = hub(Mishaps { cuts: vec![3000, 1, 20_000], ..Mishaps::default() });
    pull(&scratch, &hub).succeeded();
    assert!(hub.asked().iter().any(|line| line.ends_with("bytes=20000-")), "{:?}", hub.asked());
    assert!(hub.asked().iter().any(|line| line.ends_with("bytes=20001-")));
    let verified = run(&scratch, &hub, &["models", "verify", NAME, "--json"]).json();
    assert_eq!(verified["broken"], serde_json::json!([]));
}

#[test]
fn a_server_that_knows_no_ranges_is_asked_from_the_start() {
    let scratch = Scratch::new();
    let hub = hub(Mishaps { cuts: vec![20_000], whole: true, ..Mishaps::default() });
    pull(&scratch, &hub).succeeded();
    let verified = run(&scratch, &hub, &["models", "verify", NAME, "--json"]).json();
    assert_eq!(verified["broken"], serde_json::json!([]));
}

#[test]
fn what_was_fetched_outlives_the_program() {
    let scratch = Scratch::new();
    let hub = hub(Mishaps { stall: true, ..Mishaps::default() });
    let mut child = hub
        .command(&scratch)
        .args(["models", "pull", NAME])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    let half = || {
        let Ok(entries) = std::fs::read_dir(blobs(&scratch)) else { return 0 };
        let parts = entries.flatten().filter(|one| one.path().extension().is_some());
        parts.map(|one| one.metadata().map_or(0, |found| found.len())).sum::<u64>()
    };
    let weights = repository("tests/goldens/transformers/xlm-roberta/model.safetensors");
    let sent = weights.metadata().unwrap().len() / 2;
    while half() < sent {
        assert!(began.elapsed() < Duration::from_secs(30), "nothing came");
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // It is no model yet.
    assert!(run(&scratch, &hub, &["models", "show", NAME]).refusal().contains(NAME));
    let have = half();
    hub.mishaps.lock().unwrap().stall = false;
    pull(&scratch, &hub).succeeded();
    assert!(hub.asked().iter().any(|line| line.ends_with(&format!("bytes={have}-"))));
}

#[test]
fn what_comes_other_than_promised_is_thrown_away() {
    let scratch = Scratch::new();
    let hub = hub(Mishaps { wrong: true, ..Mishaps::default() });
    assert!(pull(&scratch, &hub).refusal().contains("other than the server promises"));
    assert_eq!(std::fs::read_dir(blobs(&scratch)).unwrap().count(), 0);
    hub.mishaps.lock().unwrap().wrong = false;
    pull(&scratch, &hub).succeeded();
}

#[test]
fn a_hub_that_is_full_is_waited_for() {
    let scratch = Scratch::new();
    let hub = hub(Mishaps { full: 2, ..Mishaps::default() });
    let began = Instant::now();
    pull(&scratch, &hub).succeeded();
    assert!(began.elapsed() >= Duration::from_secs(2));
}

#[test]
fn a_private_model_wants_a_token_which_goes_nowhere_else() {
    let scratch = Scratch::new();
    let hub = hub(Mishaps { token: Some("hf_segredo"), ..Mishaps::default() });
    let said = pull(&scratch, &hub).refusal();
    assert!(said.contains("models token set"), "{said}");
    let mut command = hub.command(&scratch);
    command.args(["models", "pull", NAME, "--json"]).env("HF_TOKEN", "hf_segredo");
    // The address that large files come from answers 400 to a token.
    assert_eq!(Run(command.output().unwrap()).json()["here"], true);
}

#[test]
fn every_failure_says_what_to_do() {
    let (scratch, hub) = (Scratch::new(), hub(Mishaps::default()));
    let said = run(&scratch, &hub, &["models", "pull", "ana/outra"]).refusal();
    assert!(said.contains("ana/outra"), "{said}");
    let said = run(&scratch, &hub, &["models", "pull", "../../etc"]).refusal();
    assert!(said.contains("../../etc"), "{said}");
    let before = hub.asked().len();
    let said = run(&scratch, &hub, &["models", "pull", NAME, "--offline"]).refusal();
    assert!(said.contains("offline"), "{said}");
    assert_eq!(hub.asked().len(), before);
    let mut nobody = hub.command(&scratch);
    nobody.args(["models", "pull", NAME]).env("HF_ENDPOINT", "http://127.0.0.1:9");
    let said = Run(nobody.output().unwrap()).refusal();
    assert!(said.contains("127.0.0.1:9"), "{said}");
    let bare = Scratch::new();
    bare.file("config.json", "{}");
    let hub = Hub::start(&bare.path(""), Mishaps::default());
    let said = run(&scratch, &hub, &["models", "pull", NAME]).refusal();
    assert!(said.contains("tokenizer.json"), "{said}");
}

#[test]
fn a_models_listing_names_the_default_first() {
    let (scratch, hub) = (Scratch::new(), hub(Mishaps::default()));
    let listed: Value = run(&scratch, &hub, &["models", "list", "--json"]).json();
    assert_eq!(listed[0]["id"], "paraphrase-multilingual-MiniLM-L12-v2");
    assert_eq!(listed[0]["dimension"], 384);
    let shown = run(&scratch, &hub, &["models", "show", "multilingual-e5-small", "--json"]).json();
    assert_eq!(shown["repository"], "intfloat/multilingual-e5-small");
    assert_eq!(hub.asked().len(), 0);
}

#[test]
fn models_of_other_frameworks_are_imported_and_used() {
    let scratch = Scratch::new();
    let bert = repository("tests/goldens/transformers/bert");
    let embed = |model: &str| {
        scratch.run(&["embed", "--text", "prazo de entrega", "--model", model]).json()[0]
            ["embedding"]
            .clone()
    };
    let import = |path: &str, more: &[&str]| {
        scratch.run(&[&["models", "import", path, "--json"], more].concat()).json()
    };
    let found = import(&bert.display().to_string(), &["--name", "frases"]);
    assert_eq!((&found["repository"], &found["here"]), (&"local/frases".into(), &true.into()));
    assert_eq!(found["task"], "embed");
    assert_eq!(embed("local/frases"), embed(&bert.display().to_string()));
    let again = import(&bert.display().to_string(), &["--name", "frases"]);
    assert_eq!(again["revision"], found["revision"]);

    // One file of weights, with the configuration and the tokenizer beside it.
    let formats = repository("tests/goldens/formats");
    let folder = scratch.path("de pytorch");
    std::fs::create_dir(&folder).unwrap();
    for file in ["config.json", "tokenizer.json", "tokenizer_config.json"] {
        std::fs::copy(bert.join(file), folder.join(file)).unwrap();
    }
    let weights = folder.join("pytorch_model.bin");
    std::fs::copy(formats.join("torch/evil.bin"), &weights).unwrap();
    let refused = scratch.run(&["models", "import", &weights.display().to_string()]);
    assert!(refused.refusal().contains("code in a pickle"), "{}", refused.err());
    let left: Vec<_> = std::fs::read_dir(scratch.path("home/models"))
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert_eq!(left, ["models--local--frases"]);

    let named = scratch.run(&["models", "import", &bert.display().to_string(), "--name", "a/b"]);
    assert!(named.refusal().contains("a/b"), "{}", named.err());
    assert!(scratch.run(&["models", "import", "nada"]).refusal().contains("nada"));
    scratch.run(&["models", "remove", "local/frases"]).succeeded();
}

#[test]
fn of_a_quantised_repository_one_kind_is_fetched_at_a_time() {
    let (scratch, files) = (Scratch::new(), Scratch::new());
    let gguf = repository("tests/goldens/formats/gguf/llama/model.gguf");
    for name in ["m-q4_k_m.gguf", "m-q8_0.gguf"] {
        let mut bytes = std::fs::read(&gguf).unwrap();
        bytes.extend(name.bytes());
        std::fs::write(files.path(name), bytes).unwrap();
    }
    let hub = Hub::start(&files.path(""), Mishaps::default());
    let held = |found: &Value| -> Vec<String> {
        let folder = PathBuf::from(found["folder"].as_str().unwrap());
        let entries = std::fs::read_dir(folder).unwrap().flatten();
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
    };
    let found = pull(&scratch, &hub).json();
    assert_eq!(held(&found), ["m-q4_k_m.gguf"]);
    assert_eq!(found["task"], "generate");
    let other = format!("{NAME}:Q8_0");
    let generate = |model: &str| {
        run(&scratch, &hub, &["generate", "--prompt", "a", "--max-tokens", "3", "--model", model])
    };
    generate(NAME).succeeded();
    assert!(generate(&other).refusal().contains("Q8_0"));
    let found = run(&scratch, &hub, &["models", "pull", &other, "--json"]).json();
    assert_eq!(held(&found), ["m-q8_0.gguf"]);
    assert_eq!(std::fs::read_dir(blobs(&scratch)).unwrap().count(), 1);
    generate(&other).succeeded();
    let lacking = run(&scratch, &hub, &["models", "pull", &format!("{NAME}:Q5_K_M")]).refusal();
    assert!(lacking.contains("Q5_K_M"), "{lacking}");
}

#[test]
fn what_keeps_the_server_offline_is_said_beside_the_models() {
    let scratch = Scratch::new();
    let offline = |more: &[&str]| {
        let server = Server::start_with(&scratch, more);
        server.ok("models", &serde_json::json!({}))["offline"].clone()
    };
    assert_eq!(offline(&[]), Value::Null);
    assert_eq!(offline(&["--offline"]), "command_line");
    let server = Server::start(&scratch);
    let mut settings = server.ok("settings", &serde_json::json!({}));
    settings["offline"] = true.into();
    server.ok("save_settings", &settings);
    assert_eq!(server.ok("models", &serde_json::json!({}))["offline"], "settings");
}
