//! A block split into records and fields.

use std::borrow::Cow;

use memchr::memchr3;

use super::decode::decode_into;
use super::scan::{Close, Step, Syntax, after_line_end, blank, close};
use super::{Block, Encoding};

/// How a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Plain,
    /// In quotes.
    Quoted,
    /// In quotes, with at least one doubled quote inside.
    Escaped,
    /// In quotes with text after the closing one: kept as it is.
    Stray,
    /// Begins with a quote that is never closed: kept as it is.
    Unclosed,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    form: Form,
}

/// One field of a record: bytes of the block.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    /// The bytes between the delimiters, quotes included. In UTF-16 files these are UTF-8.
    pub raw: &'a [u8],
    /// How they are written.
    pub form: Form,
    encoding: Encoding,
    quote: u8,
}

impl<'a> Field<'a> {
    /// The bytes without the quotes round them; doubled quotes inside stay doubled.
    #[must_use]
    pub fn inner(&self) -> &'a [u8] {
        match self.form {
            Form::Quoted | Form::Escaped => &self.raw[1..self.raw.len() - 1],
            Form::Plain | Form::Stray | Form::Unclosed => self.raw,
        }
    }

    /// The bytes of the cell, still in the encoding of [`Block::encoding`].
    #[must_use]
    pub fn bytes(&self) -> Cow<'a, [u8]> {
        let inner = self.inner();
        if self.form != Form::Escaped {
            return Cow::Borrowed(inner);
        }
        let mut cell = Vec::with_capacity(inner.len());
        let mut rest = inner;
        while let Some(at) = memchr::memchr(self.quote, rest) {
            cell.extend_from_slice(&rest[..=at]);
            rest = rest.get(at + 2..).unwrap_or_default();
        }
        cell.extend_from_slice(rest);
        Cow::Owned(cell)
    }

    /// Appends the cell's characters to `to`, unquoted and decoded; `false` if some bytes are not
    /// the encoding's (they become U+FFFD).
    pub fn decode(&self, to: &mut String) -> bool {
        decode_into(&self.bytes(), self.encoding, to)
    }
}

/// One record: borrowed from its block until the next one is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// Blank lines between the record before and this one, byte for byte.
    pub lead: &'a [u8],
    /// The record without its line end.
    pub bytes: &'a [u8],
    /// Its line end; empty at the end of a file that lacks the last one.
    pub line_end: &'a [u8],
    /// Line number on which it begins, from 1, counting line ends inside quotes too.
    pub line: u64,
    /// Index among the data records, from 0; the header is none.
    pub row: u64,
    all: &'a [u8],
    spans: &'a [Span],
    /// Whether a field is [`Form::Stray`] or [`Form::Unclosed`].
    pub(crate) odd: bool,
    encoding: Encoding,
    quote: u8,
}

impl<'a> Record<'a> {
    /// Number of fields, at least 1.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Never true: a line without fields is blank and no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The field in column `index`, from 0, or `None` where the record is too short.
    #[must_use]
    pub fn field(&self, index: usize) -> Option<Field<'a>> {
        self.spans.get(index).map(|span| self.of(span))
    }

    /// All fields in order.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = Field<'a>> + '_ {
        self.spans.iter().map(|span| self.of(span))
    }

    /// The raw bytes from column `width` on, delimiters included: what a record that is too long
    /// has in surplus.
    #[must_use]
    pub fn surplus(&self, width: usize) -> Option<&'a [u8]> {
        let (first, last) = (self.spans.get(width)?, self.spans.last()?);
        Some(&self.all[first.start..last.end])
    }

    /// The same as text a person can read, as it stands in the file.
    #[must_use]
    pub fn surplus_text(&self, width: usize) -> Option<String> {
        let mut text = String::new();
        decode_into(self.surplus(width)?, self.encoding, &mut text);
        Some(text)
    }

    fn of(&self, span: &Span) -> Field<'a> {
        Field {
            raw: &self.all[span.start..span.end],
            form: span.form,
            encoding: self.encoding,
            quote: self.quote,
        }
    }
}

/// Splits a block, one record at a time, without allocating for each.
#[derive(Debug)]
pub struct Records<'b> {
    bytes: &'b [u8],
    syntax: Syntax,
    encoding: Encoding,
    at: usize,
    after: usize,
    line: u64,
    row: u64,
    spans: Vec<Span>,
}

impl<'b> Records<'b> {
    pub(crate) fn new(block: &'b Block) -> Self {
        Self::over(block.bytes(), block.syntax, block.encoding(), block.first_line, block.first_row)
    }

    /// Records of bytes that end at a record's end.
    pub(crate) fn over(
        bytes: &'b [u8],
        syntax: Syntax,
        encoding: Encoding,
        line: u64,
        row: u64,
    ) -> Self {
        Self { bytes, syntax, encoding, at: 0, after: 0, line, row, spans: Vec::new() }
    }

    /// The next record, or `None` after the last.
    #[allow(clippy::should_implement_trait, reason = "records borrow from this one's buffer")]
    pub fn next(&mut self) -> Option<Record<'_>> {
        let lead = self.after;
        let start = loop {
            match blank(self.bytes, self.at, true, self.syntax) {
                Some(Step::Blank { next }) => {
                    self.at = next;
                    self.line += 1;
                }
                Some(_) => return None,
                None => break self.at,
            }
        };
        let (line, row) = (self.line, self.row);
        let (end, inside, odd) = self.split(start);
        let next = match self.bytes.get(end) {
            Some(_) => after_line_end(self.bytes, end, true).unwrap_or(end),
            None => end,
        };
        (self.at, self.after) = (next, next);
        self.line += 1 + inside;
        self.row += 1;
        Some(Record {
            lead: &self.bytes[lead..start],
            bytes: &self.bytes[start..end],
            line_end: &self.bytes[end..next],
            line,
            row,
            all: self.bytes,
            spans: &self.spans,
            odd,
            encoding: self.encoding,
            quote: self.syntax.quote,
        })
    }

    /// What follows the records taken so far: after the last one, the block's closing blank lines.
    #[must_use]
    pub fn rest(&self) -> &'b [u8] {
        &self.bytes[self.after..]
    }

    /// Splits the record at `start` into spans; its end, the line ends inside its
    /// quotes, and whether a quote is odd.
    fn split(&mut self, start: usize) -> (usize, u64, bool) {
        let (bytes, syntax) = (self.bytes, self.syntax);
        self.spans.clear();
        let (mut start, mut inside, mut odd) = (start, 0, false);
        loop {
            let (mut at, mut form) = (start, Form::Plain);
            // The field's first byte as a quote; where quotes are off it is never reached as one.
            if syntax.quote != b'\n' && bytes.get(start) == Some(&syntax.quote) {
                match close(bytes, start, true, syntax) {
                    Close::Closed { next, lines, escaped } => {
                        at = next;
                        inside += lines;
                        form = if escaped { Form::Escaped } else { Form::Quoted };
                    }
                    Close::Stray { at: stray } => (at, form) = (stray + 1, Form::Stray),
                    Close::Unclosed | Close::NeedMore => form = Form::Unclosed,
                }
            }
            let end = memchr3(syntax.delimiter, b'\n', b'\r', &bytes[at..])
                .map_or(bytes.len(), |hit| at + hit);
            odd |= matches!(form, Form::Stray | Form::Unclosed);
            self.spans.push(Span { start, end, form });
            if bytes.get(end) != Some(&syntax.delimiter) {
                return (end, inside, odd);
            }
            start = end + 1;
        }
    }
}
