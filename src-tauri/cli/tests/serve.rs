//! `mirante serve`: the operations over HTTP, as a workflow calls them.

mod common;

use std::time::{Duration, Instant};

use common::server::Server;
use common::{Scratch, repository, sample};
use serde_json::{Value, json};

#[test]
fn from_file_to_named_segments_to_export() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let preview = server.ok("preview", &json!({ "path": sample() }));
    let dataset = server.ok("import?wait=true", &json!({ "path": sample() }));
    assert_eq!(preview["columns"].as_array().map(Vec::len), Some(8));
    for (shown, kept) in
        preview["columns"].as_array().unwrap().iter().zip(dataset["columns"].as_array().unwrap())
    {
        assert_eq!((&shown["name"], &shown["kind"]), (&kept["name"], &kept["kind"]));
    }
    let id = dataset["id"].as_i64().unwrap();
    let result = server.ok("segment?wait=true", &json!({ "source": { "dataset": id } }));
    let run = result["run"].as_i64().expect("a kept run");
    let renamed = server
        .ok("rename_segment", &json!({ "run": run, "segment": 3, "name": "Cobrança atrasada" }));
    assert_eq!(renamed["result"]["segments"][3]["name"], "Cobrança atrasada");

    let view = json!({ "selection": { "segments": [3] } });
    let rows = server.ok("rows", &json!({ "dataset": id, "view": view, "limit": 1000 }));
    assert_eq!(rows["total"], result["segments"][3]["count"]);
    assert!(rows["rows"].as_array().unwrap().iter().all(|row| row["segment"] == 3));

    let out = scratch.path("named.csv").display().to_string();
    let export = json!({ "dataset": id, "format": "csv", "path": out, "names": true });
    server.ok("export?wait=true", &export);
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(text.contains(",Cobrança atrasada\n"), "{}", &text[..300]);
    for format in ["parquet", "xlsx", "json", "jsonl"] {
        let path = scratch.path(&format!("out.{format}"));
        let request = json!({ "dataset": id, "format": format, "path": path, "view": view });
        let done = server.ok("export?wait=true", &request);
        assert_eq!(done["rows"], rows["total"], "{format}");
    }

    let undone = server.ok("undo", &json!({}));
    assert_eq!(undone["undone"], "rename_segment");
    assert_eq!(
        server.ok("run", &json!({ "run": run }))["result"]["segments"][3]["name"],
        Value::Null
    );
}

#[test]
fn the_map_is_laid_out_and_a_lasso_selects_its_rows() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let id = server.import_sample();
    let result = server.ok("segment?wait=true", &json!({ "source": { "dataset": id } }));
    let run = result["run"].as_i64().unwrap();
    let (status, failure) = server.post("map_points", &json!({ "run": run }));
    assert_eq!((status, &failure["code"]), (404, &json!("no_map")));
    let map = server.ok("lay_out_map?wait=true", &json!({ "run": run }));
    assert_eq!(map["points"], 600);
    let bounds: Vec<f64> =
        map["bounds"].as_array().unwrap().iter().filter_map(Value::as_f64).collect();
    let far = 1e6;
    let all = json!([[-far, -far], [far, -far], [far, far], [-far, far]]);
    let half = (bounds[0] + bounds[2]) / 2.0;
    let left = json!([[-far, -far], [half, -far], [half, far], [-far, far]]);
    let count = |lasso: &Value| {
        let view = json!({ "selection": { "lasso": lasso } });
        server.ok("rows", &json!({ "dataset": id, "view": view }))["total"].as_u64().unwrap()
    };
    assert_eq!(count(&all), 600);
    assert!((1..600).contains(&count(&left)), "{}", count(&left));
}

#[test]
fn pictures_are_named_and_worded_in_the_language_that_is_set() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let id = server.import_sample();
    let source = json!({ "dataset": id });
    let run = server.ok("segment?wait=true", &json!({ "source": source }))["run"].clone();
    let tried = json!({ "source": source, "min": 2, "max": 4 });
    let job = server.ok("suggest_k", &tried)["id"].as_i64().expect("a job");
    server.until(job, &["done"]);
    let draw = |request: Value| {
        let path = server.ok("plot?wait=true", &request)["path"].as_str().unwrap().to_owned();
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        (name, std::fs::read_to_string(path).expect("the picture"))
    };
    let of_job = json!({ "picture": "suggest_k", "source": { "job": job } });
    let sizes = json!({ "picture": "sizes", "source": { "run": run } });

    server.ok("save_settings", &json!({ "language": "en" }));
    let (name, svg) = draw(of_job.clone());
    assert_eq!(name, "dores_solucoes-suggest-k.svg");
    assert!(svg.contains("Silhouette") && svg.contains("600 rows"));
    assert_eq!(svg.matches("<circle").count(), 3 * 3 + 3);
    assert_eq!(draw(sizes.clone()).0, "dores_solucoes-sizes.svg");

    server.ok("save_settings", &json!({ "language": "pt-BR" }));
    assert!(draw(of_job).1.contains("Silhueta"));
    assert_eq!(draw(sizes.clone()).0, "dores_solucoes-tamanhos.svg");
    let map = json!({ "picture": "map", "source": { "run": run } });
    assert_eq!(draw(map).0, "dores_solucoes-mapa.svg");
    let mut in_english = sizes;
    in_english["language"] = json!("en");
    assert_eq!(draw(in_english).0, "dores_solucoes-sizes.svg");

    // The same again from nothing but the request.
    let of_table = json!({ "picture": "suggest_k", "source": { "suggest_k": tried } });
    let (name, svg) = draw(of_table);
    assert_eq!(name, "dores_solucoes-sugestao-k.svg");
    assert!(svg.contains("Silhueta"));

    for source in [json!({ "run": run }), json!({ "job": 1 })] {
        let request = json!({ "picture": "suggest_k", "source": source });
        let (status, failure) = server.post("plot?wait=true", &request);
        assert_eq!((status, &failure["code"]), (422, &json!("bad_option")), "{source}");
    }
}

#[test]
fn sizes_are_bytes_over_http_and_words_on_the_command_line() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let id = server.import_sample();
    let result = server.ok("segment?wait=true", &json!({ "source": { "dataset": id } }));
    let request = json!({ "run": result["run"] });
    server.ok("save_settings", &json!({ "memory_limit": 2500 }));
    let (status, failure) = server.post("lay_out_map?wait=true", &request);
    assert_eq!((status, &failure["code"]), (422, &json!("too_large")));
    assert_eq!(failure["fields"]["limit"], "2500");
    let saved = json!({ "operation": "lay_out_map", "request": request }).to_string();
    let refusal = scratch.run(&["run", &scratch.file("request.json", saved)]).refusal();
    assert!(refusal.contains("2.5 kB") && !refusal.contains("2500"), "{refusal}");
}

#[test]
fn a_preview_counts_the_rows_that_are_wrong() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let table = scratch.file("t.csv", "a,b\n1,2\n3\n4,5,6\n7\n");
    let preview = server.ok("preview", &json!({ "path": table }));
    assert_eq!(preview["issues"].as_array().map(Vec::len), Some(3));
    assert_eq!(preview["issue_counts"], json!({ "too_few_fields": 2, "too_many_fields": 1 }));
    let report = server.ok("open?wait=true", &json!({ "path": table }));
    assert_eq!(preview["issue_counts"], report["issue_counts"]);
}

#[test]
fn an_export_names_the_new_segments_apart_from_old_ones() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let rows: String = (0..40).map(|n| format!("antigo,nota{} boleto{}\n", n % 3, n % 5)).collect();
    let table = scratch.file("t.csv", format!("segmento,texto\n{rows}"));
    let id = server.ok("import?wait=true", &json!({ "path": table }))["id"].clone();
    let settings = json!({ "clusters": 2, "text_cols": ["texto"] });
    server.ok("segment?wait=true", &json!({ "source": { "dataset": id }, "settings": settings }));
    for (format, view) in [("json", json!({})), ("csv", json!({ "selection": { "rows": [0] } }))] {
        let path = scratch.path(&format!("out.{format}"));
        let request = json!({ "dataset": id, "format": format, "path": path, "view": view });
        server.ok("export?wait=true", &request);
        let text = std::fs::read_to_string(path).expect("the export");
        assert!(text.contains("antigo") && text.contains("segmento_2"), "{text:.200}");
    }
}

/// The first cell of every row on the first page of a view.
fn first_cells(server: &Server, dataset: i64, view: &Value) -> Vec<String> {
    let page = server.ok("rows", &json!({ "dataset": dataset, "view": view }));
    let rows = page["rows"].as_array().into_iter().flatten();
    rows.map(|row| row["cells"][0].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn search_filter_and_order_agree_with_each_other() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let table = scratch.file(
        "t.csv",
        "nome;valor;dia\nÁgua;10,5;01/02/2024\nbarco;2;15/01/2024\nágata;100;\nzebra;;03/03/2024\n",
    );
    let id = server.ok("import?wait=true", &json!({ "path": table }))["id"].as_i64().unwrap();
    let names = |view: Value| first_cells(&server, id, &view);
    assert_eq!(names(json!({ "search": "AGA" })), ["ágata"]);
    assert_eq!(
        names(json!({ "sort": { "column": "valor" } })),
        ["barco", "Água", "ágata", "zebra"]
    );
    let newest = json!({ "sort": { "column": "dia", "descending": true } });
    assert_eq!(names(newest), ["zebra", "Água", "barco", "ágata"]);
    let dear = json!({ "filters": [{ "column": "valor", "test": "at_least", "value": "10,5" }] });
    assert_eq!(names(dear), ["Água", "ágata"]);
    let undated = json!({ "filters": [{ "column": "dia", "test": "missing" }] });
    assert_eq!(names(undated), ["ágata"]);
    let (status, failure) =
        server.post("rows", &json!({ "dataset": id, "view": { "sort": { "column": "vlor" } } }));
    assert_eq!((status, &failure["fields"]["nearest"]), (422, &json!("valor")));
}

#[test]
fn a_day_lasts_until_its_end_and_money_is_compared_by_its_amount() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let table = scratch.file(
        "t.csv",
        "pedido;quando;preço\na;05/01/2024 00:00;R$ 2,00\nb;05/01/2024 23:59;R$ 1.234,56\n\
         c;06/01/2024 08:30;-R$ 10,00\nd;;R$ -\n",
    );
    let id = server.ok("import?wait=true", &json!({ "path": table }))["id"].as_i64().unwrap();
    let orders = |view: Value| first_cells(&server, id, &view).concat();
    for (column, test, value, expected) in [
        ("quando", "at_most", "05/01/2024", "ab"),
        ("quando", "equals", "05/01/2024", "ab"),
        ("quando", "differs", "05/01/2024", "cd"),
        ("quando", "at_least", "06/01/2024", "c"),
        ("quando", "equals", "05/01/2024 23:59", "b"),
        ("quando", "at_most", "05/01/2024 00:00", "a"),
        ("preço", "at_least", "2", "ab"),
        ("preço", "at_most", "R$ 2,00", "ac"),
        ("preço", "missing", "", "d"),
    ] {
        let filter = json!({ "column": column, "test": test, "value": value });
        assert_eq!(orders(json!({ "filters": [filter] })), expected, "{column} {test} {value}");
    }
    assert_eq!(orders(json!({ "sort": { "column": "preço" } })), "cabd");
    let out = scratch.path("t.json").display().to_string();
    server.ok("export?wait=true", &json!({ "dataset": id, "format": "json", "path": out }));
    let rows: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    assert_eq!((&rows[1]["preço"], &rows[3]["preço"]), (&json!(1234.56), &Value::Null));
}

#[test]
fn row_issues_go_out_as_a_table() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let table = scratch.file("t.csv", "a;b\n1;x\n2\n3;y;z\n");
    let id = server.ok("import?wait=true", &json!({ "path": table }))["id"].as_i64().unwrap();
    let out = scratch.path("problemas.csv").display().to_string();
    let written = server.ok("export_issues?wait=true", &json!({ "dataset": id, "path": out }));
    assert_eq!(written["rows"], 2);
    let report = scratch.run(&["open", "--csv", &out, "--json"]).json();
    assert_eq!((&report["delimiter"], &report["rows"]), (&json!(";"), &json!(2)));
    let lines: Vec<_> = report["preview"].as_array().unwrap().iter().map(|row| &row[0]).collect();
    assert_eq!(lines, ["3", "4"]);
    assert!(report["issues"].as_array().unwrap().is_empty());
}

#[test]
fn only_who_holds_the_token_and_names_this_server_is_answered() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let ask = |headers: &[(&str, &str)]| {
        let mut request = Server::agent().post(format!("{}/api/about", server.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send_json(json!({})).expect("an answer").status().as_u16()
    };
    let bearer = ("Authorization", "Bearer abc123");
    assert_eq!(ask(&[bearer]), 200);
    assert_eq!(ask(&[]), 401);
    assert_eq!(ask(&[("Authorization", "Bearer abc124")]), 401);
    assert_eq!(ask(&[bearer, ("Origin", "https://example.com")]), 403);
    assert_eq!(ask(&[bearer, ("Host", "example.com")]), 403);
    assert_eq!(ask(&[bearer, ("Origin", &server.base)]), 200);
}

#[test]
fn openapi_names_every_operation() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let mut response =
        Server::agent().get(format!("{}/openapi.json", server.base)).call().expect("an answer");
    let document: Value = response.body_mut().read_json().expect("JSON");
    for path in ["/api/segment", "/api/rows", "/api/export", "/api/job"] {
        assert!(document["paths"][path]["post"]["requestBody"].is_object(), "{path}");
    }
    // Every reference leads somewhere.
    let text = document.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap_or_default();
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}

#[test]
fn unknown_operations_and_bad_requests_are_told_apart() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    assert_eq!(server.post("no_such_thing", &json!({})).0, 404);
    let (status, failure) = server.post("rows", &json!({ "data_set": 1 }));
    assert_eq!((status, &failure["code"]), (422, &json!("bad_request")));
    let (status, failure) = server.post("rows", &json!({ "dataset": 99 }));
    assert_eq!((status, &failure["code"]), (404, &json!("unknown_dataset")));
}

#[test]
fn a_killed_server_leaves_its_job_interrupted_and_its_tables_whole() {
    let scratch = Scratch::new();
    let text: String = (0..60_000)
        .map(|n| {
            format!("{n},frase número {} sobre o assunto {} e o tema {}\n", n % 997, n % 89, n % 31)
        })
        .collect();
    let table = scratch.file("big.csv", format!("id,texto\n{text}"));
    let id = {
        let mut server = Server::start(&scratch);
        let id = server.import_sample();
        let import = json!({ "path": table });
        let dataset = server.ok("import?wait=true", &import)["id"].as_i64().unwrap();
        let suggest =
            json!({ "source": { "dataset": dataset }, "settings": { "text_cols": ["texto"] } });
        let job = server.ok("suggest_k", &suggest)["id"].as_i64().unwrap();
        server.until(job, &["running"]);
        server.process.kill().unwrap();
        server.process.wait().unwrap();
        id
    };
    let server = Server::start(&scratch);
    let jobs = server.ok("jobs", &json!({}))["jobs"].clone();
    assert_eq!(jobs[0]["operation"], "suggest_k");
    assert_eq!(jobs[0]["state"], "interrupted");
    assert_eq!(server.ok("rows", &json!({ "dataset": id }))["total"], 600);
}

#[test]
fn a_job_stops_within_half_a_second_of_being_asked() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let text: String = (0..60_000)
        .map(|n| {
            format!("{n},frase número {} sobre o assunto {} e o tema {}\n", n % 997, n % 89, n % 31)
        })
        .collect();
    let table = scratch.file("big.csv", format!("id,texto\n{text}"));
    let dataset = server.ok("import?wait=true", &json!({ "path": table }))["id"].clone();
    let request =
        json!({ "source": { "dataset": dataset }, "settings": { "text_cols": ["texto"] } });
    let job = server.ok("suggest_k", &request)["id"].as_i64().unwrap();
    server.until(job, &["running"]);
    std::thread::sleep(Duration::from_millis(300));
    let asked = Instant::now();
    server.ok("cancel", &json!({ "job": job }));
    server.until(job, &["cancelled"]);
    assert!(asked.elapsed() < Duration::from_millis(500), "{:?}", asked.elapsed());
}

#[test]
fn a_job_that_waits_for_its_turn_is_cancelled_without_waiting() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let dataset = server.import_sample();
    let request = json!({ "source": { "dataset": dataset }, "max": 200 });
    let start = || server.ok("suggest_k", &request)["id"].as_i64().expect("a job");
    let at_work = [start(), start()];
    for job in at_work {
        server.until(job, &["running"]);
        server.ok("pause", &json!({ "job": job }));
    }
    // Jobs that wait hold up no query, though it wants all threads.
    let model = repository("tests/goldens/transformers/bert").display().to_string();
    let embed = json!({ "texts": vec!["prazo"; 500], "settings": { "model": model } });
    assert_eq!(server.ok("embed", &embed)["embeddings"].as_array().map(Vec::len), Some(500));
    let waiting = start();
    assert_eq!(server.ok("cancel", &json!({ "job": waiting }))["state"], "cancelled");
    let kept = server.ok("job", &json!({ "job": waiting }));
    assert_eq!(kept["state"], "cancelled");
    assert!(kept["finished_at"].is_number());
    for job in at_work {
        server.ok("cancel", &json!({ "job": job }));
        server.until(job, &["cancelled"]);
    }
}

#[test]
fn a_browser_sends_a_file_and_fetches_an_export() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let bearer = format!("Bearer {}", server.token);
    let mut sent = Server::agent()
        .put(format!("{}/api/upload?name=..%2F..%2Fa%C3%A7%C3%A3o.csv", server.base))
        .header("Authorization", &bearer)
        .send("texto\num\ndois\n")
        .expect("an answer");
    let path = sent.body_mut().read_json::<Value>().unwrap()["path"].as_str().unwrap().to_owned();
    assert!(path.ends_with("/ação.csv") && path.contains("uploads"), "{path}");
    let dataset = server.ok("import?wait=true", &json!({ "path": path }))["id"].clone();
    let export = server.ok("export?wait=true", &json!({ "dataset": dataset, "format": "json" }));
    let fetch = |path: &str| {
        let mut answer = Server::agent()
            .get(format!("{}/api/download", server.base))
            .query("path", path)
            .header("Authorization", &bearer)
            .call()
            .expect("an answer");
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap_or_default())
    };
    let (status, text) = fetch(export["path"].as_str().unwrap());
    assert_eq!((status, text.contains("dois")), (200, true));
    assert_eq!(fetch("/etc/hostname").0, 404);
    assert_eq!(fetch(&path).0, 404);
}

#[test]
fn removing_a_table_takes_an_upload_with_it_and_nothing_else() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let bearer = format!("Bearer {}", server.token);
    let mut sent = Server::agent()
        .put(format!("{}/api/upload?name=a.csv", server.base))
        .header("Authorization", &bearer)
        .send("texto\num\ndois\n")
        .expect("an answer");
    let upload = sent.body_mut().read_json::<Value>().unwrap()["path"].as_str().unwrap().to_owned();
    let remove = |path: &str| {
        let id = server.ok("import?wait=true", &json!({ "path": path }))["id"].clone();
        server.ok("remove_dataset", &json!({ "dataset": id }));
    };
    // A person's own folder, named by a way that leads through the uploads; and a file that
    // somebody put straight into them.
    std::fs::create_dir(scratch.path("precious")).unwrap();
    let keep = scratch.file("precious/keep.csv", "a,b\n1,2\n3,4\n");
    let uploads = scratch.path("home/uploads");
    remove(&uploads.join("../../precious/keep.csv").display().to_string());
    assert!(std::path::Path::new(&keep).exists(), "a person's file was removed");
    let loose = uploads.join("loose.csv");
    std::fs::write(&loose, "a,b\n1,2\n3,4\n").unwrap();
    remove(&loose.display().to_string());
    assert!(std::path::Path::new(&upload).exists(), "another upload was removed");
    remove(&upload);
    assert!(!std::path::Path::new(&upload).exists());
}

#[test]
fn cells_after_the_last_column_are_shown_and_an_export_says_what_it_lacks() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    let bytes = "a;b\n1;2;3;\"x;y\"\n4;5\n";
    let path = scratch.file("t.csv", bytes);
    let id = server.ok("import?wait=true", &json!({ "path": path }))["id"].as_i64().unwrap();
    assert_eq!(server.ok("row", &json!({ "dataset": id, "row": 0 }))["surplus"], "3;\"x;y\"");
    assert_eq!(server.ok("row", &json!({ "dataset": id, "row": 1 })).get("surplus"), None);
    let export = |format: &str, view: Value| {
        let out = scratch.path(&format!("out.{format}"));
        let request = json!({ "dataset": id, "format": format, "path": out, "view": view });
        let done = server.ok("export?wait=true", &request);
        (done["warnings"].clone(), std::fs::read(out).unwrap())
    };
    let lacks = json!([{ "code": "surplus_left_out", "count": 1 }]);
    assert_eq!(export("json", json!({})).0, lacks);
    assert_eq!(export("csv", json!({ "selection": { "rows": [0] } })).0, lacks);
    assert_eq!(export("csv", json!({ "selection": { "rows": [1] } })).0, json!([]));
    // A whole table with nothing to add is the file itself.
    assert_eq!(export("csv", json!({})), (json!([]), bytes.as_bytes().to_vec()));
}
