//! Progress on standard error, while a person watches.

use std::io::IsTerminal;

use mirante_app::Job;
use mirante_app::job::Standing;
use mirante_app::locale::{Language, word};

use crate::print;

/// A job whose progress is drawn on standard error when that is a terminal, and that stops when
/// the person presses Ctrl+C.
pub(crate) fn watched(language: Language, quiet: bool) -> std::sync::Arc<Job> {
    let draws = !quiet && std::io::stderr().is_terminal();
    let job = std::sync::Arc::new(if draws {
        Job::watched(Box::new(move |standing| print::over_line(&line(language, standing))))
    } else {
        Job::quiet()
    });
    let stopped = std::sync::Arc::clone(&job);
    let _ = std::thread::Builder::new().name("interrupt".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        if let Ok(runtime) = runtime
            && runtime.block_on(tokio::signal::ctrl_c()).is_ok()
        {
            stopped.cancel();
        }
    });
    job
}

fn line(language: Language, standing: &Standing) -> String {
    let name = standing.step.unwrap_or_default();
    let mut line = word(language, "steps", name);
    if let Some(total) = standing.total.filter(|&total| total > 0) {
        line += &format!(" {:.1}%", 100.0 * standing.done as f64 / total as f64);
    }
    if let Some(rate) = standing.rate.filter(|&rate| rate > 0.0) {
        line += &format!(" · {}/s", print::short(rate));
    }
    if let Some(left) = standing.seconds_left {
        let left = left.round() as u64;
        line += &format!(" · {}:{:02}", left / 60, left % 60);
    }
    line
}
