//! Characters into a file's own bytes.

use super::decode::windows_1252;
use super::text::{endian_of, write_back};
use super::{Dialect, Encoding, WriteError};

/// Appends `text` in `encoding`, without a byte order mark.
///
/// # Errors
/// [`WriteError::Unencodable`] for a character that Windows-1252 lacks.
pub fn encode_into(text: &str, encoding: Encoding, to: &mut Vec<u8>) -> Result<(), WriteError> {
    if encoding == Encoding::Windows1252 {
        for character in text.chars() {
            to.push(windows_1252(character).ok_or(WriteError::Unencodable { character })?);
        }
    } else {
        write_back(text.as_bytes(), encoding, to);
    }
    Ok(())
}

/// The bytes that begin a file of this encoding when Mirante writes one.
pub(crate) fn opening_mark(encoding: Encoding) -> &'static [u8] {
    let marked = encoding == Encoding::Utf8Bom || endian_of(encoding).is_some();
    if marked { encoding.mark() } else { b"" }
}

/// Appends `cell` to `to`, quoted where the dialect needs it (or `force` says so).
///
/// # Errors
/// [`WriteError::NeedsQuote`] if the dialect has no quote and the cell needs one.
pub(crate) fn quote_into(
    cell: &str,
    dialect: &Dialect,
    force: bool,
    to: &mut String,
) -> Result<(), WriteError> {
    let special = |byte: u8| {
        byte == dialect.delimiter || Some(byte) == dialect.quote || byte == b'\n' || byte == b'\r'
    };
    if !force && !cell.bytes().any(special) {
        to.push_str(cell);
        return Ok(());
    }
    let Some(quote) = dialect.quote.map(char::from) else {
        return Err(WriteError::NeedsQuote { cell: cell.chars().take(80).collect() });
    };
    to.push(quote);
    for character in cell.chars() {
        if character == quote {
            to.push(quote);
        }
        to.push(character);
    }
    to.push(quote);
    Ok(())
}
