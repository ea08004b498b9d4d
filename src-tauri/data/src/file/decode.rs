//! Raw bytes of a cell into characters.

use super::Encoding;

/// What Windows-1252 makes of 0x80 to 0x9F. Its five unassigned bytes stand for the control
/// characters of the same number, as <https://encoding.spec.whatwg.org/#windows-1252> says.
const HIGH: [char; 32] = [
    '\u{20AC}', '\u{81}', '\u{201A}', '\u{192}', '\u{201E}', '\u{2026}', '\u{2020}', '\u{2021}',
    '\u{2C6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8D}', '\u{17D}', '\u{8F}',
    '\u{90}', '\u{2018}', '\u{2019}', '\u{201C}', '\u{201D}', '\u{2022}', '\u{2013}', '\u{2014}',
    '\u{2DC}', '\u{2122}', '\u{161}', '\u{203A}', '\u{153}', '\u{9D}', '\u{17E}', '\u{178}',
];

/// Text, if the bytes are UTF-8. The standard library's check is slow where accents are many.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, simdutf8::basic::Utf8Error> {
    simdutf8::basic::from_utf8(bytes)
}

/// Whether `byte` is one of the five that Windows-1252 leaves unassigned.
pub(crate) fn unassigned(byte: u8) -> bool {
    matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D)
}

/// Appends `raw` to `to`; `false` if bytes were not the encoding's. Those become U+FFFD, or in
/// Windows-1252 the control characters of the same number.
pub(crate) fn decode_into(raw: &[u8], encoding: Encoding, to: &mut String) -> bool {
    if encoding == Encoding::Windows1252 {
        if let (true, Ok(ascii)) = (raw.is_ascii(), std::str::from_utf8(raw)) {
            to.push_str(ascii);
            return true;
        }
        to.reserve(raw.len() + raw.len() / 8);
        to.extend(raw.iter().map(|&byte| match byte {
            0x80..0xA0 => HIGH[usize::from(byte) - 0x80],
            _ => char::from(byte),
        }));
        return !raw.iter().any(|&byte| unassigned(byte));
    }
    match utf8(raw) {
        Ok(text) => {
            to.push_str(text);
            true
        }
        Err(_) => {
            to.push_str(&String::from_utf8_lossy(raw));
            false
        }
    }
}

/// The byte that Windows-1252 has for `character`, if any.
pub(crate) fn windows_1252(character: char) -> Option<u8> {
    match u32::from(character) {
        code @ (0..0x80 | 0xA0..0x100) => u8::try_from(code).ok(),
        _ => {
            let at = HIGH.iter().position(|&high| high == character)?;
            u8::try_from(0x80 + at).ok()
        }
    }
}

/// Raw bytes as a person can read them: what is not the encoding's is written `\xE7`, and what
/// exceeds `most` characters is cut and marked with an ellipsis.
pub(crate) fn show(raw: &[u8], encoding: Encoding, most: usize) -> String {
    // Four bytes a character at most, so that a long line is not decoded whole.
    let raw = &raw[..raw.len().min(most * 4 + 4)];
    let mut text = String::new();
    if encoding == Encoding::Windows1252 {
        decode_into(raw, encoding, &mut text);
    } else {
        for chunk in raw.utf8_chunks() {
            text.push_str(chunk.valid());
            for byte in chunk.invalid() {
                text.push_str(&format!("\\x{byte:02X}"));
            }
        }
    }
    if let Some((cut, _)) = text.char_indices().nth(most) {
        text.truncate(cut);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_1252_agrees_with_the_encoding_standard() {
        for byte in 0..=255u8 {
            let raw = [byte];
            let mut text = String::new();
            decode_into(&raw, Encoding::Windows1252, &mut text);
            let (expected, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&raw);
            assert_eq!(text, expected);
            assert_eq!(windows_1252(text.chars().next().unwrap()), Some(byte));
        }
        assert_eq!(windows_1252('ł'), None);
    }

    #[test]
    fn bad_bytes_are_shown_by_number() {
        assert_eq!(show(b"a\xE7b", Encoding::Utf8, 200), "a\\xE7b");
        assert_eq!(show("áéí".as_bytes(), Encoding::Utf8, 2), "áé…");
    }
}
