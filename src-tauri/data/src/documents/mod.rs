//! Documents of a process's folder as plain text: zip archives of HTML, text and PDF.
//!
//! Archives come from anywhere, so each entry is read within limits, never written to disk, and what is
//! not read is told by name with why ([`Refusal`]); the rest goes on.

mod archive;
mod charset;
mod cp850;
mod entities;
mod html;
mod pdf;

pub use archive::{Archive, Entry};
pub use html::text_of as html_text;
pub use pdf::text_of as pdf_text;

use charset::{Label, decode};

use crate::progress::Cancelled;

/// Why something was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The file is no zip archive, or its list of entries is damaged.
    #[error("not a zip archive: {0}")]
    NotZip(String),
    /// It is locked with a password.
    #[error("locked with a password")]
    Password,
    /// Its name leads out of the folder.
    #[error("its name leads out of the folder")]
    Path,
    /// It holds more than is read of one, or far more than its size says: a decompression bomb.
    #[error("larger than what is read of one")]
    TooLarge,
    /// It is none of the kinds that are read.
    #[error("neither HTML nor text nor PDF")]
    Kind,
    /// It is damaged.
    #[error("damaged: {0}")]
    Damaged(String),
    /// It has no text, as a scanned page has none.
    #[error("no text in it")]
    NoText,
    /// The caller no longer wants it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl Refusal {
    /// Names the sentence.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotZip(_) => "not_zip",
            Self::Password => "password",
            Self::Path => "path",
            Self::TooLarge => "too_large",
            Self::Kind => "kind",
            Self::Damaged(_) => "damaged",
            Self::NoText => "no_text",
            Self::Cancelled(_) => "cancelled",
        }
    }
}

/// The text of a document: what it is, its first bytes say, or else its name.
///
/// # Errors
/// [`Refusal`]; `go_on` is asked on the way.
pub fn text_of(
    name: &str,
    bytes: &[u8],
    go_on: &dyn Fn() -> Result<(), Cancelled>,
) -> Result<String, Refusal> {
    let text = match kind(name, bytes).ok_or(Refusal::Kind)? {
        Kind::Pdf => pdf::text_of(bytes, go_on)?,
        Kind::Html => html::text_of(&decode(bytes, Label::Html)),
        Kind::Text => decode(bytes, Label::None).replace("\r\n", "\n").replace('\r', "\n"),
    };
    if text.trim().is_empty() { Err(Refusal::NoText) } else { Ok(text) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Html,
    Text,
    Pdf,
}

fn kind(name: &str, bytes: &[u8]) -> Option<Kind> {
    if bytes.starts_with(b"%PDF-") {
        return Some(Kind::Pdf);
    }
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(256)]).to_ascii_lowercase();
    let start = start.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        return Some(Kind::Html);
    }
    let (_, extension) = name.rsplit_once('.')?;
    match extension.to_ascii_lowercase().as_str() {
        "html" | "htm" | "xhtml" => Some(Kind::Html),
        "txt" => Some(Kind::Text),
        "pdf" => Some(Kind::Pdf),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_document_is_its_bytes_say_before_its_name() {
        assert_eq!(kind("a.html", b"%PDF-1.7"), Some(Kind::Pdf));
        assert_eq!(kind("Despacho", b"\n <!DOCTYPE HTML><p>"), Some(Kind::Html));
        assert_eq!(kind("Of\u{ed}cio.TXT", b"texto"), Some(Kind::Text));
        assert_eq!(kind("foto.png", b"\x89PNG"), None);
        let text = |name, bytes| text_of(name, bytes, &|| Ok(()));
        assert_eq!(text("a.txt", b"um\r\na\xE7\xE3o\r"), Ok("um\nação\n".to_owned()));
        assert_eq!(text("a.html", b"<p> &nbsp;</p>"), Err(Refusal::NoText));
        assert_eq!(text("a.docx", b"PK"), Err(Refusal::Kind));
    }
}
