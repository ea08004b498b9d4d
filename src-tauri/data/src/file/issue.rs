//! What is odd about single rows. A bad row is data: it is kept, and said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::decode::{show, unassigned, utf8};
use super::records::{Field, Form, Record};
use super::{Block, Encoding};

/// How many issues are kept word for word; all are counted.
pub const MAX_ISSUES: usize = 10_000;

/// Characters of raw text that an issue shows.
const SHOWN: usize = 200;

/// What is odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueKind {
    /// A column's name was empty or there twice; `column` is the name it has now, `text` the old.
    HeaderRenamed,
    /// The row ends before `column`, whose cell is missing like all after it; `text` is the row.
    TooFewFields,
    /// The row goes on after the last column; `text` is the surplus.
    TooManyFields,
    /// Bytes that are not the encoding's; the cell shows U+FFFD for them.
    BadBytes,
    /// A quote opens and is never closed: it is taken as text.
    UnclosedQuote,
    /// Text follows a closing quote: the field keeps its quotes.
    StrayQuote,
    /// A NUL byte, kept as the character U+0000.
    NulByte,
}

/// One odd row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowIssue {
    /// Line on which the record begins, from 1.
    pub line: u64,
    /// Index of the row among the data records, from 0; the header has none.
    pub row: Option<u64>,
    /// The column's name, where one column is concerned.
    pub column: Option<String>,
    /// What is odd.
    pub kind: IssueKind,
    /// How many cells the row has in surplus or lacks, where that is what is odd.
    pub cells: Option<u64>,
    /// The raw text concerned, at most about 200 characters; bytes that are not the encoding's
    /// are written like `\xE7`.
    pub text: String,
}

/// The first [`MAX_ISSUES`] issues and how many there are of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Issues {
    kept: Vec<RowIssue>,
    counts: BTreeMap<IssueKind, u64>,
}

impl Issues {
    /// Adds one.
    pub fn push(&mut self, issue: RowIssue) {
        *self.counts.entry(issue.kind).or_default() += 1;
        if self.kept.len() < MAX_ISSUES {
            self.kept.push(issue);
        }
    }

    /// Adds those of rows further down.
    pub fn append(&mut self, later: Self) {
        for (kind, count) in later.counts {
            *self.counts.entry(kind).or_default() += count;
        }
        let room = MAX_ISSUES.saturating_sub(self.kept.len());
        self.kept.extend(later.kept.into_iter().take(room));
    }

    /// Those kept, in the file's order.
    #[must_use]
    pub fn kept(&self) -> &[RowIssue] {
        &self.kept
    }

    /// How many there are of each kind, kept or not.
    #[must_use]
    pub fn counts(&self) -> &BTreeMap<IssueKind, u64> {
        &self.counts
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The kept ones and the counts.
    #[must_use]
    pub fn into_parts(self) -> (Vec<RowIssue>, BTreeMap<IssueKind, u64>) {
        (self.kept, self.counts)
    }
}

/// Looks through the records of one block. The bytes are checked once for the whole block, so
/// that a clean one costs almost nothing.
#[derive(Debug, Clone, Copy)]
pub struct Inspector<'c> {
    columns: &'c [String],
    encoding: Encoding,
    suspect: bool,
}

impl<'c> Inspector<'c> {
    /// For the records of `block` under these columns.
    #[must_use]
    pub fn new(columns: &'c [String], block: &Block) -> Self {
        let bytes = block.bytes();
        let suspect = memchr::memchr(0, bytes).is_some() || has_bad(bytes, block.encoding());
        Self { columns, encoding: block.encoding(), suspect }
    }

    /// Adds what is odd about `record`.
    pub fn inspect(&self, record: &Record<'_>, issues: &mut Issues) {
        if record.len() != self.columns.len() {
            self.width(record, issues);
        }
        if self.suspect || record.odd {
            for (index, field) in record.fields().enumerate() {
                self.field(record, index, &field, issues);
            }
        }
    }

    fn width(&self, record: &Record<'_>, issues: &mut Issues) {
        let (kind, column, raw) = match record.surplus(self.columns.len()) {
            Some(surplus) => (IssueKind::TooManyFields, None, surplus),
            None => {
                let missing = self.columns.get(record.len()).cloned();
                (IssueKind::TooFewFields, missing, record.bytes)
            }
        };
        issues.push(RowIssue {
            line: record.line,
            row: Some(record.row),
            column,
            kind,
            cells: Some(record.len().abs_diff(self.columns.len()) as u64),
            text: show(raw, self.encoding, SHOWN),
        });
    }

    fn field(&self, record: &Record<'_>, index: usize, field: &Field<'_>, issues: &mut Issues) {
        let mut add = |kind| {
            issues.push(RowIssue {
                line: record.line,
                row: Some(record.row),
                column: self.columns.get(index).cloned(),
                kind,
                cells: None,
                text: show(field.raw, self.encoding, SHOWN),
            });
        };
        match field.form {
            Form::Stray => add(IssueKind::StrayQuote),
            Form::Unclosed => add(IssueKind::UnclosedQuote),
            Form::Plain | Form::Quoted | Form::Escaped => {}
        }
        if self.suspect {
            if memchr::memchr(0, field.raw).is_some() {
                add(IssueKind::NulByte);
            }
            if has_bad(field.raw, self.encoding) {
                add(IssueKind::BadBytes);
            }
        }
    }
}

fn has_bad(bytes: &[u8], encoding: Encoding) -> bool {
    match encoding {
        Encoding::Windows1252 => !bytes.is_ascii() && bytes.iter().any(|&byte| unassigned(byte)),
        _ => utf8(bytes).is_err(),
    }
}
