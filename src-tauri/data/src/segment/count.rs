//! Documents into term counts, on every core.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use crate::file::{Encoding, FileError, Inspector, Issues, Reader, each_block};
use crate::progress::{Cancelled, Progress};
use crate::table::Table;
use crate::text::TokenParams;
use crate::tfidf::TermCounter;

/// The documents of a table, counted.
#[derive(Debug)]
pub struct Counted {
    /// One a worker.
    pub counters: Vec<TermCounter>,
    /// Rows read.
    pub rows: u64,
    /// What was odd about single rows.
    pub issues: Issues,
}

/// Reads a delimited file once and counts the terms of some of its columns, a row a document.
/// Nothing is kept of the text itself. Step: `read` (bytes).
///
/// # Errors
/// [`FileError`] when the file cannot be read or the caller stopped the work.
pub fn count_file(
    reader: &Reader,
    columns: &[usize],
    threads: usize,
    tokens: TokenParams,
    progress: &dyn Progress,
) -> Result<Counted, FileError> {
    progress.step("read", Some(reader.input().len()));
    let mut issues = reader.header_issues().clone();
    let mut rows = 0;
    let states = each_block(
        reader.blocks(),
        threads,
        progress,
        || (TermCounter::new(tokens), String::new()),
        |(counter, cell), block| {
            // Checked once a block: a cell of valid bytes is counted where it lies.
            let in_place = match block.encoding() {
                Encoding::Windows1252 => block.bytes().is_ascii(),
                _ => std::str::from_utf8(block.bytes()).is_ok(),
            };
            let inspector = Inspector::new(reader.columns(), block);
            let mut odd = Issues::default();
            counter.begin_block(block.index as u32);
            let mut records = block.records();
            while let Some(record) = records.next() {
                inspector.inspect(&record, &mut odd);
                for field in columns.iter().filter_map(|&column| record.field(column)) {
                    if in_place {
                        // A doubled quote is no letter, so it need not be undone.
                        counter.text(field.inner());
                    } else {
                        cell.clear();
                        field.decode(cell);
                        counter.text(cell.as_bytes());
                    }
                }
                counter.end_document();
            }
            Ok((block.rows, odd))
        },
        |(count, odd)| {
            rows += count;
            issues.append(odd);
            Ok(())
        },
    )?;
    let counters = states.into_iter().map(|(counter, _)| counter).collect();
    Ok(Counted { counters, rows, issues })
}

/// Counts the terms of some columns of an imported table. Step: `read` (rows).
///
/// # Errors
/// [`Cancelled`].
pub fn count_table(
    table: &Table,
    columns: &[usize],
    tokens: TokenParams,
    progress: &dyn Progress,
) -> Result<Counted, Cancelled> {
    /// Rows between two looks at whether to go on.
    const ROWS: usize = 8192;
    progress.step("read", Some(table.rows() as u64));
    let done = AtomicU64::new(0);
    let counters = Mutex::new(Vec::new());
    let blocks: Vec<_> = (0..table.rows()).step_by(ROWS).enumerate().collect();
    blocks.par_chunks(blocks.len().div_ceil(rayon::current_num_threads()).max(1)).try_for_each(
        |blocks| {
            let mut counter = TermCounter::new(tokens);
            for &(index, start) in blocks {
                progress.check()?;
                counter.begin_block(index as u32);
                let rows = start..(start + ROWS).min(table.rows());
                let count = rows.len() as u64;
                for row in rows {
                    for text in columns.iter().filter_map(|&column| table.cell(row, column)) {
                        counter.text(text.as_bytes());
                    }
                    counter.end_document();
                }
                progress.at(done.fetch_add(count, Ordering::Relaxed) + count);
            }
            counters.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(counter);
            Ok(())
        },
    )?;
    let counters = counters.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    Ok(Counted { counters, rows: table.rows() as u64, issues: Issues::default() })
}
