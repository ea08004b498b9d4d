//! The short routes of `mirante serve`, as workflows call them.

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;

use common::server::Server;
use common::{Scratch, repository, sample};
use serde_json::{Value, json};

fn model(path: &str) -> String {
    repository(&format!("tests/goldens/transformers/{path}")).display().to_string()
}

/// The status and body of a request with the token.
fn sent(server: &Server, method: &str, path: &str, kind: &str, body: &[u8]) -> (u16, String) {
    let address = server.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).expect("a connection");
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        server.token,
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("a request");
    stream.write_all(body).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    (status, whole(body))
}

/// A body without what tells where its chunks end.
fn whole(body: &str) -> String {
    let mut text = String::new();
    let mut rest = body;
    while let Some((size, more)) = rest.split_once("\r\n") {
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else { return body.to_owned() };
        if size == 0 {
            return text;
        }
        text.push_str(&more[..size]);
        rest = &more[size + 2..];
    }
    body.to_owned()
}

fn post(server: &Server, path: &str, body: &Value) -> (u16, Value) {
    let (status, text) =
        sent(server, "POST", path, "application/json", body.to_string().as_bytes());
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn ok(server: &Server, path: &str, body: &Value) -> Value {
    let (status, answer) = post(server, path, body);
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

#[test]
fn one_text_gets_one_answer_and_several_get_a_list() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let bert = model("bert");
    let one = ok(&server, "/ml/embed", &json!({ "text": "prazo", "model": bert }));
    let many = ok(&server, "/ml/embed", &json!({ "texts": ["prazo", "entrega"], "model": bert }));
    assert_eq!(one["embedding"].as_array().map(Vec::len), Some(32));
    assert_eq!(many["embeddings"][0], one["embedding"]);
    assert_eq!(one["ran_on"]["device"], "cpu");

    let classes = model("heads/bert-classify");
    let one = ok(&server, "/ml/classificar", &json!({ "text": "prazo", "model": classes }));
    let many = ok(&server, "/ml/classificar", &json!({ "texts": ["prazo"], "model": classes }));
    assert_eq!(
        (&many["results"][0]["label"], one["scores"].as_array().map(Vec::len)),
        (&one["label"], Some(3))
    );

    let tags = model("heads/bert-tag");
    let one = ok(&server, "/ml/entidades", &json!({ "text": "Ana mora aqui", "model": tags }));
    let many = ok(
        &server,
        "/ml/entidades",
        &json!({ "texts": ["Ana mora aqui"], "model": tags, "join": "simple" }),
    );
    assert!(one["entities"].is_array() && many["entities"][0].is_array());

    let reader = model("heads/bert-answer");
    let asked = json!({ "question": "Quem?", "context": "O cliente reclama.", "model": reader, "must": true });
    assert!(ok(&server, "/ml/responder", &asked)["answer"].is_string());
    let asked =
        json!({ "question": "Quem?", "contexts": ["O cliente.", "A loja."], "model": reader });
    assert_eq!(ok(&server, "/ml/responder", &asked)["answers"].as_array().map(Vec::len), Some(2));

    let mt5 = model("seq2seq/mt5");
    let summary =
        ok(&server, "/ml/resumir", &json!({ "text": "a", "model": mt5, "max_tokens": 3 }));
    assert!(summary["summary"].is_string());

    for (path, body) in [
        ("/ml/embed", json!({})),
        ("/ml/embed", json!({ "text": "a", "texts": ["b"] })),
        ("/ml/responder", json!({ "question": "a" })),
        ("/ml/gerar", json!({ "prompt": "a", "temperature": 99, "model": model("decoders/gpt2") })),
        ("/ml/embed", json!({ "text": 3 })),
    ] {
        let (status, answer) = post(&server, path, &body);
        assert_eq!(status, 422, "{path} {body}");
        assert!(answer["code"].is_string());
    }
    let (status, answer) =
        post(&server, "/ml/classificar", &json!({ "text": "a", "model": "nenhum/destes" }));
    assert_eq!((status, &answer["code"]), (404, &json!("unknown_model")));
}

#[test]
fn a_text_is_written_as_it_comes() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let asked = json!({
        "prompt": "O cliente", "model": model("decoders/gpt2"), "max_tokens": 12, "temperature": 0,
    });
    let whole = ok(&server, "/ml/gerar", &asked);
    let mut streamed = asked.clone();
    streamed["stream"] = json!(true);
    let (status, text) =
        sent(&server, "POST", "/ml/gerar", "application/json", streamed.to_string().as_bytes());
    assert_eq!(status, 200);
    let events: Vec<(&str, Value)> = text
        .split("\n\n")
        .filter_map(|event| {
            let (name, data) = event.strip_prefix("event: ")?.split_once("\ndata: ")?;
            Some((name, serde_json::from_str(data).ok()?))
        })
        .collect();
    let (last, pieces) = events.split_last().expect("events");
    assert_eq!((last.0, &last.1["text"], &last.1["tokens"]), ("done", &whole["text"], &json!(12)));
    let told: String = pieces.iter().filter_map(|(_, data)| data["text"].as_str()).collect();
    assert_eq!(told, whole["text"]);
    assert!(pieces.iter().all(|(name, _)| *name == "text"));
    streamed["model"] = json!("nenhum/destes");
    let (_, text) =
        sent(&server, "POST", "/ml/gerar", "application/json", streamed.to_string().as_bytes());
    assert!(text.starts_with("event: error\n") && text.contains("unknown_model"), "{text}");
}

#[test]
fn texts_that_are_asked_for_at_once_are_written_together_and_are_what_they_are_alone() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let asked = |seed: usize| {
        json!({
            "prompt": "O cliente ".repeat(seed + 1), "model": model("decoders/gpt2"),
            "max_tokens": 60 + seed, "temperature": 1.2, "seed": seed,
        })
    };
    let text = |seed| ok(&server, "/ml/gerar", &asked(seed))["text"].clone();
    let alone: Vec<Value> = (0..8).map(text).collect();
    let together: Vec<Value> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|seed| scope.spawn(move || text(seed))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(alone, together);
    #[cfg(target_os = "linux")]
    {
        let threads = std::fs::read_dir(format!("/proc/{}/task", server.process.id())).unwrap();
        let names = threads.flatten().map(|one| std::fs::read_to_string(one.path().join("comm")));
        let writing = names.filter(|name| name.as_ref().is_ok_and(|name| name == "writing\n"));
        assert_eq!(writing.count(), 1, "one thread writes for all");
    }
}

#[test]
fn a_table_gets_its_segments_however_it_is_sent() {
    let scratch = Scratch::new();
    let csv = std::fs::read(sample()).unwrap();
    let out = scratch.path("out.csv").display().to_string();
    scratch.run(&["segment", "--csv", &sample(), "--out", &out, "--clusters", "4"]).succeeded();
    let wanted = std::fs::read_to_string(&out).unwrap();
    let folder = scratch.path("dados");
    std::fs::create_dir(&folder).unwrap();
    let inside = folder.join("t.csv").display().to_string();
    std::fs::write(&inside, &csv).unwrap();

    let allow = folder.display().to_string();
    let server = Server::start_with(&scratch, &["--allow", &allow]);
    let (status, plain) = sent(&server, "POST", "/ml/segmentar?clusters=4", "text/csv", &csv);
    assert_eq!((status, plain == wanted), (200, true));

    let mut form = b"--x\r\nContent-Disposition: form-data; name=\"clusters\"\r\n\r\n4\r\n\
        --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"t.csv\"\r\n\r\n"
        .to_vec();
    form.extend(&csv);
    form.extend(b"\r\n--x--\r\n");
    let (status, formed) =
        sent(&server, "POST", "/ml/segmentar", "multipart/form-data; boundary=x", &form);
    assert_eq!((status, formed == wanted), (200, true));

    let named = json!({ "path": inside, "clusters": 4 });
    let (status, named) =
        sent(&server, "POST", "/ml/segmentar", "application/json", named.to_string().as_bytes());
    assert_eq!((status, named == wanted), (200, true));

    let counts = json!({ "path": inside, "clusters": 4, "answer": "counts" });
    let counts = ok(&server, "/ml/segmentar", &counts);
    let sum: u64 =
        counts["segments"].as_array().unwrap().iter().filter_map(|s| s["count"].as_u64()).sum();
    assert_eq!((sum, &counts["rows"]), (600, &json!(600)));

    for path in [sample(), "/etc/passwd".to_owned(), format!("{allow}/../out.csv")] {
        let (status, answer) = post(&server, "/ml/segmentar", &json!({ "path": path }));
        assert_eq!((status, &answer["code"]), (404, &json!("not_found")), "{path}");
    }
    let (status, answer) = sent(&server, "POST", "/ml/segmentar", "text/csv", b"");
    assert_eq!(status, 422, "{answer}");
    let left: Vec<_> = std::fs::read_dir(scratch.path("home/uploads")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn workflows_search_and_look_after_jobs() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let dataset = server.import_sample();
    let index = json!({ "source": { "dataset": dataset }, "name": "dores" });
    let job = server.ok("index_table", &index)["id"].as_i64().unwrap();
    server.until(job, &["done"]);
    let found = ok(&server, "/busca", &json!({ "index": "dores", "query": "boleto", "top": 3 }));
    assert_eq!(found["results"].as_array().map(Vec::len), Some(3));
    let classify = json!({
        "table": { "source": { "dataset": dataset } },
        "settings": { "model": model("heads/bert-classify") },
    });
    let done = server.ok("classify_table?wait=true", &classify);
    let out = done["out"].as_str().unwrap();
    assert!(out.contains("exports") && std::fs::metadata(out).is_ok(), "{out}");
    let (status, all) = sent(&server, "GET", "/jobs", "text/plain", b"");
    assert!(status == 200 && all.contains("index_table"), "{all}");
    let (_, one) = sent(&server, "GET", &format!("/jobs/{job}"), "text/plain", b"");
    assert_eq!(serde_json::from_str::<Value>(&one).unwrap()["state"], "done");
    assert_eq!(sent(&server, "DELETE", "/jobs/99999", "text/plain", b"").0, 404);
    // An index holds the table's cells: it goes with the table.
    server.ok("remove_dataset", &json!({ "dataset": dataset }));
    assert_eq!(server.ok("indexes", &json!({}))["indexes"], json!([]));
}

#[test]
fn requests_need_the_token_and_end_when_their_time_is_over() {
    let scratch = Scratch::new();
    let server = Server::start_with(&scratch, &["--time-limit", "1"]);
    let mut stranger = Server::agent()
        .post(format!("{}/ml/embed", server.base))
        .send_json(json!({ "text": "a" }))
        .expect("an answer");
    assert_eq!(stranger.status().as_u16(), 401);
    assert!(stranger.body_mut().read_to_string().unwrap().contains("no_token"));
    // Nothing ends this text but its length, which it never reaches in that time.
    let long = json!({ "texts": vec!["palavra ".repeat(30); 4000], "model": model("seq2seq/mt5"), "max_tokens": 200 });
    let (status, answer) = post(&server, "/ml/resumir", &long);
    assert_eq!((status, &answer["code"]), (504, &json!("timed_out")), "{answer}");
}

#[test]
fn the_short_routes_stand_in_openapi() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let (status, text) = sent(&server, "GET", "/openapi.json", "text/plain", b"");
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(status, 200);
    for path in [
        "/ml/segmentar",
        "/ml/embed",
        "/ml/classificar",
        "/ml/entidades",
        "/ml/responder",
        "/ml/resumir",
        "/ml/gerar",
        "/busca",
        "/score-lead",
    ] {
        let body = &document["paths"][path]["post"]["requestBody"]["content"];
        assert!(body.is_object(), "{path}");
    }
    let schema = &document["components"]["schemas"]["EmbedBody"];
    assert!(schema.to_string().contains("normalize"), "{schema}");
    assert!(document["paths"]["/jobs/{job}"]["delete"].is_object());
}
