//! `mirante index`, `mirante search` and `mirante eval-retrieval`.

mod common;

use common::server::Server;
use common::{Scratch, repository, sample, shared};
use serde_json::{Value, json};

fn model() -> String {
    repository("tests/goldens/transformers/bert").display().to_string()
}

fn rows(hits: &Value) -> Vec<u64> {
    hits.as_array().into_iter().flatten().filter_map(|hit| hit["row"].as_u64()).collect()
}

const TABLE: &str = "id;dor;nicho;valor\n\
    1;O boleto vence e ninguém avisa;Contabilidade;1.500,00\n\
    2;A ação foi protocolada fora do prazo;Advocacia;300,00\n\
    3;Boleto em duplicidade, boleto errado;Varejo;90,50\n\
    4;Paciente esquece a consulta;Clínica;\n";

#[test]
fn words_are_found_without_minding_case_or_accents() {
    let scratch = Scratch::new();
    let csv = scratch.file("dores.csv", TABLE);
    let index = scratch.run(&["index", "--csv", &csv, "--text-col", "dor", "--json"]).json();
    assert_eq!((&index["name"], &index["rows"]), (&"dores".into(), &4.into()));
    assert_eq!(index["space"]["model"], "lsa");
    let search = |query: &str, more: &[&str]| {
        let all = ["search", "--index", "dores", "--mode", "words", "--query", query, "--json"];
        scratch.run(&[&all[..], more].concat()).json()
    };
    assert_eq!(rows(&search("ACAO protocolada", &[])), [1]);
    let boletos = search("boleto", &[]);
    assert_eq!(rows(&boletos), [2, 0]);
    assert_eq!(boletos[0]["fields"]["nicho"], "Varejo");
    assert_eq!(boletos[0]["text"], "Boleto em duplicidade, boleto errado");
    assert_eq!(
        (&boletos[0]["why"]["words_rank"], &boletos[0]["why"]["vector_rank"]),
        (&1.into(), &Value::Null)
    );
    assert!(boletos[0]["score"].as_f64() > boletos[1]["score"].as_f64());
    assert_eq!(rows(&search("boleto", &["--top", "1"])), [2]);
    assert_eq!(rows(&search("nada disto", &[])), [0; 0]);
    assert_eq!(rows(&search("\" OR text:*", &[])), [0; 0]);

    assert_eq!(rows(&search("boleto", &["--filter", "nicho = 'Contabilidade'"])), [0]);
    assert_eq!(rows(&search("boleto", &["--filter", "valor >= 90,5 and valor < 1000"])), [2]);
    assert_eq!(rows(&search("boleto", &["--filter", "nicho ~ 'conta'"])), [0]);
    assert_eq!(rows(&search("boleto", &["--filter", "nicho != Varejo"])), [0]);

    // A cell without a value adds nothing to the text, and is none in the result.
    let two =
        ["index", "--csv", &csv, "--name", "dois", "--text-col", "valor", "--text-col", "dor"];
    scratch.run(&two).succeeded();
    let found = scratch.run(&["search", "--index", "dois", "--query", "paciente", "--json"]).json();
    assert_eq!(found[0]["text"], "Paciente esquece a consulta");
    assert_eq!(found[0]["fields"]["valor"], Value::Null);
}

#[test]
fn a_row_is_found_by_its_own_meaning() {
    let scratch = Scratch::new();
    let csv = scratch.file("dores.csv", TABLE);
    let model = model();
    let index = [
        "index",
        "--csv",
        &csv,
        "--text-col",
        "dor",
        "--name",
        "com vetores",
        "--model",
        &model,
        "--json",
    ];
    let index = scratch.run(&index).json();
    assert_eq!(index["space"]["dimension"], 32);
    let like = ["search", "--index", "com vetores", "--like", "2", "--top", "9", "--json"];
    let like = scratch.run(&like).json();
    assert_eq!(rows(&like).len(), 3);
    assert!(!rows(&like).contains(&2), "a row is not its own like");
    assert!(like[0]["score"].as_f64() >= like[1]["score"].as_f64());
    let failed = scratch.run(&["search", "--index", "com vetores", "--like", "4"]);
    assert!(failed.refusal().contains("row 4"), "{}", failed.err());
    let search = |more: &[&str]| {
        let all = [
            "search",
            "--index",
            "com vetores",
            "--json",
            "--query",
            "Paciente esquece a consulta",
        ];
        scratch.run(&[&all[..], more].concat()).json()
    };
    let vector = search(&["--mode", "vector", "--top", "4"]);
    assert_eq!(rows(&vector)[0], 3);
    // Vectors are kept in half precision.
    assert!((vector[0]["why"]["similarity"].as_f64().unwrap() - 1.0).abs() < 1e-3);
    assert_eq!(rows(&vector).len(), 4);
    let hybrid = search(&[]);
    assert_eq!(rows(&hybrid)[0], 3);
    let why = &hybrid[0]["why"];
    assert_eq!((&why["words_rank"], &why["vector_rank"]), (&1.into(), &1.into()));
    assert!((hybrid[0]["score"].as_f64().unwrap() - 1.5).abs() < 1e-3);
    assert_eq!(rows(&search(&["--mode", "words"])), [3]);
    assert_eq!(rows(&search(&["--mode", "vector", "--filter", "nicho = Varejo"])), [2]);
}

#[test]
fn without_any_model_a_row_is_found_by_the_company_its_words_keep() {
    let scratch = Scratch::new();
    scratch.run(&["index", "--csv", &sample(), "--text-col", "dor_base"]).succeeded();
    let find = |query: &str, mode: &str| {
        let all = ["--offline", "search", "--index", "dores_solucoes", "--json", "--top", "100"];
        rows(&scratch.run(&[&all[..], &["--query", query, "--mode", mode]].concat()).json())
    };
    let search = |mode: &str| find("clientes", mode);
    let (words, vector, hybrid) = (search("words"), search("vector"), search("hybrid"));
    assert!((1..50).contains(&words.len()), "{words:?}");
    assert!(words.contains(&hybrid[0]) && vector.iter().take(20).any(|row| words.contains(row)));
    // None that holds the word is lost, and others that speak of the same come too.
    assert!(words.iter().all(|row| hybrid.contains(row)));
    assert!(hybrid.len() > words.len());
    // A word that the table does not know points nowhere.
    assert_eq!((find("xilofone", "vector"), find("xilofone", "hybrid")), (vec![], vec![]));
}

#[test]
fn an_index_is_replaced_listed_and_removed() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let dataset = server.import_sample();
    let request = json!({ "source": { "dataset": dataset }, "name": "amostra" });
    server.ok("index_table?wait=true", &request);
    let find = |query: &str| {
        let request = json!({ "index": "amostra", "query": query, "mode": "words" });
        rows(&server.ok("search", &request)["results"])
    };
    assert!(!find("boleto").is_empty());
    let small = scratch.file("t.csv", "texto\nsó isto aqui\ne mais isto\n");
    let request = json!({ "source": { "path": small }, "text_cols": ["texto"], "name": "amostra" });
    server.ok("index_table?wait=true", &request);
    assert_eq!((find("boleto"), find("mais")), (vec![], vec![1]));
    // Another Mirante with the same home puts another in its place.
    let other = scratch.file("u.csv", "texto\nnada\nalgo mais\ntudo\n");
    scratch
        .run(&["index", "--csv", &other, "--text-col", "texto", "--name", "amostra"])
        .succeeded();
    assert_eq!((find("isto"), find("tudo")), (vec![], vec![2]));
    let listed = server.ok("indexes", &json!({}));
    assert_eq!(listed["indexes"].as_array().unwrap().len(), 1);
    assert_eq!(listed["indexes"][0]["rows"], 3);
    assert_eq!(server.ok("remove_index", &json!({ "index": "amostra" }))["indexes"], json!([]));
    let left = std::fs::read_dir(scratch.path("home/search")).unwrap().flatten();
    assert_eq!(left.map(|entry| entry.file_name()).collect::<Vec<_>>(), [".lock"]);
    let (status, failure) = server.post("search", &json!({ "index": "amostra", "query": "isto" }));
    assert_eq!((status, &failure["code"]), (404, &"unknown_index".into()));
}

#[test]
fn what_cannot_be_searched_says_why() {
    let scratch = Scratch::new();
    let csv = scratch.file("dores.csv", TABLE);
    scratch.run(&["index", "--csv", &csv, "--text-col", "dor"]).succeeded();
    let refusal = |arguments: &[&str]| scratch.run(arguments).refusal();
    assert!(refusal(&["search", "--index", "outro", "--query", "x"]).contains("outro"));
    let search = ["search", "--index", "dores", "--query", "boleto"];
    let empty = scratch.file("vazia.csv", "dor;n\n!;1\n?;2\n");
    scratch
        .run(&["index", "--csv", &empty, "--text-col", "dor", "--name", "sem palavras"])
        .succeeded();
    let silent = ["search", "--index", "sem palavras", "--query", "x", "--mode", "vector"];
    assert!(refusal(&silent).contains("words"));
    let said = refusal(&[&search[..], &["--filter", "nixo = 'x'"]].concat());
    assert!(said.contains("nicho"), "{said}");
    let said = refusal(&[&search[..], &["--filter", "nicho = 'x"]].concat());
    assert!(said.contains("place 9"), "{said}");
    assert!(
        refusal(&["index", "--csv", &csv, "--text-col", "dor", "--name", "../fora"])
            .contains("../fora")
    );
    // The model of an index has changed since.
    let own = scratch.path("modelo");
    copy(&repository("tests/goldens/transformers/bert"), &own);
    let own = own.display().to_string();
    scratch
        .run(&["index", "--csv", &csv, "--text-col", "dor", "--name", "v", "--model", &own])
        .succeeded();
    std::fs::remove_dir_all(&own).unwrap();
    copy(&repository("tests/goldens/transformers/distilbert"), own.as_ref());
    let said = refusal(&["search", "--index", "v", "--query", "boleto"]);
    assert!(said.contains("mean 32") && said.contains("cls 32"), "{said}");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).expect("a copy");
        }
    }
}

#[test]
fn retrieval_is_measured_as_people_judged_it() {
    let scratch = Scratch::new();
    let corpus = scratch.file(
        "corpus.jsonl",
        "{\"_id\": \"a\", \"title\": \"Boleto\", \"text\": \"vence hoje\"}\n\
         {\"_id\": \"b\", \"title\": \"\", \"text\": \"boleto boleto\"}\n\n\
         {\"_id\": \"c\", \"text\": \"consulta esquecida\"}\n",
    );
    let queries = scratch.file(
        "queries.jsonl",
        "{\"_id\": \"1\", \"text\": \"boleto\"}\n{\"_id\": \"2\", \"text\": \"consulta\"}\n\
         {\"_id\": \"3\", \"text\": \"sem juízo\"}\n",
    );
    let qrels = scratch.file("test.tsv", "query-id\tcorpus-id\tscore\n1\ta\t1\n2\tc\t2\n2\tb\t1\n");
    let run = scratch.path("run.trec").display().to_string();
    let base = ["eval-retrieval", "--corpus", &corpus, "--queries", &queries, "--qrels", &qrels];
    let words = ["--mode", "words", "--run-out", &run, "--json"];
    let found = scratch.run(&[&base[..], &words].concat()).json();
    assert_eq!((&found["queries"], &found["documents"]), (&2.into(), &3.into()));
    // The first query finds b before a; the second finds c alone.
    let half = 1.0 / 3.0_f64.log2();
    let ndcg = (half + 2.0 / (2.0 + half)) / 2.0;
    assert!((found["ndcg_10"].as_f64().unwrap() - ndcg).abs() < 1e-12, "{found}");
    assert_eq!(found["mrr_10"], 0.75);
    assert_eq!((&found["recall"]["1"], &found["recall"]["10"]), (&0.25.into(), &0.75.into()));
    let lines = std::fs::read_to_string(run).unwrap();
    assert!(lines.starts_with("1 Q0 b 1 ") && lines.lines().count() == 3, "{lines}");

    let bad = scratch.file("bad.jsonl", "{\"_id\": \"1\", \"text\": \"x\"}\nnada\n");
    let bad = ["eval-retrieval", "--corpus", &bad, "--queries", &queries, "--qrels", &qrels];
    assert!(scratch.run(&bad).refusal().contains("line 2"));
}

#[test]
fn words_alone_find_portuguese_answers() {
    let Some(corpus) = shared("retrieval-pt/corpus.jsonl") else { return };
    let scratch = Scratch::new();
    let (queries, qrels) =
        (shared("retrieval-pt/queries.jsonl"), shared("retrieval-pt/qrels/test.tsv"));
    let (queries, qrels) = (queries.unwrap(), qrels.unwrap());
    let base =
        ["eval-retrieval", "--json", "--corpus", &corpus, "--queries", &queries, "--qrels", &qrels];
    let found = scratch.run(&base).json();
    assert!(found["ndcg_10"].as_f64().unwrap() > 0.84, "{found}");
}

#[test]
fn the_sample_is_searched_from_standard_input() {
    let scratch = Scratch::new();
    scratch.run(&["index", "--csv", &sample()]).succeeded();
    let mut command = scratch.command();
    command.args(["search", "--index", "dores_solucoes", "--stdin", "--json", "--top", "3"]);
    command.stdin(std::fs::File::open(scratch.file("q.txt", "boleto vencido\n")).unwrap());
    let found = common::Run(command.output().unwrap()).json();
    assert_eq!(found.as_array().unwrap().len(), 3);
    assert_eq!(found[0]["fields"].as_object().unwrap().len(), 8);
}
