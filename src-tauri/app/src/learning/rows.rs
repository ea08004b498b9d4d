//! Rows that have a text and a class.

use std::collections::BTreeMap;

use mirante_data::file::is_missing;
use mirante_data::progress::Progress;

use crate::error::{Error, Result};
use crate::job::Job;
use crate::segmenting::From;
use crate::view::unknown_column;

/// Rows read at once.
const ROWS: usize = 1024;

/// Texts with their classes.
pub(crate) struct Labelled {
    pub(crate) texts: Vec<String>,
    /// One a text, as places in `names`.
    pub(crate) labels: Vec<u32>,
    /// The classes in the order of the alphabet.
    pub(crate) names: Vec<String>,
    pub(crate) text_cols: Vec<String>,
    /// Rows of the table.
    pub(crate) rows: u64,
    pub(crate) without_text: u64,
    pub(crate) without_label: u64,
}

impl Labelled {
    /// Reads them. Step: `read` (rows).
    ///
    /// # Errors
    /// [`Error::UnknownColumn`], [`Error::NothingLabelled`], [`Error::OneClass`], [`Error::TooFewOfClass`].
    pub(crate) fn read(
        from: &From,
        text_cols: &[String],
        label_col: &str,
        job: &Job,
    ) -> Result<Self> {
        let all = from.column_names();
        let place = all.iter().position(|name| name == label_col);
        let place = place.ok_or_else(|| unknown_column(label_col, &all))?;
        let columns = from.columns_for(text_cols, None)?.with_cells(from);
        if columns.names.iter().any(|name| name == label_col) {
            return Err(Error::BadOption {
                option: "label_col",
                value: label_col.to_owned(),
                allowed: format!("≠ {}", columns.names.join(", ")),
            });
        }
        job.step("read", None);
        let (mut rows, mut without_text, mut without_label) = (0, 0, 0);
        let (mut texts, mut classes) = (Vec::new(), Vec::new());
        from.each_text(&columns, ROWS, job, |some| {
            for mut row in some {
                rows += 1;
                let label = row.cells.swap_remove(place).unwrap_or_default();
                let label = label.trim();
                if is_missing(label.as_bytes()) {
                    without_label += 1;
                } else if row.text.trim().is_empty() {
                    without_text += 1;
                } else {
                    texts.push(row.text);
                    classes.push(label.to_owned());
                }
            }
            job.at(rows);
            job.checkpoint()
        })?;
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        classes.iter().for_each(|label| *counts.entry(label).or_default() += 1);
        check(&counts, label_col, rows)?;
        let names: Vec<String> = counts.keys().map(|&name| name.to_owned()).collect();
        let numbers: BTreeMap<&str, u32> = counts.into_keys().zip(0..).collect();
        let labels = classes.iter().map(|label| numbers[label.as_str()]).collect();
        let text_cols = columns.names;
        Ok(Self { texts, labels, names, text_cols, rows, without_text, without_label })
    }
}

/// One row of a class cannot be learnt from and measured on both.
fn check(counts: &BTreeMap<&str, u64>, column: &str, rows: u64) -> Result<()> {
    let column = || column.to_owned();
    let mut classes = counts.iter();
    match (classes.next(), classes.next()) {
        (None, _) => return Err(Error::NothingLabelled { column: column(), rows }),
        (Some((label, _)), None) => {
            return Err(Error::OneClass { column: column(), label: (*label).to_owned() });
        }
        _ => {}
    }
    match counts.iter().find(|(_, count)| **count < 2) {
        Some((label, &rows)) => {
            Err(Error::TooFewOfClass { label: (*label).to_owned(), rows, least: 2 })
        }
        None => Ok(()),
    }
}
