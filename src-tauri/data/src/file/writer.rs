//! Cells into a file of a given dialect.

use std::io::{self, Write};

use super::Dialect;
use super::encode::{encode_into, opening_mark, quote_into};

/// Why cells cannot be written in a dialect.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Windows-1252 has no such character.
    #[error("{character:?} cannot be written in windows-1252")]
    Unencodable {
        /// The character.
        character: char,
    },
    /// The dialect has no quote, and the cell holds a delimiter or a line end.
    #[error("{cell:?} needs quotes and the dialect has none")]
    NeedsQuote {
        /// The beginning of the cell.
        cell: String,
    },
    /// The output refuses.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Writes records. What it writes, [`super::Reader`] reads as the same cells.
#[derive(Debug)]
pub struct Writer<W: Write> {
    out: W,
    dialect: Dialect,
    line: String,
    bytes: Vec<u8>,
    first: bool,
}

impl<W: Write> Writer<W> {
    /// Begins a file; UTF-8 with a mark and UTF-16 begin with theirs. `out` should be buffered.
    pub fn new(out: W, dialect: &Dialect) -> Self {
        Self { out, dialect: *dialect, line: String::new(), bytes: Vec::new(), first: true }
    }

    /// Writes one record of at least one cell.
    ///
    /// # Errors
    /// [`WriteError`]; nothing of the record is written if a cell cannot be.
    pub fn write<C: AsRef<str>>(&mut self, cells: &[C]) -> Result<(), WriteError> {
        self.line.clear();
        for (index, cell) in cells.iter().enumerate() {
            let cell = cell.as_ref();
            if index > 0 {
                self.line.push(char::from(self.dialect.delimiter));
            }
            // What would be read as a blank line, as a mark or as a `sep=` line.
            let blank = cells.len() == 1 && cell.bytes().all(|byte| matches!(byte, b' ' | b'\t'));
            let magic = self.first
                && index == 0
                && (cell.starts_with('\u{FEFF}')
                    || cell.get(..4).is_some_and(|sign| sign.eq_ignore_ascii_case("sep=")));
            quote_into(cell, &self.dialect, blank || magic, &mut self.line)?;
        }
        self.line.push_str(self.dialect.line_end.as_str());
        self.bytes.clear();
        if self.first {
            self.bytes.extend_from_slice(opening_mark(self.dialect.encoding));
        }
        encode_into(&self.line, self.dialect.encoding, &mut self.bytes)?;
        self.first = false;
        self.out.write_all(&self.bytes)?;
        Ok(())
    }

    /// Flushes and gives the output back.
    ///
    /// # Errors
    /// [`WriteError::Io`].
    pub fn finish(mut self) -> Result<W, WriteError> {
        self.out.flush()?;
        Ok(self.out)
    }
}
