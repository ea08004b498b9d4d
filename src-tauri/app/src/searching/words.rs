//! Search by words: BM25 (Robertson and Zaragoza 2009, <https://doi.org/10.1561/1500000019>) as SQLite's
//! FTS5 has it, accents folded, in one file an index.

use std::collections::BTreeMap;
use std::path::Path;

use mirante_data::nearest::Bits;
use mirante_data::text::stop_words::PORTUGUESE;
use serde_json::Value;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, Row as _, SqlitePool};
use tokio::runtime::Runtime;

use super::filter::Filter;
use crate::error::{Error, Result};

/// Words of a query that count: a pasted page is no query.
const MOST_WORDS: usize = 64;

/// A file of rows and their words.
pub(super) struct Words {
    runtime: Runtime,
    pool: SqlitePool,
}

/// A row to be found.
pub(super) struct Entry {
    /// Its place in the table, from 0.
    pub(super) row: u64,
    /// What it is changed and deleted by.
    pub(super) id: String,
    pub(super) text: String,
    pub(super) fields: BTreeMap<String, Value>,
}

/// A row's slot and how well it matches. A slot is the place of a row's vector, and what all is joined by;
/// a row whose text changes gets a new one.
pub(super) type Match = (u64, f64);

impl Words {
    /// Begins a file.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let words = Self::connect(path, true)?;
        words.runtime.block_on(async {
            for statement in [
                "create table rows (slot integer primary key, row integer not null, id text not null, \
                 text text not null, fields text not null)",
                "create index rows_row on rows (row)",
                "create index rows_id on rows (id)",
                "create virtual table words using fts5 (text, content='rows', content_rowid='slot', \
                 tokenize='unicode61 remove_diacritics 2')",
            ] {
                sqlx::query(statement).execute(&words.pool).await?;
            }
            Ok::<_, sqlx::Error>(())
        })?;
        Ok(words)
    }

    /// Opens a file that was finished.
    pub(super) fn open(path: &Path) -> Result<Self> {
        Self::connect(path, false)
    }

    fn connect(path: &Path, new: bool) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("words")
            .enable_all()
            .build()
            .map_err(|error| Error::Storage { reason: error.to_string() })?;
        // The file gets its name when it is whole, and is only read from then on. One connection, opened
        // now: a later one could meet the file of another index under that name.
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(new)
            .read_only(!new)
            .journal_mode(SqliteJournalMode::Off)
            .synchronous(SqliteSynchronous::Off);
        let pool =
            runtime.block_on(SqlitePoolOptions::new().max_connections(1).connect_with(options))?;
        Ok(Self { runtime, pool })
    }

    /// Opens a file that was finished, to change it.
    pub(super) fn open_to_change(path: &Path) -> Result<Self> {
        Self::connect(path, true)
    }

    /// Appends rows, the first of which has slot `from`.
    pub(super) fn add(&self, from: u64, entries: &[Entry]) -> Result<()> {
        // One statement for all of them: each is a journey to another thread and back.
        let mut rows = Vec::with_capacity(entries.len());
        for entry in entries {
            let fields = serde_json::to_string(&entry.fields)?;
            rows.push((entry.row, &entry.id, &entry.text, fields));
        }
        let rows = serde_json::to_string(&rows)?;
        let (from, to) = (from as i64, from as i64 + entries.len() as i64);
        Ok(self.runtime.block_on(async {
            let mut transaction = self.pool.begin().await?;
            sqlx::query(
                "insert into rows select ? + key, value ->> 0, value ->> 1, value ->> 2, value ->> 3 \
                 from json_each(?)",
            )
            .bind(from)
            .bind(rows)
            .execute(&mut *transaction)
            .await?;
            sqlx::query(
                "insert into words (rowid, text) select slot, text from rows where slot >= ? and slot < ?",
            )
            .bind(from)
            .bind(to)
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await
        })?)
    }

    /// Statements without values, all of them or none.
    pub(super) fn run(&self, statements: &[&'static str]) -> Result<()> {
        Ok(self.runtime.block_on(async {
            let mut transaction = self.pool.begin().await?;
            for statement in statements {
                sqlx::query(*statement).execute(&mut *transaction).await?;
            }
            transaction.commit().await
        })?)
    }

    /// A number that a statement gives.
    pub(super) fn count(&self, statement: &'static str) -> Result<u64> {
        let query = sqlx::query_scalar::<_, i64>(statement);
        Ok(self.runtime.block_on(query.fetch_one(&self.pool))? as u64)
    }

    /// The slot and row that have an id.
    pub(super) fn by_id(&self, id: &str) -> Result<Option<(u64, Entry)>> {
        let query = sqlx::query(
            "select row, id, text, fields, slot from rows where id = ? order by row limit 1",
        );
        let found = self.runtime.block_on(query.bind(id).fetch_optional(&self.pool))?;
        found.map(|row| Ok((row.get::<i64, _>(4) as u64, entry(&row)?))).transpose()
    }

    /// Notes rows that are to be, with their slots; of those that are new the text too.
    pub(super) fn collect<'a>(
        &self,
        rows: impl Iterator<Item = (u64, &'a Entry, bool)>,
    ) -> Result<()> {
        let mut all = Vec::new();
        for (slot, entry, is_new) in rows {
            let fields = serde_json::to_string(&entry.fields)?;
            all.push((slot, entry.row, &entry.id, is_new.then_some(&entry.text), fields));
        }
        let all = serde_json::to_string(&all)?;
        let query = sqlx::query(
            "insert or replace into next select value ->> 0, value ->> 1, value ->> 2, value ->> 3, \
             value ->> 4 from json_each(?)",
        );
        self.runtime.block_on(query.bind(all).execute(&self.pool))?;
        Ok(())
    }

    /// Notes a slot whose row is to go.
    pub(super) fn gone(&self, slot: u64) -> Result<()> {
        let query = sqlx::query("insert or ignore into gone values (?)");
        self.runtime.block_on(query.bind(slot as i64).execute(&self.pool))?;
        Ok(())
    }

    /// Makes the file compact and closes it.
    pub(super) fn finish(self) -> Result<()> {
        self.runtime.block_on(async {
            sqlx::query("insert into words (words) values ('optimize')")
                .execute(&self.pool)
                .await?;
            self.pool.close().await;
            Ok::<_, sqlx::Error>(())
        })?;
        Ok(())
    }

    /// The rows that hold words of the query, the best first.
    pub(super) fn search(
        &self,
        query: &str,
        top: usize,
        filter: Option<&Filter>,
    ) -> Result<Vec<Match>> {
        let Some(expression) = expression(query) else { return Ok(Vec::new()) };
        let condition = filter.map(|filter| format!(" and {}", filter.sql())).unwrap_or_default();
        let statement = format!(
            "select words.rowid, -bm25(words) from words join rows on rows.slot = words.rowid \
             where words match ?{condition} order by bm25(words), words.rowid limit ?"
        );
        let found = self.runtime.block_on(async {
            let mut query = sqlx::query(AssertSqlSafe(statement)).bind(expression);
            for value in filter.iter().flat_map(|filter| filter.values()) {
                query = query.bind(value);
            }
            query.bind(top as i64).fetch_all(&self.pool).await
        })?;
        Ok(found.iter().map(|row| (row.get::<i64, _>(0) as u64, row.get(1))).collect())
    }

    /// The slots of rows that a filter lets through, of all rows without one.
    pub(super) fn slots(&self, filter: Option<&Filter>) -> Result<Bits> {
        let condition = filter.map(|filter| format!(" where {}", filter.sql())).unwrap_or_default();
        let statement = format!("select slot from rows{condition}");
        let found = self.runtime.block_on(async {
            let mut query = sqlx::query_scalar::<_, i64>(AssertSqlSafe(statement));
            for value in filter.iter().flat_map(|filter| filter.values()) {
                query = query.bind(value);
            }
            query.fetch_all(&self.pool).await
        })?;
        Ok(found.into_iter().map(|slot| slot as u64).collect())
    }

    /// The slot of a row by its place in the table.
    pub(super) fn slot_of(&self, row: u64) -> Result<Option<u64>> {
        let query = sqlx::query_scalar::<_, i64>("select slot from rows where row = ? limit 1");
        let found = self.runtime.block_on(query.bind(row as i64).fetch_optional(&self.pool))?;
        Ok(found.map(|slot| slot as u64))
    }

    /// The row that has a slot.
    pub(super) fn entry(&self, slot: u64) -> Result<Entry> {
        let query = sqlx::query("select row, id, text, fields from rows where slot = ?");
        entry(&self.runtime.block_on(query.bind(slot as i64).fetch_one(&self.pool))?)
    }

    /// Rows in the order of the table, with their slots: at most `count`, from place `from` on.
    pub(super) fn page(&self, from: u64, count: usize) -> Result<Vec<(u64, Entry)>> {
        let query = sqlx::query(
            "select row, id, text, fields, slot from rows where row >= ? order by row limit ?",
        );
        let found = query.bind(from as i64).bind(count as i64).fetch_all(&self.pool);
        let found = self.runtime.block_on(found)?;
        found.iter().map(|row| Ok((row.get::<i64, _>(4) as u64, entry(row)?))).collect()
    }
}

/// A row of `row, id, text, fields`.
fn entry(found: &SqliteRow) -> Result<Entry> {
    let fields: String = found.get(3);
    Ok(Entry {
        row: found.get::<i64, _>(0) as u64,
        id: found.get(1),
        text: found.get(2),
        fields: serde_json::from_str(&fields)?,
    })
}

/// Any of the query's words, quoted so that none is taken for an operator. Words that carry little
/// meaning are left out, unless there are no others.
fn expression(query: &str) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for word in query.split(|letter: char| !letter.is_alphanumeric()) {
        let word = word.to_lowercase();
        if !word.is_empty() && !words.contains(&word) && words.len() < MOST_WORDS {
            words.push(word);
        }
    }
    let is_heavy = |word: &&String| {
        let lone = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
        !lone && !PORTUGUESE.contains(&word.as_str())
    };
    let heavy: Vec<_> = words.iter().filter(is_heavy).collect();
    let taken = if heavy.is_empty() { words.iter().collect() } else { heavy };
    let quoted: Vec<_> = taken.into_iter().map(|word| format!("\"{word}\"")).collect();
    (!quoted.is_empty()).then(|| quoted.join(" OR "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_words_and_nothing_else() {
        assert_eq!(
            expression("o prazo da ENTREGA, o prazo!").as_deref(),
            Some("\"prazo\" OR \"entrega\"")
        );
        assert_eq!(expression("de que").as_deref(), Some("\"de\" OR \"que\""));
        assert_eq!(
            expression("a\" OR text:* NEAR(x)").as_deref(),
            Some("\"or\" OR \"text\" OR \"near\"")
        );
        assert_eq!(expression(" …?! "), None);
    }
}
