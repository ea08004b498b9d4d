//! The tokenizer: UTF-8 bytes in, lowercase words out.

use unicode_normalization::char::{canonical_combining_class, decompose_compatible};

use super::case::{is_word, lower, lower_sigma};

/// How text becomes words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct TokenParams {
    /// Takes accents off after lowercasing: NFKD without combining marks, scikit-learn's
    /// `strip_accents="unicode"`.
    pub strip_accents: bool,
}

/// Splits text into the words of scikit-learn's `(?u)\b\w\w+\b` on lowercased text. Keeps only a
/// buffer for the word in progress; one per worker.
#[derive(Debug, Clone)]
pub struct Tokenizer {
    params: TokenParams,
    word: Word,
}

/// The word in progress.
#[derive(Debug, Clone, Default)]
struct Word {
    bytes: Vec<u8>,
    chars: usize,
}

impl Word {
    fn push(&mut self, c: char) {
        let mut utf8 = [0; 4];
        self.bytes.extend_from_slice(c.encode_utf8(&mut utf8).as_bytes());
        self.chars += 1;
    }

    fn end(&mut self, each: &mut impl FnMut(&[u8])) {
        if self.chars >= 2 {
            each(&self.bytes);
        }
        self.bytes.clear();
        self.chars = 0;
    }

    fn feed(&mut self, c: char, each: &mut impl FnMut(&[u8])) {
        if is_word(c) {
            self.push(c);
        } else {
            self.end(each);
        }
    }
}

/// For ASCII: the lowercase byte where it is a word character, else 0.
const ASCII: [u8; 128] = {
    let mut table = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        let c = byte as u8;
        if c.is_ascii_alphanumeric() || c == b'_' {
            table[byte] = c.to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

impl Tokenizer {
    /// A tokenizer for these parameters.
    #[must_use]
    pub fn new(params: TokenParams) -> Self {
        Self { params, word: Word::default() }
    }

    /// Calls `each` with every word of `utf8` in order. Bytes that are not UTF-8 count as
    /// `U+FFFD`, which ends a word.
    pub fn each_word(&mut self, utf8: &[u8], mut each: impl FnMut(&[u8])) {
        let each = &mut each;
        let mut at = 0;
        while let Some(&byte) = utf8.get(at) {
            if byte < 0x80 {
                let lower = ASCII[usize::from(byte)];
                if lower == 0 {
                    self.word.end(each);
                } else {
                    self.word.bytes.push(lower);
                    self.word.chars += 1;
                }
                at += 1;
                continue;
            }
            if let (0xC3, Some(&next), false) = (byte, utf8.get(at + 1), self.params.strip_accents)
                && next & 0xC0 == 0x80
            {
                // U+00C0 to U+00FF, the accents of western Europe: all letters but × and ÷,
                // capitals 0x20 below.
                if matches!(next, 0x97 | 0xB7) {
                    self.word.end(each);
                } else {
                    let lower = if next < 0x9F { next + 0x20 } else { next };
                    self.word.bytes.extend_from_slice(&[0xC3, lower]);
                    self.word.chars += 1;
                }
                at += 2;
                continue;
            }
            at += self.other(utf8, at, each);
        }
        self.word.end(each);
    }

    /// Takes the character that starts at `at`; returns its length in bytes.
    fn other(&mut self, utf8: &[u8], at: usize, each: &mut impl FnMut(&[u8])) -> usize {
        let Some((c, length)) = decode(&utf8[at..]) else {
            self.word.end(each);
            return 1;
        };
        match c {
            'İ' => {
                self.lowered('i', each);
                self.lowered('\u{307}', each);
            }
            'Σ' => {
                let before = decode_backward(&utf8[..at]);
                let after = decode_forward(&utf8[at + length..]);
                self.lowered(lower_sigma(before, after), each);
            }
            _ => self.lowered(lower(c), each),
        }
        length
    }

    fn lowered(&mut self, c: char, each: &mut impl FnMut(&[u8])) {
        if self.params.strip_accents && !c.is_ascii() {
            let word = &mut self.word;
            decompose_compatible(c, |part| {
                if canonical_combining_class(part) == 0 {
                    word.feed(part, each);
                }
            });
        } else {
            self.word.feed(c, each);
        }
    }
}

/// The first character and its length, or nothing where the bytes are not UTF-8.
fn decode(utf8: &[u8]) -> Option<(char, usize)> {
    let length = match utf8.first()? {
        0..=0x7F => 1,
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    let c = std::str::from_utf8(utf8.get(..length)?).ok()?.chars().next()?;
    Some((c, length))
}

fn decode_forward(mut utf8: &[u8]) -> impl Iterator<Item = char> {
    std::iter::from_fn(move || {
        if utf8.is_empty() {
            return None;
        }
        let (c, length) = decode(utf8).unwrap_or(('\u{FFFD}', 1));
        utf8 = &utf8[length..];
        Some(c)
    })
}

fn decode_backward(mut utf8: &[u8]) -> impl Iterator<Item = char> {
    std::iter::from_fn(move || {
        let last = utf8.len().checked_sub(1)?;
        let start =
            (last.saturating_sub(3)..=last).rev().find(|&i| utf8[i] & 0xC0 != 0x80).unwrap_or(last);
        let (c, start) = match decode(&utf8[start..]) {
            Some((c, length)) if start + length == utf8.len() => (c, start),
            _ => ('\u{FFFD}', last),
        };
        utf8 = &utf8[..start];
        Some(c)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &[u8], strip_accents: bool) -> Vec<String> {
        let mut words = Vec::new();
        Tokenizer::new(TokenParams { strip_accents })
            .each_word(text, |w| words.push(String::from_utf8(w.to_vec()).unwrap()));
        words
    }

    #[test]
    fn words_are_runs_of_two_or_more_characters_not_bytes() {
        assert_eq!(
            words("O é A_b ção, não×2x ÀÇ".as_bytes(), false),
            ["a_b", "ção", "não", "2x", "àç"]
        );
        assert!(words("é à".as_bytes(), false).is_empty());
    }

    #[test]
    fn a_dotted_capital_i_splits_the_word_it_stands_in() {
        assert_eq!(words("İstanbul xİy".as_bytes(), false), ["stanbul", "xi"]);
        assert_eq!(words("İstanbul".as_bytes(), true), ["istanbul"]);
    }

    #[test]
    fn sigma_reads_its_neighbours() {
        assert_eq!(words("ΟΔΟΣ ΑΣΑ".as_bytes(), false), ["οδος", "ασα"]);
    }

    #[test]
    fn accents_come_off_by_compatible_decomposition() {
        // ½ is 1⁄2, whose fraction slash ends a word; lowercasing comes before.
        assert_eq!(words("Ação ﬁm ½ℌ".as_bytes(), true), ["acao", "fim", "2H"]);
    }

    #[test]
    fn bytes_that_are_not_text_end_a_word() {
        assert_eq!(words(b"abc\xFFdef\xC3", false), ["abc", "def"]);
        assert_eq!(words(b"ab\xC3(cd", false), ["ab", "cd"]);
        assert_eq!(words(b"\xCE\xA3\xE2\x82ab", false), ["ab"]);
    }
}
