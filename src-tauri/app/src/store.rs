//! The database: SQLite in WAL mode, with migrations.
//!
//! Operations are plain functions on plain threads, so the store waits for its own small runtime
//! and hands back results; nobody above it is asynchronous.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool};
use tokio::runtime::Runtime;

use crate::error::{Error, Result};

/// An open database.
pub(crate) struct Store {
    runtime: Runtime,
    pool: SqlitePool,
}

impl Store {
    /// Opens the database file, makes it where there is none, and brings it up to date.
    ///
    /// # Errors
    /// [`Error::Storage`] when the file is not a database or cannot be written.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("store")
            .enable_all()
            .build()
            .map_err(|error| Error::Storage { reason: error.to_string() })?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5));
        let pool = runtime.block_on(async {
            let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
            sqlx::migrate!("./migrations").run(&pool).await?;
            Ok::<_, sqlx::Error>(pool)
        })?;
        Ok(Self { runtime, pool })
    }

    /// Runs one piece of database work to its end.
    ///
    /// # Errors
    /// Whatever the work fails with.
    pub(crate) fn with<T, F>(&self, work: impl FnOnce(SqlitePool) -> F) -> Result<T>
    where
        F: Future<Output = sqlx::Result<T>>,
    {
        Ok(self.runtime.block_on(work(self.pool.clone()))?)
    }

    /// Runs one piece of database work in a transaction: all of it happens, or nothing.
    ///
    /// # Errors
    /// Whatever the work fails with.
    pub(crate) fn transaction<T>(
        &self,
        work: impl AsyncFnOnce(&mut sqlx::Transaction<'static, Sqlite>) -> sqlx::Result<T>,
    ) -> Result<T> {
        let done = self.runtime.block_on(async {
            let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
            let done = work(&mut transaction).await?;
            transaction.commit().await?;
            Ok::<_, sqlx::Error>(done)
        })?;
        Ok(done)
    }
}

/// Now, in Unix milliseconds.
#[must_use]
pub(crate) fn now() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
