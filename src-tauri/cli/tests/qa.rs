//! `mirante qa`.

mod common;

use common::server::Server;
use common::{Run, Scratch, repository, shared, zip_of};
use serde_json::{Value, json};

/// Puts `to` wherever `from`, which is as long, stands.
fn patched(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut found = false;
    for at in 0..bytes.len().saturating_sub(from.len()) {
        if bytes[at..].starts_with(from) {
            bytes[at..at + from.len()].copy_from_slice(to);
            found = true;
        }
    }
    assert!(found, "{from:?} does not stand there");
    bytes
}

/// Says of the entry of that name, in both places, that it is encrypted.
fn locked(mut bytes: Vec<u8>, name: &str) -> Vec<u8> {
    for (sign, flags, at_name) in [(b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)] {
        let header = (0..bytes.len()).find(|&at| {
            bytes[at..].starts_with(sign)
                && bytes.get(at + at_name..).is_some_and(|rest| rest.starts_with(name.as_bytes()))
        });
        bytes[header.expect("the entry's header") + flags] |= 1;
    }
    bytes
}

const LATIN: &[u8] = b"<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; \
    charset=iso-8859-1\"><title>CPF 529.982.247-25</title></head><body><p>Ju\xEDzo da 2\xAA Vara \
    C\xEDvel da Comarca de S\xE3o Paulo</p><p>Requerente: Jo\xE3o D'\xC1vila</p><p>A\xE7\xE3o de \
    R$&nbsp;1.234,56, em 3 de mar&ccedil;o de 2021.</p></body></html>";

/// A folder of archives, good and bad.
fn folder(scratch: &Scratch) -> String {
    std::fs::create_dir(scratch.path("zips")).expect("a folder");
    let write = |name: &str, bytes: Vec<u8>| {
        scratch.file(&format!("zips/{name}"), bytes);
    };
    let cnpj = "Empresa de CNPJ 11.222.333/0001-81 e 11.222.333/0001-82.";
    write(
        "a.zip",
        zip_of(&[
            ("Petição inicial.html", LATIN),
            ("anexos/Ofício.txt", cnpj.as_bytes()),
            ("foto.png", b"\x89PNG\r\n"),
            ("vazio.html", b"<p>&nbsp;</p>"),
        ]),
    );
    let climbs = zip_of(&[("xx/fora.txt", b"CPF 529.982.247-25"), ("dentro.txt", b"R$ 10,00")]);
    write("b.zip", patched(climbs, b"xx/fora.txt", b"../fora.txt"));
    write("c.zip", b"isto n\xE3o \xE9 um zip".to_vec());
    let entries: [(&str, &[u8]); 2] =
        [("segredo.txt", b"CPF 529.982.247-25"), ("aberto.txt", b"R$ 20,00")];
    write("d.zip", locked(zip_of(&entries), "segredo.txt"));
    let bomb = vec![b' '; 40 << 20];
    write("e.zip", zip_of(&[("bomba.txt", &bomb), ("depois.txt", b"R$ 30,00")]));
    // As programs of Windows write it: code page 850, and no word of it.
    let old = zip_of(&[("Decisxo.txt", b"R$ 40,00")]);
    write("F.ZIP", patched(old, b"Decisxo.txt", b"Decis\xC6o.txt"));
    write("z.txt", b"no archive".to_vec());
    scratch.path("zips").display().to_string()
}

fn lines(path: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("a file");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Whether every answer stands at its place, in characters.
fn assert_stand(examples: &[Value]) {
    for one in examples {
        let context: Vec<char> = one["context"].as_str().expect("a context").chars().collect();
        let texts = one["answers"]["text"].as_array().expect("texts");
        let starts = one["answers"]["answer_start"].as_array().expect("starts");
        assert_eq!(texts.len(), starts.len());
        for (text, start) in texts.iter().zip(starts) {
            let text: Vec<char> = text.as_str().expect("a text").chars().collect();
            let start = start.as_u64().expect("a start") as usize;
            assert_eq!(context[start..start + text.len()], text, "{one}");
        }
    }
}

fn build(scratch: &Scratch, folder: &str, out: &str, more: &[&str]) -> Run {
    let out = scratch.path(out).display().to_string();
    scratch.run(&[&["qa", "build", "--zip-dir", folder, "--output", &out], more].concat())
}

#[test]
fn archives_become_examples_whose_answers_stand_at_their_places() {
    let scratch = Scratch::new();
    let folder = folder(&scratch);
    let made = build(&scratch, &folder, "o.jsonl", &["--json"]).json();
    let examples = lines(&scratch.path("o.jsonl").display().to_string());
    assert_stand(&examples);
    let told: Vec<(&str, &str, &str)> = examples
        .iter()
        .map(|one| {
            let of = |key: &str| one["metadata"][key].as_str().expect("where it is from");
            (of("source"), of("field"), one["answers"]["text"][0].as_str().expect("an answer"))
        })
        .collect();
    assert_eq!(
        told,
        [
            ("Decisão.txt", "valor", "R$ 40,00"),
            ("Petição inicial.html", "autor", "João D'Ávila"),
            ("Petição inicial.html", "data", "3 de março de 2021"),
            ("Petição inicial.html", "valor", "R$ 1.234,56"),
            ("Petição inicial.html", "vara", "2ª Vara Cível da Comarca de São Paulo"),
            ("anexos/Ofício.txt", "cnpj", "11.222.333/0001-81"),
            ("dentro.txt", "valor", "R$ 10,00"),
            ("aberto.txt", "valor", "R$ 20,00"),
            ("depois.txt", "valor", "R$ 30,00"),
        ]
    );
    assert_eq!(examples[1]["id"], "a.zip/Petição inicial.html#autor");
    assert_eq!(examples[1]["question"], "Quem é a parte autora?");
    assert_eq!((&made["zips"], &made["documents"]), (&6.into(), &6.into()));
    assert_eq!((&made["examples"], &made["unanswered"]), (&9.into(), &0.into()));
    assert_eq!((&made["fields"]["valor"], &made["fields"]["cpf"]), (&5.into(), &0.into()));
    let refused: Vec<(&str, Option<&str>, &str)> = made["refused"]
        .as_array()
        .expect("what was not read")
        .iter()
        .map(|one| {
            let of = |key: &str| one[key].as_str();
            (of("zip").expect("an archive"), of("entry"), of("code").expect("why"))
        })
        .collect();
    assert_eq!(
        refused,
        [
            ("a.zip", Some("foto.png"), "kind"),
            ("a.zip", Some("vazio.html"), "no_text"),
            ("b.zip", Some("../fora.txt"), "path"),
            ("c.zip", None, "not_zip"),
            ("d.zip", Some("segredo.txt"), "password"),
            ("e.zip", Some("bomba.txt"), "too_large"),
        ]
    );
    assert!(!scratch.path("fora.txt").exists() && !scratch.path("home").exists());
    // People are told too.
    let said = build(&scratch, &folder, "p.jsonl", &[]);
    said.succeeded();
    assert!(said.err().contains("d.zip/segredo.txt: is locked with a password"), "{}", said.err());
    assert!(said.out().contains("6 archives · 6 documents · 9 examples"), "{}", said.out());
}

#[test]
fn the_same_archives_give_the_same_bytes_whoever_reads_them() {
    let scratch = Scratch::new();
    let folder = folder(&scratch);
    let bytes = |workers: &str| {
        build(&scratch, &folder, "o.jsonl", &["--workers", workers, "--allow-empty"]).succeeded();
        std::fs::read(scratch.path("o.jsonl")).expect("the examples")
    };
    let one = bytes("1");
    assert!(!one.is_empty());
    assert_eq!(one, bytes("8"));
    assert_eq!(one, bytes("3"));
    if let Some(shared) = shared("sei-zips") {
        let bytes = |workers: &str| {
            build(&scratch, &shared, "s.jsonl", &["--workers", workers]).succeeded();
            let path = scratch.path("s.jsonl").display().to_string();
            assert_stand(&lines(&path));
            std::fs::read(path).expect("the examples")
        };
        assert_eq!(bytes("1"), bytes("8"));
    } else {
        eprintln!("skipped: the archives that may not ship are not here");
    }
}

#[test]
fn fields_windows_and_rules_are_the_persons_own() {
    let scratch = Scratch::new();
    let folder = folder(&scratch);
    let of = |more: &[&str]| {
        build(&scratch, &folder, "o.jsonl", more).succeeded();
        let examples = lines(&scratch.path("o.jsonl").display().to_string());
        assert_stand(&examples);
        examples
    };
    // Capitals stand before small letters: F.ZIP is the first, a.zip the second.
    let some = of(&["--fields", "valor,vara", "--limit", "2", "--window", "9"]);
    let contexts: Vec<_> = some.iter().map(|one| one["context"].as_str().expect("text")).collect();
    assert_eq!(
        contexts,
        [
            "R$ 40,00",
            "Ação de R$ 1.234,56, em 3 de",
            "Juízo da 2ª Vara Cível da Comarca de São Paulo"
        ]
    );
    let empty = of(&["--fields", "perito", "--limit", "2", "--allow-empty"]);
    assert_eq!(empty.len(), 3);
    assert_eq!(empty[0]["answers"], json!({ "text": [], "answer_start": [] }));
    assert_eq!(empty[0]["context"], "R$ 40,00");

    let rules = scratch.file(
        "r.toml",
        "[[field]]\nname = \"mes\"\nquestion = \"Em que mês?\"\npattern = 'de (?P<answer>\\p{L}+) de'\n",
    );
    let own = of(&["--questions", &rules]);
    assert_eq!((own.len(), &own[0]["answers"]["text"]), (1, &json!(["março"])));
    let failed = build(&scratch, &folder, "n.jsonl", &["--fields", "valores"]);
    assert!(failed.refusal().contains("valor_causa"), "{}", failed.err());
    let bad = scratch.file("b.toml", "[[field]]\nname = \"x\"\nquestion = \"?\"\npattern = '('\n");
    let failed = build(&scratch, &folder, "n.jsonl", &["--questions", &bad]);
    assert!(failed.refusal().contains("Field x of"), "{}", failed.err());
    let failed = build(&scratch, &scratch.path(".").display().to_string(), "n.jsonl", &[]);
    assert!(failed.refusal().contains("no zip archive"), "{}", failed.err());
    assert!(build(&scratch, &folder, "n.jsonl", &["--workers", "0"]).refusal().contains("workers"));
    assert!(!scratch.path("n.jsonl").exists());
}

fn model() -> String {
    repository("tests/goldens/transformers/heads/bert-answer").display().to_string()
}

fn evaluated(scratch: &Scratch, dataset: &str, more: &[&str]) -> Value {
    let all = ["--offline", "qa", "eval", "--dataset", dataset, "--model-name", &model(), "--json"];
    scratch.run(&[&all[..], more].concat()).json()
}

const CONTEXT: &str = "O cliente reclama do prazo. A loja não respondeu à reclamação.";

/// What the model, whose weights were drawn at random, answers.
fn answered(scratch: &Scratch, must: &[&str]) -> Value {
    let model = model();
    let all = ["answer", "--question", "Quem?", "--text", CONTEXT, "--model", &model];
    scratch.run(&[&all[..], &["--longest", "80", "--json"], must].concat()).json()[0].clone()
}

fn line(id: &str, answers: Value) -> String {
    json!({ "id": id, "question": "Quem?", "context": CONTEXT, "answers": answers }).to_string()
}

#[test]
fn predictions_are_scored_as_squad_does() {
    let scratch = Scratch::new();
    let given = answered(&scratch, &["--must"]);
    let (answer, start) = (given["answer"].as_str().expect("an answer"), &given["start"]);
    // Of the answer neither marks nor the article count.
    let words = answer.split([' ', '.']).filter(|word| !matches!(*word, "" | "A")).count() as f64;
    assert!(answer.contains(" respondeu "), "{answer}");
    let place = CONTEXT.chars().count() - " respondeu à reclamação.".chars().count() + 1;
    let right = line("certa", json!({ "text": [answer], "answer_start": [start] }));
    let half = line("parte", json!([{ "text": "respondeu", "start": place }]));
    let moved = line("movida", json!({ "text": ["cliente"], "answer_start": [40] }));
    let lost = line("perdida", json!({ "text": ["fornecedor"], "answer_start": [0] }));
    let long = json!({ "id": "longa", "question": "Quem? ".repeat(60), "context": CONTEXT,
        "answers": [{ "text": "loja", "start": 30 }] });
    let all = [right, half, moved, lost, long.to_string()].join("\n");
    let dataset = scratch.file("q.jsonl", &all);
    let out = scratch.path("p.json").display().to_string();
    let found = evaluated(&scratch, &dataset, &["--predictions-out", &out]);
    assert_eq!((&found["squad"], &found["all"]["questions"]), (&"1.1".into(), &3.into()));
    assert_eq!((&found["has_answer"], &found["no_answer"]), (&Value::Null, &Value::Null));
    assert_eq!((&found["left_out"], &found["too_long"]), (&1.into(), &json!(["longa"])));
    let issues = found["issues"].as_array().expect("issues");
    assert_eq!(issues.len(), 2);
    assert_eq!((&issues[0]["id"], &issues[0]["found"]), (&"movida".into(), &2.into()));
    assert_eq!((&issues[1]["found"], &issues[1]["left_out"]), (&Value::Null, &true.into()));

    let text = std::fs::read_to_string(&out).expect("the predictions");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(file["figures"]["all"], found["all"]);
    let saved = file["predictions"].as_array().expect("predictions");
    assert_eq!(saved.len(), 3);
    assert_eq!((&saved[0]["prediction"], &saved[0]["start"]), (&given["answer"], start));
    assert_eq!((&saved[0]["exact"], &saved[0]["f1"]), (&json!(1.0), &json!(1.0)));
    assert_eq!(saved[0]["context"], CONTEXT);
    assert_eq!(saved[2]["answers"], json!([{ "text": "cliente", "start": 2 }]));
    // One word right of one, among all that were given.
    assert_eq!(saved[1]["f1"], json!((2.0 * (1.0 / words)) / (1.0 / words + 1.0)));
    let mean = |figure: &str| {
        let sum: f64 = saved.iter().map(|one| one[figure].as_f64().expect("a figure")).sum();
        json!(100.0 * sum / 3.0)
    };
    assert_eq!((&found["all"]["exact"], &found["all"]["f1"]), (&mean("exact"), &mean("f1")));
    // The same in SQuAD's own form.
    let qas: Vec<Value> = all
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .map(|mut one| {
            // A list is that form already.
            if let Some(text) = one["answers"]["text"].get(0).cloned() {
                let start = one["answers"]["answer_start"][0].clone();
                one["answers"] = json!([{ "text": text, "answer_start": start }]);
            }
            one
        })
        .collect();
    let squad = json!({ "data": [{ "paragraphs": [{ "context": CONTEXT, "qas": qas }] }] });
    let dataset = scratch.file("q.json", squad.to_string());
    assert_eq!(evaluated(&scratch, &dataset, &[])["all"], found["all"]);
    assert_eq!(evaluated(&scratch, &dataset, &["--limit", "1"])["all"]["exact"], 100.0);
}

#[test]
fn questions_without_an_answer_count_by_the_rules_of_the_second_edition() {
    let scratch = Scratch::new();
    let given = answered(&scratch, &["--must"]);
    let right = json!({ "text": [given["answer"]], "answer_start": [given["start"]] });
    let other = json!({ "id": "nenhuma", "question": "Quando?", "context": "A loja abre. Sim.", "answers": [] });
    let dataset = scratch.file("q.jsonl", [line("certa", right), other.to_string()].join("\n"));
    let of = |threshold: &str| {
        let found = evaluated(&scratch, &dataset, &["--null-score-diff-threshold", threshold]);
        assert_eq!(found["squad"], "2.0");
        ["all", "has_answer", "no_answer"].map(|part| found[part]["exact"].as_f64().expect("exact"))
    };
    // Always an answer, and never one.
    assert_eq!(of("1000000"), [50.0, 100.0, 0.0]);
    assert_eq!(of("-1000000"), [50.0, 0.0, 100.0]);
    // The best threshold gives what it promises.
    for figure in ["exact", "f1"] {
        let best = evaluated(&scratch, &dataset, &[])[format!("best_{figure}")].clone();
        let with = best["threshold"].to_string();
        let found = evaluated(&scratch, &dataset, &["--null-score-diff-threshold", &with]);
        assert_eq!(found["all"][figure], best["score"], "{figure} {best}");
    }
    let shown = ["qa", "eval", "--dataset", &dataset, "--model-name", &model()];
    let shown = scratch.run(&shown);
    shown.succeeded();
    assert!(shown.out().contains("1 without an answer"), "{}", shown.out());
}

#[test]
fn a_document_is_asked_by_rules_and_by_a_model() {
    let scratch = Scratch::new();
    let text = "Não: São 3. Dá-se à causa o valor de R$ 10,00. Outro valor da causa, dizem uns, é R$ 7,00.";
    let ask = |more: &[&str]| {
        scratch.run(&[&["--offline", "qa", "ask", "--text", text, "--json"], more].concat()).json()
    };
    let found = ask(&["--fields", "valor_causa"]);
    let all = found["found"].as_array().expect("what was found");
    let chars: Vec<char> = text.chars().collect();
    for one in all {
        let at = |key: &str| one[key].as_u64().expect("a place") as usize;
        let stands: String = chars[at("start")..at("end")].iter().collect();
        assert_eq!(one["text"], stands.as_str());
        assert_eq!((&one["by"], &one["source"]), (&"rules".into(), &Value::Null));
    }
    let texts: Vec<_> = all.iter().map(|one| &one["text"]).collect();
    assert_eq!(texts, ["R$ 10,00", "R$ 7,00"]);
    let score = |at: usize| all[at]["score"].as_f64().expect("a score");
    assert!(score(0) > 0.95 && score(1) < 0.9 && score(1) > 0.5, "{all:?}");
    let sure = ask(&["--fields", "valor_causa", "--min-score", "0.95"]);
    assert_eq!(sure["found"].as_array().map(Vec::len), Some(1));

    // The model says what it says of the same question elsewhere.
    let model = model();
    let own = ["qa", "ask", "--text", CONTEXT, "--question", "Quem?", "--model", &model, "--json"];
    let own = scratch.run(&own).json();
    let said = ["answer", "--question", "Quem?", "--text", CONTEXT, "--model", &model, "--json"];
    let said = scratch.run(&said).json();
    assert!(said[0]["answer"].is_string(), "{said}");
    assert_eq!(own["found"][0]["text"], said[0]["answer"]);
    assert_eq!(own["found"][0]["start"], said[0]["start"]);
    assert_eq!(own["found"][0]["by"], "model");
    assert!(own["ran_on"]["device"].is_string());

    let zip = format!("{}/a.zip", folder(&scratch));
    let of_zip = ["qa", "ask", "--zip", &zip, "--fields", "vara,cnpj", "--json"];
    let of_zip = scratch.run(&of_zip).json();
    let found = of_zip["found"].as_array().expect("what was found");
    let sources: Vec<_> = found.iter().map(|one| &one["source"]).collect();
    assert_eq!(sources, ["Petição inicial.html", "anexos/Ofício.txt"]);
    assert_eq!(of_zip["refused"].as_array().map(Vec::len), Some(2));
    assert_eq!(scratch.run(&["qa", "ask", "--zip", "nada.zip"]).code(), Some(3));
    let failed = scratch.run(&["qa", "ask", "--text", "x", "--min-score", "2"]);
    assert!(failed.refusal().contains("min_score"), "{}", failed.err());
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let scratch = Scratch::new();
    let model = model();
    let eval = |text: &str, more: &[&str]| {
        let dataset = scratch.file("q.jsonl", text);
        let all = ["qa", "eval", "--dataset", &dataset, "--model-name", &model];
        scratch.run(&[&all[..], more].concat()).refusal()
    };
    let good = line("a", json!([]));
    let broken = eval(&format!("{good}\n{{\"question\": 1}}"), &[]);
    assert!(broken.contains("line 2") || broken.contains(", 2"), "{broken}");
    assert!(eval(&line("a", json!([{ "text": "x", "start": 0 }])), &[]).contains("no question"));
    assert!(eval(&good, &["--doc-stride", "384"]).contains("doc_stride"));
    assert!(eval(&good, &["--n-best-size", "0"]).contains("n_best_size"));
    let absent = scratch.run(&["qa", "eval", "--dataset", "q.json", "--model-name", &model]);
    assert_eq!(absent.code(), Some(3));
}

#[test]
fn the_same_is_done_over_http_as_jobs() {
    let scratch = Scratch::new();
    let folder = folder(&scratch);
    let server = Server::start(&scratch);
    let out = scratch.path("h.jsonl").display().to_string();
    let request =
        json!({ "zip_dir": folder, "out": out, "allow_empty": true, "fields": ["valor"] });
    let job = server.ok("build_qa?wait=true", &request);
    assert_eq!(job["examples"], 6, "{job}");
    let request = json!({ "dataset": out, "settings": { "model": model() } });
    let job = server.ok("eval_qa?wait=true", &request);
    assert_eq!(job["all"]["questions"], 6, "{job}");
    assert_eq!(job["no_answer"]["questions"], 1, "{job}");
}
