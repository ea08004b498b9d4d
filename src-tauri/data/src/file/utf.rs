//! UTF-16 into UTF-8 bytes and back without loss.
//!
//! A lone surrogate becomes the three bytes that UTF-8 would give it (as WTF-8 has it,
//! <https://simonsapin.github.io/wtf-8/>). They are no valid UTF-8, so cells that hold one are
//! found as bad bytes, and yet the way back gives the same unit.

/// Which byte of a UTF-16 unit comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endian {
    Little,
    Big,
}

impl Endian {
    fn unit(self, pair: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(pair),
            Self::Big => u16::from_be_bytes(pair),
        }
    }

    fn push(self, unit: u16, to: &mut Vec<u8>) {
        to.extend_from_slice(&match self {
            Self::Little => unit.to_le_bytes(),
            Self::Big => unit.to_be_bytes(),
        });
    }
}

fn push_three(unit: u16, to: &mut Vec<u8>) {
    let low = |shift: u16| 0x80 | ((unit >> shift) & 0x3F) as u8;
    to.extend_from_slice(&[0xE0 | (unit >> 12) as u8, low(6), low(0)]);
}

/// Appends `units` as UTF-8 bytes to `to` and returns how many bytes were taken: all, or all but
/// a first half of a pair (or of a unit) at the end when more may follow. A last odd byte becomes
/// 0xFF, which no UTF-8 holds.
pub(crate) fn from_utf16(units: &[u8], endian: Endian, last: bool, to: &mut Vec<u8>) -> usize {
    to.reserve(units.len() / 2 + units.len() / 8);
    let (pairs, odd) = units.as_chunks::<2>();
    let mut at = 0;
    while let Some(&pair) = pairs.get(at) {
        let unit = endian.unit(pair);
        at += 1;
        match unit {
            0..0x80 => to.push(unit as u8),
            0x80..0x800 => {
                to.extend_from_slice(&[0xC0 | (unit >> 6) as u8, 0x80 | (unit & 0x3F) as u8]);
            }
            0xD800..0xDC00 => {
                let Some(&next) = pairs.get(at) else {
                    if !last {
                        return (at - 1) * 2;
                    }
                    push_three(unit, to);
                    continue;
                };
                let low = endian.unit(next);
                if (0xDC00..0xE000).contains(&low) {
                    at += 1;
                    let code =
                        0x1_0000 + ((u32::from(unit) - 0xD800) << 10) + (u32::from(low) - 0xDC00);
                    let six = |shift: u32| 0x80 | ((code >> shift) & 0x3F) as u8;
                    to.extend_from_slice(&[0xF0 | (code >> 18) as u8, six(12), six(6), six(0)]);
                } else {
                    push_three(unit, to);
                }
            }
            _ => push_three(unit, to),
        }
    }
    if last && !odd.is_empty() {
        to.push(0xFF);
        return units.len();
    }
    at * 2
}

/// Appends bytes that [`from_utf16`] made (or any UTF-8) to `to` as UTF-16. A byte that is neither
/// UTF-8 nor part of a lone surrogate becomes U+FFFD.
pub(crate) fn to_utf16(bytes: &[u8], endian: Endian, to: &mut Vec<u8>) {
    to.reserve(bytes.len() * 2);
    let mut rest = bytes;
    while !rest.is_empty() {
        let (good, after) = match std::str::from_utf8(rest) {
            Ok(text) => (text, &rest[rest.len()..]),
            Err(error) => {
                let (good, bad) = rest.split_at(error.valid_up_to());
                (std::str::from_utf8(good).unwrap_or_default(), bad)
            }
        };
        for unit in good.encode_utf16() {
            endian.push(unit, to);
        }
        rest = match after {
            [0xED, second @ 0xA0..=0xBF, third @ 0x80..=0xBF, more @ ..] => {
                let unit = 0xD000 | u16::from(second & 0x3F) << 6 | u16::from(third & 0x3F);
                endian.push(unit, to);
                more
            }
            [_, more @ ..] => {
                endian.push(0xFFFD, to);
                more
            }
            [] => after,
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_even_run_of_bytes_comes_back(
            units in proptest::collection::vec(
                prop_oneof![any::<u16>(), 0xD7F0u16..0xE010, 0u16..0x900], 0..200),
            big in any::<bool>(),
            cut in 0usize..400,
        ) {
            let endian = if big { Endian::Big } else { Endian::Little };
            let mut raw = Vec::new();
            units.iter().for_each(|&unit| endian.push(unit, &mut raw));
            let cut = cut.min(raw.len());
            let mut text = Vec::new();
            let taken = from_utf16(&raw[..cut], endian, false, &mut text);
            from_utf16(&raw[taken..], endian, true, &mut text);
            let mut whole = Vec::new();
            from_utf16(&raw, endian, true, &mut whole);
            prop_assert_eq!(&text, &whole);
            let mut back = Vec::new();
            to_utf16(&text, endian, &mut back);
            prop_assert_eq!(back, raw);
        }
    }

    #[test]
    fn valid_text_is_what_the_standard_library_says() {
        let words = "ação €9 \u{1F600}\0x";
        let raw: Vec<u8> = words.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut text = Vec::new();
        from_utf16(&raw, Endian::Little, true, &mut text);
        assert_eq!(text, words.as_bytes());
    }

    #[test]
    fn an_odd_last_byte_is_marked_as_bad() {
        let mut text = Vec::new();
        assert_eq!(from_utf16(b"a\0b", Endian::Little, true, &mut text), 3);
        assert_eq!(text, b"a\xFF");
    }
}
