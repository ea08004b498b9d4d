//! Which characters form words, and Python's lowercase.

use super::tables::{CASE_IGNORABLE, CASED, LOWER, WORD};

fn within(ranges: &[(u32, u32)], c: char) -> bool {
    let code = u32::from(c);
    let after = ranges.partition_point(|&(first, _)| first <= code);
    after > 0 && ranges[after - 1].1 >= code
}

/// Whether Python's `\w` matches `c`: general categories L\*, Nd, Nl, No, and `_`.
pub(crate) fn is_word(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() || c == '_' } else { within(WORD, c) }
}

/// The lowercase of one character as `str.lower` gives it, but for the two that one character
/// cannot tell: `İ`, which becomes two, and `Σ`, which depends on its neighbours.
pub(super) fn lower(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let code = u32::from(c);
    let after = LOWER.partition_point(|&(first, ..)| first <= code);
    if after == 0 {
        return c;
    }
    let (first, last, step, delta) = LOWER[after - 1];
    if code > last || (code - first) % step != 0 {
        return c;
    }
    code.checked_add_signed(delta).and_then(char::from_u32).unwrap_or(c)
}

fn is_cased(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() } else { within(CASED, c) }
}

fn is_case_ignorable(c: char) -> bool {
    if c.is_ascii() { "'.:^`".contains(c) } else { within(CASE_IGNORABLE, c) }
}

fn reaches_cased(mut chars: impl Iterator<Item = char>) -> bool {
    chars.find(|&c| !is_case_ignorable(c)).is_some_and(is_cased)
}

/// The lowercase of a `Σ` that stands between `before` and `after`: `ς` where a cased character
/// precedes it and none follows, case-ignorable ones skipped (Unicode's `Final_Sigma`).
pub(super) fn lower_sigma(
    before: impl Iterator<Item = char>,
    after: impl Iterator<Item = char>,
) -> char {
    if reaches_cased(before) && !reaches_cased(after) { 'ς' } else { 'σ' }
}

/// A text in lowercase, as Python's `str.lower` gives it.
pub(crate) fn lowercase(text: &str) -> String {
    let mut lowered = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            'İ' => lowered.push_str("i\u{307}"),
            'Σ' => {
                let (before, after) = (&text[..at], &text[at + c.len_utf8()..]);
                lowered.push(lower_sigma(before.chars().rev(), after.chars()));
            }
            _ => lowered.push(lower(c)),
        }
    }
    lowered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sigma_looks_past_ignorable_characters() {
        let at = |text: &str| {
            let chars: Vec<char> = text.chars().collect();
            let i = chars.iter().position(|&c| c == 'Σ').unwrap();
            lower_sigma(chars[..i].iter().rev().copied(), chars[i + 1..].iter().copied())
        };
        assert_eq!(at("ΟΔΟΣ"), 'ς');
        assert_eq!(at("ΑΣΑ"), 'σ');
        assert_eq!(at("Σ"), 'σ');
        assert_eq!(at("ΑΣ'Α"), 'σ');
        assert_eq!(at("ΑΣ' Α"), 'ς');
        assert_eq!(at("Α.Σ"), 'ς');
    }

    #[test]
    fn lowercase_follows_python_not_the_locale() {
        assert_eq!(lower('Ç'), 'ç');
        assert_eq!(lower('ẞ'), 'ß');
        assert_eq!(lower('Ā'), 'ā');
        assert_eq!(lower('ā'), 'ā');
        assert_eq!(lower('×'), '×');
        assert_eq!(lowercase("AÇÃO İ ΟΔΟΣ"), "ação i\u{307} οδος");
        assert!(is_word('½') && is_word('ª') && !is_word('×') && !is_word('\u{301}'));
    }
}
