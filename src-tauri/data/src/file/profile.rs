//! What a column holds, said from its counts.

use serde::{Deserialize, Serialize};

use super::decode::show;
use super::distinct::Counter;
use super::role::{Traits, role_of};
use super::tally::{Range, Tally};
use super::value::Date;
use super::{DateOrder, Dialect, Distinct, Kind, Role};

/// Least, greatest and mean of a column of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NumberRange {
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The arithmetic mean of the cells that are not missing.
    pub mean: f64,
}

/// The days of a column of dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateRange {
    /// The first, `yyyy-mm-dd` with `Thh:mm:ss` where there is a time.
    pub first: String,
    /// The last.
    pub last: String,
    /// Whether no value decides the order and nothing else hints at it.
    pub ambiguous: bool,
}

/// A kind that nearly all cells have, though not all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nearly {
    /// The kind that at least 95% of the cells have.
    pub kind: Kind,
    /// How many cells do not.
    pub others: u64,
}

/// One column over all rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// Its name.
    pub name: String,
    /// What all its cells that are not missing can be read as.
    pub kind: Kind,
    /// What it is for.
    pub role: Role,
    /// The order in which dates among its cells are read: the one that its own values decide on,
    /// else the file's; ISO where no other date is seen.
    pub date_order: DateOrder,
    /// How many cells stand for nothing, those that rows are too short to have included.
    pub missing: u64,
    /// How many different values the others have (`distinct` and `distinct_exact` in JSON).
    #[serde(flatten)]
    pub distinct: Distinct,
    /// The first few different values.
    pub sample: Vec<String>,
    /// Mean number of characters of the cells that are not missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_length: Option<f64>,
    /// For kinds integer and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numbers: Option<NumberRange>,
    /// For kind date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<DateRange>,
    /// For kind text, where a few cells keep the column from another kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearly: Option<Nearly>,
}

/// How a column's dates are read.
#[derive(Debug, Clone, Copy)]
struct Reading {
    range: Range<Date>,
    order: DateOrder,
    decided: bool,
}

/// Picks the order that reads most dates; `usual` decides a draw.
fn reading(tally: &Tally, usual: DateOrder, fixed: bool) -> Reading {
    let with_iso = |mut range: Range<Date>| {
        range.merge(tally.iso);
        range
    };
    if tally.short == 0 {
        return Reading { range: tally.iso, order: DateOrder::Iso, decided: true };
    }
    let day = Reading {
        range: with_iso(tally.day_first),
        order: DateOrder::DayFirst,
        decided: tally.day_first.count > tally.month_first.count,
    };
    let month = Reading {
        range: with_iso(tally.month_first),
        order: DateOrder::MonthFirst,
        decided: tally.month_first.count > tally.day_first.count,
    };
    let own = |reading: Reading| Reading { decided: true, ..reading };
    match usual {
        DateOrder::Iso if fixed => {
            Reading { range: tally.iso, order: DateOrder::Iso, decided: true }
        }
        DateOrder::DayFirst if fixed => own(day),
        DateOrder::MonthFirst if fixed => own(month),
        _ if day.decided => day,
        _ if month.decided => month,
        DateOrder::MonthFirst => month,
        DateOrder::Iso | DateOrder::DayFirst => day,
    }
}

/// The order that this column's values decide on, if they do.
pub(crate) fn decided_order(tally: &Tally) -> Option<DateOrder> {
    let reading = reading(tally, DateOrder::Iso, false);
    let whole = reading.range.count == tally.present && tally.short > 0;
    (whole && reading.decided).then_some(reading.order)
}

/// What the file says about dates that no column's own values decide.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usual {
    pub(crate) order: DateOrder,
    /// A person insists on it.
    pub(crate) fixed: bool,
    /// Something hints at it: another column, decimal commas, a Portuguese header.
    pub(crate) hinted: bool,
}

pub(crate) fn column(
    name: &str,
    tally: &Tally,
    counter: &Counter,
    dialect: &Dialect,
    usual: Usual,
) -> ColumnProfile {
    let present = tally.present;
    let reading = reading(tally, usual.order, usual.fixed);
    let numbers = tally.numbers;
    let all = |count: u64| present > 0 && count == present;
    let numeric = if numbers.mixed() { 0 } else { numbers.range.count };
    let kind = if present == 0 {
        Kind::Empty
    } else if all(numbers.integers) && all(numeric) {
        Kind::Integer
    } else if all(numeric) {
        Kind::Number
    } else if all(tally.booleans) {
        Kind::Boolean
    } else if all(reading.range.count) {
        Kind::Date
    } else {
        Kind::Text
    };
    let candidates = [
        (Kind::Number, numeric),
        (Kind::Date, reading.range.count),
        (Kind::Boolean, tally.booleans),
    ];
    let nearly = candidates
        .into_iter()
        .find(|&(_, count)| kind == Kind::Text && count * 20 >= present * 19)
        .map(|(kind, count)| Nearly { kind, others: present - count });
    let mean = |sum: f64| sum / present.max(1) as f64;
    let distinct = counter.count();
    let length = mean(tally.characters as f64);
    let traits = Traits {
        name,
        kind,
        present,
        distinct: distinct.count,
        length,
        words: mean(tally.words as f64),
    };
    let is_number = matches!(kind, Kind::Integer | Kind::Number);
    ColumnProfile {
        name: name.to_owned(),
        kind,
        role: role_of(traits),
        date_order: reading.order,
        missing: tally.missing,
        distinct: Distinct { count: distinct.count.min(present), ..distinct },
        sample: tally.sample.iter().map(|value| show(value, dialect.encoding, 80)).collect(),
        mean_length: (present > 0).then_some(length),
        numbers: numbers.range.ends.filter(|_| is_number).map(|(min, max)| NumberRange {
            min,
            max,
            mean: mean(numbers.sum),
        }),
        dates: reading.range.ends.filter(|_| kind == Kind::Date).map(|(first, last)| DateRange {
            first: first.to_string(),
            last: last.to_string(),
            ambiguous: !(reading.decided || usual.hinted || usual.fixed),
        }),
        nearly,
    }
}
