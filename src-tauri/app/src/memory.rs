//! How much main memory there is, and how much of it a job may plan for.

use crate::app::App;
use crate::error::Result;
use crate::job::Job;
use crate::ops::settings::{SettingsRequest, settings};

/// Main memory of the machine in bytes; 0 where the system does not say. Inside a container the
/// container's limit counts.
#[must_use]
pub fn total() -> u64 {
    let machine = std::fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        })
        .map_or(0, |kibibytes| kibibytes * 1024);
    let container = std::fs::read_to_string("/sys/fs/cgroup/memory.max")
        .ok()
        .and_then(|text| text.trim().parse::<u64>().ok());
    container.map_or(machine, |limit| limit.min(machine))
}

/// A figure of this process in bytes, by its name in `/proc`; nothing on other systems.
fn of_process(name: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

/// Bytes of main memory that this process takes; nothing where the system does not say.
#[must_use]
pub fn resident() -> Option<u64> {
    of_process("VmRSS:")
}

/// The most that it took.
#[must_use]
pub fn peak() -> Option<u64> {
    of_process("VmHWM:")
}

/// Bytes that a job may plan for: what the person set, else three quarters of the machine's;
/// `None` where neither is known.
///
/// # Errors
/// [`Error::Storage`](crate::Error::Storage) when the settings cannot be read.
pub fn limit(app: &App) -> Result<Option<u64>> {
    let set = settings(app, &Job::quiet(), SettingsRequest {})?.memory_limit;
    Ok(if set > 0 { Some(set) } else { usual_limit() })
}

/// Three quarters of the machine's main memory; `None` where it is not known.
#[must_use]
pub fn usual_limit() -> Option<u64> {
    Some(total() / 4 * 3).filter(|&limit| limit > 0)
}
