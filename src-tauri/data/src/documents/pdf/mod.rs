//! The text of a PDF (ISO 32000-1), page by page, where it has text: a scanned page is a picture.

mod cmap;
mod font;
mod page;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use lopdf::{DecompressError, Document, LoadOptions};

use super::Refusal;
use crate::progress::Cancelled;
use font::Font;

/// The most bytes that the pages' content may come to, and that all object streams may.
const CONTENT_LIMIT: usize = 128 << 20;
/// The most bytes of a page's content: what it is read into takes many times that.
const PAGE_LIMIT: usize = 8 << 20;
/// The most bytes that a stream of a font's characters may come to.
const FONT_LIMIT: usize = 4 << 20;

/// The text of a PDF: lines end with `\n`.
///
/// # Errors
/// [`Refusal`]; a stream that comes to more than is read of one is [`Refusal::TooLarge`].
pub fn text_of(bytes: &[u8], go_on: &dyn Fn() -> Result<(), Cancelled>) -> Result<String, Refusal> {
    // The reader is foreign and the bytes are anyone's: its panic is a damaged file.
    catch_unwind(AssertUnwindSafe(|| read(bytes, go_on)))
        .unwrap_or_else(|_| Err(Refusal::Damaged("the reader gave up".to_owned())))
}

fn read(bytes: &[u8], go_on: &dyn Fn() -> Result<(), Cancelled>) -> Result<String, Refusal> {
    // All object streams are unpacked at once, so that their limits together are the limit.
    let most = CONTENT_LIMIT / object_streams(bytes).max(1);
    let options = LoadOptions { max_decompressed_size: Some(most), ..LoadOptions::default() };
    let document = Document::load_mem_with_options(bytes, options).map_err(refusal)?;
    if document.is_encrypted() {
        return Err(Refusal::Password);
    }
    let mut fonts = HashMap::new();
    let mut left = CONTENT_LIMIT;
    let mut text = String::new();
    for page in document.get_pages().into_values() {
        go_on()?;
        let most = left.min(PAGE_LIMIT);
        let content = document.get_page_content_with_limit(page, most).map_err(refusal)?;
        left -= content.len();
        let mut of_page = HashMap::new();
        for (name, font) in document.get_page_fonts(page).map_err(refusal)? {
            // Pages share fonts; where a font lies tells it from others.
            let known = fonts.entry(std::ptr::from_ref(font));
            let read = match known {
                std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::hash_map::Entry::Vacant(new) => {
                    new.insert(Font::read(&document, font, FONT_LIMIT).map_err(refusal)?)
                }
            };
            of_page.insert(name, std::rc::Rc::clone(read));
        }
        page::write(&content, &of_page, &mut text).map_err(refusal)?;
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
    }
    // A font that does not say which characters its glyphs are gives signs of no meaning.
    let is_sign = |c: &char| *c == '\u{FFFD}' || (c.is_control() && !c.is_whitespace());
    let signs = text.chars().filter(is_sign).count();
    if signs * 3 > text.chars().count() { Err(Refusal::NoText) } else { Ok(text) }
}

/// How many streams of objects the file names; a name may be written with its letters by number.
fn object_streams(bytes: &[u8]) -> usize {
    const NAME: &[u8] = b"ObjStm";
    let is_name = |mut rest: &[u8]| {
        NAME.iter().all(|wanted| {
            let by_number = rest.strip_prefix(b"#").and_then(|rest| {
                let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
                Some((u8::from_str_radix(digits, 16).ok()?, &rest[2..]))
            });
            let Some((byte, after)) =
                by_number.or_else(|| rest.split_first().map(|(b, r)| (*b, r)))
            else {
                return false;
            };
            rest = after;
            byte == *wanted
        })
    };
    memchr::memchr_iter(b'/', bytes).filter(|&at| is_name(&bytes[at + 1..])).count()
}

fn refusal(error: lopdf::Error) -> Refusal {
    use lopdf::Error;
    match error {
        Error::Decompress(
            DecompressError::MemoryLimitExceeded { .. } | DecompressError::TooManyFilters { .. },
        ) => Refusal::TooLarge,
        Error::InvalidPassword | Error::Decryption(_) | Error::UnsupportedSecurityHandler(_) => {
            Refusal::Password
        }
        error => Refusal::Damaged(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
