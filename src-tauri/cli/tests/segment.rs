//! `mirante segment`, `assign`, `suggest-k` and `plot`, from file to file.

mod common;

use common::{Run, Scratch, repository, sample, shared};

fn labels(path: &std::path::Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("the written table");
    text.lines()
        .skip(1)
        .filter_map(|line| line.rsplit(',').next())
        .map(|cell| cell.trim_matches('"').to_owned())
        .collect()
}

#[test]
fn the_sample_falls_into_eight_segments() {
    let scratch = Scratch::new();
    let out = scratch.path("out.csv");
    let out_text = out.display().to_string();
    let done = scratch.run(&["segment", "--csv", &sample(), "--out", &out_text, "--json"]).json();
    assert_eq!(done["rows"], 600);
    assert_eq!(done["text_cols"], serde_json::json!(["dor_base", "solucao_graventum"]));
    let segments = done["segments"].as_array().expect("segments");
    assert_eq!(segments.len(), 8);
    let count: u64 = segments.iter().filter_map(|s| s["count"].as_u64()).sum();
    assert_eq!(count, 600);
    for segment in segments {
        assert!(segment["terms"].as_array().is_some_and(|terms| !terms.is_empty()));
        assert!(segment["examples"].as_array().is_some_and(|rows| !rows.is_empty()));
    }
    for key in ["inertia", "iterations", "silhouette", "seconds", "model", "issues"] {
        assert!(done.get(key).is_some(), "{key}");
    }
    for stage in ["read", "features", "cluster", "write"] {
        assert!(done["seconds"][stage].is_number(), "{stage}");
    }
    // Every original record stands in the copy byte for byte, with one cell more.
    let original = std::fs::read_to_string(sample()).expect("the sample");
    let copy = std::fs::read_to_string(&out).expect("the copy");
    for (before, after) in original.lines().zip(copy.lines()) {
        assert!(after.starts_with(before), "{before}\n{after}");
        assert!(after[before.len()..].starts_with(','));
    }
    assert!(copy.starts_with(&format!("{},segmento\n", original.lines().next().unwrap_or(""))));
}

#[test]
fn the_same_request_gives_the_same_bytes_at_any_thread_count() {
    let scratch = Scratch::new();
    let run = |threads: &str, name: &str| {
        let out = scratch.path(name);
        let text = out.display().to_string();
        scratch
            .run(&["segment", "--csv", &sample(), "--out", &text, "--threads", threads, "--json"])
            .json();
        std::fs::read(out).expect("the copy")
    };
    assert_eq!(run("1", "one.csv"), run("3", "three.csv"));
}

#[test]
fn stable_segments_do_not_depend_on_the_order_of_rows() {
    let scratch = Scratch::new();
    let text = std::fs::read_to_string(sample()).expect("the sample");
    let mut lines: Vec<&str> = text.lines().collect();
    let header = lines.remove(0);
    let segment = |lines: &[&str], name: &str| {
        let table =
            scratch.file(&format!("{name}.csv"), format!("{header}\n{}\n", lines.join("\n")));
        let out = scratch.path(&format!("{name}-out.csv"));
        let out_text = out.display().to_string();
        let run = scratch.run(&["segment", "--csv", &table, "--out", &out_text, "--stable"]);
        assert!(run.0.status.success(), "{}", run.err());
        labels(&out)
    };
    let forward = segment(&lines, "forward");
    lines.reverse();
    let mut backward = segment(&lines, "backward");
    backward.reverse();
    assert_eq!(forward.len(), 600);
    assert_eq!(forward, backward);
}

#[test]
fn a_saved_model_puts_the_same_rows_into_the_same_segments() {
    let scratch = Scratch::new();
    let (out, again) = (scratch.path("out.csv"), scratch.path("again.csv"));
    let model = scratch.path("model.json").display().to_string();
    let text = |path: &std::path::Path| path.display().to_string();
    scratch
        .run(&[
            "segment",
            "--csv",
            &sample(),
            "--out",
            &text(&out),
            "--save-model",
            &model,
            "--json",
        ])
        .json();
    let assigned = scratch
        .run(&["assign", "--model", &model, "--csv", &sample(), "--out", &text(&again), "--json"])
        .json();
    assert_eq!(assigned["rows"], 600);
    assert_eq!(std::fs::read(out).ok(), std::fs::read(again).ok());
    for picture in ["map.svg", "map.png", "sizes.svg", "sizes.png"] {
        let kind = picture.split('.').next().unwrap_or_default();
        let path = scratch.path(picture);
        let run = scratch.run(&["plot", kind, "--model", &model, "--out", &text(&path)]);
        assert!(run.0.status.success(), "{}", run.err());
        assert!(std::fs::metadata(&path).is_ok_and(|file| file.len() > 2000), "{picture}");
    }
}

#[test]
fn suggest_k_recommends_one_and_says_why() {
    let scratch = Scratch::new();
    let done = scratch
        .run(&["suggest-k", "--csv", &sample(), "--min", "2", "--max", "6", "--json"])
        .json();
    let tried = done["tried"].as_array().expect("a list");
    assert_eq!(tried.len(), 5);
    assert!(tried.windows(2).all(|pair| pair[0]["inertia"].as_f64() > pair[1]["inertia"].as_f64()));
    assert!((2..=6).contains(&done["recommended"].as_u64().unwrap_or_default()));
    assert!(done["why"].as_str().is_some_and(|why| !why.is_empty()));
}

#[test]
fn the_choice_of_k_is_drawn_in_the_language_of_the_reader() {
    let scratch = Scratch::new();
    let draw = |name: &str, language: &str| {
        let out = scratch.path(name);
        let text = out.display().to_string();
        let arguments = ["plot", "suggest-k", "--lang", language, "--csv", &sample()];
        let more = ["--text-col", "dor_base", "--min", "2", "--max", "6", "--out", &text];
        let run = scratch.run(&[arguments.as_slice(), &more].concat());
        assert!(run.0.status.success(), "{}", run.err());
        assert_eq!(run.out().trim(), text);
        std::fs::read(out).expect("the picture")
    };
    let svg = String::from_utf8(draw("k.svg", "pt-BR")).expect("text");
    for words in ["dores_solucoes", "600 linhas", "Silhueta", "Davies–Bouldin", "Recomendado: "] {
        assert!(svg.contains(words), "{words}");
    }
    assert_eq!(svg.matches("<circle").count(), 3 * 5 + 3, "a point each, the recommended ringed");
    assert!(String::from_utf8(draw("k-en.svg", "en")).expect("text").contains("Silhouette"));
    assert!(draw("k.png", "en").starts_with(b"\x89PNG\r\n\x1a\n"));

    let pdf = scratch.path("k.pdf").display().to_string();
    let refusal = scratch.run(&["plot", "suggest-k", "--csv", &sample(), "--out", &pdf]).refusal();
    assert!(refusal.contains("pdf") && refusal.contains(".svg"), "{refusal}");
}

#[test]
fn a_table_that_was_segmented_before_keeps_its_old_segments() {
    let scratch = Scratch::new();
    let (first, second) = (scratch.path("first.csv"), scratch.path("second.csv"));
    let (first, second) = (first.display().to_string(), second.display().to_string());
    scratch.run(&["segment", "--csv", &sample(), "--out", &first]).succeeded();
    scratch.run(&["segment", "--csv", &first, "--out", &second]).succeeded();
    let text = std::fs::read_to_string(second).expect("the written table");
    assert!(
        text.lines().next().unwrap_or_default().ends_with(",segmento,segmento_2"),
        "{text:.200}"
    );
}

#[test]
fn what_cannot_be_is_refused_and_the_old_file_stays() {
    let scratch = Scratch::new();
    let out = scratch.file("out.csv", "old");
    let few = scratch.file("few.csv", "texto\num texto\noutro texto\n");
    let numbers = scratch.file("n.csv", "a,b\n1,2\n3,4\n5,6\n");
    let same = scratch.file("same.csv", format!("texto\n{}", "a mesma frase\n".repeat(40)));
    let sample = sample();
    let refused = |arguments: &[&str]| {
        let mut all = vec!["segment", "--out", &out];
        all.extend(arguments);
        let refusal = scratch.run(&all).refusal();
        assert_eq!(std::fs::read_to_string(&out).unwrap(), "old", "{arguments:?}");
        refusal
    };
    assert!(refused(&["--csv", &sample, "--clusters", "0"]).contains('0'));
    assert!(refused(&["--csv", &sample, "--clusters", "1"]).contains('1'));
    let nearest = refused(&["--csv", &sample, "--text-col", "dor_bse"]);
    assert!(nearest.contains("dor_base"), "{nearest}");
    let too_few = refused(&["--csv", &few, "--text-col", "texto"]);
    assert!(too_few.contains('2') && too_few.contains('8'), "{too_few}");
    refused(&["--csv", &numbers]);
    refused(&["--csv", &same, "--text-col", "texto", "--max-df", "1.0"]);
    // The same file by another way.
    let model = scratch.path("./out.csv").display().to_string();
    assert!(refused(&["--csv", &sample, "--save-model", &model]).contains("save_model"));
    let nowhere = scratch.path("no/such/folder/out.csv").display().to_string();
    let run: Run = scratch.run(&["segment", "--csv", &sample, "--out", &nowhere]);
    assert!(run.refusal().contains("folder"), "{}", run.err());
}

/// A limit on the size of files stands for a full disk: the system refuses in the middle of the
/// copy.
#[cfg(unix)]
#[test]
fn a_disk_that_refuses_leaves_the_target_as_it_was() {
    let scratch = Scratch::new();
    let out = scratch.file("out.csv", "old");
    let program = env!("CARGO_BIN_EXE_mirante");
    let sample = sample();
    let script =
        format!("trap '' XFSZ; ulimit -f 64; exec {program} segment --csv {sample} --out {out}");
    let run = Run(std::process::Command::new("bash").args(["-c", &script]).output().unwrap());
    run.refusal();
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "old");
    let left = std::fs::read_dir(scratch.path("")).unwrap().count();
    assert_eq!(left, 1, "nothing half written is left beside it");
}

#[test]
fn a_brazilian_spreadsheet_keeps_its_dialect() {
    let Some(table) = shared("olist/olist_comentarios_bom_pontoevirgula.csv") else { return };
    let scratch = Scratch::new();
    let out = scratch.path("out.csv");
    let out_text = out.display().to_string();
    let done = scratch
        .run(&[
            "segment",
            "--csv",
            &table,
            "--out",
            &out_text,
            "--text-col",
            "comentario",
            "--json",
        ])
        .json();
    assert_eq!(done["rows"], 4109);
    let (before, after) = (std::fs::read(&table).unwrap(), std::fs::read(&out).unwrap());
    assert_eq!(after[..3], *b"\xEF\xBB\xBF");
    // Taking the appended cells away again gives the original file.
    let text = String::from_utf8(after).unwrap();
    let mut restored = text.replace(";\"segmento\"\r\n", "\r\n").replace(";segmento\r\n", "\r\n");
    for label in 0..8 {
        restored = restored.replace(&format!("\";{label}\r\n"), "\"\r\n");
        restored = restored.replace(&format!("\";\"{label}\"\r\n"), "\"\r\n");
    }
    assert!(restored.as_bytes() == before, "the records are not byte for byte the same");
}

#[test]
fn a_killed_run_leaves_the_old_file() {
    let scratch = Scratch::new();
    let rows: String = (0..200_000)
        .map(|n| format!("{n},frase {} sobre o assunto {} e o tema {}\n", n % 997, n % 89, n % 31))
        .collect();
    let table = scratch.file("big.csv", format!("id,texto\n{rows}"));
    let out = scratch.file("out.csv", "old");
    let arguments = ["segment", "--csv", &table, "--out", &out, "--text-col", "texto"];
    // Killed again and again, each time a little later, until one run comes to its end.
    for wait in (0..).map(|step| 60 * step) {
        let mut process = scratch
            .command()
            .args(arguments)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(std::time::Duration::from_millis(wait));
        let ended = process.try_wait().expect("its state").is_some();
        process.kill().expect("it can be killed");
        process.wait().expect("it ends");
        let text = std::fs::read_to_string(&out).expect("the file");
        if text != "old" {
            assert_eq!(text.lines().count(), 200_001, "killed after {wait} ms");
            assert!(text.ends_with('\n'));
        }
        if ended {
            break;
        }
    }
    assert_ne!(std::fs::read_to_string(&out).expect("the file"), "old");
}

#[test]
fn rows_are_put_together_by_meaning() {
    let scratch = Scratch::new();
    let model = repository("tests/goldens/transformers/bert").display().to_string();
    let (out, saved) = (
        scratch.path("out.csv").display().to_string(),
        scratch.path("m.json").display().to_string(),
    );
    let segment = [
        "segment",
        "--csv",
        &sample(),
        "--by",
        "meaning",
        "--model",
        &model,
        "--clusters",
        "5",
        "--out",
        &out,
        "--save-model",
        &saved,
        "--json",
    ];
    let found = scratch.run(&segment).json();
    let segments = found["segments"].as_array().unwrap();
    assert_eq!((segments.len(), &found["rows"]), (5, &600.into()));
    // What a segment is about is still said in words.
    assert!(segments.iter().all(|segment| !segment["terms"].as_array().unwrap().is_empty()));
    assert!(found["silhouette"]["value"].is_number());
    assert_eq!(found["warnings"], serde_json::json!([]));
    let labelled = std::fs::read(&out).unwrap();
    scratch.run(&segment).succeeded();
    assert_eq!(std::fs::read(&out).unwrap(), labelled, "the same seed, the same segments");

    // The same rows find their segments again, by the model that was used.
    let again = scratch.path("again.csv").display().to_string();
    let assign = ["assign", "--model", &saved, "--csv", &sample(), "--out", &again];
    scratch.run(&assign).succeeded();
    assert_eq!(std::fs::read(&again).unwrap(), labelled);

    let words = scratch.path("words.csv").display().to_string();
    scratch.run(&["segment", "--csv", &sample(), "--clusters", "5", "--out", &words]).succeeded();
    assert_ne!(std::fs::read(&words).unwrap(), labelled);

    let refused = |more: &[&str]| {
        let all = ["segment", "--csv", &sample(), "--by", "meaning"];
        scratch.run(&[&all[..], more].concat()).refusal()
    };
    assert!(refused(&["--model", "nenhum/destes"]).contains("nenhum/destes"));
    assert!(refused(&["--model", &model, "--stable"]).contains("stable"));
    let suggest = ["suggest-k", "--csv", &sample(), "--by", "meaning", "--model", &model];
    assert!(scratch.run(&suggest).refusal().contains("meaning"));
}
