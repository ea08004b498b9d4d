//! A table of leads: which columns take part, and how each is read.

use std::collections::HashSet;

use mirante_data::file::{DateOrder, Decimal, is_missing};
use mirante_data::leads::{Cells, LeadColumn, LeadKind};
use mirante_data::progress::Progress;

use super::target::Target;
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::ops::leads::{LeadColumnUse, TrainLeadsRequest};
use crate::ops::open::{Column, Kind, Role};
use crate::ops::segment::Source;
use crate::reading;
use crate::segmenting::From;
use crate::view::unknown_column;

/// Rows read at once.
const ROWS: usize = 1024;
/// From so many rows on whole numbers that are all different and close together only count rows.
const MANY: u64 = 20;

/// Leads to learn from.
pub(super) struct LeadTable {
    pub(super) columns: Vec<LeadColumn>,
    /// The cells of these columns.
    pub(super) rows: Vec<Cells>,
    pub(super) is_positive: Vec<bool>,
    /// What stands in the target for a lead that converted.
    pub(super) positive: String,
    pub(super) without_target: u64,
    /// All columns but the target.
    pub(super) uses: Vec<LeadColumnUse>,
}

impl LeadTable {
    /// Reads them. Steps: `profile` (bytes), `read` (rows).
    pub(super) fn read(app: &App, job: &Job, request: &TrainLeadsRequest) -> Result<Self> {
        let from = From::open(app, job, &request.source)?;
        let names = from.column_names();
        let named = request.text_cols.iter().chain(&request.ignore);
        for name in std::iter::once(&request.target).chain(named) {
            if !names.contains(name) {
                return Err(unknown_column(name, &names));
            }
        }
        let (found, decimal) = profile(&from, &request.source, job)?;
        let cells = all_cells(&from, job)?;
        let place = names.iter().position(|name| *name == request.target).unwrap_or_default();
        let target: Vec<Option<String>> = cells.iter().map(|row| row[place].clone()).collect();
        let target = Target::of(&request.target, request.positive.as_deref(), &target)?;

        let (mut places, mut columns, mut uses) = (Vec::new(), Vec::new(), Vec::new());
        for (at, column) in found.iter().enumerate().filter(|&(at, _)| at != place) {
            let read = read_as(column, decimal, request, || {
                only_counts(cells.iter().filter_map(|row| row[at].as_deref()))
            });
            uses.push(LeadColumnUse {
                column: column.name.clone(),
                read_as: read.map_or("left_out", name_of).to_owned(),
                why: read.err().map(str::to_owned),
                auc_alone: None,
                may_leak: false,
            });
            if let Ok(kind) = read {
                columns.push(LeadColumn { name: column.name.clone(), kind });
                places.push(at);
            }
        }
        if columns.is_empty() {
            return Err(Error::NoLeadColumns { column: request.target.clone() });
        }
        let known = cells.iter().zip(&target.of_rows).filter_map(|(row, of)| Some((row, (*of)?)));
        let (rows, is_positive): (Vec<Cells>, Vec<bool>) =
            known.map(|(row, of)| (places.iter().map(|&at| row[at].clone()).collect(), of)).unzip();
        let without_target = (cells.len() - rows.len()) as u64;
        Ok(Self { columns, rows, is_positive, positive: target.positive, without_target, uses })
    }
}

/// Kind and role of every column, and what stands before a number's fraction.
fn profile(from: &From, source: &Source, job: &Job) -> Result<(Vec<Column>, Decimal)> {
    Ok(match (from, source) {
        (From::File(file), Source::File { options, .. }) => {
            let found = reading::report_of(file, options, job)?;
            (found.columns, file.reader.dialect().decimal)
        }
        (From::File(file), Source::Dataset { .. }) => {
            let found = reading::report_of(file, &Default::default(), job)?;
            (found.columns, file.reader.dialect().decimal)
        }
        (From::Table(dataset, _), _) => {
            let dialect = reading::dialect_of(&dataset.options, &dataset.line_end)?;
            (dataset.columns.clone(), dialect.decimal)
        }
    })
}

fn all_cells(from: &From, job: &Job) -> Result<Vec<Cells>> {
    let names = from.column_names();
    // A column must be named where none looks like text; all of them come with it.
    let columns = from.columns_for(&names[..names.len().min(1)], None)?.with_cells(from);
    job.step("read", None);
    let mut cells = Vec::new();
    from.each_text(&columns, ROWS, job, |some| {
        cells.extend(some.into_iter().map(|row| row.cells));
        job.at(cells.len() as u64);
        job.checkpoint()
    })?;
    Ok(cells)
}

/// How a column is read, or why it is left out.
fn read_as(
    column: &Column,
    decimal: Decimal,
    request: &TrainLeadsRequest,
    only_counts: impl FnOnce() -> bool,
) -> std::result::Result<LeadKind, &'static str> {
    if request.ignore.contains(&column.name) {
        return Err("ignored");
    }
    if column.kind == Kind::Empty || column.distinct == 0 {
        return Err("empty");
    }
    if column.distinct == 1 && column.missing == 0 {
        return Err("constant");
    }
    if request.text_cols.contains(&column.name) {
        return Ok(LeadKind::Text);
    }
    match (column.role, column.kind) {
        (Role::Identifier, _) => Err("identifier"),
        (Role::Number, Kind::Integer) if only_counts() => Err("identifier"),
        (Role::Number, Kind::Integer | Kind::Number) => Ok(LeadKind::Number(decimal)),
        (Role::Date, Kind::Date) => Ok(LeadKind::Date(order_of(column.date_order.as_deref()))),
        (Role::Text, _) => Ok(LeadKind::Text),
        _ => Ok(LeadKind::Category),
    }
}

fn order_of(name: Option<&str>) -> DateOrder {
    match name {
        Some("day_first") => DateOrder::DayFirst,
        Some("month_first") => DateOrder::MonthFirst,
        _ => DateOrder::Iso,
    }
}

/// Whether whole numbers are all different and leave few out: 1, 2, 3, … say nothing of a lead.
fn only_counts<'a>(cells: impl Iterator<Item = &'a str>) -> bool {
    let cells = cells.map(str::trim).filter(|cell| !is_missing(cell.as_bytes()));
    let Ok(numbers) = cells.map(str::parse::<i64>).collect::<std::result::Result<Vec<_>, _>>()
    else {
        return false;
    };
    let distinct: HashSet<&i64> = numbers.iter().collect();
    let (Some(least), Some(most)) = (numbers.iter().min(), numbers.iter().max()) else {
        return false;
    };
    let count = numbers.len() as u64;
    count >= MANY && distinct.len() == numbers.len() && most.abs_diff(*least) < 2 * count
}

pub(super) fn name_of(kind: LeadKind) -> &'static str {
    match kind {
        LeadKind::Number(_) => "number",
        LeadKind::Category => "category",
        LeadKind::Date(_) => "date",
        LeadKind::Text => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_only_count_rows_are_known() {
        let counted: Vec<String> = (100..140).rev().map(|n: i32| n.to_string()).collect();
        assert!(only_counts(counted.iter().map(String::as_str)));
        let amounts: Vec<String> = (1..41).map(|n: i32| (n * n * 37).to_string()).collect();
        assert!(!only_counts(amounts.iter().map(String::as_str)));
        let ages: Vec<String> = (0..40).map(|n: i32| (n % 20).to_string()).collect();
        assert!(!only_counts(ages.iter().map(String::as_str)));
        assert!(!only_counts(["1", "2", "3"].into_iter()));
    }
}
