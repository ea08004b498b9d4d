//! Trainings that are watched, and cut off.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Scratch;

/// The losses of all steps of a training.
pub fn losses(folder: &Path) -> Vec<f64> {
    let text = std::fs::read_to_string(folder.join("metrics.jsonl")).unwrap_or_default();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter_map(|line| line["loss"].as_f64()).collect()
}

/// Waits until a training has taken so many steps.
pub fn wait_for(folder: &Path, steps: usize) {
    let began = Instant::now();
    while losses(folder).len() < steps {
        assert!(began.elapsed() < Duration::from_secs(60), "it does not learn");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Starts the program and goes on.
pub fn spawn(scratch: &Scratch, arguments: &[&str]) -> Child {
    let mut command = scratch.command();
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().expect("the program starts")
}
