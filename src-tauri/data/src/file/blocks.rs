//! The file cut into blocks at record boundaries.

use super::records::Records;
use super::scan::{Step, Syntax, step};
use super::text::Text;
use super::{Encoding, FileError};

/// Bytes of text that a block aims at. It holds at least one record, so it can be longer.
pub const BLOCK_BYTES: usize = 4 << 20;

/// Whole records of one file, in order, with the blank lines between them.
#[derive(Debug)]
pub struct Block {
    /// Number of the block, from 0.
    pub index: usize,
    /// Line number of its first byte, from 1.
    pub first_line: u64,
    /// Index of its first data record, from 0.
    pub first_row: u64,
    /// Number of records in it; 0 if only blank lines were left.
    pub rows: u64,
    /// Where it begins, in bytes of text from the start of the file; in UTF-16 files in bytes of
    /// UTF-8 from the first data record.
    pub offset: u64,
    /// Bytes of the file that were read when it was cut, to report progress by.
    pub read: u64,
    pub(crate) syntax: Syntax,
    encoding: Encoding,
    text: Vec<u8>,
}

impl Block {
    /// Its text: the file's own bytes, or UTF-8 made from UTF-16.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.text
    }

    /// The file's encoding.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Its records.
    #[must_use]
    pub fn records(&self) -> Records<'_> {
        Records::new(self)
    }
}

/// Cuts a file into [`Block`]s. The cuts depend on the file alone. Memory: one block, and what
/// was read beyond its end.
#[derive(Debug)]
pub struct Blocks {
    source: Text,
    syntax: Syntax,
    encoding: Encoding,
    want: usize,
    carry: Vec<u8>,
    ended: bool,
    index: usize,
    line: u64,
    row: u64,
    offset: u64,
    spare: Vec<Vec<u8>>,
    most: usize,
}

impl Blocks {
    pub(crate) fn new(
        source: Text,
        syntax: Syntax,
        encoding: Encoding,
        first_line: u64,
        want: usize,
    ) -> Self {
        let offset = source.offset();
        Self {
            source,
            syntax,
            encoding,
            want,
            carry: Vec::new(),
            ended: false,
            index: 0,
            line: first_line,
            row: 0,
            offset,
            spare: Vec::new(),
            most: usize::MAX,
        }
    }

    /// The same, ended after `most` blocks.
    #[must_use]
    pub fn at_most(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// Takes back a block that is done with, so that its memory serves for another.
    pub fn recycle(&mut self, block: Block) {
        if self.spare.len() < 16 && block.text.capacity() <= 4 * BLOCK_BYTES {
            self.spare.push(block.text);
        }
    }

    /// The next block, or `None` at the end of the file.
    ///
    /// # Errors
    /// [`FileError::Shrunk`] or [`FileError::Unreadable`].
    pub fn next_block(&mut self) -> Result<Option<Block>, FileError> {
        if self.index >= self.most {
            return Ok(None);
        }
        let mut text = self.spare.pop().unwrap_or_default();
        text.clear();
        text.append(&mut self.carry);
        let mut want = self.want;
        loop {
            if !self.ended {
                let more = want.saturating_sub(text.len()).max(4096.min(self.want));
                self.ended = self.source.fill(more, &mut text)?;
            }
            if text.is_empty() && self.ended {
                return Ok(None);
            }
            let cut = cut(&text, self.ended, self.syntax);
            if cut.end == 0 && !self.ended {
                // One record fills it all: twice the size each time keeps the work linear.
                want = text.len().max(want) * 2;
                continue;
            }
            self.carry.extend_from_slice(&text[cut.end..]);
            text.truncate(cut.end);
            let block = Block {
                index: self.index,
                first_line: self.line,
                first_row: self.row,
                rows: cut.rows,
                offset: self.offset,
                read: self.source.offset(),
                syntax: self.syntax,
                encoding: self.encoding,
                text,
            };
            self.index += 1;
            self.line += cut.lines;
            self.row += cut.rows;
            self.offset += cut.end as u64;
            return Ok(Some(block));
        }
    }
}

impl Iterator for Blocks {
    type Item = Result<Block, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_block().transpose()
    }
}

#[derive(Default)]
struct Cut {
    end: usize,
    rows: u64,
    lines: u64,
}

/// The end of the last whole record in `text`, and what lies before it.
fn cut(text: &[u8], last: bool, syntax: Syntax) -> Cut {
    let mut cut = Cut::default();
    loop {
        match step(text, cut.end, last, syntax) {
            Step::Record { next, lines } => {
                cut.end = next;
                cut.rows += 1;
                cut.lines += lines;
            }
            Step::Blank { next } => {
                cut.end = next;
                cut.lines += 1;
            }
            Step::NeedMore | Step::Done => return cut,
        }
    }
}
