//! A whole file, profiled in one pass.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::distinct::Counter;
use super::profile::{Usual, column, decided_order};
use super::sniff::usual_order;
use super::tally::Tally;
use super::{
    Block, Blocks, ColumnProfile, DateOrder, Decimal, Dialect, FileError, Input, Inspector,
    IssueKind, Issues, Overrides, Reader, RowIssue, detect, each_block,
};
use crate::progress::Progress;

/// Different values counted exactly in one column, and in all columns of a wide file together.
const EXACT: usize = 1 << 16;
const EXACT_IN_ALL: usize = 1 << 21;

/// What opening a file says about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenReport {
    /// Encoding, delimiter, quote, header, decimal separator, date order, line end.
    #[serde(flatten)]
    pub dialect: Dialect,
    /// Number of data records.
    pub rows: u64,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// The columns in the file's order.
    pub columns: Vec<ColumnProfile>,
    /// The first [`super::MAX_ISSUES`] odd rows.
    pub issues: Vec<RowIssue>,
    /// How many odd rows there are of each kind.
    pub issue_counts: BTreeMap<IssueKind, u64>,
}

/// Finds the dialect of `input` and profiles all of its rows. The step `read` counts bytes.
///
/// # Errors
/// As [`detect`]; [`FileError::Cancelled`]; an error of reading.
pub fn report(
    input: &Input,
    overrides: &Overrides,
    progress: &dyn Progress,
) -> Result<OpenReport, FileError> {
    progress.step("read", Some(input.len()));
    let reader = Reader::open(input, &detect(input, overrides, progress)?)?;
    profile(&reader, overrides, progress)
}

/// Profiles all rows of a file that is open already.
///
/// # Errors
/// [`FileError::Cancelled`] or an error of reading.
pub fn profile(
    reader: &Reader,
    overrides: &Overrides,
    progress: &dyn Progress,
) -> Result<OpenReport, FileError> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let counts = Counts::of(reader, reader.blocks(), threads, progress)?;
    Ok(counts.say(reader, overrides))
}

/// All that was counted in some blocks of a file.
pub(crate) struct Counts {
    rows: u64,
    tallies: Vec<Tally>,
    counters: Vec<Counter>,
    issues: Issues,
}

impl Counts {
    /// Counts with `threads` workers; the result does not depend on their number.
    pub(crate) fn of(
        reader: &Reader,
        blocks: Blocks,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Self, FileError> {
        let width = reader.columns().len();
        let most = (EXACT_IN_ALL / width.max(1)).clamp(64, EXACT);
        let fresh = || vec![Counter::new(most); width];
        let (mut rows, mut issues) = (0, reader.header_issues().clone());
        let mut tallies = vec![Tally::default(); width];
        let states = each_block(
            blocks,
            threads,
            progress,
            fresh,
            |counters, block| Ok(count(reader, block, counters)),
            |part: (u64, Vec<Tally>, Issues)| {
                rows += part.0;
                for (tally, later) in tallies.iter_mut().zip(part.1) {
                    tally.append(later);
                }
                issues.append(part.2);
                Ok(())
            },
        )?;
        let mut counters = fresh();
        for state in states {
            for (counter, other) in counters.iter_mut().zip(state) {
                counter.merge(other);
            }
        }
        Ok(Self { rows, tallies, counters, issues })
    }

    /// The report on these counts.
    pub(crate) fn say(self, reader: &Reader, overrides: &Overrides) -> OpenReport {
        let dialect = reader.dialect();
        let usual = self.usual(reader, overrides);
        let columns: Vec<ColumnProfile> = reader
            .columns()
            .iter()
            .zip(self.tallies.iter().zip(&self.counters))
            .map(|(name, (tally, counter))| column(name, tally, counter, dialect, usual))
            .collect();
        let (issues, issue_counts) = self.issues.into_parts();
        // The order said of the file is that of its dates as they were read.
        let date_order = columns
            .iter()
            .filter(|column| column.dates.is_some())
            .map(|column| column.date_order)
            .find(|&order| order != DateOrder::Iso)
            .unwrap_or(if usual.fixed { usual.order } else { DateOrder::Iso });
        OpenReport {
            dialect: Dialect { date_order, ..*dialect },
            rows: self.rows,
            bytes: reader.input().len(),
            columns,
            issues,
            issue_counts,
        }
    }

    fn usual(&self, reader: &Reader, overrides: &Overrides) -> Usual {
        if let Some(order) = overrides.date_order {
            return Usual { order, fixed: true, hinted: true };
        }
        let mut decided = self.tallies.iter().filter_map(decided_order);
        if let Some(order) = decided.next() {
            // Columns that contradict each other say nothing certain about a third.
            return Usual { order, fixed: false, hinted: decided.all(|other| other == order) };
        }
        let (order, hinted) = usual_order(reader.dialect().decimal, reader.columns());
        Usual { order, fixed: false, hinted }
    }
}

fn count(reader: &Reader, block: &Block, counters: &mut [Counter]) -> (u64, Vec<Tally>, Issues) {
    let (encoding, decimal): (_, Decimal) = (block.encoding(), reader.dialect().decimal);
    let inspector = Inspector::new(reader.columns(), block);
    let mut tallies = vec![Tally::default(); counters.len()];
    let mut issues = Issues::default();
    let mut records = block.records();
    while let Some(record) = records.next() {
        inspector.inspect(&record, &mut issues);
        let columns = tallies.iter_mut().zip(counters.iter_mut());
        for (index, (tally, counter)) in columns.enumerate() {
            let Some(field) = record.field(index) else {
                tally.add_missing();
                continue;
            };
            let cell = field.bytes();
            let cell = cell.trim_ascii();
            if tally.add(cell, encoding, decimal) {
                counter.add(cell);
            }
        }
    }
    (block.rows, tallies, issues)
}
