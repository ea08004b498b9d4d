//! Telling a format by its first bytes.

use std::path::Path;

use serde::de::IgnoredAny;

use super::Format;

/// What every compound file (an old or an encrypted workbook) begins with.
const COMPOUND: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Tells a file's format by its first bytes (a few KiB are enough), and by its name where the
/// bytes leave it open. `None` means delimited text, or nothing known.
#[must_use]
pub fn detect(path: &Path, first: &[u8]) -> Option<Format> {
    let extension =
        path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).unwrap_or_default();
    if first.starts_with(b"PAR1") {
        return Some(Format::Parquet);
    }
    let workbook_name = matches!(extension.as_str(), "xlsx" | "xlsm" | "xltx" | "xltm");
    if first.starts_with(b"PK\x03\x04") {
        let workbook_part = memchr::memmem::find(first, b"xl/").is_some();
        return (workbook_name || workbook_part).then_some(Format::Xlsx);
    }
    if first.starts_with(COMPOUND) {
        return Some(Format::Xlsx);
    }
    if is_json(first) {
        return Some(Format::Jsonl);
    }
    match extension.as_str() {
        "jsonl" | "ndjson" => Some(Format::Jsonl),
        "parquet" | "pq" => Some(Format::Parquet),
        _ if workbook_name => Some(Format::Xlsx),
        _ => None,
    }
}

/// Whether the text is an object on one line, or an array of objects.
fn is_json(first: &[u8]) -> bool {
    let text = first.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first).trim_ascii_start();
    match text.first() {
        Some(b'{') => {
            let (line, whole) = match memchr::memchr(b'\n', text) {
                Some(end) => (&text[..end], true),
                None => (text, false),
            };
            match serde_json::from_slice::<IgnoredAny>(line) {
                Ok(_) => true,
                // The line goes on after what was looked at.
                Err(error) => !whole && error.is_eof(),
            }
        }
        Some(b'[') => text[1..].trim_ascii_start().first() == Some(&b'{'),
        _ => false,
    }
}
