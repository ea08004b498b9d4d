//! How a file writes its table, and what a person may insist on.

use serde::{Deserialize, Serialize};

use super::FileError;

/// How bytes stand for characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Encoding {
    /// UTF-8 without a byte order mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-8 after the bytes EF BB BF.
    #[serde(rename = "utf-8-bom")]
    Utf8Bom,
    /// UTF-16, low byte first, with or without its mark.
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// UTF-16, high byte first, with or without its mark.
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// Windows-1252, which reads ISO-8859-1's letters alike.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

impl Encoding {
    /// The byte order mark that this encoding may begin with.
    #[must_use]
    pub fn mark(self) -> &'static [u8] {
        match self {
            Self::Utf8 | Self::Utf8Bom => b"\xEF\xBB\xBF",
            Self::Utf16Le => b"\xFF\xFE",
            Self::Utf16Be => b"\xFE\xFF",
            Self::Windows1252 => b"",
        }
    }
}

/// The line end that a file uses most, and that [`super::Writer`] writes. Reading takes all three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnd {
    /// `\n`
    Lf,
    /// `\r\n`
    CrLf,
    /// `\r`
    Cr,
}

impl LineEnd {
    /// Its characters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
            Self::Cr => "\r",
        }
    }
}

/// What stands before a number's fraction; the other of the two groups thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decimal {
    /// 1,234.5
    Point,
    /// 1.234,5
    Comma,
}

/// The order of a date's parts. ISO dates (`yyyy-mm-dd`) are read under each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// Year, month, day.
    Iso,
    /// Day, month, year.
    DayFirst,
    /// Month, day, year.
    MonthFirst,
}

/// How a file writes its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// How bytes stand for characters.
    pub encoding: Encoding,
    /// The ASCII byte between two fields; a string of one character in JSON.
    #[serde(with = "ascii")]
    pub delimiter: u8,
    /// The ASCII byte round a quoted field; `null` in JSON where the file has no quotes.
    #[serde(with = "ascii_or_none")]
    pub quote: Option<u8>,
    /// Whether the first record names the columns.
    pub has_header: bool,
    /// The line end used most.
    pub line_end: LineEnd,
    /// The decimal separator.
    pub decimal: Decimal,
    /// The order of dates that are not ISO; a column whose values decide otherwise overrules it.
    pub date_order: DateOrder,
}

impl Dialect {
    /// # Errors
    /// [`FileError::Contradiction`] if delimiter and quote are alike, a line end, or not ASCII.
    pub fn check(&self) -> Result<(), FileError> {
        let odd = |byte: u8| !byte.is_ascii() || matches!(byte, b'\n' | b'\r' | 0);
        if odd(self.delimiter)
            || self.quote.is_some_and(|quote| odd(quote) || quote == self.delimiter)
        {
            return Err(FileError::Contradiction {
                delimiter: char::from(self.delimiter),
                quote: self.quote.map(char::from),
            });
        }
        Ok(())
    }
}

/// What a person insists on; all else is guessed from the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Overrides {
    /// The encoding.
    pub encoding: Option<Encoding>,
    /// The delimiter, a string of one character in JSON.
    #[serde(with = "ascii_or_none")]
    pub delimiter: Option<u8>,
    /// The quote; `Some(None)` (the empty string in JSON) says that the file has no quotes.
    #[serde(with = "ascii_or_empty")]
    pub quote: Option<Option<u8>>,
    /// Whether the first record names the columns.
    pub has_header: Option<bool>,
    /// The decimal separator.
    pub decimal: Option<Decimal>,
    /// The order of dates; holds for every column.
    pub date_order: Option<DateOrder>,
}

fn one_ascii<E: serde::de::Error>(text: &str) -> Result<u8, E> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() => Ok(*byte),
        _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &"one ASCII character")),
    }
}

mod ascii {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(byte: &u8, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_char(char::from(*byte))
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
        super::one_ascii(&String::deserialize(from)?)
    }
}

mod ascii_or_none {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(byte: &Option<u8>, to: S) -> Result<S::Ok, S::Error> {
        match byte {
            Some(byte) => to.serialize_char(char::from(*byte)),
            None => to.serialize_none(),
        }
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u8>, D::Error> {
        Option::<String>::deserialize(from)?.map(|text| super::one_ascii(&text)).transpose()
    }
}

mod ascii_or_empty {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        quote: &Option<Option<u8>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match quote {
            Some(Some(byte)) => to.serialize_char(char::from(*byte)),
            Some(None) => to.serialize_str(""),
            None => to.serialize_none(),
        }
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Option<u8>>, D::Error> {
        match Option::<String>::deserialize(from)?.as_deref() {
            None => Ok(None),
            Some("") => Ok(Some(None)),
            Some(text) => super::one_ascii(text).map(|byte| Some(Some(byte))),
        }
    }
}
