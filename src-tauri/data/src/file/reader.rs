//! A file whose dialect is known: its columns, and its records in blocks.

use super::blocks::Blocks;
use super::header::{names, numbered};
use super::issue::Issues;
use super::records::Records;
use super::scan::{Step, Syntax, step};
use super::text::{Text, write_back};
use super::{BLOCK_BYTES, Dialect, FileError, Input};

/// The head of a file, parsed; [`Reader::blocks`] reads the rest as often as wanted.
#[derive(Debug, Clone)]
pub struct Reader {
    input: Input,
    dialect: Dialect,
    columns: Vec<String>,
    header_issues: Issues,
    mark: &'static [u8],
    /// Text before the first data record: a `sep=` line, blank lines, the header record.
    head: Vec<u8>,
    /// Length of the header record's line end, at the end of `head`.
    header_line_end: usize,
    lines: u64,
}

impl Reader {
    /// Parses the head of `input`.
    ///
    /// # Errors
    /// [`FileError::Empty`] if there is no record at all, [`FileError::Contradiction`] for a
    /// dialect that cannot be, or an error of reading.
    pub fn open(input: &Input, dialect: &Dialect) -> Result<Self, FileError> {
        dialect.check()?;
        let mut start = Vec::new();
        input.read_at(0, 3, &mut start)?;
        let mark = dialect.encoding.mark();
        let mark: &'static [u8] = if start.starts_with(mark) { mark } else { b"" };
        let mut text = Text::new(input, dialect.encoding, mark.len() as u64);
        let (mut bytes, mut want) = (Vec::new(), 64 << 10);
        loop {
            let last = text.fill(want, &mut bytes)?;
            if let Some(first) = find_first(&bytes, last, Syntax::from(dialect))? {
                return Ok(Self::parse(input, dialect, mark, &bytes, &first));
            }
            want = bytes.len().max(want);
        }
    }

    fn parse(
        input: &Input,
        dialect: &Dialect,
        mark: &'static [u8],
        bytes: &[u8],
        first: &First,
    ) -> Self {
        let mut issues = Issues::default();
        let (mut columns, mut line_end) = (Vec::new(), 0);
        let record = &bytes[first.start..first.end];
        let mut records =
            Records::over(record, Syntax::from(dialect), dialect.encoding, first.line, 0);
        if let Some(record) = records.next() {
            if dialect.has_header {
                columns = names(&record, &mut issues);
                line_end = record.line_end.len();
            } else {
                columns = numbered(record.len());
            }
        }
        let (head, lines) = if dialect.has_header {
            (&bytes[..first.end], first.line - 1 + first.lines)
        } else {
            (&bytes[..first.signed], u64::from(first.signed > 0))
        };
        Self {
            input: input.clone(),
            dialect: *dialect,
            columns,
            header_issues: issues,
            mark,
            head: head.to_vec(),
            header_line_end: line_end,
            lines,
        }
    }

    /// The file.
    #[must_use]
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// How it is read.
    #[must_use]
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// Names of the columns: as many as the header has fields, or the first record if there is no
    /// header.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Columns that had to be renamed.
    #[must_use]
    pub fn header_issues(&self) -> &Issues {
        &self.header_issues
    }

    /// The data records, from the first on.
    #[must_use]
    pub fn blocks(&self) -> Blocks {
        self.blocks_of(BLOCK_BYTES)
    }

    /// The same in blocks of about `want` bytes of text.
    #[must_use]
    pub fn blocks_of(&self, want: usize) -> Blocks {
        let mut head = Vec::new();
        write_back(&self.head, self.dialect.encoding, &mut head);
        let offset = (self.mark.len() + head.len()) as u64;
        let text = Text::new(&self.input, self.dialect.encoding, offset);
        let syntax = Syntax::from(&self.dialect);
        Blocks::new(text, syntax, self.dialect.encoding, self.lines + 1, want.max(1))
    }

    /// The byte order mark, the text before the header record's line end, and that line end.
    pub(crate) fn head(&self) -> (&'static [u8], &[u8], &[u8]) {
        let (text, line_end) = self.head.split_at(self.head.len() - self.header_line_end);
        (self.mark, text, line_end)
    }
}

/// Where the first record lies.
struct First {
    /// Length of a `sep=` line.
    signed: usize,
    start: usize,
    end: usize,
    /// Line number on which it begins, and the lines it spans.
    line: u64,
    lines: u64,
}

/// Finds the first record, or `None` if `bytes` must be longer.
fn find_first(bytes: &[u8], last: bool, syntax: Syntax) -> Result<Option<First>, FileError> {
    if !last && bytes.len() < 16 {
        return Ok(None);
    }
    let signed = separator_line(bytes).map_or(0, |(_, len)| len);
    let (mut start, mut line) = (signed, 1 + u64::from(signed > 0));
    loop {
        match step(bytes, start, last, syntax) {
            Step::Blank { next } => (start, line) = (next, line + 1),
            Step::Record { next, lines } => {
                return Ok(Some(First { signed, start, end: next, line, lines }));
            }
            Step::NeedMore => return Ok(None),
            Step::Done => return Err(FileError::Empty),
        }
    }
}

/// The separator that a first line `sep=;` names, as Excel reads and writes it, and the length of
/// that line with its end. What cannot separate (a line end, a quote, NUL) names none.
pub(crate) fn separator_line(bytes: &[u8]) -> Option<(u8, usize)> {
    let (sign, rest) = bytes.split_at_checked(4)?;
    if !sign.eq_ignore_ascii_case(b"sep=") {
        return None;
    }
    let (&separator, rest) = rest.split_first()?;
    if matches!(separator, b'\n' | b'\r' | b'"' | b'\'' | 0) {
        return None;
    }
    let end = match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        _ => return None,
    };
    separator.is_ascii().then_some((separator, 5 + end))
}
