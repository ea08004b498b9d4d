//! Judging what was found in documents, and `mirante qa labels`.

mod common;

use common::server::Server;
use common::{Scratch, repository, zip_of};
use serde_json::{Value, json};

/// Characters of two halves, of two bytes and of one, before what is found.
const DECISION: &str = "😀 Não há dúvida. São devidos R$ 10,00 à autora, e não R$ 99,00.\nO réu pagará \
    ainda R$ 30,00 de custas, conforme o artigo 😀 da lei. Autos remetidos ao arquivo.";
const LETTER: &str = "Ofício sobre R$ 5,00, que nada pede.";

/// A server that searched an archive of both documents for amounts.
fn searched(scratch: &Scratch) -> (Server, String, Vec<Value>) {
    let zip = zip_of(&[
        ("Decisão.txt", DECISION.as_bytes()),
        ("Decisão 2.txt", LETTER.as_bytes()),
        ("foto.png", b"\x89PNG"),
    ]);
    let zip = scratch.file("processo.zip", zip);
    let server = Server::start(scratch);
    let found = server.ok("ask_qa?wait=true", &json!({ "zip": zip, "fields": ["valor"] }));
    let all = found["found"].as_array().expect("what was found").clone();
    let texts: Vec<_> = all.iter().map(|one| one["text"].as_str().expect("a text")).collect();
    assert_eq!(texts, ["R$ 10,00", "R$ 99,00", "R$ 30,00", "R$ 5,00"]);
    assert_eq!(found["documents"][1]["source"], "Decisão 2.txt");
    assert_eq!(found["documents"][0]["characters"], DECISION.chars().count());
    assert_eq!(found["documents"][0]["document"], all[0]["document"]);
    (server, zip, all)
}

fn judge(server: &Server, zip: &str, candidate: &Value, verdict: &str) -> Value {
    let request = json!({ "zip": zip, "candidates": [candidate], "verdict": verdict });
    server.ok("judge_qa", &request)
}

/// A text at its place in the decision.
fn span(text: &str) -> Value {
    let start = DECISION[..DECISION.find(text).expect("it stands there")].chars().count();
    json!({ "start": start, "end": start + text.chars().count(), "text": text })
}

fn verdicts(server: &Server, candidates: &[Value]) -> Vec<(String, String)> {
    let documents: Vec<_> = candidates.iter().map(|one| &one["document"]).collect();
    let told = server.ok("qa_judgements", &json!({ "documents": documents }));
    let told = told["judgements"].as_array().expect("judgements");
    let of = |one: &Value, key: &str| one[key].as_str().expect("a text").to_owned();
    told.iter().map(|one| (of(one, "text"), of(one, "verdict"))).collect()
}

/// What `qa labels` writes, each answer held to its place.
fn labels(scratch: &Scratch, more: &[&str]) -> (Value, Vec<Value>) {
    let out = scratch.path("labels.jsonl");
    let arguments = ["qa", "labels", "--json", "--out", out.to_str().expect("a path")];
    let told = scratch.run(&[&arguments, more].concat()).json();
    let text = std::fs::read_to_string(out).expect("a file");
    let all: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    for one in &all {
        let context: Vec<char> = one["context"].as_str().expect("a context").chars().collect();
        let texts = one["answers"]["text"].as_array().expect("texts");
        let starts = one["answers"]["answer_start"].as_array().expect("starts");
        for (text, start) in texts.iter().zip(starts) {
            let text: Vec<char> = text.as_str().expect("a text").chars().collect();
            let start = start.as_u64().expect("a start") as usize;
            assert_eq!(context[start..start + text.len()], text, "{one}");
        }
    }
    (told, all)
}

#[test]
fn what_was_said_outlives_the_program_and_the_archive_and_becomes_examples() {
    let scratch = Scratch::new();
    let (mut server, zip, found) = searched(&scratch);
    judge(&server, &zip, &found[0], "rejected");
    judge(&server, &zip, &found[0], "accepted");
    judge(&server, &zip, &found[1], "rejected");
    let right = span("R$ 30,00 de custas");
    let corrected =
        json!({ "zip": zip, "candidates": [found[2]], "verdict": "corrected", "answer": right });
    let told = server.ok("judge_qa", &corrected)["judgements"][0].clone();
    assert_eq!(told["answer"], right);
    assert_eq!((&told["name"], &told["source"]), (&"processo.zip".into(), &"Decisão.txt".into()));
    judge(&server, &zip, &found[3], "absent");
    let said = [
        ("R$ 10,00", "accepted"),
        ("R$ 99,00", "rejected"),
        ("R$ 30,00", "corrected"),
        ("R$ 5,00", "absent"),
    ];
    let mut said = said.map(|(text, verdict)| (text.to_owned(), verdict.to_owned())).to_vec();
    let sorted = |mut all: Vec<_>| {
        all.sort();
        all
    };
    said.sort();
    assert_eq!(sorted(verdicts(&server, &found)), said);

    // Killed right after the last word, and the archive gone.
    server.process.kill().expect("it can be killed");
    server.process.wait().expect("it ends");
    std::fs::remove_file(&zip).expect("the archive goes");
    let server = Server::start(&scratch);
    assert_eq!(sorted(verdicts(&server, &found)), said);
    let document = json!({ "zip": zip, "source": "Decisão.txt", "document": found[0]["document"] });
    assert_eq!(server.ok("qa_document", &document)["text"], DECISION);

    let (made, examples) = labels(&scratch, &[]);
    assert_eq!(
        made["verdicts"],
        json!({ "accepted": 1, "corrected": 1, "absent": 1, "rejected": 1 })
    );
    assert_eq!((&made["documents"], &made["fields"]), (&json!(2), &json!({ "valor": 1 })));
    assert_eq!(examples.len(), 2);
    assert_eq!(examples[0]["answers"]["text"], json!(["R$ 10,00", "R$ 30,00 de custas"]));
    assert_eq!(examples[0]["context"], DECISION);
    assert_eq!(examples[0]["question"], found[0]["question"]);
    let metadata = json!({ "zip": "processo.zip", "field": "valor", "source": "Decisão.txt",
        "document": found[0]["document"] });
    assert_eq!(examples[0]["metadata"], metadata);
    assert_eq!(
        (&examples[1]["context"], &examples[1]["answers"]["text"]),
        (&LETTER.into(), &json!([]))
    );
    // What measures a model reads it, and finds every answer at its place.
    let model = repository("tests/goldens/transformers/heads/bert-answer").display().to_string();
    let file = scratch.path("labels.jsonl").display().to_string();
    let measured =
        scratch.run(&["qa", "eval", "--dataset", &file, "--model-name", &model, "--json"]).json();
    assert_eq!((&measured["issues"], &measured["left_out"]), (&json!([]), &json!(0)));
    assert_eq!((&measured["all"]["questions"], &measured["squad"]), (&json!(2), &json!("2.0")));
    // Cut narrower, the answers no longer stand together; ids stay apart.
    let (made, narrow) = labels(&scratch, &["--window", "10"]);
    assert_eq!((&made["examples"], &made["unanswered"]), (&json!(3), &json!(1)));
    assert_ne!(narrow[0]["id"], narrow[1]["id"]);
    assert_eq!(narrow[1]["context"], "ainda R$ 30,00 de custas, conforme");

    // Taken back, it is as if nothing had been said.
    let request = json!({ "zip": zip, "candidates": found, "verdict": "withdrawn" });
    let told = server.ok("judge_qa", &request);
    assert_eq!(told["judgements"].as_array().map(Vec::len), Some(4));
    assert_eq!(verdicts(&server, &found), []);
    let empty = scratch.path("empty.jsonl").display().to_string();
    let refused = scratch.run(&["qa", "labels", "--out", &empty]).refusal();
    assert!(refused.contains("no judged answer"), "{refused}");
    assert!(!std::path::Path::new(&empty).exists());
}

#[test]
fn what_does_not_stand_at_its_place_is_not_kept() {
    let scratch = Scratch::new();
    let (server, zip, found) = searched(&scratch);
    let said = |candidate: &Value, verdict: &str, answer: Value| {
        let mut request = json!({ "zip": zip, "candidates": [candidate], "verdict": verdict });
        if !answer.is_null() {
            request["answer"] = answer;
        }
        let (status, failure) = server.post("judge_qa", &request);
        assert!(status >= 400, "{failure}");
        failure["code"].as_str().expect("a code").to_owned()
    };
    let mut moved = found[0].clone();
    // As a page counts, which takes a character of two halves for two.
    for place in ["start", "end"] {
        moved[place] = json!(moved[place].as_u64().expect("a place") + 1);
    }
    assert_eq!(said(&moved, "accepted", Value::Null), "bad_request");
    let mut beyond = span("R$ 30,00");
    beyond["end"] = json!(9999);
    assert_eq!(said(&found[2], "corrected", beyond), "bad_request");
    assert_eq!(said(&found[2], "corrected", Value::Null), "bad_request");
    assert_eq!(said(&found[2], "accepted", span("R$ 30,00")), "bad_request");
    let blank = json!({ "start": 1, "end": 2, "text": " " });
    assert_eq!(said(&found[2], "corrected", blank), "bad_request");
    // Another archive under the same name.
    std::fs::write(&zip, zip_of(&[("Decisão.txt", b"outra R$ 10,00")])).expect("an archive");
    assert_eq!(said(&found[0], "accepted", Value::Null), "document_changed");
    std::fs::remove_file(&zip).expect("the archive goes");
    assert_eq!(said(&found[0], "accepted", Value::Null), "not_found");
    assert_eq!(verdicts(&server, &found), []);
}

#[test]
fn a_text_is_judged_like_a_document_and_exported_where_a_browser_finds_it() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let fields = server.ok("qa_fields", &json!({}));
    let names: Vec<_> =
        fields["fields"].as_array().expect("fields").iter().map(|one| &one["name"]).collect();
    assert!(names.contains(&&json!("cpf")) && names.len() > 10, "{names:?}");
    let asked = json!({ "text": LETTER, "fields": ["valor"] });
    let found = server.ok("ask_qa?wait=true", &asked)["found"][0].clone();
    let request = json!({ "text": LETTER, "candidates": [found], "verdict": "accepted" });
    assert_eq!(server.ok("judge_qa", &request)["judgements"][0]["name"], Value::Null);
    // One of two is of another text: neither is kept.
    let mut other = found.clone();
    other["document"] = "00".into();
    let request = json!({ "text": LETTER, "candidates": [found, other], "verdict": "rejected" });
    let (status, failure) = server.post("judge_qa", &request);
    assert_eq!((status, &failure["code"]), (422, &"bad_request".into()));
    assert_eq!(verdicts(&server, &[found]), [("R$ 5,00".to_owned(), "accepted".to_owned())]);
    let made = server.ok("export_qa_labels?wait=true", &json!({}));
    assert_eq!(made["examples"], 1, "{made}");
    let exports = scratch.path("home").join("exports");
    assert!(std::path::Path::new(made["out"].as_str().expect("a path")).starts_with(exports));
}
