//! Which characters a font's codes are: the map that `ToUnicode` holds (ISO 32000-1, 9.10.3).
//!
//! A map is a program of PostScript, but only its lists of strings matter, and those are the same whoever
//! wrote the rest of it.

use std::collections::HashMap;

/// Codes to characters.
#[derive(Debug, Default)]
pub(super) struct Map {
    /// How long codes may be, in bytes, longest first.
    lengths: Vec<usize>,
    /// By length and code.
    each: HashMap<(usize, u32), String>,
    /// By length and first code.
    ranges: Vec<Range>,
}

/// Codes that follow each other, as their characters do.
#[derive(Debug)]
struct Range {
    length: usize,
    first: u32,
    last: u32,
    text: Vec<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token<'a> {
    Bytes(Vec<u8>),
    Open,
    Close,
    Word(&'a [u8]),
}

impl Map {
    /// Reads a map; none where it maps nothing.
    pub(super) fn read(program: &[u8]) -> Option<Self> {
        let mut map = Self::default();
        let mut tokens = Tokens(program);
        while let Some(token) = tokens.next() {
            match token {
                Token::Word(b"beginbfchar") => map.chars(&mut tokens),
                Token::Word(b"beginbfrange") => map.ranges(&mut tokens),
                _ => {}
            }
        }
        map.ranges.sort_by_key(|range| (range.length, range.first));
        let of_each = map.each.keys().map(|(length, _)| *length);
        map.lengths = of_each.chain(map.ranges.iter().map(|range| range.length)).collect();
        map.lengths.sort_unstable_by(|one, other| other.cmp(one));
        map.lengths.dedup();
        (!map.lengths.is_empty()).then_some(map)
    }

    /// Pairs of a code and its characters.
    fn chars(&mut self, tokens: &mut Tokens) {
        while let Some(Token::Bytes(code)) = tokens.next() {
            let Some(Token::Bytes(text)) = tokens.next() else { break };
            self.each.insert((code.len(), number(&code)), string(&units(&text)));
        }
    }

    /// The first and the last code, and the characters of the first, or those of each in a list.
    fn ranges(&mut self, tokens: &mut Tokens) {
        while let Some(Token::Bytes(first)) = tokens.next() {
            let Some(Token::Bytes(last)) = tokens.next() else { break };
            let (length, first, last) = (first.len(), number(&first), number(&last));
            match tokens.next() {
                Some(Token::Bytes(text)) => {
                    self.ranges.push(Range { length, first, last, text: units(&text) });
                }
                Some(Token::Open) => {
                    let mut code = first;
                    while let Some(Token::Bytes(text)) = tokens.next() {
                        self.each.insert((length, code), string(&units(&text)));
                        code = code.wrapping_add(1);
                    }
                }
                _ => break,
            }
        }
    }

    /// The characters of a string of codes; U+FFFD for those that are not in the map.
    pub(super) fn text(&self, mut codes: &[u8]) -> String {
        let mut text = String::new();
        while !codes.is_empty() {
            let known = self.lengths.iter().find_map(|&length| {
                Some((length, self.of_code(length, number(codes.get(..length)?))?))
            });
            let (length, found) = known.unwrap_or_else(|| {
                let usual = self.lengths.first().copied().unwrap_or(1);
                (usual.min(codes.len()).max(1), '\u{FFFD}'.to_string())
            });
            text.push_str(&found);
            codes = &codes[length..];
        }
        text
    }

    fn of_code(&self, length: usize, code: u32) -> Option<String> {
        if let Some(text) = self.each.get(&(length, code)) {
            return Some(text.clone());
        }
        let after =
            self.ranges.partition_point(|range| (range.length, range.first) <= (length, code));
        let range = &self.ranges[after.checked_sub(1)?];
        if range.length != length || range.last < code {
            return None;
        }
        let mut text = range.text.clone();
        let last = text.last_mut()?;
        *last = last.wrapping_add(u16::try_from(code - range.first).ok()?);
        Some(string(&text))
    }
}

fn number(code: &[u8]) -> u32 {
    code.iter().fold(0, |number, byte| (number << 8) | u32::from(*byte))
}

fn units(text: &[u8]) -> Vec<u16> {
    match text {
        // Some write a character of ASCII as one byte.
        [one] => vec![u16::from(*one)],
        text => text.as_chunks::<2>().0.iter().map(|&pair| u16::from_be_bytes(pair)).collect(),
    }
}

fn string(units: &[u16]) -> String {
    String::from_utf16_lossy(units)
}

struct Tokens<'a>(&'a [u8]);

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"<>[]%\0".contains(byte);
        loop {
            let all = self.0;
            let (&first, rest) = all.split_first()?;
            self.0 = rest;
            let token = match first {
                b'[' => Token::Open,
                b']' => Token::Close,
                b'%' => {
                    let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                    self.0 = &rest[end.unwrap_or(rest.len())..];
                    continue;
                }
                // A dictionary's.
                b'<' if rest.first() == Some(&b'<') => {
                    self.0 = &rest[1..];
                    continue;
                }
                b'<' => {
                    let end = rest.iter().position(|byte| *byte == b'>').unwrap_or(rest.len());
                    self.0 = rest.get(end + 1..).unwrap_or_default();
                    Token::Bytes(hexadecimal(&rest[..end]))
                }
                first if ends(&first) => continue,
                _ => {
                    let end = rest.iter().position(ends).unwrap_or(rest.len());
                    self.0 = &rest[end..];
                    Token::Word(&all[..=end])
                }
            };
            return Some(token);
        }
    }
}

/// Digits in pairs; a last one that is alone stands before a nought (7.3.4.3).
fn hexadecimal(text: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = text
        .iter()
        .filter_map(|&byte| {
            char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
        })
        .collect();
    digits.chunks(2).map(|pair| (pair[0] << 4) | pair.get(1).copied().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_characters_by_lists_and_ranges() {
        let program = b"/CIDInit /ProcSet findresource begin % <00> <01>\n\
            /CIDSystemInfo << /Registry (Adobe) >> def 1 begincodespacerange<0000><FFFF>\n\
            endcodespacerange 2 beginbfchar<0003> <00E7>\n<0004> <00660069> endbfchar\n\
            3 beginbfrange <0010> <0012> <0041> <0020> <0021> [<00E3> <D83DDE00>]\n\
            <0030> <0030> <7> endbfrange endcmap";
        let map = Map::read(program).unwrap();
        assert_eq!(map.text(&[0, 3, 0, 4, 0, 0x10, 0, 0x12, 0, 0x21]), "\u{e7}fiAC\u{1F600}");
        assert_eq!(map.text(&[0, 0x13, 0, 0x30, 0]), "\u{FFFD}p\u{FFFD}");
        let short = Map::read(b"beginbfrange <20> <7E> <0020> endbfrange").unwrap();
        assert_eq!(short.text(b"Auto"), "Auto");
        for none in [&b""[..], b"beginbfchar endbfchar", b"beginbfchar <00", b"<<<<>>>[[["] {
            assert!(Map::read(none).is_none());
        }
    }
}
