//! Where records end: the one grammar that cutting and splitting share.
//!
//! The scan is linear even over hostile input. A quote that is found to be literal costs a look
//! up to the next odd run of quotes; any later quote that could open a field is such a run, so no
//! byte is looked at more than twice.

use memchr::{memchr3, memchr3_iter};

use super::Dialect;

/// How far a quoted field may run once it has crossed a line end, in bytes; a longer one counts
/// as unclosed. It bounds what reading holds in memory when a quote is never closed.
pub const MAX_QUOTED: usize = 16 << 20;

/// Delimiter and quote. A file without quotes has `\n` for quote: a line end is always seen first,
/// so that it never opens a field and no code needs a second case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Syntax {
    pub(crate) delimiter: u8,
    pub(crate) quote: u8,
}

impl Syntax {
    pub(crate) fn new(delimiter: u8, quote: Option<u8>) -> Self {
        Self { delimiter, quote: quote.unwrap_or(b'\n') }
    }
}

impl From<&Dialect> for Syntax {
    fn from(dialect: &Dialect) -> Self {
        Self::new(dialect.delimiter, dialect.quote)
    }
}

/// How an opening quote ends.
pub(crate) enum Close {
    /// Closed; `next` is the delimiter, line end or end after it.
    Closed { next: usize, lines: u64, escaped: bool },
    /// Text follows the closing quote at `at`, on the same line.
    Stray { at: usize },
    /// The opening quote is literal.
    Unclosed,
    /// The bytes end before it is known.
    NeedMore,
}

/// What begins at a record's start.
pub(crate) enum Step {
    /// A record that ends before `next` and spans `lines` line ends (its own included).
    Record { next: usize, lines: u64 },
    /// A blank line.
    Blank { next: usize },
    /// The bytes end before it is known.
    NeedMore,
    /// No byte is left.
    Done,
}

/// The position after the line end at `at`, or `None` if a `\r` ends bytes that may go on.
#[inline]
pub(crate) fn after_line_end(bytes: &[u8], at: usize, last: bool) -> Option<usize> {
    if bytes[at] == b'\n' {
        return Some(at + 1);
    }
    match bytes.get(at + 1) {
        Some(b'\n') => Some(at + 2),
        Some(_) => Some(at + 1),
        None => last.then_some(at + 1),
    }
}

/// Follows the quote that opens at `open` to its close.
pub(crate) fn close(bytes: &[u8], open: usize, last: bool, syntax: Syntax) -> Close {
    let (mut lines, mut escaped, mut skip_to) = (0, false, open + 1);
    for hit in memchr3_iter(syntax.quote, b'\n', b'\r', &bytes[open + 1..]) {
        let at = open + 1 + hit;
        if at < skip_to {
            continue;
        }
        if bytes[at] != syntax.quote {
            lines += 1;
            skip_to = at + 1 + usize::from(bytes[at..].starts_with(b"\r\n"));
            continue;
        }
        if lines > 0 && at - open > MAX_QUOTED {
            return Close::Unclosed;
        }
        match bytes.get(at + 1).copied() {
            Some(next) if next == syntax.quote => {
                escaped = true;
                skip_to = at + 2;
            }
            Some(next) if next == syntax.delimiter || next == b'\n' || next == b'\r' => {
                return Close::Closed { next: at + 1, lines, escaped };
            }
            Some(_) if lines > 0 => return Close::Unclosed,
            Some(_) => return Close::Stray { at },
            None if last => return Close::Closed { next: at + 1, lines, escaped },
            None => return Close::NeedMore,
        }
    }
    if last || (lines > 0 && bytes.len() - open > MAX_QUOTED) {
        Close::Unclosed
    } else {
        Close::NeedMore
    }
}

/// If the line at `start` is blank, the position after it.
#[inline]
pub(crate) fn blank(bytes: &[u8], start: usize, last: bool, syntax: Syntax) -> Option<Step> {
    let mut at = start;
    loop {
        match bytes.get(at) {
            Some(b'\n' | b'\r') => {
                return Some(match after_line_end(bytes, at, last) {
                    Some(next) => Step::Blank { next },
                    None => Step::NeedMore,
                });
            }
            Some(&byte @ (b' ' | b'\t')) if byte != syntax.delimiter && byte != syntax.quote => {
                at += 1;
            }
            Some(_) => return None,
            None if !last => return Some(Step::NeedMore),
            None if at == start => return Some(Step::Done),
            None => return Some(Step::Blank { next: at }),
        }
    }
}

/// Steps over the record or blank line that begins at `start`; `last` says that no byte follows
/// `bytes`.
pub(crate) fn step(bytes: &[u8], start: usize, last: bool, syntax: Syntax) -> Step {
    if let Some(step) = blank(bytes, start, last, syntax) {
        return step;
    }
    let (mut at, mut lines) = (start, 1);
    while let Some(hit) = memchr3(syntax.quote, b'\n', b'\r', &bytes[at..]) {
        let found = at + hit;
        if matches!(bytes[found], b'\n' | b'\r') {
            return match after_line_end(bytes, found, last) {
                Some(next) => Step::Record { next, lines },
                None => Step::NeedMore,
            };
        }
        at = found + 1;
        if found == start || bytes[found - 1] == syntax.delimiter {
            match close(bytes, found, last, syntax) {
                Close::Closed { next, lines: inside, .. } => {
                    at = next;
                    lines += inside;
                }
                Close::Stray { at: stray } => at = stray + 1,
                Close::Unclosed => {}
                Close::NeedMore => return Step::NeedMore,
            }
        }
    }
    if last { Step::Record { next: bytes.len(), lines } } else { Step::NeedMore }
}
