//! Saved models that were read last, so that the next who ask need not read them again.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use crate::error::{Error, Result};
use crate::lock::held;

/// How many stay in memory.
const MOST: usize = 4;

/// Models by their file, and when it was written: one that was trained anew is read anew.
pub(crate) struct Kept<T>(Mutex<Vec<One<T>>>);

struct One<T> {
    path: PathBuf,
    written: (SystemTime, u64),
    model: Arc<T>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Kept<T> {
    /// The model in a file, read by `read` unless it is here.
    ///
    /// # Errors
    /// What `read` fails with; [`Error::NotFound`].
    pub(crate) fn get(&self, path: &Path, read: impl FnOnce(&Path) -> Result<T>) -> Result<Arc<T>> {
        let failed = |error| Error::reading(path, error);
        let about = std::fs::metadata(path).map_err(failed)?;
        let written = (about.modified().map_err(failed)?, about.len());
        let path = path.canonicalize().map_err(failed)?;
        let mut kept = held(&self.0);
        if let Some(one) = kept.iter().find(|one| one.path == path && one.written == written) {
            return Ok(Arc::clone(&one.model));
        }
        let model = Arc::new(read(&path)?);
        kept.retain(|one| one.path != path);
        kept.truncate(MOST - 1);
        kept.insert(0, One { path, written, model: Arc::clone(&model) });
        Ok(model)
    }
}
