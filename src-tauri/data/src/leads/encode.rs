//! The cells of a lead as numbers.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::file::{Date, DateOrder, Decimal, date_of, is_missing, number_of};
use crate::learn::Matrix;
use crate::progress::{Cancelled, Progress, Within};
use crate::text::TokenParams;
use crate::tfidf::{DocumentFrequency, TermCounter, TfidfError, TfidfParams, Vocabulary, fit};

/// Rows a value of a category must stand in to count on its own, or this share of them where that is more.
const LEAST_ROWS: usize = 5;
const LEAST_SHARE: f64 = 0.005;
/// Values of a category that count on their own, the most frequent first.
const MOST_VALUES: usize = 100;
/// Words of a column of text, the most frequent first, and the rows each must stand in.
const MOST_TERMS: usize = 5_000;
const TERM_ROWS: u64 = 2;
/// Numbers a date becomes before the one that says that it is missing: its trend, months, days of the week.
const DATE_PARTS: usize = 1 + 12 + 7;

/// The cells of a row, in the order of the columns; none where a cell is missing.
pub type Cells = Vec<Option<String>>;

/// How a column's cells are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeadKind {
    /// Amounts.
    Number(Decimal),
    /// Values that come again.
    Category,
    /// Days.
    Date(DateOrder),
    /// Words.
    Text,
}

/// A column to learn from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadColumn {
    /// Its name.
    pub name: String,
    /// How it is read.
    pub kind: LeadKind,
}

/// How a column's cells become numbers, as learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Encoding {
    /// `(value - mean) / deviation`, and whether it is missing.
    Number {
        /// What stands before a fraction.
        decimal: Decimal,
        /// Of the values that are there.
        mean: f64,
        /// Their standard deviation; 1 where they are all alike.
        deviation: f64,
    },
    /// One number a value, one for all others, one for none.
    Category {
        /// In the order of the alphabet.
        values: Vec<String>,
    },
    /// How far between the first day and the last (those beyond count as these), a number for every month
    /// and one for every day of the week, and whether it is missing.
    Date {
        /// How days are written.
        order: DateOrder,
        /// Days since 1970-01-01.
        first: f64,
        /// Days since 1970-01-01.
        last: f64,
    },
    /// TF-IDF.
    Text {
        /// Its words.
        vocabulary: Vocabulary,
    },
}

/// What about a cell a number speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Its value.
    Value,
    /// That it is missing.
    Missing,
    /// Of a day, where it stands between the first and the last.
    Trend,
    /// Of a day, its month.
    Month,
    /// Of a day, that of the week.
    Weekday,
    /// A word in it.
    Term,
}

/// Something about a cell that the person should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The column.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What is with it.
    pub kind: NoteKind,
}

/// What is with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// A value that was not among those learnt from, or hardly; counted with the rare ones.
    Unseen,
    /// No number where numbers were; counted as missing.
    NotANumber,
    /// No day where days were; counted as missing.
    NotADate,
}

/// All columns as numbers, side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Encoder {
    /// Names and encodings, in the order of the cells.
    pub columns: Vec<(String, Encoding)>,
}

fn cell(cells: &Cells, column: usize) -> Option<&str> {
    let cell = cells.get(column)?.as_deref()?.trim();
    (!is_missing(cell.as_bytes())).then_some(cell)
}

impl Encoder {
    /// Learns how the cells of these rows become numbers; what is to be predicted plays no part in it.
    ///
    /// # Errors
    /// [`Cancelled`] once the caller wants to stop.
    pub fn fit(
        columns: &[LeadColumn],
        rows: &[&Cells],
        progress: &dyn Progress,
    ) -> Result<Self, Cancelled> {
        let learn = |(at, column): (usize, &LeadColumn)| {
            progress.check()?;
            let cells = || rows.iter().map(|cells| cell(cells, at));
            let encoding = match column.kind {
                LeadKind::Number(decimal) => number(cells().flatten(), decimal),
                LeadKind::Category => category(cells().flatten(), rows.len()),
                LeadKind::Date(order) => date(cells().flatten(), order),
                LeadKind::Text => Encoding::Text { vocabulary: words(cells(), progress)? },
            };
            Ok((column.name.clone(), encoding))
        };
        let columns = columns.iter().enumerate().map(learn).collect::<Result<_, _>>()?;
        Ok(Self { columns })
    }

    /// Numbers of all columns together.
    #[must_use]
    pub fn width(&self) -> usize {
        self.columns.iter().map(|(_, encoding)| encoding.width()).sum()
    }

    /// Whether every word has its weight: not so in a file that was tampered with.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.columns.iter().all(|(_, encoding)| match encoding {
            Encoding::Text { vocabulary } => vocabulary.idf.len() == vocabulary.terms.len(),
            Encoding::Number { deviation, .. } => *deviation > 0.0,
            Encoding::Date { first, last, .. } => first <= last,
            Encoding::Category { .. } => true,
        })
    }

    /// Where each column's numbers stand.
    #[must_use]
    pub fn places(&self) -> Vec<Range<usize>> {
        let mut from = 0;
        let place = |(_, encoding): &(String, Encoding)| {
            from += encoding.width();
            from - encoding.width()..from
        };
        self.columns.iter().map(place).collect()
    }

    /// Rows as numbers, and what is with their cells.
    ///
    /// # Errors
    /// [`Cancelled`] once the caller wants to stop.
    pub fn encode(
        &self,
        rows: &[&Cells],
        progress: &dyn Progress,
    ) -> Result<(Matrix, Vec<Vec<Note>>), Cancelled> {
        let mut numbers = vec![Vec::new(); rows.len()];
        let mut notes = vec![Vec::new(); rows.len()];
        for (at, ((name, encoding), place)) in self.columns.iter().zip(self.places()).enumerate() {
            progress.check()?;
            if let Encoding::Text { vocabulary } = encoding {
                let counted = counted(rows.iter().map(|cells| cell(cells, at)));
                let weighed = vocabulary.transform(vec![counted], &Within(progress));
                let Ok(weighed) = weighed else { return Err(Cancelled) };
                for (row, to) in numbers.iter_mut().enumerate() {
                    let words = weighed.row(row);
                    to.extend(
                        words.weights(weighed.idf()).map(|(word, w)| (place.start + word, w)),
                    );
                }
                continue;
            }
            let known = encoding.known();
            for (row, cells) in rows.iter().enumerate() {
                let (given, found) = (cell(cells, at), &mut numbers[row]);
                let kind = encoding
                    .push(given, &known, |part, value| found.push((place.start + part, value)));
                if let (Some(kind), Some(value)) = (kind, given) {
                    notes[row].push(Note { column: name.clone(), value: value.to_owned(), kind });
                }
            }
        }
        let mut matrix = Matrix::new(self.width());
        numbers.into_iter().for_each(|row| matrix.push(row));
        Ok((matrix, notes))
    }
}

impl Encoding {
    /// Numbers that a cell becomes.
    #[must_use]
    pub fn width(&self) -> usize {
        match self {
            Self::Number { .. } => 2,
            Self::Category { values } => values.len() + 2,
            Self::Date { .. } => DATE_PARTS + 1,
            Self::Text { vocabulary } => vocabulary.terms.len(),
        }
    }

    /// Which of its numbers speak of what, for a cell that is there or is not.
    #[must_use]
    pub fn parts(&self, is_there: bool) -> Vec<(Part, Range<usize>)> {
        match self {
            _ if !is_there => vec![(Part::Missing, 0..self.width())],
            Self::Date { .. } => {
                vec![(Part::Trend, 0..1), (Part::Month, 1..13), (Part::Weekday, 13..DATE_PARTS)]
            }
            _ => vec![(Part::Value, 0..self.width())],
        }
    }

    fn known(&self) -> HashMap<&str, usize> {
        match self {
            Self::Category { values } => values.iter().map(String::as_str).zip(0..).collect(),
            _ => HashMap::new(),
        }
    }

    /// Hands over the numbers of a cell that are not nought; says what is with it.
    fn push(
        &self,
        cell: Option<&str>,
        known: &HashMap<&str, usize>,
        mut put: impl FnMut(usize, f64),
    ) -> Option<NoteKind> {
        match (self, cell) {
            (Self::Number { decimal, mean, deviation }, Some(cell)) => {
                let Some(number) = number_of(cell.as_bytes(), *decimal) else {
                    put(1, 1.0);
                    return Some(NoteKind::NotANumber);
                };
                put(0, (number.value - mean) / deviation);
            }
            (Self::Category { values }, Some(cell)) => match known.get(cell) {
                Some(&value) => put(value, 1.0),
                None => {
                    put(values.len(), 1.0);
                    return Some(NoteKind::Unseen);
                }
            },
            (Self::Date { order, first, last }, Some(cell)) => {
                let Some(date) = date_of(cell.as_bytes(), *order) else {
                    put(DATE_PARTS, 1.0);
                    return Some(NoteKind::NotADate);
                };
                let span = (last - first).max(1.0);
                put(0, (date.days().clamp(*first, *last) - first) / span - 0.5);
                put(usize::from(date.month), 1.0);
                put(13 + weekday(date), 1.0);
            }
            (Self::Text { .. }, _) => {}
            (missing, None) => put(missing.width() - 1, 1.0),
        }
        None
    }
}

/// From 0 for Monday; 1970-01-01 was a Thursday.
fn weekday(date: Date) -> usize {
    (date.days().floor() as i64 + 3).rem_euclid(7) as usize
}

fn number<'a>(cells: impl Iterator<Item = &'a str>, decimal: Decimal) -> Encoding {
    let values: Vec<f64> =
        cells.filter_map(|cell| Some(number_of(cell.as_bytes(), decimal)?.value)).collect();
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
    Encoding::Number { decimal, mean, deviation }
}

fn category<'a>(cells: impl Iterator<Item = &'a str>, rows: usize) -> Encoding {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    cells.for_each(|cell| *counts.entry(cell).or_default() += 1);
    let least = LEAST_ROWS.max((rows as f64 * LEAST_SHARE).ceil() as usize);
    let mut kept: Vec<(&str, usize)> =
        counts.into_iter().filter(|&(_, count)| count >= least).collect();
    kept.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    kept.truncate(MOST_VALUES);
    let mut values: Vec<String> = kept.into_iter().map(|(value, _)| value.to_owned()).collect();
    values.sort_unstable();
    Encoding::Category { values }
}

fn date<'a>(cells: impl Iterator<Item = &'a str>, order: DateOrder) -> Encoding {
    let days = cells.filter_map(|cell| Some(date_of(cell.as_bytes(), order)?.days()));
    let (first, last) = days.fold((f64::INFINITY, f64::NEG_INFINITY), |(first, last), day| {
        (first.min(day), last.max(day))
    });
    let (first, last) = if first <= last { (first, last) } else { (0.0, 0.0) };
    Encoding::Date { order, first, last }
}

fn counted<'a>(cells: impl Iterator<Item = Option<&'a str>>) -> TermCounter {
    let mut counter = TermCounter::new(TokenParams { strip_accents: true });
    counter.begin_block(0);
    for cell in cells {
        counter.text(cell.unwrap_or_default().as_bytes());
        counter.end_document();
    }
    counter
}

/// The words of a column; none where every one is too rare.
fn words<'a>(
    cells: impl Iterator<Item = Option<&'a str>>,
    progress: &dyn Progress,
) -> Result<Vocabulary, Cancelled> {
    let params = TfidfParams {
        max_features: Some(MOST_TERMS),
        min_df: DocumentFrequency::Count(TERM_ROWS),
        ..TfidfParams::default()
    };
    match fit(vec![counted(cells)], &params, &Within(progress)) {
        Ok((vocabulary, _)) => Ok(vocabulary),
        Err(TfidfError::Cancelled(stopped)) => Err(stopped),
        Err(_) => Ok(Vocabulary { terms: Vec::new(), idf: Vec::new().into() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Unwatched;

    fn cells(row: [&str; 4]) -> Cells {
        row.iter().map(|cell| Some((*cell).to_owned()).filter(|cell| !cell.is_empty())).collect()
    }

    #[test]
    fn cells_become_numbers_and_what_is_odd_is_said() {
        let column = |name: &str, kind| LeadColumn { name: name.to_owned(), kind };
        let columns = [
            column("valor", LeadKind::Number(Decimal::Comma)),
            column("origem", LeadKind::Category),
            column("data", LeadKind::Date(DateOrder::DayFirst)),
            column("nota", LeadKind::Text),
        ];
        let rows: Vec<Cells> = (0..10)
            .map(|row| match row % 2 {
                0 => cells(["1.000,00", "site", "05/01/2026", "quero orçamento"]),
                _ => cells(["3.000,00", "site", "15/01/2026", "só olhando"]),
            })
            .collect();
        let rows: Vec<&Cells> = rows.iter().collect();
        let encoder = Encoder::fit(&columns, &rows, &Unwatched).unwrap();
        assert_eq!(encoder.width(), 2 + 3 + 21 + 4);
        let odd = cells(["muito", "feira", "31/02/2026", "orcamento"]);
        let empty = cells(["", "-", "N/A", ""]);
        let (matrix, notes) = encoder.encode(&[rows[1], &odd, &empty], &Unwatched).unwrap();
        // Thursday the 15th of January, at the end of the time that was seen.
        let first = matrix.row(0);
        assert_eq!(first[..5], [(0, 1.0), (2, 1.0), (5, 0.5), (6, 1.0), (18 + 3, 1.0)]);
        assert_eq!(matrix.row(1), [(1, 1.0), (3, 1.0), (25, 1.0), (27, 1.0)]);
        assert_eq!(matrix.row(2), [(1, 1.0), (4, 1.0), (25, 1.0)]);
        let kinds: Vec<NoteKind> = notes[1].iter().map(|note| note.kind).collect();
        assert_eq!(kinds, [NoteKind::NotANumber, NoteKind::Unseen, NoteKind::NotADate]);
        assert!(notes[0].is_empty() && notes[2].is_empty());
    }
}
