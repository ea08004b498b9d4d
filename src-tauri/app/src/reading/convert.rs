//! Names and types, from the operations' to the reader's and back.

use std::path::Path;
use std::sync::Arc;

use mirante_data::file::{
    self, DateOrder, Decimal, Dialect, Encoding, FileError, LineEnd, Overrides, WriteError,
    date_of, is_missing, number_of,
};
use mirante_data::segment::LabelError;
use mirante_data::table::Parse;

use crate::error::{Error, Result};
use crate::ops::open::{Column, Kind, ReadOptions, Role, RowIssue};

/// Names and what they stand for, in both directions.
const ENCODINGS: &[(&str, Encoding)] = &[
    ("utf-8", Encoding::Utf8),
    ("utf-8-bom", Encoding::Utf8Bom),
    ("utf-16le", Encoding::Utf16Le),
    ("utf-16be", Encoding::Utf16Be),
    ("windows-1252", Encoding::Windows1252),
];
const DECIMALS: &[(&str, Decimal)] = &[(".", Decimal::Point), (",", Decimal::Comma)];
const DATE_ORDERS: &[(&str, DateOrder)] = &[
    ("iso", DateOrder::Iso),
    ("day_first", DateOrder::DayFirst),
    ("month_first", DateOrder::MonthFirst),
];
const LINE_ENDS: &[(&str, LineEnd)] =
    &[("lf", LineEnd::Lf), ("crlf", LineEnd::CrLf), ("cr", LineEnd::Cr)];

fn named<T: Copy>(names: &[(&str, T)], option: &'static str, name: &str) -> Result<T> {
    names.iter().find(|(known, _)| *known == name).map(|(_, value)| *value).ok_or_else(|| {
        let allowed: Vec<_> = names.iter().map(|(name, _)| *name).collect();
        Error::BadOption { option, value: name.to_owned(), allowed: allowed.join(", ") }
    })
}

fn name_of<T: PartialEq>(names: &[(&'static str, T)], value: &T) -> String {
    names.iter().find(|(_, known)| known == value).map_or("", |(name, _)| name).to_owned()
}

/// What the person insists on.
pub(super) fn overrides(options: &ReadOptions) -> Result<Overrides> {
    let by_name = |name: &Option<String>| name.clone();
    Ok(Overrides {
        encoding: by_name(&options.encoding)
            .map(|name| named(ENCODINGS, "encoding", &name))
            .transpose()?,
        delimiter: options.delimiter.as_deref().map(|text| byte("delimiter", text)).transpose()?,
        quote: options
            .quote
            .as_deref()
            .map(|text| if text.is_empty() { Ok(None) } else { byte("quote", text).map(Some) })
            .transpose()?,
        has_header: options.has_header,
        decimal: by_name(&options.decimal)
            .map(|name| named(DECIMALS, "decimal", &name))
            .transpose()?,
        date_order: by_name(&options.date_order)
            .map(|name| named(DATE_ORDERS, "date_order", &name))
            .transpose()?,
    })
}

fn byte(option: &'static str, text: &str) -> Result<u8> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() => Ok(*byte),
        _ => Err(Error::BadOption { option, value: text.to_owned(), allowed: ", ; | \\t".into() }),
    }
}

/// A dialect with every guess filled in, as options.
pub(super) fn options_of(dialect: &Dialect, given: &ReadOptions) -> ReadOptions {
    ReadOptions {
        encoding: Some(name_of(ENCODINGS, &dialect.encoding)),
        delimiter: Some(char::from(dialect.delimiter).to_string()),
        quote: Some(dialect.quote.map(|quote| char::from(quote).to_string()).unwrap_or_default()),
        has_header: Some(dialect.has_header),
        decimal: Some(name_of(DECIMALS, &dialect.decimal)),
        date_order: Some(name_of(DATE_ORDERS, &dialect.date_order)),
        ..given.clone()
    }
}

pub(super) fn date_order_name(order: DateOrder) -> String {
    name_of(DATE_ORDERS, &order)
}

pub(super) fn line_end_name(dialect: &Dialect) -> String {
    name_of(LINE_ENDS, &dialect.line_end)
}

/// The dialect that filled-in options and a line end say.
pub(crate) fn dialect_of(options: &ReadOptions, line_end: &str) -> Result<Dialect> {
    let said = overrides(options)?;
    Ok(Dialect {
        encoding: said.encoding.unwrap_or(Encoding::Utf8),
        delimiter: said.delimiter.unwrap_or(b','),
        quote: said.quote.unwrap_or(Some(b'"')),
        has_header: said.has_header.unwrap_or(true),
        line_end: named(LINE_ENDS, "line_end", line_end)?,
        decimal: said.decimal.unwrap_or(Decimal::Point),
        date_order: said.date_order.unwrap_or(DateOrder::Iso),
    })
}

/// Reads the values of a column by its kind: numbers as they are, dates in the column's own order as
/// days since 1970-01-01, booleans as 0 and 1; `None` for kinds that have none.
pub(crate) fn parser(column: &Column, options: &ReadOptions) -> Option<Parse> {
    let said = overrides(options).ok()?;
    match column.kind {
        Kind::Integer | Kind::Number => {
            let decimal = said.decimal.unwrap_or(Decimal::Point);
            Some(Arc::new(move |text: &str| {
                number_of(text.trim().as_bytes(), decimal).map(|number| number.value)
            }))
        }
        Kind::Date => {
            let own = column.date_order.as_deref();
            let own = own.and_then(|name| named(DATE_ORDERS, "date_order", name).ok());
            let order = own.or(said.date_order).unwrap_or(DateOrder::Iso);
            Some(Arc::new(move |text: &str| {
                date_of(text.trim().as_bytes(), order).map(file::Date::days)
            }))
        }
        Kind::Boolean => Some(Arc::new(|text: &str| truth(text.trim()))),
        Kind::Text | Kind::Empty => None,
    }
}

fn truth(text: &str) -> Option<f64> {
    const YES: [&str; 8] = ["1", "true", "sim", "yes", "verdadeiro", "s", "y", "t"];
    if is_missing(text.as_bytes()) {
        return None;
    }
    Some(if YES.contains(&text.to_lowercase().as_str()) { 1.0 } else { 0.0 })
}

pub(super) fn kind_from(kind: file::Kind) -> Kind {
    match kind {
        file::Kind::Text => Kind::Text,
        file::Kind::Integer => Kind::Integer,
        file::Kind::Number => Kind::Number,
        file::Kind::Boolean => Kind::Boolean,
        file::Kind::Date => Kind::Date,
        file::Kind::Empty => Kind::Empty,
    }
}

pub(super) fn role_from(role: file::Role) -> Role {
    match role {
        file::Role::Text => Role::Text,
        file::Role::Category => Role::Category,
        file::Role::Number => Role::Number,
        file::Role::Date => Role::Date,
        file::Role::Identifier => Role::Identifier,
    }
}

pub(crate) fn role_of(role: Role) -> file::Role {
    match role {
        Role::Text => file::Role::Text,
        Role::Category => file::Role::Category,
        Role::Number => file::Role::Number,
        Role::Date => file::Role::Date,
        Role::Identifier => file::Role::Identifier,
    }
}

pub(super) fn kind_name(kind: file::IssueKind) -> String {
    serde_json::to_value(kind)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

pub(crate) fn issue(issue: &file::RowIssue) -> RowIssue {
    RowIssue {
        line: issue.line,
        row: issue.row,
        cells: issue.cells,
        column: issue.column.clone(),
        kind: kind_name(issue.kind),
        text: issue.text.clone(),
    }
}

/// An error of reading the file that the person named `path`.
pub(crate) fn file_error(path: &str, error: FileError) -> Error {
    let path = Path::new(path).to_owned();
    match error {
        FileError::NotFound { .. } => Error::NotFound { path },
        FileError::IsFolder { .. } => Error::IsFolder { path },
        FileError::Empty => Error::EmptyFile { path },
        FileError::NotText { what } => Error::NotText { path, what: what.to_owned() },
        FileError::Shrunk { expected, found, .. } => Error::Shrunk { path, expected, found },
        FileError::Unreadable { source, .. } => Error::reading(&path, source),
        FileError::Contradiction { delimiter, quote } => Error::BadOption {
            option: "delimiter",
            value: delimiter.to_string(),
            allowed: format!("≠ {}", quote.map(String::from).unwrap_or_default()),
        },
        FileError::Cancelled(_) => Error::Cancelled,
    }
}

/// An error of copying the file `from` with labels to `to`.
pub(crate) fn label_error(from: &str, to: &Path, error: LabelError) -> Error {
    match error {
        LabelError::Read(error) => file_error(from, error),
        LabelError::Write(error) => Error::writing(to, error),
        LabelError::Label(error) => write_error(to, error),
    }
}

/// An error of writing cells to `to`.
pub(crate) fn write_error(to: &Path, error: WriteError) -> Error {
    match error {
        WriteError::Io(error) => Error::writing(to, error),
        other => {
            Error::BadFile { code: "unencodable", path: to.to_owned(), reason: other.to_string() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_the_first_of_january_1970() {
        let column = |order: Option<&str>| Column {
            name: "data".into(),
            kind: Kind::Date,
            role: Role::Date,
            date_order: order.map(str::to_owned),
            missing: 0,
            distinct: 0,
            distinct_exact: true,
            sample: Vec::new(),
        };
        let of_table =
            ReadOptions { date_order: Some("day_first".into()), ..ReadOptions::default() };
        let own = parser(&column(Some("month_first")), &of_table).unwrap();
        assert_eq!((own("01/02/1970"), own("13/01/1970")), (Some(1.0), None));
        let parse = parser(&column(None), &of_table).unwrap();
        assert_eq!(parse("01/01/1970"), Some(0.0));
        assert_eq!(parse("29/02/2000"), Some(11_016.0));
        assert_eq!(parse("31/12/1969"), Some(-1.0));
        assert_eq!(parse("2024-01-01 12:00:00"), Some(19_723.5));
        assert_eq!(parse("32/01/2024"), None);
    }

    #[test]
    fn an_unknown_encoding_is_refused_with_those_there_are() {
        let options = ReadOptions { encoding: Some("latin-9".into()), ..ReadOptions::default() };
        let error = overrides(&options).unwrap_err();
        assert!(error.to_string().contains("windows-1252"), "{error}");
    }
}
