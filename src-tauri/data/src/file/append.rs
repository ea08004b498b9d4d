//! Copies records byte for byte and appends cells to each.

use super::encode::{encode_into, quote_into};
use super::text::write_back;
use super::{Block, Dialect, Reader, Record, WriteError};

/// Copies a file in its own dialect with cells appended to every record. All other bytes stay
/// as they are: marks, quotes, line ends, blank lines, a missing last line end.
#[derive(Debug)]
pub struct Append {
    dialect: Dialect,
    cell: String,
    text: Vec<u8>,
}

impl Append {
    /// For copies of files in `dialect`.
    #[must_use]
    pub fn new(dialect: &Dialect) -> Self {
        Self { dialect: *dialect, cell: String::new(), text: Vec::new() }
    }

    /// Appends to `out` what stands before the first data record: the byte order mark, a `sep=`
    /// line, and the header with `names` as its last columns.
    ///
    /// # Errors
    /// [`WriteError`] if a name cannot be written in the dialect.
    pub fn head(
        &mut self,
        reader: &Reader,
        names: &[impl AsRef<str>],
        out: &mut Vec<u8>,
    ) -> Result<(), WriteError> {
        let (mark, text, line_end) = reader.head();
        out.extend_from_slice(mark);
        write_back(text, self.dialect.encoding, out);
        if self.dialect.has_header {
            for name in names {
                self.cell(name.as_ref(), out)?;
            }
        }
        write_back(line_end, self.dialect.encoding, out);
        Ok(())
    }

    /// Appends the block's records to `out`, each with `added` cells: what `cell` says of it and of the
    /// cell's place among them. A record with fewer fields than `width` first gets the delimiters it
    /// lacks, so that the cells stand in their own columns.
    ///
    /// # Errors
    /// [`WriteError`] if a cell cannot be written in the dialect.
    pub fn block<L: AsRef<str>>(
        &mut self,
        block: &Block,
        width: usize,
        added: usize,
        mut cell: impl FnMut(&Record<'_>, usize) -> L,
        out: &mut Vec<u8>,
    ) -> Result<(), WriteError> {
        let encoding = self.dialect.encoding;
        out.reserve(block.bytes().len() + block.rows as usize * 4);
        let mut records = block.records();
        while let Some(record) = records.next() {
            write_back(record.lead, encoding, out);
            write_back(record.bytes, encoding, out);
            for _ in record.len()..width {
                write_back(&[self.dialect.delimiter], encoding, out);
            }
            for at in 0..added {
                self.cell(cell(&record, at).as_ref(), out)?;
            }
            write_back(record.line_end, encoding, out);
        }
        write_back(records.rest(), encoding, out);
        Ok(())
    }

    fn cell(&mut self, cell: &str, out: &mut Vec<u8>) -> Result<(), WriteError> {
        self.cell.clear();
        self.cell.push(char::from(self.dialect.delimiter));
        quote_into(cell, &self.dialect, false, &mut self.cell)?;
        self.text.clear();
        encode_into(&self.cell, self.dialect.encoding, &mut self.text)?;
        out.extend_from_slice(&self.text);
        Ok(())
    }
}
