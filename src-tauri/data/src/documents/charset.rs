//! Which characters a document's bytes stand for.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::file;

/// Bytes at the beginning in which a document may say its encoding
/// (<https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding>).
const LABELLED: usize = 1024;

/// Whether a document may say its encoding itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// In a `meta` element or an XML declaration.
    Html,
    /// Not at all.
    None,
}

/// A document's characters: its byte order mark says which, then its own label, then the bytes. A label is
/// not believed over bytes that are UTF-8 throughout: text of another encoding is not that by chance.
pub(super) fn decode(bytes: &[u8], label: Label) -> String {
    let is_utf8 = !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok();
    let guess = || match file::encoding_of(bytes) {
        file::Encoding::Utf16Le => UTF_16LE,
        file::Encoding::Utf16Be => UTF_16BE,
        file::Encoding::Windows1252 => WINDOWS_1252,
        file::Encoding::Utf8 | file::Encoding::Utf8Bom => UTF_8,
    };
    let said = (label == Label::Html && !is_utf8).then(|| labelled(bytes)).flatten();
    // UTF-16 cannot be said in letters of one byte, and UTF-8 that it is not is something else.
    let said = said.filter(|said| said.is_ascii_compatible() && *said != UTF_8);
    let encoding = said.unwrap_or_else(guess);
    encoding.decode(bytes).0.into_owned()
}

/// The encoding that `charset=` or `encoding=` names.
fn labelled(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(LABELLED)]).to_ascii_lowercase();
    let after = ["charset", "encoding"].into_iter().find_map(|word| {
        start
            .match_indices(word)
            .find_map(|(at, _)| start[at + word.len()..].trim_start().strip_prefix('='))
    })?;
    let name = after.trim_start().trim_start_matches(['"', '\'']);
    let end = name.find(|c: char| !c.is_ascii_graphic() || "\"';>/?".contains(c));
    Encoding::for_label(&name.as_bytes()[..end.unwrap_or(name.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_marked_said_or_guessed() {
        let html = |meta: &str, text: &[u8]| decode(&[meta.as_bytes(), text].concat(), Label::Html);
        let latin = "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=iso-8859-1\">";
        assert!(html(latin, b"a\xE7\xE3o \x96").ends_with("ação –"));
        assert!(html("<meta charset='iso-8859-15'>", b"\xA4").ends_with('€'));
        assert!(html("<?xml version='1.0' encoding = \"ISO-8859-1\"?>", b"\xE7").ends_with('ç'));
        assert!(html("", b"a\xE7\xE3o").ends_with("ação"));
        assert!(html("", "ação".as_bytes()).ends_with("ação"));
        // What a label says wrongly.
        assert!(html(latin, "ação".as_bytes()).ends_with("ação"));
        assert!(html("<meta charset=utf-8>", b"a\xE7\xE3o").ends_with("ação"));
        assert!(html("<meta charset=nada>", b"\xE7").ends_with('ç'));
        let marked = [
            &[0xFF, 0xFE][..],
            &"ação".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
        ];
        assert_eq!(decode(&marked.concat(), Label::Html), "ação");
        assert_eq!(decode(b"\xEF\xBB\xBFa", Label::None), "a");
        assert_eq!(decode(b"charset=iso-8859-15 \xA4", Label::None), "charset=iso-8859-15 ¤");
    }
}
