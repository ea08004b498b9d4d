//! Which encoding the bytes are in.

use rayon::prelude::*;

use super::decode::utf8;
use super::tally::count;
use super::{Encoding, FileError, Input};
use crate::progress::Progress;

/// Bytes looked at in one go.
const CHUNK: u64 = 4 << 20;

/// How many characters beyond ASCII are well-formed UTF-8, and how many runs of bytes are not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Weight {
    good: u64,
    bad: u64,
}

impl Weight {
    /// UTF-8 unless the bad are at least as many: a stray byte does not unmake a UTF-8 file, while
    /// in Windows-1252 text two accented letters rarely look like one of UTF-8.
    pub(crate) fn encoding(self) -> Encoding {
        if self.bad == 0 || self.good > self.bad { Encoding::Utf8 } else { Encoding::Windows1252 }
    }

    fn plus(self, other: Self) -> Self {
        Self { good: self.good + other.good, bad: self.bad + other.bad }
    }
}

/// Weighs `bytes`; a character cut at the end counts for nothing unless `complete`.
pub(crate) fn weigh(bytes: &[u8], complete: bool) -> Weight {
    let leads = |good: &[u8]| count(good, |&byte| byte >= 0xC0);
    if utf8(bytes).is_ok() {
        return Weight { good: leads(bytes), bad: 0 };
    }
    let mut weight = Weight::default();
    let mut left = bytes.len();
    for chunk in bytes.utf8_chunks() {
        weight.good += leads(chunk.valid().as_bytes());
        left -= chunk.valid().len() + chunk.invalid().len();
        let cut = left == 0 && !complete && could_go_on(chunk.invalid());
        weight.bad += u64::from(!chunk.invalid().is_empty() && !cut);
    }
    weight
}

/// Whether a broken sequence at the end could be the start of a character.
fn could_go_on(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

/// The encoding of bytes that are all there is.
pub(crate) fn encoding_of(bytes: &[u8]) -> Encoding {
    certain(bytes).unwrap_or_else(|| weigh(bytes, true).encoding())
}

/// Weighs the whole file, in parallel.
pub(crate) fn weigh_file(input: &Input, progress: &dyn Progress) -> Result<Weight, FileError> {
    (0..input.len().div_ceil(CHUNK))
        .into_par_iter()
        .map_init(Vec::new, |buffer: &mut Vec<u8>, index| {
            progress.check()?;
            let start = index * CHUNK;
            buffer.clear();
            input.read_at(start, CHUNK as usize + 3, buffer)?;
            let from = if index == 0 { 0 } else { boundary(buffer, 0) };
            let to = boundary(buffer, (CHUNK as usize).min(buffer.len()));
            Ok(weigh(buffer.get(from..to).unwrap_or_default(), true))
        })
        .try_reduce(Weight::default, |one, other| Ok(one.plus(other)))
}

/// The first byte from `at` on that can begin a character, three bytes further at most: a place
/// that both neighbours of a cut find alike.
fn boundary(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let inside = rest.iter().take(3).take_while(|&&byte| byte & 0xC0 == 0x80).count();
    at + inside
}

/// The encoding that a byte order mark names, or UTF-16 seen by its zero bytes.
pub(crate) fn certain(sample: &[u8]) -> Option<Encoding> {
    let marked = [Encoding::Utf8Bom, Encoding::Utf16Le, Encoding::Utf16Be];
    marked.into_iter().find(|encoding| sample.starts_with(encoding.mark())).or_else(|| {
        let pairs = sample.as_chunks::<2>().0;
        let zeros = |which: usize| pairs.iter().filter(|pair| pair[which] == 0).count();
        let (even, odd) = (zeros(0), zeros(1));
        // Latin text has one zero byte in nearly every unit, always on the same side.
        let mostly = |zeros: usize| zeros * 10 >= pairs.len() * 7;
        let hardly = |zeros: usize| zeros * 20 <= pairs.len();
        match (pairs.len() >= 2, even, odd) {
            (true, even, odd) if mostly(odd) && hardly(even) => Some(Encoding::Utf16Le),
            (true, even, odd) if mostly(even) && hardly(odd) => Some(Encoding::Utf16Be),
            _ => None,
        }
    })
}

/// What the bytes are if they are clearly no text.
pub(crate) fn other_format(sample: &[u8]) -> Option<&'static str> {
    const SIGNS: [(&[u8], &str); 12] = [
        (b"PK\x03\x04", "a ZIP archive or an Office file"),
        (b"%PDF-", "a PDF"),
        (b"\x89PNG\r\n\x1A\n", "a PNG picture"),
        (b"\xFF\xD8\xFF", "a JPEG picture"),
        (b"GIF8", "a GIF picture"),
        (b"\x1F\x8B", "a gzip archive"),
        (b"PAR1", "a Parquet file"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Office file"),
        (b"SQLite format 3\0", "a SQLite database"),
        (b"7z\xBC\xAF\x27\x1C", "a 7z archive"),
        (b"\x28\xB5\x2F\xFD", "a Zstandard archive"),
        (b"\x7FELF", "a program"),
    ];
    SIGNS.iter().find(|(sign, _)| sample.starts_with(sign)).map(|&(_, what)| what)
}

/// Whether more than a tenth of `text` is control characters that text does not use.
pub(crate) fn is_binary(text: &[u8]) -> bool {
    let control = |byte: &&u8| matches!(byte, 0..=8 | 11 | 14..=31 | 127);
    text.iter().filter(control).count() * 10 > text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Unwatched;

    #[test]
    fn a_character_across_a_cut_is_whole() {
        for shift in 0..4 {
            let mut bytes = vec![b'a'; CHUNK as usize - shift];
            bytes.extend_from_slice("€€€\u{1F600}".as_bytes());
            bytes.extend_from_slice(b"\xE7");
            let input = Input::spool("cut", bytes.as_slice()).unwrap();
            let weight = weigh_file(&input, &Unwatched).unwrap();
            assert_eq!(weight, Weight { good: 4, bad: 1 });
        }
    }

    #[test]
    fn majority_decides() {
        assert_eq!(weigh("é".as_bytes(), true).encoding(), Encoding::Utf8);
        assert_eq!(weigh(b"a\xE9b", true).encoding(), Encoding::Windows1252);
        assert_eq!(weigh(b"\xC3\xA9\xC3\xA9 \xE9b", true).encoding(), Encoding::Utf8);
        assert_eq!(weigh(b"a\xC3", false).encoding(), Encoding::Utf8);
        assert_eq!(weigh(b"a\xC3", true).encoding(), Encoding::Windows1252);
    }

    #[test]
    fn utf16_is_seen_without_a_mark() {
        let raw: Vec<u8> = "nome;ação\n1;2\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(certain(&raw), Some(Encoding::Utf16Be));
        assert_eq!(certain(b"a\0"), None);
        assert_eq!(certain(b"nome;x\n\0;2\n"), None);
    }
}
