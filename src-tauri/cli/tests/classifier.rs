//! `mirante classifier train`, and `classify` with what it wrote.

mod common;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::server::Server;
use common::{Run, Scratch, repository, shared};
use serde_json::{Value, json};

const TONES: [(&str, &[&str]); 3] = [
    (
        "elogio",
        &["adorei", "chegou antes do prazo", "recomendo a loja", "ótima qualidade", "perfeito"],
    ),
    (
        "queixa",
        &["veio quebrado", "não recebi nada", "péssimo atendimento", "quero devolver", "atrasou"],
    ),
    (
        "dúvida",
        &[
            "como faço a troca",
            "qual o prazo",
            "tem garantia",
            "serve em qual modelo",
            "dá nota fiscal",
        ],
    ),
];
const COMMON: [&str; 8] = [
    "o produto",
    "comprei em março",
    "a entrega",
    "na loja",
    "esta semana",
    "o pedido",
    "pelo site",
    "hoje",
];

/// Comments of three tones that share most of their words; one in twelve has the tone of another.
fn comments(rows: u32) -> String {
    let mut state = 7_u32;
    let mut draw = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as usize % below
    };
    let mut text = String::from("id;comentario;tom\n");
    for row in 0..rows {
        let tone = draw(3);
        let said = if draw(12) == 0 { draw(3) } else { tone };
        let phrase = TONES[said].1[draw(5)];
        let (before, after) = (COMMON[draw(8)], COMMON[draw(8)]);
        text += &format!("{row};{before} {phrase} {after} {};{}\n", COMMON[draw(8)], TONES[tone].0);
    }
    text
}

fn train(scratch: &Scratch, csv: &str, out: &str, more: &[&str]) -> Run {
    let all = [
        "classifier",
        "train",
        "--csv",
        csv,
        "--text-col",
        "comentario",
        "--label-col",
        "tom",
        "--output-dir",
        out,
        "--json",
    ];
    scratch.run(&[&all[..], more].concat())
}

/// Every file of a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("the folder").flatten();
    let file = |entry: std::fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        (name, std::fs::read(entry.path()).expect("a file"))
    };
    entries.map(file).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder").flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_trained_folder_classifies_wherever_a_model_does() {
    let scratch = Scratch::new();
    let csv = scratch.file("comentarios.csv", comments(400));
    let out = scratch.path("tons").display().to_string();
    let done = train(&scratch, &csv, &out, &[]).json();
    let figures = &done["figures"];
    let validated = figures["validated"].as_u64().unwrap();
    assert_eq!(figures["trained"].as_u64(), Some(400 - validated));
    assert!((79..=81).contains(&validated), "{validated}");
    let (accuracy, macro_f1) = (figures["accuracy"].as_f64(), figures["macro_f1"].as_f64());
    // One in twelve is drawn anew, so that no more than some 94 in 100 can be right.
    assert!(accuracy > Some(0.8) && accuracy < Some(1.0) && macro_f1 > Some(0.8), "{figures}");
    assert!(figures["baseline"].as_f64() < Some(0.5));
    let labels: Vec<&str> =
        figures["classes"].as_array().unwrap().iter().filter_map(|c| c["label"].as_str()).collect();
    assert_eq!(labels, ["dúvida", "elogio", "queixa"]);
    let confusion: u64 = figures["confusion"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|row| row.as_array().unwrap())
        .filter_map(Value::as_u64)
        .sum();
    assert_eq!(confusion, validated);
    let curve = figures["learning_curve"].as_array().unwrap();
    assert_eq!(curve.last().unwrap()["macro_f1"], figures["macro_f1"]);

    let folder = files(Path::new(&out));
    let kept: Vec<&str> = folder.keys().map(String::as_str).collect();
    let wanted = ["README.md", "confusion.svg", "metrics-final.json", "model.json", "request.json"];
    assert_eq!(kept, wanted);
    let kept: Value = serde_json::from_slice(&folder["metrics-final.json"]).unwrap();
    assert_eq!(kept, *figures);
    let card = String::from_utf8(folder["README.md"].clone()).unwrap();
    assert!(card.contains("comentarios.csv") && card.contains("| queixa |"), "{card}");
    assert!(!card.contains('{'), "{card}");
    let picture = String::from_utf8(folder["confusion.svg"].clone()).unwrap();
    assert!(picture.contains("queixa") && picture.ends_with("</svg>\n"), "{picture}");

    // The folder alone is enough, from anywhere.
    std::fs::remove_file(&csv).unwrap();
    let moved = scratch.path("em outro lugar");
    std::fs::rename(&out, &moved).unwrap();
    let moved = moved.display().to_string();
    let texts = ["a entrega adorei", "veio quebrado", "xyz"];
    let classify = ["classify", "--model", &moved, "--json"];
    let by_text = scratch
        .run(
            &[&classify[..], &["--text", texts[0], "--text", texts[1], "--text", texts[2]]]
                .concat(),
        )
        .json();
    assert_eq!((&by_text[0]["label"], &by_text[1]["label"]), (&"elogio".into(), &"queixa".into()));
    assert_eq!(by_text[2]["scores"].as_array().map(Vec::len), Some(3));
    let sum: f64 = by_text[0]["scores"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["score"].as_f64())
        .sum();
    assert!((sum - 1.0).abs() < 1e-6);

    let mut command = scratch.command();
    let mut process = command
        .args(classify)
        .args(["--stdin", "--lines"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(texts.join("\n").as_bytes()).unwrap();
    let by_stdin = Run(process.wait_with_output().unwrap()).json();
    assert_eq!(by_stdin, by_text);

    let csv = scratch.file("novos.csv", format!("n,comentario\n1,{}\n2,{}\n", texts[0], texts[1]));
    let labelled = scratch.path("novos-classes.csv").display().to_string();
    let table = ["--csv", &csv, "--text-col", "comentario", "--out", &labelled];
    let done = scratch.run(&[&classify[..], &table].concat()).json();
    assert_eq!(done["counts"], json!({ "elogio": 1, "queixa": 1 }));
    let written = std::fs::read_to_string(&labelled).unwrap();
    assert!(
        written.starts_with("n,comentario,classe,classe_score\n1,a entrega adorei,elogio,0."),
        "{written}"
    );

    let server = Server::start(&scratch);
    let request = json!({ "texts": texts, "settings": { "model": moved } });
    let found = server.ok("classify", &request);
    let (one, other) = (&found["results"][1], &by_text[1]);
    assert_eq!(one["label"], other["label"]);
    let apart = one["score"].as_f64().unwrap() - other["score"].as_f64().unwrap();
    assert!(apart.abs() < 1e-6, "{one} {other}");
    assert_eq!(found["ran_on"]["device"], "cpu");
}

#[test]
fn a_saved_request_trains_the_same_folder_on_any_number_of_threads() {
    let scratch = Scratch::new();
    let csv = scratch.file("comentarios.csv", comments(600));
    let out = scratch.path("tons").display().to_string();
    let more = ["--class-weights", "balanced", "--c", "3", "--seed", "7"];
    train(&scratch, &csv, &out, &[&more[..], &["--threads", "1"]].concat()).succeeded();
    let first = files(Path::new(&out));
    // A model takes the place of the one before it.
    train(&scratch, &csv, &out, &[&more[..], &["--threads", "2"]].concat()).succeeded();
    assert!(files(Path::new(&out)) == first);
    let request = scratch.file("pedido.json", &first["request.json"]);
    scratch.run(&["run", &request]).succeeded();
    assert!(files(Path::new(&out)) == first);
    train(&scratch, &csv, &out, &["--seed", "8"]).succeeded();
    assert!(files(Path::new(&out))["metrics-final.json"] != first["metrics-final.json"]);
    assert!(names(&scratch.path("")).iter().all(|name| !name.starts_with(".mirante-")));
}

#[test]
fn vectors_of_a_sentence_model_can_be_learnt_from() {
    let scratch = Scratch::new();
    let csv = scratch.file("comentarios.csv", comments(150));
    let out = scratch.path("tons").display().to_string();
    let model = repository("tests/goldens/transformers/bert").display().to_string();
    let done = train(&scratch, &csv, &out, &["--features", &model, "--c", "100"]).json();
    assert_eq!(done["figures"]["features"], 32);
    // A model of noise still tells words apart.
    let accuracy = done["figures"]["accuracy"].as_f64();
    assert!(accuracy > done["figures"]["baseline"].as_f64(), "{done}");
    let classify = ["classify", "--model", &out, "--text", "veio quebrado o pedido", "--json"];
    let found = scratch.run(&classify).json();
    assert_eq!(found[0]["scores"].as_array().map(Vec::len), Some(3));
    let refused = train(&scratch, &csv, &out, &["--features", "ninguem/nada"]).refusal();
    assert!(refused.contains("ninguem/nada"), "{refused}");
}

#[test]
fn what_cannot_be_learnt_says_why_and_leaves_nothing() {
    let scratch = Scratch::new();
    let out = scratch.path("saída").display().to_string();
    let refusal = |text: &str, more: &[&str]| {
        let csv = scratch.file("t.csv", text);
        let refused = train(&scratch, &csv, &out, more).refusal();
        assert!(!Path::new(&out).exists(), "{refused}");
        refused
    };
    assert!(refusal("comentario;tom\nbom;a\nruim;a\n", &[]).contains("are a"));
    let rare = "comentario;tom\nbom;a\nruim;b\nótimo;a\n";
    assert!(refusal(rare, &[]).contains("b has 1 rows"));
    assert!(refusal("comentario;tom\nbom;\n;a\n", &[]).contains("None of 2 rows"));
    assert!(refusal("comentario;tom\n", &[]).contains("None of 0 rows"));
    assert!(refusal("", &[]).contains("empty"));
    assert!(refusal("comentario;ton\nbom;a\n", &[]).contains("ton"));
    let sound = "comentario;tom\nbom;a\nmau;b\nbom bom;a\nmau mau;b\n";
    assert!(refusal(sound, &["--validation-split", "1"]).contains("validation_split"));
    assert!(refusal(sound, &["--c", "0"]).contains('c'));
    assert!(refusal(sound, &["--text-col", "tom"]).contains("label_col"));
    assert!(refusal("comentario;tom\n!;a\n?;b\n!!;a\n??;b\n", &[]).contains("text"));

    // Rows without a text or a class are counted; two rows a class are enough to say something.
    let csv = scratch.file("t.csv", format!("{sound};a\nnada;\n"));
    let done = train(&scratch, &csv, &out, &["--validation-split", "0.5"]).json();
    assert_eq!(
        (&done["figures"]["without_text"], &done["figures"]["without_label"]),
        (&1.into(), &1.into())
    );
    assert_eq!(done["warnings"][0], json!({ "code": "rows_without_text", "count": 1 }));

    // What a person keeps there is not touched, nor believed.
    let theirs = scratch.path("tese");
    std::fs::create_dir(&theirs).unwrap();
    std::fs::write(theirs.join("tese.docx"), "minha").unwrap();
    let refused = train(&scratch, &csv, &theirs.display().to_string(), &[]).refusal();
    assert!(refused.contains("tese"), "{refused}");
    assert_eq!(names(&theirs), ["tese.docx"]);
    let absent = scratch.path("não/há").display().to_string();
    train(&scratch, &csv, &absent, &[]).refusal();
    let model = Path::new(&out).join("model.json");
    let whole = std::fs::read_to_string(&model).unwrap();
    for broken in [
        "{}",
        "",
        &whole[..whole.len() / 2],
        &whole.replace("\"intercepts\":[", "\"intercepts\":[0.5,"),
    ] {
        std::fs::write(&model, broken).unwrap();
        let refused = scratch.run(&["classify", "--model", &out, "--text", "x"]).refusal();
        assert!(refused.contains("model.json"), "{refused}");
    }
}

#[test]
fn a_training_that_is_killed_leaves_no_folder() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("saídas")).unwrap();
    let csv = scratch.file("comentarios.csv", comments(60_000));
    let out = scratch.path("saídas/tons").display().to_string();
    let arguments = [
        "classifier",
        "train",
        "--csv",
        &csv,
        "--text-col",
        "comentario",
        "--label-col",
        "tom",
        "--output-dir",
        &out,
    ];
    let mut process = scratch.command().args(arguments).stdout(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    while names(&scratch.path("saídas")).is_empty() {
        assert!(began.elapsed() < Duration::from_secs(60), "nothing is ever begun");
    }
    std::thread::sleep(Duration::from_millis(100));
    process.kill().unwrap();
    process.wait().unwrap();
    let left = names(&scratch.path("saídas"));
    assert!(left.len() == 1 && left[0].starts_with(".mirante-"), "{left:?}");
    let csv = scratch.file("comentarios.csv", comments(100));
    train(&scratch, &csv, &out, &[]).succeeded();
    assert_eq!(names(&scratch.path("saídas")), ["tons"]);
}

#[test]
fn real_comments_are_told_apart() {
    let Some(csv) = shared("olist/olist_comentarios.csv") else {
        eprintln!("skipped: the real comments are not here");
        return;
    };
    let scratch = Scratch::new();
    let out = scratch.path("tons").display().to_string();
    let train = [
        "classifier",
        "train",
        "--csv",
        &csv,
        "--text-col",
        "comentario",
        "--label-col",
        "sentimento",
        "--output-dir",
        &out,
        "--json",
    ];
    let figures = &scratch.run(&train).json()["figures"];
    assert!(figures["macro_f1"].as_f64() > Some(0.6), "{figures}");
    assert!(figures["accuracy"].as_f64() > figures["baseline"].as_f64().map(|base| base + 0.1));
}
