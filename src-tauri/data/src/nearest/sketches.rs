//! A bit for every number of many vectors, and what is needed to tell a cosine from them.

use std::io::{self, Read, Write};

use super::rotation::Rotation;
use super::scan::{LANES, Word};

/// Begins a file of sketches.
const MAGIC: &[u8; 8] = b"MIRSKT01";

/// Sketches of vectors of one width, all 1 long or nought.
#[derive(Debug, Clone)]
pub struct Sketches {
    /// What is taken off every vector before its signs are: what they have in common says nothing.
    centre: Vec<f32>,
    rotation: Rotation,
    /// [`LANES`] rows side by side, word by word.
    codes: Vec<Word>,
    terms: Vec<Terms>,
}

/// What a row's bits leave out. With `v` the rotated difference of query and centre, the row's product
/// with it is about `scale × (sum of v where the bit is set − where it is not)`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Terms {
    /// The square of the length of its difference from the centre, by the sum of its numbers.
    pub(super) scale: f32,
    /// Its product with the centre.
    pub(super) offset: f32,
    /// How far off the product is, for a `v` of length 1: one standard deviation.
    pub(super) error: f32,
    /// Bits that are set.
    pub(super) set: f32,
}

impl Sketches {
    /// None yet; `centre` should be the mean of the vectors that are to come.
    #[must_use]
    pub fn new(centre: Vec<f32>) -> Self {
        let rotation = Rotation::new(centre.len());
        Self { centre, rotation, codes: Vec::new(), terms: Vec::new() }
    }

    /// Rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.terms.len()
    }

    /// Numbers of a vector.
    #[must_use]
    pub fn width(&self) -> usize {
        self.centre.len()
    }

    /// Bytes in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(&self.codes[..]) + size_of_val(&self.terms[..])
    }

    /// Words of a row.
    pub(super) fn words(&self) -> usize {
        self.centre.len().div_ceil(u64::BITS as usize)
    }

    pub(super) fn codes(&self) -> &[Word] {
        &self.codes
    }

    pub(super) fn terms(&self) -> &[Terms] {
        &self.terms
    }

    /// A vector's difference from the centre, rotated, and its product with the centre.
    pub(super) fn turned(&self, vector: &[f32]) -> (Vec<f32>, f32) {
        let offset = vector.iter().zip(&self.centre).map(|(x, mean)| x * mean).sum();
        let mut difference: Vec<f32> =
            vector.iter().zip(&self.centre).map(|(x, mean)| x - mean).collect();
        self.rotation.apply(&mut difference);
        (difference, offset)
    }

    /// The centre's product with itself.
    pub(super) fn centre_squared(&self) -> f32 {
        self.centre.iter().map(|x| x * x).sum()
    }

    /// Appends the sketch of a vector.
    ///
    /// # Panics
    /// When it is not as wide as the centre.
    pub fn push(&mut self, vector: &[f32]) {
        assert_eq!(vector.len(), self.width(), "numbers of a vector");
        let (turned, offset) = self.turned(vector);
        let squared: f32 = turned.iter().map(|x| x * x).sum();
        let sum: f32 = turned.iter().map(|x| x.abs()).sum();
        let mut words = vec![0_u64; self.words()];
        for (at, x) in turned.iter().enumerate() {
            words[at / 64] |= u64::from(*x > 0.0) << (at % 64);
        }
        let set = words.iter().map(|word| word.count_ones()).sum::<u32>() as f32;
        let terms = if sum > 0.0 {
            let width = self.width() as f32;
            // The cosine of the vector with its signs, whose square is `share`.
            let share = (sum * sum / (squared * width)).min(1.0);
            let error = (squared * (1.0 - share) / (share * (width - 1.0).max(1.0))).sqrt();
            Terms { scale: squared / sum, offset, error, set }
        } else {
            Terms { offset, set, ..Terms::default() }
        };
        self.append(&words, terms);
    }

    fn append(&mut self, words: &[u64], terms: Terms) {
        let (block, lane) = (self.rows() / LANES * words.len(), self.rows() % LANES);
        if lane == 0 {
            self.codes.resize(block + words.len(), [0; LANES]);
        }
        for (to, word) in self.codes[block..].iter_mut().zip(words) {
            to[lane] = *word;
        }
        self.terms.push(terms);
    }

    /// Writes what comes before the rows.
    ///
    /// # Errors
    /// Those of writing.
    pub fn write_head(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(MAGIC)?;
        out.write_all(&(self.width() as u32).to_le_bytes())?;
        self.centre.iter().try_for_each(|x| out.write_all(&x.to_le_bytes()))
    }

    /// Writes the rows from `from` on: others may be written behind them later.
    ///
    /// # Errors
    /// Those of writing.
    pub fn write_rows(&self, from: usize, out: &mut impl Write) -> io::Result<()> {
        let words = self.words();
        for (row, terms) in self.terms.iter().enumerate().skip(from) {
            for word in &self.codes[row / LANES * words..][..words] {
                out.write_all(&word[row % LANES].to_le_bytes())?;
            }
            for x in [terms.scale, terms.offset, terms.error, terms.set] {
                out.write_all(&x.to_le_bytes())?;
            }
        }
        Ok(())
    }

    /// Bytes of a file of `rows` rows of `width` numbers.
    #[must_use]
    pub fn file_size(width: usize, rows: u64) -> u64 {
        let row = width.div_ceil(64) * 8 + size_of::<Terms>();
        (MAGIC.len() + 4 + width * 4) as u64 + rows * row as u64
    }

    /// Reads the first `rows` rows of a file.
    ///
    /// # Errors
    /// Those of reading; [`io::ErrorKind::InvalidData`] for another file, or another width than `width`.
    pub fn read(from: &mut impl Read, width: usize, rows: u64) -> io::Result<Self> {
        let mut magic = [0; 8];
        from.read_exact(&mut magic)?;
        if &magic != MAGIC || u32::from_le_bytes(number(from)?) as usize != width {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut single = || number(from).map(f32::from_le_bytes);
        let centre = (0..width).map(|_| single()).collect::<io::Result<_>>()?;
        let mut sketches = Self::new(centre);
        let mut words = vec![0; sketches.words()];
        for _ in 0..rows {
            for word in &mut words {
                *word = u64::from_le_bytes(number(from)?);
            }
            let mut single = || number(from).map(f32::from_le_bytes);
            let (scale, offset, error, set) = (single()?, single()?, single()?, single()?);
            sketches.append(&words, Terms { scale, offset, error, set });
        }
        Ok(sketches)
    }
}

fn number<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}
