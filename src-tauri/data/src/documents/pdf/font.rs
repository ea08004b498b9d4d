//! What a font's codes are: characters, and how wide each is.

use std::collections::HashMap;
use std::rc::Rc;

use lopdf::{DecompressError, Dictionary, Document, Encoding, Error, Object};

use super::cmap::Map;

/// A font of a page.
pub(super) struct Font<'a> {
    codes: Codes<'a>,
    widths: HashMap<u32, f32>,
    /// Of codes that are not in `widths`.
    usual: f32,
    /// Whether codes are of two bytes, as in fonts of many characters.
    is_wide: bool,
}

/// What a font says of its codes.
enum Codes<'a> {
    Mapped(Map),
    Encoded(Encoding<'a>),
    Unknown,
}

/// Thousandths of the font's size, where a font of the standard 14 does not say.
const USUAL: f32 = 500.0;

/// Widths that ranges may give, over and over.
const MOST_WIDTHS: usize = 1 << 20;

impl<'a> Font<'a> {
    /// Reads a font's dictionary; streams may come to `limit` bytes.
    pub(super) fn read(
        document: &'a Document,
        font: &'a Dictionary,
        limit: usize,
    ) -> lopdf::Result<Rc<Self>> {
        let is_wide =
            font.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Type0");
        // What the codes are as text is said by `ToUnicode` before all else (9.10.2).
        let said = font.get_deref(b"ToUnicode", document).and_then(Object::as_stream);
        let map = match said {
            Ok(stream) => {
                lenient(stream.get_plain_content_with_limit(limit))?.and_then(|map| Map::read(&map))
            }
            Err(_) => None,
        };
        let codes = match map {
            Some(map) => Codes::Mapped(map),
            // Codes of two bytes are places of glyphs, which say nothing of themselves.
            None if is_wide => Codes::Unknown,
            None => lenient(font.get_font_encoding_with_limit(document, limit))?
                .map_or(Codes::Unknown, Codes::Encoded),
        };
        let (widths, usual) =
            if is_wide { wide_widths(document, font) } else { simple_widths(document, font) };
        Ok(Rc::new(Self { codes, widths, usual, is_wide }))
    }

    /// The characters of a string; empty where the font does not say them.
    pub(super) fn text(&self, codes: &[u8]) -> String {
        match &self.codes {
            Codes::Mapped(map) => map.text(codes),
            Codes::Encoded(encoding) => Document::decode_text(encoding, codes).unwrap_or_default(),
            Codes::Unknown => String::new(),
        }
    }

    /// How wide a string is, in thousandths of the font's size; its codes; and how many of them are the
    /// space that word spacing widens (9.3.3).
    pub(super) fn width(&self, codes: &[u8]) -> (f32, usize, usize) {
        let of_code = |code: u32| self.widths.get(&code).copied().unwrap_or(self.usual);
        if self.is_wide {
            let pairs = codes.as_chunks::<2>().0;
            let sum = pairs.iter().map(|&pair| of_code(u16::from_be_bytes(pair).into())).sum();
            return (sum, pairs.len(), 0);
        }
        let sum = codes.iter().map(|&code| of_code(code.into())).sum();
        (sum, codes.len(), codes.iter().filter(|&&code| code == b' ').count())
    }
}

/// What a font says wrongly it does not say; one that swells is refused.
fn lenient<T>(said: lopdf::Result<T>) -> lopdf::Result<Option<T>> {
    match said {
        Ok(said) => Ok(Some(said)),
        Err(error @ Error::Decompress(DecompressError::MemoryLimitExceeded { .. })) => Err(error),
        Err(_) => Ok(None),
    }
}

fn number(object: &Object) -> Option<f32> {
    object.as_float().ok()
}

fn array<'a>(document: &'a Document, of: &'a Dictionary, key: &[u8]) -> &'a [Object] {
    of.get_deref(key, document).and_then(Object::as_array).map_or(&[], Vec::as_slice)
}

/// `FirstChar` and `Widths` (9.6.2).
fn simple_widths(document: &Document, font: &Dictionary) -> (HashMap<u32, f32>, f32) {
    let first = font.get_deref(b"FirstChar", document).and_then(Object::as_i64).unwrap_or(0);
    let first = u32::try_from(first).unwrap_or(0);
    let widths = array(document, font, b"Widths").iter().zip(first..);
    let widths = widths.filter_map(|(width, code)| Some((code, number(width)?)));
    (widths.filter(|(_, width)| *width > 0.0).collect(), USUAL)
}

/// `W` and `DW` of the one font that a composite font stands on (9.7.4.3): `c [w…]` or `first last w`.
fn wide_widths(document: &Document, font: &Dictionary) -> (HashMap<u32, f32>, f32) {
    let below = array(document, font, b"DescendantFonts").first();
    let below = below.and_then(|below| document.dereference(below).ok()?.1.as_dict().ok());
    let Some(below) = below else { return (HashMap::new(), USUAL) };
    let usual = below.get_deref(b"DW", document).ok().and_then(number).unwrap_or(1000.0);
    let mut widths = HashMap::new();
    let mut rest = array(document, below, b"W");
    let mut left = MOST_WIDTHS;
    let code = |object: &Object| object.as_i64().ok().and_then(|code| u16::try_from(code).ok());
    while let [first, next, after @ ..] = rest {
        let Some(first) = code(first) else { break };
        let next = document.dereference(next).map_or(next, |(_, next)| next);
        if let Ok(each) = next.as_array() {
            let each = each.iter().zip(u32::from(first)..);
            widths.extend(each.filter_map(|(width, code)| Some((code, number(width)?))));
            rest = after;
            continue;
        }
        let (Some(last), [width, after @ ..]) = (code(next), after) else { break };
        let (Some(width), Some(fewer)) =
            (number(width), left.checked_sub(usize::from(last.saturating_sub(first))))
        else {
            break;
        };
        left = fewer;
        widths.extend((first..=last).map(|code| (u32::from(code), width)));
        rest = after;
    }
    (widths, usual)
}
