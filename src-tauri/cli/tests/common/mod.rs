//! Running the real program, as a person or a workflow does.
#![allow(dead_code, unreachable_pub, reason = "each test file takes the part it needs")]

pub mod hub;
pub mod server;
pub mod training;

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use zip::write::SimpleFileOptions;

/// A scratch folder with a home in it.
pub struct Scratch(tempfile::TempDir);

impl Scratch {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a scratch folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file and answers its path.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("a scratch file");
        path.display().to_string()
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mirante"));
        command.args(["--lang", "en", "--home"]).arg(self.path("home")).stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run(self.command().args(arguments).output().expect("the program starts"))
    }
}

/// How a run of the program ended.
pub struct Run(pub Output);

impl Run {
    pub fn code(&self) -> Option<i32> {
        self.0.status.code()
    }

    pub fn out(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    pub fn err(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// Fails the test when it did not end well.
    pub fn succeeded(&self) {
        assert!(self.0.status.success(), "{}", self.err());
    }

    /// The JSON it printed; fails the test when it did not end well.
    pub fn json(&self) -> Value {
        self.succeeded();
        serde_json::from_slice(&self.0.stdout).expect("JSON on standard output")
    }

    /// What it said was wrong; fails the test when it ended well or fell over.
    pub fn refusal(&self) -> String {
        assert!(
            matches!(self.code(), Some(1..=3)),
            "{:?} {} {}",
            self.code(),
            self.out(),
            self.err()
        );
        assert!(!self.err().contains("panicked"), "{}", self.err());
        self.err()
    }
}

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The sample that ships.
pub fn sample() -> String {
    repository("datasets/dores_solucoes.csv").display().to_string()
}

/// Real tables that may not ship, where a developer has them beside the repository.
pub fn shared(path: &str) -> Option<String> {
    let path = repository("../shared/data").join(path);
    path.exists().then(|| path.display().to_string())
}

/// A zip archive of these entries.
pub fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).expect("an entry");
        zip.write_all(bytes).expect("its bytes");
    }
    zip.finish().expect("an archive").into_inner()
}
