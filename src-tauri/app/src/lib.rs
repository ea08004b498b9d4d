//! The use cases of Mirante: one list of operations, jobs that report, storage that survives.

mod app;
mod embedding;
pub mod error;
mod exporting;
mod inferring;
pub mod job;
mod leads;
mod learning;
pub mod locale;
mod lock;
pub mod log;
mod mapping;
pub mod memory;
mod model;
mod models;
mod numbers;
mod opened;
pub mod ops;
mod plotting;
mod qa;
mod queue;
mod reading;
mod runs;
mod searching;
mod segmenting;
mod store;
mod texts;
mod training;
pub mod typescript;
mod view;

pub use app::{App, HALF_MADE, default_home, usual_home};
pub use error::{Error, Failure, Fault, Result};
pub use job::Job;

/// Sets how many threads share the work; before anything else is called.
///
/// # Errors
/// [`Error::Internal`] when work has begun already.
pub fn use_threads(threads: usize) -> Result<()> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .map_err(|error| Error::Internal { reason: error.to_string() })
}
