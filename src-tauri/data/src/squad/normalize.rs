//! What two answers may differ in and still be the same.

use crate::text::{is_word, lowercase};

/// An answer in lowercase, without punctuation (ASCII's, as Python's `string.punctuation`), without the
/// English articles, and with single spaces: `normalize_answer` of the official scripts, in their order.
#[must_use]
pub fn normalize(answer: &str) -> String {
    let plain: String = lowercase(answer).chars().filter(|c| !c.is_ascii_punctuation()).collect();
    let mut kept = String::with_capacity(plain.len());
    let mut rest = plain.as_str();
    while let Some(first) = rest.chars().next() {
        let in_word = is_word(first);
        let end = rest.find(|c| is_word(c) != in_word).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        kept.push_str(if matches!(run, "a" | "an" | "the") { " " } else { run });
        rest = after;
    }
    words(&kept).collect::<Vec<_>>().join(" ")
}

/// What white space separates, as Python's `str.split` sees it.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_space = |c: char| c.is_whitespace() || ('\u{1C}'..='\u{1F}').contains(&c);
    text.split(is_space).filter(|word| !word.is_empty())
}
