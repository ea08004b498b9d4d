//! `mirante leads train` and `score`, and `POST /score-lead`.

mod common;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use common::server::Server;
use common::{Run, Scratch, shared};
use serde_json::{Value, json};

const ORIGINS: [(&str, u32); 4] = [("indicação", 55), ("site", 25), ("feira", 20), ("anúncio", 8)];
const WISHES: [(&str, u32); 3] =
    [("quero um orçamento", 15), ("só pesquisando preços", 0), ("tenho uma dúvida", 5)];

/// Leads as a Brazilian spreadsheet saves them: what converts follows from origin, message and amount, and
/// from chance.
fn leads(rows: u32) -> String {
    let mut state = 11_u32;
    let mut draw = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % below
    };
    let mut text = String::from(
        "lead_id;origem;primeiro_contato;valor;mensagem;cidade;contrato;vazia;converteu\r\n",
    );
    for row in 0..rows {
        let (origin, by_origin) = ORIGINS[draw(4) as usize];
        let (wish, by_wish) = WISHES[draw(3) as usize];
        let amount = 1_000 + draw(9_000);
        let converted = draw(100) < by_origin + by_wish + amount / 500;
        let cell = |text: String, missing: bool| if missing { String::new() } else { text };
        let origin = cell(origin.to_owned(), draw(30) == 0);
        let amount = cell(format!("{}.{:03},50", amount / 1000, amount % 1000), draw(10) == 0);
        let contract = cell(format!("C-{}", draw(9)), !converted);
        text += &format!(
            "L{row:05};{origin};{:02}/{:02}/2025;{amount};{wish};Recife;{contract};;{}\r\n",
            draw(28) + 1,
            draw(12) + 1,
            if converted { "Sim" } else { "Não" },
        );
    }
    text
}

const IGNORE: [&str; 2] = ["--ignore", "contrato"];

fn train(scratch: &Scratch, csv: &str, out: &str, more: &[&str]) -> Run {
    let all =
        ["leads", "train", "--csv", csv, "--target", "converteu", "--output-dir", out, "--json"];
    scratch.run(&[&all[..], more].concat())
}

fn with_stdin(scratch: &Scratch, arguments: &[&str], text: &str) -> Run {
    let mut command = scratch.command();
    let process =
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = process.spawn().expect("the program starts");
    process.stdin.take().expect("its input").write_all(text.as_bytes()).expect("a lead is sent");
    Run(process.wait_with_output().expect("it ends"))
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("the folder").flatten();
    let file = |entry: std::fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        (name, std::fs::read(entry.path()).expect("a file"))
    };
    entries.map(file).collect()
}

fn used(figures: &Value, column: &str) -> Value {
    let columns = figures["columns"].as_array().expect("columns");
    columns.iter().find(|one| one["column"] == column).cloned().expect("the column")
}

#[test]
fn what_converts_is_learnt_measured_and_told() {
    let scratch = Scratch::new();
    let csv = scratch.file("leads.csv", leads(1_500));
    let out = scratch.path("modelo").display().to_string();
    let done = train(&scratch, &csv, &out, &IGNORE).json();
    let figures = &done["figures"];
    let figure = |name: &str| figures[name].as_f64().expect("a figure");
    assert_eq!((&figures["rows"], &figures["positive_value"]), (&1500.into(), &"Sim".into()));
    assert!((0.68..0.9).contains(&figure("auc")), "{figures}");
    assert!(figure("average_precision") > figure("base_rate") + 0.1);
    assert!(figure("brier") < figure("brier_of_base_rate") - 0.01);
    // Nothing here changes with time.
    let later = &figures["forward"];
    assert!((later["auc"].as_f64().unwrap() - figure("auc")).abs() < 0.1, "{later}");
    assert_eq!(later["column"], "primeiro_contato");
    let lift: Vec<f64> =
        figures["lift"].as_array().unwrap().iter().filter_map(|one| one["lift"].as_f64()).collect();
    assert!(lift.len() == 10 && lift[0] > 1.5 && lift[9] < 0.6, "{lift:?}");
    // What is said of a tenth of the leads is what comes of it, but for chance.
    for bin in figures["calibration"].as_array().unwrap() {
        let (said, was) = (bin["said"].as_f64().unwrap(), bin["was"].as_f64().unwrap());
        assert!((said - was).abs() < 0.15, "{bin}");
    }
    let came: Vec<f64> = figures["temperatures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["positive"].as_f64().unwrap() / one["rows"].as_f64().unwrap())
        .collect();
    assert!(came[0] > came[1] && came[1] > came[2], "{came:?}");

    let read_as = |column: &str| used(figures, column)["read_as"].clone();
    assert_eq!(read_as("valor"), "number");
    assert_eq!(read_as("primeiro_contato"), "date");
    assert_eq!(read_as("origem"), "category");
    for (column, why) in [
        ("lead_id", "identifier"),
        ("contrato", "ignored"),
        ("vazia", "empty"),
        ("cidade", "constant"),
    ] {
        assert_eq!(used(figures, column)["why"], why, "{column}");
    }
    assert!(figures["columns"].as_array().unwrap().iter().all(|one| one["may_leak"] == false));

    let folder = files(Path::new(&out));
    let wanted = [
        "README.md",
        "calibration.svg",
        "lift.svg",
        "metrics-final.json",
        "model.json",
        "request.json",
        "roc.svg",
    ];
    assert!(folder.keys().eq(wanted), "{:?}", folder.keys());
    let card = String::from_utf8(folder["README.md"].clone()).unwrap();
    assert!(card.contains("| origem | category |") && !card.contains('{'), "{card}");

    // A column that is filled in afterwards stands out.
    let leaking = train(&scratch, &csv, &out, &[]).json();
    assert_eq!(used(&leaking["figures"], "contrato")["may_leak"], true);
    assert!(leaking["warnings"].as_array().unwrap().iter().any(|one| one["code"] == "lead_leaks"));
}

#[test]
fn leads_are_scored_with_reasons_from_a_table_from_standard_input_and_over_http() {
    let scratch = Scratch::new();
    let csv = scratch.file("leads.csv", leads(1_500));
    let out = scratch.path("modelo").display().to_string();
    let limits = ["--hot", "0.5", "--warm", "0.25"];
    train(&scratch, &csv, &out, &[&IGNORE[..], &limits].concat()).succeeded();
    let score = ["leads", "score", "--model", &out, "--stdin", "--json"];
    let good = json!({
        "origem": "indicação", "primeiro_contato": "10/03/2025", "valor": 9000.5,
        "mensagem": "quero um orçamento", "lead_id": "L9",
    });
    let bad = json!({
        "origem": "anúncio", "primeiro_contato": "2025-03-10", "valor": "500,00",
        "mensagem": "só pesquisando preços",
    });
    let found = with_stdin(&scratch, &score, &json!([good, bad]).to_string()).json();
    let probability = |of: &Value| of["probability"].as_f64().expect("a probability");
    assert!(probability(&found[0]) > 0.6 && probability(&found[1]) < 0.25, "{found}");
    assert_eq!(
        (&found[0]["temperature"], &found[1]["temperature"]),
        (&"hot".into(), &"cold".into())
    );
    assert_eq!((&found[0]["notes"], &found[1]["notes"]), (&json!([]), &json!([])));
    let first = &found[0]["reasons"][0];
    assert_eq!((&first["column"], &first["value"]), (&"origem".into(), &"indicação".into()));
    assert_eq!(
        (&first["effect"], &found[1]["reasons"][0]["effect"]),
        (&"plus".into(), &"minus".into())
    );

    // What was never seen, is missing or makes no sense is counted with its like, and said.
    let odd = json!({ "origem": "telefone", "valor": "muito", "primeiro_contato": null, "x": 1 });
    let odd = with_stdin(&scratch, &score, &odd.to_string()).json();
    let notes: Vec<String> = odd[0]["notes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| {
            format!("{} {}", note["column"].as_str().unwrap(), note["kind"].as_str().unwrap())
        })
        .collect();
    assert_eq!(notes, ["origem unseen", "valor not_a_number", "mensagem absent"]);
    assert!((0.05..0.95).contains(&probability(&odd[0])));
    with_stdin(&scratch, &score, "{\"origem\": [1]}").refusal();
    with_stdin(&scratch, &score, "não é JSON").refusal();

    let table = scratch.file(
        "novos.csv",
        "mensagem,origem,primeiro_contato,valor\nquero um orçamento,indicação,10/03/2025,9000.5\n\
         só pesquisando preços,anúncio,2025-03-10,500\n,,,\n",
    );
    let scored = scratch.path("pontuados.csv").display().to_string();
    let by_table = ["leads", "score", "--model", &out, "--csv", &table, "--out", &scored, "--json"];
    let done = scratch.run(&by_table).json();
    assert_eq!(done["rows"], 3);
    let written = std::fs::read_to_string(&scored).unwrap();
    let lines: Vec<&str> = written.lines().collect();
    assert!(lines[0].ends_with("valor,chance,temperatura,motivos"), "{written}");
    let said = format!(",{:.4},hot,\"+ origem: indicação; ", probability(&found[0]));
    assert!(lines[1].contains(&said), "{written} {found}");
    assert!(lines[2].contains(&format!(",{:.4},cold,", probability(&found[1]))), "{written}");
    let by_table = ["leads", "score", "--model", &out, "--csv", &table, "--out", &scored];
    let mut portuguese = std::process::Command::new(env!("CARGO_BIN_EXE_mirante"));
    let portuguese = portuguese.args(["--lang", "pt-BR", "--quiet"]).args(by_table).output();
    Run(portuguese.expect("the program starts")).succeeded();
    let written = std::fs::read_to_string(&scored).unwrap();
    assert!(written.contains(",quente,") && written.contains(" (mês): "), "{written}");
    let lacking = scratch.file("sem.csv", "origem,valor\nsite,1\n");
    let lacking = ["leads", "score", "--model", &out, "--csv", &lacking, "--out", &scored];
    assert!(scratch.run(&lacking).refusal().contains("primeiro_contato"));

    let server = Server::start(&scratch);
    let post = |body: &Value| {
        let mut response = Server::agent()
            .post(format!("{}/score-lead", server.base))
            .header("Authorization", format!("Bearer {}", server.token))
            .send_json(body)
            .expect("an answer");
        let status = response.status().as_u16();
        (status, response.body_mut().read_json::<Value>().expect("JSON"))
    };
    assert_eq!(post(&good).1["code"], "bad_option");
    let mut named = good.clone();
    named["model"] = out.clone().into();
    for body in [named, json!({ "model": out, "lead": good })] {
        let (status, one) = post(&body);
        assert_eq!((status, &one["probability"]), (200, &found[0]["probability"]), "{one}");
    }
    let (_, several) = post(&json!({ "model": out, "leads": [good, bad] }));
    assert_eq!(several["results"], found);
    let mut settings = server.ok("settings", &json!({}));
    settings["lead_model"] = out.clone().into();
    server.ok("save_settings", &settings);
    assert_eq!(post(&json!([good, bad])).1["results"], found);
    assert_eq!(post(&good).1["reasons"], found[0]["reasons"]);
    assert_eq!(post(&json!({ "model": "/nada", "leads": [] })).0, 404);
}

#[test]
fn the_same_leads_give_the_same_folder_on_any_number_of_threads() {
    let scratch = Scratch::new();
    let csv = scratch.file("leads.csv", leads(800));
    let out = scratch.path("modelo").display().to_string();
    let text = ["--text-col", "mensagem"];
    train(&scratch, &csv, &out, &[&IGNORE[..], &text, &["--threads", "1"]].concat()).succeeded();
    let first = files(Path::new(&out));
    let again = train(&scratch, &csv, &out, &[&IGNORE[..], &text, &["--threads", "2"]].concat());
    assert_eq!(used(&again.json()["figures"], "mensagem")["read_as"], "text");
    assert!(files(Path::new(&out)) == first);

    // An imported table is read as its file is.
    let server = Server::start(&scratch);
    let dataset = server.ok("import?wait=true", &json!({ "path": csv }))["id"].clone();
    let own = scratch.path("da tabela").display().to_string();
    let request = json!({
        "source": { "dataset": dataset }, "target": "converteu", "ignore": ["contrato"],
        "text_cols": ["mensagem"], "output_dir": own, "language": "en",
    });
    let done = server.ok("train_leads?wait=true", &request);
    assert_eq!(done["figures"], again.json()["figures"]);
    assert!(files(Path::new(&own))["model.json"] == first["model.json"]);
}

#[test]
fn what_cannot_be_learnt_says_why_and_leaves_nothing() {
    let scratch = Scratch::new();
    let out = scratch.path("modelo").display().to_string();
    let refusal = |text: &str, more: &[&str]| {
        let csv = scratch.file("t.csv", text);
        let refused = train(&scratch, &csv, &out, more).refusal();
        assert!(!Path::new(&out).exists(), "{refused}");
        refused
    };
    let of = |yes: usize, no: usize, words: [&str; 2]| {
        let row =
            |n: usize| format!("{},{}\n", ["a", "b", "c"][n % 3], words[usize::from(n < yes)]);
        format!("origem,converteu\n{}", (0..yes + no).map(row).collect::<String>())
    };
    assert!(refusal("", &[]).contains("empty"));
    assert!(refusal("origem,converteu\n", &[]).contains("None of 0 rows"));
    assert!(refusal(&of(40, 0, ["0", "1"]), &[]).contains("are 1"));
    assert!(refusal(&of(9, 40, ["0", "1"]), &[]).contains("1 has 9 rows"));
    assert!(refusal(&of(30, 30, ["morno", "quente"]), &[]).contains("--positive"));
    assert!(refusal(&of(30, 30, ["0", "1"]), &["--positive", "2"]).contains("positive"));
    assert!(refusal(&of(30, 30, ["0", "1"]), &["--ignore", "origem"]).contains("no column"));
    assert!(refusal(&of(30, 30, ["0", "1"]), &["--ignore", "origen"]).contains("origem"));
    assert!(refusal(&of(30, 30, ["0", "1"]), &["--hot", "0.2", "--warm", "0.3"]).contains("hot"));
    let renamed = of(30, 30, ["0", "1"]).replace("converteu", "convertido");
    assert!(refusal(&renamed, &[]).contains("nearest is “convertido”"));

    // Columns that say nothing make no lead hot.
    let csv = scratch.file("t.csv", of(30, 90, ["0", "1"]));
    let done = train(&scratch, &csv, &out, &[]).json();
    assert!(done["figures"]["hot"].as_f64() > done["figures"]["base_rate"].as_f64());
    assert_eq!(scratch.run(&["leads", "score", "--stdin"]).code(), Some(2));
    let model = Path::new(&out).join("model.json");
    let whole = std::fs::read_to_string(&model).unwrap();
    for broken in
        ["{}", "", &whole[..whole.len() / 2], &whole.replace("\"means\":[", "\"means\":[0.5,")]
    {
        std::fs::write(&model, broken).unwrap();
        let refused = with_stdin(&scratch, &["leads", "score", "--model", &out, "--stdin"], "{}");
        assert!(refused.refusal().contains("model.json"), "{}", refused.err());
    }
}

#[test]
fn real_leads_are_ranked_better_than_by_chance() {
    let Some(csv) = shared("olist/leads.csv") else {
        eprintln!("skipped: the real leads are not here");
        return;
    };
    let scratch = Scratch::new();
    let out = scratch.path("modelo").display().to_string();
    let train =
        ["leads", "train", "--csv", &csv, "--target", "converted", "--output-dir", &out, "--json"];
    let figures = &scratch.run(&train).json()["figures"];
    assert_eq!(used(figures, "mql_id")["why"], "identifier");
    assert_eq!(used(figures, "first_contact_date")["read_as"], "date");
    assert!(figures["auc"].as_f64() > Some(0.6), "{figures}");
}
