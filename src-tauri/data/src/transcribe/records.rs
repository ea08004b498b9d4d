//! Delimited text in the one dialect that transcripts have.

use std::io::{self, Write};

/// Writes records field by field: comma, `"`, LF.
pub(super) struct Records<'a> {
    out: &'a mut dyn Write,
    record: Vec<u8>,
    fields: usize,
}

impl<'a> Records<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { out, record: Vec::new(), fields: 0 }
    }

    /// Appends a field; `None` is a missing value.
    pub(super) fn field(&mut self, text: Option<&str>) {
        if self.fields > 0 {
            self.record.push(b',');
        }
        self.fields += 1;
        let Some(text) = text else { return };
        let bytes = text.as_bytes();
        // A quote also keeps a leading U+FEFF from being taken for the file's byte order mark.
        let quoted = bytes.is_empty()
            || memchr::memchr3(b',', b'"', b'\n', bytes).is_some()
            || memchr::memchr(b'\r', bytes).is_some()
            || text.starts_with('\u{FEFF}');
        if !quoted {
            self.record.extend_from_slice(bytes);
            return;
        }
        self.record.push(b'"');
        let mut rest = bytes;
        while let Some(at) = memchr::memchr(b'"', rest) {
            self.record.extend_from_slice(&rest[..=at]);
            self.record.push(b'"');
            rest = &rest[at + 1..];
        }
        self.record.extend_from_slice(rest);
        self.record.push(b'"');
    }

    /// Ends the record.
    pub(super) fn end(&mut self) -> io::Result<()> {
        // One field alone that is missing, or spaces, would be a blank line, which readers leave out.
        if self.fields <= 1 && self.record.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            self.record.insert(0, b'"');
            self.record.push(b'"');
        }
        self.record.push(b'\n');
        self.out.write_all(&self.record)?;
        self.record.clear();
        self.fields = 0;
        Ok(())
    }
}
