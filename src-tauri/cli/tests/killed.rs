//! Killed in the middle of writing, without a chance to clean up: the target is as it was, and
//! what was half written goes with the next file that is written there.

mod common;

use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use common::Scratch;
use common::server::Server;
use serde_json::json;

const ROWS: usize = 60_000;
/// Kills before giving up to hit the middle of the writing.
const TRIES: usize = 30;

/// A table that takes longer to write than to segment.
fn wide_table(scratch: &Scratch) -> String {
    let padding = "x".repeat(300);
    let rows: String = (0..ROWS)
        .map(|n| {
            format!("{padding},frase {} sobre o assunto {} e o tema {}\n", n % 97, n % 9, n % 3)
        })
        .collect();
    scratch.file("table.csv", format!("resto,texto\n{rows}"))
}

fn parts(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder").flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".part"))
        .collect()
}

/// Kills `process` once something of its target is written, or `has_ended` says that it was too
/// quick; answers whether it left a part.
fn kill_while_writing(
    process: &mut Child,
    folder: &Path,
    has_ended: impl Fn(&mut Child) -> bool,
) -> bool {
    let began = Instant::now();
    let is_writing =
        || parts(folder).iter().any(|part| part.metadata().is_ok_and(|file| file.len() > 0));
    while !is_writing() && !has_ended(process) {
        assert!(began.elapsed() < Duration::from_secs(120), "nothing is ever written");
    }
    process.kill().expect("it can be killed");
    process.wait().expect("it ends");
    !parts(folder).is_empty()
}

#[test]
fn a_segmentation_killed_while_it_writes_leaves_nothing_behind_the_next() {
    let scratch = Scratch::new();
    let table = wide_table(&scratch);
    let folder = scratch.path("out");
    std::fs::create_dir(&folder).expect("a folder");
    let out = scratch.file("out/out.csv", "old");
    let arguments = ["segment", "--csv", &table, "--out", &out, "--text-col", "texto", "--quiet"];
    let was_hit = (0..TRIES).any(|_| {
        std::fs::write(&out, "old").expect("the target");
        let mut command = scratch.command();
        command.args(arguments).stdout(std::process::Stdio::null());
        let mut process = command.spawn().expect("the program starts");
        kill_while_writing(&mut process, &folder, |process| {
            process.try_wait().expect("its state").is_some()
        })
    });
    assert!(was_hit, "never killed in the middle of the writing");
    assert_eq!(std::fs::read_to_string(&out).expect("the target"), "old");

    scratch.run(&arguments).succeeded();
    assert_eq!(std::fs::read_to_string(&out).expect("the target").lines().count(), ROWS + 1);
    assert!(parts(&folder).is_empty(), "{:?}", parts(&folder));
}

#[test]
fn a_server_killed_in_an_export_leaves_nothing_behind_the_next() {
    let scratch = Scratch::new();
    let table = wide_table(&scratch);
    let folder = scratch.path("out");
    std::fs::create_dir(&folder).expect("a folder");
    let out = scratch.file("out/out.csv", "old");
    let dataset =
        Server::start(&scratch).ok("import?wait=true", &json!({ "path": table }))["id"].clone();
    let request = json!({ "dataset": dataset, "format": "csv", "path": out });
    let mut job = 0;
    let was_hit = (0..TRIES).any(|_| {
        let mut server = Server::start(&scratch);
        std::fs::write(&out, "old").expect("the target");
        job = server.ok("export", &request)["id"].as_i64().expect("a job");
        kill_while_writing(&mut server.process, &folder, |_| {
            std::fs::metadata(&out).is_ok_and(|file| file.len() > 3)
        })
    });
    assert!(was_hit, "never killed in the middle of the writing");
    assert_eq!(std::fs::read_to_string(&out).expect("the target"), "old");

    let server = Server::start(&scratch);
    assert_eq!(server.ok("job", &json!({ "job": job }))["state"], "interrupted");
    server.ok("export?wait=true", &request);
    assert_eq!(std::fs::read_to_string(&out).expect("the target").lines().count(), ROWS + 1);
    assert!(parts(&folder).is_empty(), "{:?}", parts(&folder));
}

#[test]
fn a_server_killed_in_an_upload_keeps_nothing_of_it() {
    use std::io::Write;

    let scratch = Scratch::new();
    let uploads = scratch.path("home/uploads");
    let files = || std::fs::read_dir(&uploads).map_or(0, |entries| entries.flatten().count());
    let mut server = Server::start(&scratch);
    let host = server.base.trim_start_matches("http://");
    let mut sender = std::net::TcpStream::connect(host).expect("a connection");
    write!(
        sender,
        "PUT /api/upload?name=a.csv HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\
         Content-Length: 1000\r\n\r\ntexto\num\n",
        server.token
    )
    .expect("half of a file is sent");
    let began = Instant::now();
    while files() == 0 {
        assert!(began.elapsed() < Duration::from_secs(60), "nothing is ever written");
    }
    server.process.kill().expect("it can be killed");
    server.process.wait().expect("it ends");
    assert_eq!(files(), 1);
    let _server = Server::start(&scratch);
    assert_eq!(files(), 0);
}
