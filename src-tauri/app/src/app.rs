//! A running Mirante: its home folder, its database, its jobs, and the tables it holds open.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use crate::error::{Error, Result};
use crate::leads::SavedLeads;
use crate::learning::{Kept, SavedClassifier};
use crate::models::{Loaded, Queues, Writers};
use crate::opened::Opened;
use crate::queue::Queue;
use crate::searching::Searched;
use crate::store::Store;

/// What the name of a folder begins with until it is whole: what is left of one that never was is
/// taken away at the next start.
pub const HALF_MADE: &str = ".new-";

/// Name of its database.
const DATABASE: &str = "mirante.db";

/// A running Mirante. Nothing in its home folder is touched until something asks for it, so that
/// work from file to file needs no home at all.
pub struct App {
    home: PathBuf,
    store: OnceLock<Store>,
    /// Held while this process is the one that carries out jobs.
    lock: OnceLock<File>,
    pub(crate) queue: Queue,
    pub(crate) opened: Opened,
    pub(crate) loaded: Loaded,
    pub(crate) queues: Queues,
    pub(crate) writers: Writers,
    pub(crate) searched: Searched,
    pub(crate) classifiers: Kept<SavedClassifier>,
    pub(crate) lead_models: Kept<SavedLeads>,
    no_network: AtomicBool,
}

impl App {
    /// A Mirante whose data lies in `home`.
    #[must_use]
    pub fn new(home: impl Into<PathBuf>) -> Arc<Self> {
        Arc::new(Self {
            home: home.into(),
            store: OnceLock::new(),
            lock: OnceLock::new(),
            queue: Queue::new(),
            opened: Opened::default(),
            loaded: Loaded::default(),
            queues: Queues::default(),
            writers: Writers::default(),
            searched: Searched::default(),
            classifiers: Kept::default(),
            lead_models: Kept::default(),
            no_network: AtomicBool::new(false),
        })
    }

    /// Begins to carry out jobs. Jobs that an earlier process left unfinished are marked as
    /// interrupted, unless another Mirante with the same home is at work on them.
    ///
    /// # Errors
    /// [`Error::Storage`] when the home cannot be used.
    pub fn begin(self: &Arc<Self>) -> Result<()> {
        self.store()?;
        let path = self.home.join("mirante.lock");
        let file = File::create(&path).map_err(|error| Error::writing(&path, error))?;
        if file.try_lock().is_ok() {
            self.mark_interrupted()?;
            self.sweep();
            let _ = self.lock.set(file);
        }
        Queue::begin(self);
        self.watch_idle_models();
        Ok(())
    }

    /// Takes away what a process that was killed had half made: folders that never got their name.
    fn sweep(&self) {
        for folder in ["tables", "runs", "uploads", "search", "models"] {
            let Ok(entries) = std::fs::read_dir(self.home.join(folder)) else { continue };
            for entry in entries.flatten() {
                if entry.file_name().to_string_lossy().starts_with(HALF_MADE) {
                    let _ = std::fs::remove_dir_all(entry.path());
                }
            }
        }
    }

    /// Where its data lies.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Forbids every network call for as long as this process lives.
    pub fn forbid_network(&self) {
        self.no_network.store(true, Ordering::Relaxed);
    }

    pub(crate) fn no_network(&self) -> bool {
        self.no_network.load(Ordering::Relaxed)
    }

    /// Whether anything was ever kept in its home.
    pub(crate) fn has_home(&self) -> bool {
        self.home.join(DATABASE).exists()
    }

    /// A folder in its home, made where it is missing.
    ///
    /// # Errors
    /// [`Error::Unwritable`] when it cannot be made.
    pub fn folder(&self, parts: &[&str]) -> Result<PathBuf> {
        let path = parts.iter().fold(self.home.clone(), |path, part| path.join(part));
        std::fs::create_dir_all(&path).map_err(|error| Error::writing(&path, error))?;
        Ok(path)
    }

    /// Its database, opened on first use.
    ///
    /// # Errors
    /// [`Error::Storage`] or [`Error::Unwritable`].
    pub(crate) fn store(&self) -> Result<&Store> {
        if let Some(store) = self.store.get() {
            return Ok(store);
        }
        let store = Store::open(&self.folder(&[])?.join(DATABASE))?;
        // Another thread may have been quicker; its store is as good.
        Ok(self.store.get_or_init(|| store))
    }

    /// The jobs' updates, as they come.
    #[must_use]
    pub fn watch_jobs(&self) -> tokio::sync::broadcast::Receiver<crate::ops::jobs::JobStatus> {
        self.queue.watch()
    }

    /// Whether there is a job that has not ended: one that runs, waits for its turn, or is paused.
    #[must_use]
    pub fn is_at_work(&self) -> bool {
        self.queue.is_at_work()
    }
}

/// Where data lies unless the person says otherwise: `MIRANTE_HOME`, or the system's data folder.
#[must_use]
pub fn default_home() -> PathBuf {
    match std::env::var_os("MIRANTE_HOME").filter(|home| !home.is_empty()) {
        Some(home) => PathBuf::from(home),
        None => usual_home(),
    }
}

/// Mirante's folder among the system's folders of data.
#[must_use]
pub fn usual_home() -> PathBuf {
    let from_env = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    from_env("XDG_DATA_HOME")
        .or_else(|| from_env("LOCALAPPDATA"))
        .or_else(|| from_env("HOME").map(|home| home.join(".local").join("share")))
        .unwrap_or_else(|| PathBuf::from("."))
        .join("mirante")
}
