//! A small server that speaks the hub's routes, with every misfortune that a real one has.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

use super::Scratch;

/// What the server does to those who ask.
#[derive(Default)]
pub struct Mishaps {
    /// After how many bytes an answer with a file is cut off; once each.
    pub cuts: Vec<usize>,
    /// Answers 429 with `Retry-After: 1` this many times.
    pub full: usize,
    /// Wants this token, and answers 401 without it.
    pub token: Option<&'static str>,
    /// Gives files out with their last byte changed.
    pub wrong: bool,
    /// Does not know `Range`.
    pub whole: bool,
    /// Stops in the middle of a file without closing the connection.
    pub stall: bool,
}

pub struct Hub {
    pub address: String,
    pub asked: Arc<Mutex<Vec<String>>>,
    pub mishaps: Arc<Mutex<Mishaps>>,
}

pub const REVISION: &str = "0123456789abcdef0123456789abcdef01234567";

struct Held {
    described: Value,
    files: HashMap<String, Vec<u8>>,
}

impl Hub {
    /// Serves the files of a folder as the repository `ana/frases`. Large files are redirected to
    /// another address, as the real hub does it.
    pub fn start(folder: &Path, mishaps: Mishaps) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let mut files = HashMap::new();
        read_all(folder, "", &mut files);
        let held = Arc::new(Held { described: describe(&files), files });
        let (asked, mishaps) = (Arc::default(), Arc::new(Mutex::new(mishaps)));
        let hub = Self { address, asked: Arc::clone(&asked), mishaps: Arc::clone(&mishaps) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (held, asked, mishaps) =
                    (Arc::clone(&held), Arc::clone(&asked), Arc::clone(&mishaps));
                std::thread::spawn(move || answer(stream, &held, &asked, &mishaps));
            }
        });
        hub
    }

    /// The program, with this hub and with neither the caches, the token nor the keyring of whoever runs
    /// the tests.
    pub fn command(&self, scratch: &Scratch) -> Command {
        let mut command = scratch.command();
        for name in ["HF_HOME", "HF_HUB_CACHE", "HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE"] {
            command.env_remove(name);
        }
        command.env("HOME", scratch.path("person")).env_remove("XDG_CACHE_HOME");
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
        command.env("HF_ENDPOINT", &self.address);
        command
    }

    /// The lines of requests so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("the log").clone()
    }
}

fn read_all(folder: &Path, prefix: &str, files: &mut HashMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read_all(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, std::fs::read(entry.path()).expect("a file"));
        }
    }
}

fn describe(files: &HashMap<String, Vec<u8>>) -> Value {
    let siblings: Vec<_> = files
        .iter()
        .map(|(name, bytes)| {
            let git =
                hash("sha1sum", &[format!("blob {}\0", bytes.len()).as_bytes(), bytes].concat());
            let mut described = json!({ "rfilename": name, "size": bytes.len(), "blobId": git });
            if name.ends_with(".safetensors") {
                described["lfs"] =
                    json!({ "sha256": hash("sha256sum", bytes), "size": bytes.len() });
            }
            described
        })
        .collect();
    json!({ "id": "ana/frases", "sha": REVISION, "siblings": siblings })
}

/// A hash by the system's own program, so that it is not Mirante's.
fn hash(program: &str, bytes: &[u8]) -> String {
    let mut child = std::process::Command::new(program)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("coreutils");
    let mut input = child.stdin.take().expect("its input");
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes));
    let out = child.wait_with_output().expect("it ends").stdout;
    writer.join().expect("a thread").expect("it reads");
    String::from_utf8_lossy(&out).split_whitespace().next().expect("a hash").to_owned()
}

fn answer(stream: TcpStream, held: &Held, asked: &Mutex<Vec<String>>, mishaps: &Mutex<Mishaps>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let mut stream = stream;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut headers = HashMap::new();
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) == 0 {
                return;
            }
            let Some((name, value)) = header.trim_end().split_once(": ") else { break };
            headers.insert(name.to_lowercase(), value.to_owned());
        }
        let path = line.split_whitespace().nth(1).expect("a path").to_owned();
        let range = headers.get("range").map(|range| format!(" {range}")).unwrap_or_default();
        asked.lock().expect("the log").push(format!("{path}{range}"));
        if !respond(&mut stream, &path, &headers, held, mishaps) {
            return;
        }
    }
}

/// Whether the connection goes on.
fn respond(
    stream: &mut TcpStream,
    path: &str,
    headers: &HashMap<String, String>,
    held: &Held,
    mishaps: &Mutex<Mishaps>,
) -> bool {
    let plain = |stream: &mut TcpStream, status: &str, more: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{more}\r\n", body.len());
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).is_ok()
    };
    let mut mishaps = mishaps.lock().expect("the mishaps");
    if let Some(name) = path.strip_prefix("/cdn/") {
        // Nobody may hand the person's token on to here.
        if headers.contains_key("authorization") {
            return plain(stream, "400 Bad Request", "", b"a token");
        }
        return file(stream, name, headers, held, mishaps);
    }
    if mishaps.full > 0 {
        mishaps.full -= 1;
        return plain(stream, "429 Too Many Requests", "Retry-After: 1\r\n", b"");
    }
    if let Some(token) = mishaps.token
        && headers.get("authorization") != Some(&format!("Bearer {token}"))
    {
        return plain(stream, "401 Unauthorized", "", b"");
    }
    if path == "/api/models/ana/frases/revision/main?blobs=true" {
        return plain(stream, "200 OK", "", held.described.to_string().as_bytes());
    }
    let resolve = format!("/ana/frases/resolve/{REVISION}/");
    match path.strip_prefix(&resolve) {
        Some(name) if name.ends_with(".safetensors") => {
            plain(stream, "302 Found", &format!("Location: /cdn/{name}\r\n"), b"")
        }
        Some(name) if held.files.contains_key(name) => file(stream, name, headers, held, mishaps),
        _ => plain(stream, "404 Not Found", "", b""),
    }
}

fn file(
    stream: &mut TcpStream,
    name: &str,
    headers: &HashMap<String, String>,
    held: &Held,
    mut mishaps: MutexGuard<Mishaps>,
) -> bool {
    let mut bytes = held.files[name].clone();
    if mishaps.wrong
        && let Some(last) = bytes.last_mut()
    {
        *last ^= 1;
    }
    let from = headers
        .get("range")
        .filter(|_| !mishaps.whole)
        .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    let rest = &bytes[from.unwrap_or(0)..];
    let status = if from.is_some() { "206 Partial Content" } else { "200 OK" };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", rest.len());
    if stream.write_all(head.as_bytes()).is_err() {
        return false;
    }
    let large = name == "model.safetensors";
    if large && mishaps.stall {
        // Others are answered meanwhile.
        drop(mishaps);
        let _ = stream.write_all(&rest[..rest.len() / 2]);
        std::thread::sleep(std::time::Duration::from_secs(60));
        return false;
    }
    if large && let Some(cut) = mishaps.cuts.pop() {
        let _ = stream.write_all(&rest[..cut.min(rest.len())]);
        return false;
    }
    stream.write_all(rest).is_ok()
}
