//! Everything that is printed goes through here, so that a closed pipe ends the program quietly.

use std::io::{IsTerminal, Write};

/// Prints a line on standard output.
pub(crate) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").is_err() {
        // Whoever read us has gone; there is nobody left to tell.
        std::process::exit(0);
    }
}

/// Prints a line on standard error.
pub(crate) fn to_stderr(text: &str) {
    let mut err = std::io::stderr().lock();
    let clear = if err.is_terminal() { "\r\x1b[K" } else { "" };
    let _ = writeln!(err, "{clear}{text}");
}

/// Draws over the current line of standard error.
pub(crate) fn over_line(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = write!(err, "\r\x1b[K{text}");
    let _ = err.flush();
}

/// Prints a value as JSON.
pub(crate) fn json(value: &impl serde::Serialize) -> mirante_app::Result<()> {
    line(&serde_json::to_string_pretty(value)?);
    Ok(())
}

/// A number with a unit prefix: 1.2M.
pub(crate) fn short(number: f64) -> String {
    match number {
        n if n >= 1e9 => format!("{:.1}G", n / 1e9),
        n if n >= 1e6 => format!("{:.1}M", n / 1e6),
        n if n >= 1e3 => format!("{:.1}k", n / 1e3),
        n => format!("{n:.0}"),
    }
}

/// A text cut to `width` characters.
pub(crate) fn cut(text: &str, width: usize) -> String {
    let flat = text.replace(['\n', '\r', '\t'], " ");
    match flat.char_indices().nth(width) {
        Some((end, _)) => format!("{}…", &flat[..end]),
        None => flat,
    }
}
