//! The file as a stream of text bytes: itself, or UTF-8 made from UTF-16.

use super::utf::{Endian, from_utf16, to_utf16};
use super::{Encoding, FileError, Input};

pub(crate) fn endian_of(encoding: Encoding) -> Option<Endian> {
    match encoding {
        Encoding::Utf16Le => Some(Endian::Little),
        Encoding::Utf16Be => Some(Endian::Big),
        Encoding::Utf8 | Encoding::Utf8Bom | Encoding::Windows1252 => None,
    }
}

/// Reads text from a position in the file on.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    input: Input,
    endian: Option<Endian>,
    offset: u64,
    raw: Vec<u8>,
}

impl Text {
    pub(crate) fn new(input: &Input, encoding: Encoding, offset: u64) -> Self {
        Self { input: input.clone(), endian: endian_of(encoding), offset, raw: Vec::new() }
    }

    /// Bytes of the file that were read so far.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Appends about `want` bytes of text; `true` once the end is reached.
    pub(crate) fn fill(&mut self, want: usize, to: &mut Vec<u8>) -> Result<bool, FileError> {
        let Some(endian) = self.endian else {
            let before = to.len();
            self.input.read_at(self.offset, want, to)?;
            self.offset += (to.len() - before) as u64;
            return Ok(self.offset >= self.input.len());
        };
        self.raw.clear();
        // At least two units, so that a pair is never waited for in vain.
        self.input.read_at(self.offset, want.max(4).next_multiple_of(2), &mut self.raw)?;
        let last = self.offset + self.raw.len() as u64 >= self.input.len();
        self.offset += from_utf16(&self.raw, endian, last, to) as u64;
        Ok(last)
    }
}

/// Appends text bytes to `to` as the file writes them.
pub(crate) fn write_back(text: &[u8], encoding: Encoding, to: &mut Vec<u8>) {
    match endian_of(encoding) {
        Some(endian) => to_utf16(text, endian, to),
        None => to.extend_from_slice(text),
    }
}
