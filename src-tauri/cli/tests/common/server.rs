//! `mirante serve`, running.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Scratch;

/// A running server; it ends with the test.
pub struct Server {
    pub process: Child,
    pub base: String,
    pub token: String,
}

impl Server {
    pub fn start(scratch: &Scratch) -> Self {
        Self::start_with(scratch, &[])
    }

    pub fn start_with(scratch: &Scratch, more: &[&str]) -> Self {
        let mut process = scratch
            .command()
            .args(["serve", "--port", "0", "--token", "abc123"])
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let out = process.stdout.take().expect("its output");
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).expect("its first line");
        let link = line.split_whitespace().last().expect("the opening link");
        let (base, token) = link.split_once("/?token=").expect("a link with a token");
        Self { process, base: base.to_owned(), token: token.to_owned() }
    }

    pub fn agent() -> ureq::Agent {
        ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .into()
    }

    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let mut response = Self::agent()
            .post(format!("{}/api/{path}", self.base))
            .header("Authorization", format!("Bearer {}", self.token))
            .send_json(body)
            .expect("an answer");
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string().expect("a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub fn ok(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.post(path, body);
        assert!(status < 300, "{path}: {status} {answer}");
        answer
    }

    pub fn import_sample(&self) -> i64 {
        self.ok("import_sample?wait=true", &json!({}))["id"].as_i64().expect("a dataset")
    }

    pub fn until(&self, job: i64, wanted: &[&str]) -> Value {
        let began = Instant::now();
        loop {
            let status = self.ok("job", &json!({ "job": job }));
            if wanted.contains(&status["state"].as_str().unwrap_or_default()) {
                return status;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{status}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
