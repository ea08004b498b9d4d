//! Cutting JSON text into values without holding more than one.

use std::io::{self, BufRead, Read};

/// The longest value that is held, in bytes.
pub(super) const VALUE_LIMIT: u64 = 256 << 20;

/// The values of a JSON Lines file, or of one array.
pub(super) struct Values<R> {
    reader: R,
    in_array: bool,
    /// Line the next byte is on, from 1.
    line: u64,
    /// Bytes taken so far.
    pub(super) taken: u64,
    /// The file ended inside the array.
    pub(super) unclosed: bool,
}

/// A value was cut out, or there is none left.
pub(super) enum Next {
    /// A value, which began on this line.
    Value(u64),
    /// A value that began on this line is longer than [`VALUE_LIMIT`].
    TooLong(u64),
    /// No more.
    End,
}

impl<R: BufRead> Values<R> {
    /// Begins at the file's start.
    pub(super) fn new(mut reader: R) -> io::Result<Self> {
        let mut line = 1;
        let mut taken = 0;
        if reader.fill_buf()?.starts_with(b"\xEF\xBB\xBF") {
            reader.consume(3);
            taken += 3;
        }
        let in_array = loop {
            match reader.fill_buf()?.first() {
                Some(&byte) if byte.is_ascii_whitespace() => line += u64::from(byte == b'\n'),
                Some(b'[') => break true,
                _ => break false,
            }
            reader.consume(1);
            taken += 1;
        };
        if in_array {
            reader.consume(1);
            taken += 1;
        }
        Ok(Self { reader, in_array, line, taken, unclosed: false })
    }

    /// Puts the next value's bytes into `value`, without the blanks around it.
    pub(super) fn next(&mut self, value: &mut Vec<u8>) -> io::Result<Next> {
        if self.in_array {
            match self.next_element(value)? {
                Next::End => self.in_array = false,
                next => return Ok(next),
            }
        }
        self.next_line(value)
    }

    fn next_line(&mut self, value: &mut Vec<u8>) -> io::Result<Next> {
        loop {
            value.clear();
            let read = (&mut self.reader).take(VALUE_LIMIT + 1).read_until(b'\n', value)? as u64;
            self.taken += read;
            if read == 0 {
                return Ok(Next::End);
            }
            let line = self.line;
            if read > VALUE_LIMIT && value.last() != Some(&b'\n') {
                return Ok(Next::TooLong(line));
            }
            self.line += u64::from(value.last() == Some(&b'\n'));
            value.truncate(value.trim_ascii_end().len());
            if !value.trim_ascii_start().is_empty() {
                return Ok(Next::Value(line));
            }
        }
    }

    /// One element of the array; `End` behind its closing bracket.
    fn next_element(&mut self, value: &mut Vec<u8>) -> io::Result<Next> {
        value.clear();
        let (mut depth, mut in_string, mut escaped) = (0_u64, false, false);
        let mut began = self.line;
        loop {
            let bytes = self.reader.fill_buf()?;
            if bytes.is_empty() {
                self.unclosed = true;
                self.in_array = false;
                return Ok(if value.is_empty() { Next::End } else { Next::Value(began) });
            }
            let mut used = 0;
            let mut done = None;
            for &byte in bytes {
                used += 1;
                self.line += u64::from(byte == b'\n');
                if in_string {
                    in_string = byte != b'"' || escaped;
                    escaped = byte == b'\\' && !escaped;
                } else {
                    match byte {
                        b',' if depth == 0 && value.is_empty() => continue,
                        b',' if depth == 0 => done = Some(Next::Value(began)),
                        b']' if depth == 0 => {
                            self.in_array = false;
                            done = Some(match value.is_empty() {
                                true => Next::End,
                                false => Next::Value(began),
                            });
                        }
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' => depth = depth.saturating_sub(1),
                        b'"' => in_string = true,
                        _ if value.is_empty() && byte.is_ascii_whitespace() => continue,
                        _ => {}
                    }
                    if done.is_some() {
                        break;
                    }
                }
                if value.is_empty() {
                    began = self.line;
                }
                value.push(byte);
            }
            self.reader.consume(used);
            self.taken += used as u64;
            if let Some(done) = done {
                value.truncate(value.trim_ascii_end().len());
                return Ok(done);
            }
            if value.len() as u64 > VALUE_LIMIT {
                return Ok(Next::TooLong(began));
            }
        }
    }
}
