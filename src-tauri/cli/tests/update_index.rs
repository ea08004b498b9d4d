//! `mirante update-index`, and indexes of vectors that another program made.

mod common;

use std::process::Stdio;
use std::time::Duration;

use common::{Run, Scratch, repository};
use serde_json::{Value, json};

fn model() -> String {
    repository("tests/goldens/transformers/bert").display().to_string()
}

/// Rows of a table: a number, and words that no other row has together.
fn row(number: usize) -> String {
    const THINGS: [&str; 7] = ["boleto", "prazo", "consulta", "estoque", "frete", "nota", "senha"];
    const FAULTS: [&str; 5] = ["atrasado", "errado", "perdido", "duplicado", "caro"];
    format!("p-{number};{} {} {number}", THINGS[number % 7], FAULTS[number / 7 % 5])
}

fn table(rows: impl Iterator<Item = usize>) -> String {
    std::iter::once("id;dor".to_owned()).chain(rows.map(row)).collect::<Vec<_>>().join("\n") + "\n"
}

/// What a search finds: rows, ids and scores.
fn found(hits: &Value) -> Vec<(u64, String, f64)> {
    let hits = hits.as_array().into_iter().flatten();
    hits.map(|hit| {
        let id = hit["id"].as_str().expect("a hit").to_owned();
        (hit["row"].as_u64().expect("a hit"), id, hit["score"].as_f64().expect("a hit"))
    })
    .collect()
}

fn search(scratch: &Scratch, index: &str, more: &[&str]) -> Vec<(u64, String, f64)> {
    let all = [&["search", "--index", index, "--json", "--top", "10"], more].concat();
    found(&scratch.run(&all).json())
}

/// Both find the same, with scores that differ by less than rounding does.
fn same(one: &[(u64, String, f64)], other: &[(u64, String, f64)]) {
    assert_eq!(one.len(), other.len(), "{one:?}\n{other:?}");
    for (one, other) in one.iter().zip(other) {
        assert!((one.2 - other.2).abs() < 2e-3, "{one:?} {other:?}");
    }
    let ids = |some: &[(u64, String, f64)]| some.iter().map(|hit| (hit.0, hit.1.clone())).next();
    assert_eq!(ids(one), ids(other));
}

#[test]
fn an_index_follows_its_table() {
    let scratch = Scratch::new();
    let model = model();
    let index = |csv: &str, name: &str, more: &[&str]| {
        let all = ["index", "--csv", csv, "--text-col", "dor", "--id-col", "id", "--name", name];
        scratch.run(&[&all, more].concat()).succeeded();
    };
    let before = scratch.file("before.csv", table(0..60));
    // One is gone, one came in the middle, one has another text, and two changed places.
    let now: Vec<usize> = (0..60).filter(|&at| at != 7).collect();
    let mut lines: Vec<String> = now.iter().map(|&at| row(at)).collect();
    lines.insert(20, row(100));
    lines[30] = lines[30].split(';').next().unwrap().to_owned() + ";a senha venceu de novo";
    lines.swap(40, 41);
    let after = scratch.file("after.csv", "id;dor\n".to_owned() + &lines.join("\n") + "\n");
    for more in [&["--model", model.as_str()][..], &[]] {
        index(&before, "vivo", more);
        let done = ["update-index", "--index", "vivo", "--csv", &after, "--json"];
        let done = scratch.run(&done).json();
        assert_eq!(
            (&done["added"], &done["changed"], &done["removed"], &done["rebuilt"]),
            (&json!(1), &json!(1), &json!(1), &json!(false)),
            "{done}"
        );
        assert_eq!((&done["index"]["rows"], &done["index"]["slots"]), (&json!(60), &json!(62)));
        index(&after, "novo", more);
        for query in ["a senha venceu de novo", "boleto atrasado", &row(100)[6..], "p-41"] {
            let modes: &[&str] =
                if more.is_empty() { &["words"] } else { &["words", "vector", "hybrid"] };
            for mode in modes {
                let ask = ["--query", query, "--mode", mode];
                same(&search(&scratch, "vivo", &ask), &search(&scratch, "novo", &ask));
            }
        }
        let gone = search(&scratch, "vivo", &["--query", &row(7)[4..]]);
        assert!(gone.iter().all(|hit| hit.1 != "p-7"), "{gone:?}");
        let like = ["--like", "20"];
        same(&search(&scratch, "vivo", &like), &search(&scratch, "vivo", &like));
        // Nothing more to do.
        let done = ["update-index", "--index", "vivo", "--csv", &after, "--json"];
        let done = scratch.run(&done).json();
        assert_eq!(
            (&done["added"], &done["changed"], &done["removed"]),
            (&json!(0), &json!(0), &json!(0))
        );
        // Another four are more than a tenth in all: it is built anew.
        lines.truncate(56);
        let fewer = scratch.file("fewer.csv", "id;dor\n".to_owned() + &lines.join("\n") + "\n");
        let done = ["update-index", "--index", "vivo", "--csv", &fewer, "--json"];
        let done = scratch.run(&done).json();
        assert_eq!((&done["removed"], &done["rebuilt"]), (&json!(4), &json!(true)));
        let index = &done["index"];
        assert_eq!(
            (&index["rows"], &index["slots"], &index["changed"]),
            (&json!(56), &json!(56), &json!(0))
        );
        assert_eq!(search(&scratch, "vivo", &["--query", &row(3)[4..]])[0].1, "p-3");
        lines.extend((56..60).map(row));
    }
}

fn with_input(scratch: &Scratch, arguments: &[&str], input: &str) -> Run {
    use std::io::Write;
    let mut command = scratch.command();
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program takes it");
    child
        .stdin
        .take()
        .expect("the program takes it")
        .write_all(input.as_bytes())
        .expect("the program takes it");
    Run(child.wait_with_output().expect("the program takes it"))
}

#[test]
fn rows_are_put_and_deleted_by_their_ids() {
    let scratch = Scratch::new();
    let csv = scratch.file("t.csv", table(0..50));
    let index = ["index", "--csv", &csv, "--text-col", "dor", "--id-col", "id", "--name", "t"];
    scratch.run(&index).succeeded();
    let put = [
        json!({"id": "p-3", "fields": {"dor": "xícara quebrada"}}),
        json!({"id": "x-1", "fields": {"dor": "guarda-chuva esquecido"}}),
        // Of two with one id the last counts.
        json!({"id": "x-2", "fields": {"dor": "primeiro"}}),
        json!({"id": "x-2", "fields": {"dor": "segundo"}}),
    ];
    let lines = put.map(|row| row.to_string()).join("\n");
    let arguments = ["update-index", "--index", "t", "--put", "-", "--delete", "p-9", "--json"];
    let done = with_input(&scratch, &arguments, &lines).json();
    assert_eq!(
        (&done["added"], &done["changed"], &done["removed"], &done["rebuilt"]),
        (&json!(2), &json!(1), &json!(1), &json!(false))
    );
    let words = |query: &str| search(&scratch, "t", &["--mode", "words", "--query", query]);
    let first = |query: &str| words(query).into_iter().next().map(|hit| (hit.0, hit.1));
    assert_eq!(first("xícara"), Some((3, "p-3".to_owned())));
    assert_eq!(first("chuva"), Some((50, "x-1".to_owned())));
    assert_eq!(first("segundo"), Some((51, "x-2".to_owned())));
    assert_eq!((first("primeiro"), first("9")), (None, None));
    assert!(words("perdido").iter().all(|hit| hit.1 != "p-9"));

    let refused =
        |arguments: &[&str], input: &str| with_input(&scratch, arguments, input).refusal();
    let put = ["update-index", "--index", "t", "--put", "-"];
    let said = refused(&put, "{\"id\": \"1\", \"fields\": {}}\n{\"id\": 2}\n");
    assert!(said.contains("line 2"), "{said}");
    assert!(refused(&["update-index", "--index", "u", "--delete", "1"], "").contains('u'));
    assert!(refused(&["update-index", "--index", "t"], "").contains("--put"));
    assert_eq!(first("segundo"), Some((51, "x-2".to_owned())), "nothing of it came in");
}

#[test]
fn vectors_made_elsewhere_are_searched() {
    let scratch = Scratch::new();
    let model = model();
    let csv = scratch.file("t.csv", table(0..40));
    let with_model =
        ["index", "--csv", &csv, "--text-col", "dor", "--id-col", "id", "--model", &model];
    scratch.run(&[&with_model[..], &["--name", "modelo"]].concat()).succeeded();
    let wanted = search(&scratch, "modelo", &["--mode", "vector", "--query", "boleto errado"]);
    let embed = |file: &str, more: &[&str]| {
        let out = scratch.path(file).display().to_string();
        let all = ["embed", "--csv", &csv, "--text-col", "dor", "--model", &model, "--out", &out];
        scratch.run(&[&all, more].concat()).succeeded();
        out
    };
    let query = scratch.run(&["embed", "--text", "boleto errado", "--model", &model]);
    let query = if query.code() == Some(0) {
        query.json()
    } else {
        with_input(&scratch, &["embed", "--stdin", "--model", &model], "boleto errado").json()
    };
    let query = scratch.file("q.json", query[0]["embedding"].to_string());
    for file in ["v.npy", "v.parquet", "v.jsonl", "v.json"] {
        let vectors = embed(file, if file == "v.npy" { &[] } else { &["--id-col", "id"] });
        let index = ["index", "--csv", &csv, "--text-col", "dor", "--id-col", "id"];
        let own = [&index[..], &["--name", "own", "--vectors", &vectors, "--json"]].concat();
        let made = scratch.run(&own).json();
        assert_eq!(
            (&made["space"]["model"], &made["space"]["dimension"]),
            (&json!("own"), &json!(32))
        );
        let ask = ["--mode", "vector", "--vector", &query];
        same(&search(&scratch, "own", &ask), &wanted);
        assert_eq!(search(&scratch, "own", &["--like", "3"]).len(), 10);
        // Words need no vector; a vector that nobody makes is asked for.
        assert_eq!(search(&scratch, "own", &["--query", &row(5)[4..]])[0].0, 5);
        let said = scratch.run(&["search", "--index", "own", "--query", "x", "--mode", "vector"]);
        assert!(said.refusal().contains("words"));
        // Named, the model that made them makes those of queries.
        let named = [&index[..], &["--name", "named", "--vectors", &vectors, "--model", &model]];
        scratch.run(&named.concat()).succeeded();
        let ask = ["--mode", "vector", "--query", "boleto errado"];
        same(&search(&scratch, "named", &ask), &wanted);
    }

    // By their ids, in whatever order.
    let lines = std::fs::read_to_string(scratch.path("v.jsonl")).unwrap();
    let turned: Vec<&str> = lines.lines().rev().collect();
    let turned = scratch.file("turned.jsonl", turned.join("\n"));
    let index = ["index", "--csv", &csv, "--text-col", "dor", "--name", "own", "--vectors"];
    let by_id = ["--id-col", "id"];
    scratch.run(&[&index[..], &[&turned], &by_id].concat()).succeeded();
    let ask = ["--mode", "vector", "--vector", &query];
    same(&search(&scratch, "own", &ask), &wanted);

    // New rows bring their own.
    let vector = vec![0.5; 32];
    let put = |vector: &[f64]| {
        let row = json!({"id": "x", "fields": {"dor": "novo"}, "vector": vector}).to_string();
        with_input(&scratch, &["update-index", "--index", "own", "--put", "-"], &row)
    };
    put(&vector).succeeded();
    let near = scratch.file("near.json", json!(vector).to_string());
    assert_eq!(search(&scratch, "own", &["--mode", "vector", "--vector", &near])[0].1, "x");
    assert!(put(&vector[1..]).refusal().contains("31"));
    let said = scratch.run(&["update-index", "--index", "own", "--csv", &csv]).refusal();
    assert!(said.contains("put"), "{said}");

    let refused =
        |file: &str, more: &[&str]| scratch.run(&[&index[..], &[file], more].concat()).refusal();
    let short = scratch.file("short.jsonl", lines.lines().next().unwrap());
    assert!(refused(&short, &[]).contains("1 vectors for 40 rows"));
    assert!(refused(&short, &by_id).contains("p-1"));
    let bad = scratch.file("bad.json", "[[1, 2], [3]]");
    assert!(refused(&bad, &[]).contains("vector 2"));
    let narrow = scratch.file("narrow.json", format!("[{}]", vec!["[1, 2]"; 40].join(",")));
    assert!(refused(&narrow, &["--model", &model]).contains("2 numbers each"));
    assert!(refused(&scratch.path("none.npy").display().to_string(), &[]).contains("none.npy"));
    let said = scratch.run(&["search", "--index", "own", "--vector", &short]).refusal();
    assert!(said.contains("short.jsonl"), "{said}");
}

#[test]
fn of_changes_at_once_none_is_lost() {
    let scratch = Scratch::new();
    let csv = scratch.file("t.csv", table(0..300));
    let index = ["index", "--csv", &csv, "--text-col", "dor", "--id-col", "id", "--name", "t"];
    scratch.run(&index).succeeded();
    let names: Vec<String> = (0..6).map(|at| format!("guarda{at}")).collect();
    std::thread::scope(|scope| {
        for name in &names {
            let row = json!({"id": name, "fields": {"dor": name}}).to_string();
            let scratch = &scratch;
            scope.spawn(move || {
                let put = ["update-index", "--index", "t", "--put", "-"];
                with_input(scratch, &put, &row).succeeded();
            });
        }
    });
    for name in &names {
        let found = search(&scratch, "t", &["--mode", "words", "--query", name]);
        assert_eq!(found.first().map(|hit| hit.1.as_str()), Some(name.as_str()));
    }
}

#[test]
fn a_change_that_is_killed_leaves_the_index_as_it_was_or_as_it_should_be() {
    let scratch = Scratch::new();
    let model = model();
    let before = scratch.file("before.csv", table(0..3000));
    let after = scratch.file("after.csv", table(100..3100));
    let index = ["index", "--csv", &before, "--text-col", "dor", "--name", "t", "--model", &model];
    scratch.run(&index).succeeded();
    for wait in [5, 20, 40, 60, 80, 120, 200] {
        let mut command = scratch.command();
        command.args(["update-index", "--index", "t", "--csv", &after]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        let _ = child.kill();
        child.wait().unwrap();
        let hit = &search(&scratch, "t", &["--mode", "words", "--query", "1500"])[0];
        assert!([1500, 1400].contains(&hit.0), "{hit:?}");
    }
    scratch.run(&["update-index", "--index", "t", "--csv", &after]).succeeded();
    let hit = &search(&scratch, "t", &["--mode", "words", "--query", "3050"])[0];
    assert_eq!(hit.0, 2950);
    assert_eq!(search(&scratch, "t", &["--like", "2950"]).len(), 10);
}
