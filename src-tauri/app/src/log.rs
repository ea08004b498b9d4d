//! The log: a file a day in Mirante's home, a week of them kept.

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{Builder, Rotation};
use tracing_subscriber::EnvFilter;

use crate::app::App;
use crate::error::{Error, Result};

/// Days of log files kept.
const DAYS: usize = 7;

/// Sends what the program says to its log file, until the guard is dropped. `MIRANTE_LOG` sets how
/// much is said (`info` unless given).
///
/// # Errors
/// [`Error::Storage`] when the folder cannot be written.
pub fn to_file(app: &App) -> Result<WorkerGuard> {
    let files = Builder::new()
        .rotation(Rotation::DAILY)
        .filename_prefix("mirante")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(app.folder(&["logs"])?)
        .map_err(|error| Error::Storage { reason: error.to_string() })?;
    let (writer, guard) = tracing_appender::non_blocking(files);
    let filter = EnvFilter::try_from_env("MIRANTE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // A second subscriber in one process (a test) is not an error worth stopping for.
    let _ = tracing_subscriber::fmt()
        .with_writer(writer)
        .with_ansi(false)
        .with_env_filter(filter)
        .try_init();
    Ok(guard)
}
