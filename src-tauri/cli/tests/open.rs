//! `mirante open`: what a file is and holds, whatever was done to it.

mod common;

use common::{Scratch, shared};
use serde_json::json;

#[test]
fn the_report_has_the_promised_keys() {
    let scratch = Scratch::new();
    let file = scratch.file("a.csv", "id,texto,valor\n1,bom dia,2.5\n2,boa noite,\n");
    let report = scratch.run(&["open", "--csv", &file, "--json"]).json();
    for key in
        ["encoding", "delimiter", "quote", "has_header", "decimal", "rows", "columns", "issues"]
    {
        assert!(report.get(key).is_some(), "{key} is missing");
    }
    assert_eq!(report["rows"], 2);
    assert_eq!(report["encoding"], "utf-8");
    let value = &report["columns"][2];
    assert_eq!(value["name"], "valor");
    assert_eq!(value["missing"], 1);
    for key in ["name", "kind", "role", "missing", "distinct", "sample"] {
        assert!(value.get(key).is_some(), "{key} is missing");
    }
}

#[test]
fn a_brazilian_spreadsheet_is_understood() {
    let scratch = Scratch::new();
    let text = "\u{feff}\"nome\";\"preço\";\"data\"\r\n\"São João\";\"1.234,50\";\"31/12/2025\"\r\n\"Água\";\"7,00\";\"01/02/2025\"\r\n";
    let report = scratch.run(&["open", "--csv", &scratch.file("b.csv", text), "--json"]).json();
    assert_eq!(report["encoding"], "utf-8-bom");
    assert_eq!(report["delimiter"], ";");
    assert_eq!(report["decimal"], ",");
    assert_eq!(report["columns"][0]["name"], "nome");
    assert_eq!(report["columns"][1]["kind"], "number");
    assert_eq!(report["columns"][2]["kind"], "date");
    assert_eq!(report["preview"][0], json!(["São João", "1.234,50", "31/12/2025"]));
}

#[test]
fn money_and_percentages_are_numbers_unless_they_are_mixed() {
    let scratch = Scratch::new();
    let text =
        "preço;desconto;câmbio\nR$ 1.234,50;12,5%;R$ 5,00\n-R$ 7,00;3%;US$ 5,00\nR$ -;;1,00\n";
    let report = scratch.run(&["open", "--csv", &scratch.file("m.csv", text), "--json"]).json();
    let kinds: Vec<_> = (0..3).map(|column| &report["columns"][column]["kind"]).collect();
    assert_eq!(kinds, ["number", "number", "text"]);
    assert_eq!(report["columns"][0]["missing"], 1);
    assert_eq!(report["preview"][0], json!(["R$ 1.234,50", "12,5%", "R$ 5,00"]));
}

#[test]
fn dates_in_the_texts_of_json_are_dates() {
    let scratch = Scratch::new();
    let text = "{\"dia\":\"25/01/2024\",\"iso\":\"2024-01-25\"}\n{\"dia\":\"02/02/2024\",\"iso\":\"2024-02-02T10:00:00\"}\n";
    let file = scratch.file("d.jsonl", text);
    let report = scratch.run(&["open", "--csv", &file, "--json"]).json();
    assert_eq!(
        (&report["columns"][0]["kind"], &report["columns"][1]["kind"]),
        (&json!("date"), &json!("date"))
    );
}

#[test]
fn windows_1252_and_utf_16_are_told_apart() {
    let scratch = Scratch::new();
    let latin = b"cidade;nota\nS\xe3o Paulo;p\xe9ssimo\nBel\xe9m;\xf3timo\n";
    let report = scratch.run(&["open", "--csv", &scratch.file("l.csv", latin), "--json"]).json();
    assert_eq!(report["encoding"], "windows-1252");
    assert_eq!(report["preview"][0][0], "São Paulo");
    let wide: Vec<u8> = "\u{feff}cidade\tnota\nSão Paulo\tpéssimo\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let report = scratch.run(&["open", "--csv", &scratch.file("w.csv", wide), "--json"]).json();
    assert_eq!(report["encoding"], "utf-16le");
    assert_eq!(report["delimiter"], "\t");
    assert_eq!(report["preview"][0][1], "péssimo");
}

#[test]
fn bad_rows_are_named_by_line_and_kept() {
    let scratch = Scratch::new();
    let text = "a,b,c\n1,2,3\n1,2\n1,2,3,4\n\"aberta,2,3\n5,6,7\n";
    let report = scratch.run(&["open", "--csv", &scratch.file("r.csv", text), "--json"]).json();
    assert_eq!(report["rows"], 5, "{report}");
    let found: Vec<_> = report["issues"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|issue| (issue["line"].as_u64(), issue["kind"].as_str().unwrap_or_default()))
        .collect();
    assert!(found.contains(&(Some(3), "too_few_fields")), "{found:?}");
    assert!(found.contains(&(Some(4), "too_many_fields")), "{found:?}");
    assert!(found.contains(&(Some(5), "unclosed_quote")), "{found:?}");
}

#[test]
fn standard_input_is_read() {
    let scratch = Scratch::new();
    let file = scratch.file("i.csv", "a;b\n1;x\n2;y\n");
    let run = scratch
        .command()
        .args(["open", "--csv", "-", "--json"])
        .stdin(std::fs::File::open(file).expect("the file"))
        .output()
        .expect("the program starts");
    let report = common::Run(run).json();
    assert_eq!((&report["rows"], &report["delimiter"]), (&json!(2), &json!(";")));
}

#[test]
fn what_is_no_table_is_refused_in_words() {
    let scratch = Scratch::new();
    let empty = scratch.file("empty.csv", "");
    let picture = scratch.file("p.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0");
    let folder = scratch.path("").display().to_string();
    let absent = scratch.path("absent.csv").display().to_string();
    let refused = |path: &str| scratch.run(&["open", "--csv", path]).refusal();
    assert!(refused(&empty).contains("empty"));
    assert!(refused(&picture).contains("p.csv"));
    assert!(refused(&folder).contains("folder"));
    assert!(refused(&absent).contains("absent.csv"));
}

#[test]
fn hostile_files_give_a_table_or_a_refusal_and_never_a_panic() {
    let scratch = Scratch::new();
    let wide = (0..5000).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",");
    let files: [(&str, Vec<u8>); 10] = [
        ("nul.csv", b"a,b\n1,\0\n2,x\n".to_vec()),
        ("wide.csv", format!("{wide}\n{wide}\n").into_bytes()),
        ("twice.csv", b"a,a,,\n1,2,3,4\n".to_vec()),
        ("line.csv", vec![b'x'; 5_000_000]),
        ("quotes.csv", vec![b'"'; 100_001]),
        ("bom.csv", b"\xEF\xBB\xBF".to_vec()),
        ("header.csv", b"a,b,c".to_vec()),
        ("cr.csv", b"a,b\r1,2\r3,4\r".to_vec()),
        ("bytes.csv", b"a,b\n\xff\xfe\x80,2\nok,3\n\xc3\xa9,4\n\xc3\xa7,5\n".to_vec()),
        ("newlines.csv", vec![b'\n'; 10_000]),
    ];
    for (name, bytes) in files {
        let run = scratch.run(&["open", "--csv", &scratch.file(name, bytes), "--json"]);
        if run.code() == Some(0) {
            assert!(run.json()["columns"].as_array().is_some_and(|c| !c.is_empty()), "{name}");
        } else {
            run.refusal();
        }
    }
    let report =
        scratch.run(&["open", "--csv", &scratch.path("twice.csv").display().to_string(), "--json"]);
    let names: std::collections::BTreeSet<_> = report.json()["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["name"].to_string())
        .collect();
    assert_eq!(names.len(), 4, "duplicate and empty headers get names of their own");
}

#[test]
fn real_shop_reviews_are_read_alike_in_both_dialects() {
    let (Some(plain), Some(brazilian)) = (
        shared("olist/olist_comentarios.csv"),
        shared("olist/olist_comentarios_bom_pontoevirgula.csv"),
    ) else {
        return;
    };
    let scratch = Scratch::new();
    let plain = scratch.run(&["open", "--csv", &plain, "--json"]).json();
    let brazilian = scratch.run(&["open", "--csv", &brazilian, "--json"]).json();
    assert_eq!((&plain["rows"], &brazilian["rows"]), (&json!(4109), &json!(4109)));
    assert_eq!(
        (&brazilian["encoding"], &brazilian["delimiter"]),
        (&json!("utf-8-bom"), &json!(";"))
    );
    for (left, right) in
        plain["columns"].as_array().unwrap().iter().zip(brazilian["columns"].as_array().unwrap())
    {
        for key in ["name", "kind", "role", "missing"] {
            assert_eq!(left[key], right[key], "{} {key}", left["name"]);
        }
    }
}
