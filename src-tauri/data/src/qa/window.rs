//! The part of a text around an answer.

use std::ops::Range;

/// `answer` (bytes of `text`) with at most `radius` characters on either side, cut between words where
/// there is a place between words, without white space at its ends.
#[must_use]
pub fn window(text: &str, answer: Range<usize>, radius: usize) -> Range<usize> {
    let (before, after) = (&text[..answer.start], &text[answer.end..]);
    let first = before.char_indices().rev().take(radius).last().map_or(before.len(), |(at, _)| at);
    let last = after.char_indices().nth(radius).map_or(after.len(), |(at, _)| at);
    let starts_word = before[..first].chars().next_back().is_none_or(char::is_whitespace);
    let start = match before[first..].find(char::is_whitespace) {
        Some(space) if !starts_word => first + space,
        _ => first,
    };
    let ends_word = after[last..].chars().next().is_none_or(char::is_whitespace);
    let end = match after[..last].rfind(char::is_whitespace) {
        Some(space) if !ends_word => space,
        _ => last,
    };
    let (before, after) = (&before[start..], &after[..end]);
    let start = answer.start - before.trim_start().len();
    start..answer.end + after.trim_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends_between_words_and_within_its_radius() {
        let text = "Às vezes é São João quem\nchega à praça";
        let at = text.find("João").unwrap();
        let cut = |radius| &text[window(text, at..at + "João".len(), radius)];
        assert_eq!(cut(0), "João");
        assert_eq!(cut(3), "João");
        assert_eq!(cut(4), "São João");
        assert_eq!(cut(5), "São João quem");
        assert_eq!(cut(8), "é São João quem");
        assert_eq!(cut(900), text);
        let long = "aaaaaaaaaaXbbbbbbbbbb";
        assert_eq!(&long[window(long, 10..11, 3)], "aaaXbbb");
    }
}
