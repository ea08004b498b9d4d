//! Where three letters may stand side by side: a test of every byte that leaves few places to look at.

use super::fold::has_variants;

/// Bytes looked at together; the compiler makes vector instructions of the loop over them.
const LANES: usize = 64;

/// Places of a long text among which the rarest is sought.
const MOST_PLACES: usize = 32;

/// Bytes that a letter's spellings may begin, or end, with.
#[derive(Debug, Clone, Copy)]
struct Class {
    /// The letter in ASCII, bit 5 set, in which its two cases differ.
    ascii: u8,
    /// The first of a run of bytes that hold too, and how many they are.
    from: u8,
    count: u8,
}

impl Class {
    const ANY: Self = Self { ascii: 0, from: 0, count: u8::MAX };

    fn new(letter: char, from: u8, count: u8) -> Self {
        Self { ascii: u8::try_from(letter).map_or(u8::MAX, |byte| byte | 0x20), from, count }
    }

    /// Last bytes of the letter.
    fn ending(letter: char) -> Self {
        // Of a letter beyond ASCII: a continuation byte of UTF-8.
        Self::new(letter, 0x80, if has_variants(letter) { 0x40 } else { 0 })
    }

    /// First bytes of the letter, and of accents before it that are marks of their own.
    fn beginning(letter: char) -> Self {
        // Leading bytes of UTF-8: all of them, or those of U+0300 to U+036F.
        if has_variants(letter) {
            Self::new(letter, 0xC2, 0x33)
        } else {
            Self::new(letter, 0xCC, 2)
        }
    }

    #[inline(always)]
    fn holds(self, byte: u8) -> bool {
        self.is_ascii(byte) | self.is_other(byte)
    }

    #[inline(always)]
    fn is_ascii(self, byte: u8) -> bool {
        byte | 0x20 == self.ascii
    }

    #[inline(always)]
    fn is_other(self, byte: u8) -> bool {
        byte.wrapping_sub(self.from) < self.count
    }
}

/// A letter of a text and the two after it, fewer at the end of a short one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trigram {
    /// The place of the first among the text's letters.
    pub(super) place: usize,
    first: Class,
    second: Class,
    third: Class,
    /// How many letters the text has from the first of them on.
    count: usize,
}

impl Trigram {
    /// The trigram of a folded text that `sample` holds least often.
    pub(super) fn rarest(letters: &[char], sample: &[u8]) -> Option<Self> {
        let places = 0..letters.len().saturating_sub(2).clamp(1, MOST_PLACES);
        places
            .filter_map(|place| Self::at(letters, place))
            .min_by_key(|three| three.count_in(sample))
    }

    fn at(letters: &[char], place: usize) -> Option<Self> {
        let beginning = |at: usize| letters.get(place + at).copied().map(Class::beginning);
        Some(Self {
            place,
            first: Class::ending(*letters.get(place)?),
            second: beginning(1).unwrap_or(Class::ANY),
            third: beginning(2).unwrap_or(Class::ANY),
            count: letters.len() - place,
        })
    }

    fn count_in(self, bytes: &[u8]) -> usize {
        bytes.array_windows().filter(|&&[one, two, three]| self.holds(one, two, three)).count()
    }

    /// Whether the first letter may end with `one` and the others go on with `two` and `three`.
    #[inline(always)]
    fn holds(self, one: u8, two: u8, three: u8) -> bool {
        // Where the second takes several bytes, or an accent follows the first, the third is further off.
        let second =
            self.second.is_ascii(two) & self.third.holds(three) | self.second.is_other(two);
        self.first.holds(one) & second
    }

    /// As [`Self::holds`], near the end, where nothing may follow.
    fn holds_at(self, bytes: &[u8], at: usize) -> bool {
        let next = |ahead: usize| bytes.get(at + ahead).copied();
        match (next(1), next(2)) {
            (Some(two), Some(three)) => self.holds(bytes[at], two, three),
            (Some(two), None) => {
                self.count < 3 && self.first.holds(bytes[at]) && self.second.holds(two)
            }
            _ => self.count < 2 && self.first.holds(bytes[at]),
        }
    }

    /// Calls `look` with the last byte of every place where the first letter may stand before the
    /// others, from `from` on, ascending. It says from where on to go on.
    pub(super) fn each(self, bytes: &[u8], from: usize, look: impl FnMut(usize) -> usize) {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            return unsafe { self.each_avx2(bytes, from, look) };
        }
        self.each_any(bytes, from, look);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn each_avx2(self, bytes: &[u8], from: usize, look: impl FnMut(usize) -> usize) {
        self.each_any(bytes, from, look);
    }

    #[inline(always)]
    fn each_any(self, bytes: &[u8], from: usize, mut look: impl FnMut(usize) -> usize) {
        let mut at = from;
        while let (Some(one), Some(two), Some(three)) =
            (lanes(bytes, at), lanes(bytes, at + 1), lanes(bytes, at + 2))
        {
            let mut holds = [0; LANES];
            for lane in 0..LANES {
                holds[lane] = u8::from(self.holds(one[lane], two[lane], three[lane]));
            }
            let mut places = places(&holds);
            let end = at + LANES;
            while places != 0 {
                let place = end - LANES + places.trailing_zeros() as usize;
                at = look(place).max(place + 1);
                if at >= end {
                    break;
                }
                places &= u64::MAX << (at + LANES - end);
            }
            at = at.max(end);
        }
        while at < bytes.len() {
            at = if self.holds_at(bytes, at) { look(at).max(at + 1) } else { at + 1 };
        }
    }
}

#[inline(always)]
fn lanes(bytes: &[u8], at: usize) -> Option<&[u8; LANES]> {
    bytes.get(at..)?.first_chunk()
}

/// The lanes that are 1, as bits.
#[inline(always)]
fn places(lanes: &[u8; LANES]) -> u64 {
    let (words, _) = lanes.as_chunks::<8>();
    let any = words.iter().fold(0, |any, word| any | u64::from_le_bytes(*word));
    if any == 0 {
        return 0;
    }
    words.iter().enumerate().fold(0, |places, (at, word)| {
        // The lowest bits of eight bytes, gathered in the highest byte of the product.
        let eight = u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        places | eight << (8 * at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rarest(text: &str, sample: &str) -> Trigram {
        let letters: Vec<_> = text.chars().collect();
        Trigram::rarest(&letters, sample.as_bytes()).unwrap()
    }

    #[test]
    fn every_place_is_looked_at_and_what_is_passed_over_is_not() {
        let text = "prazo. ".repeat(30) + "PR";
        let mut seen = Vec::new();
        rarest("pr", "").each(text.as_bytes(), 3, |at| {
            seen.push(at);
            if at == 70 { 120 } else { at }
        });
        let words = (1..30).map(|word| 7 * word).filter(|at| !(71..120).contains(at));
        assert_eq!(seen, words.chain([210]).collect::<Vec<_>>());
    }

    #[test]
    fn the_rarest_trigram_is_taken() {
        assert_eq!(rarest("acao", "aca ACA aça cab").place, 1);
        assert_eq!(rarest("x", "").place, 0);
        assert!(Trigram::rarest(&[], b"").is_none());
    }

    #[test]
    fn the_end_may_follow_the_last_letter_only() {
        for (text, expected) in [("z", 1), ("az", 1), ("raz", 1), ("zp", 0), ("zpr", 0), ("azp", 0)]
        {
            let mut looks = 0;
            rarest(text, "").each(b"praz", 0, |at| {
                looks += 1;
                at
            });
            assert_eq!(looks, expected, "{text}");
        }
    }
}
