//! Locks that outlive a thread that failed.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A lock's content even if a thread that held it failed: every value kept behind a lock here is
/// whole at every step.
pub(crate) fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
