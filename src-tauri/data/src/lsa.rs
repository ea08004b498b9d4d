//! Latent semantic analysis (Deerwester et al. 1990,
//! <https://doi.org/10.1002/(SICI)1097-4571(199009)41:6%3C391::AID-ASI1%3E3.0.CO;2-9>): vectors of texts
//! out of a table's own words, without any model. Texts that share no word but words with a common
//! neighbourhood lie near each other.

use crate::progress::{Cancelled, Progress};
use crate::project2d::{self, Dense, Directions, ProjectError};
use crate::text::TokenParams;
use crate::tfidf::{
    DocumentFrequency, SparseRows, TermCounter, TfidfError, TfidfParams, Vocabulary, fit,
};

/// Most words that count, the most frequent first: beyond them the work grows and little is learnt.
const MOST_TERMS: usize = 20_000;
/// How often the estimate is refined: more finds nothing better.
const ROUNDS: usize = 3;
/// Rows from which on a word must stand in two of them.
const MANY_ROWS: u64 = 100;

/// How text becomes words here: accents come off, as in a search by words.
#[must_use]
pub fn token_params() -> TokenParams {
    TokenParams { strip_accents: true }
}

/// What was learnt of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Lsa {
    /// Its words.
    pub vocabulary: Vocabulary,
    /// Where they point.
    pub directions: Directions,
}

/// Why nothing was learnt.
#[derive(Debug, thiserror::Error)]
pub enum LsaError {
    /// There are no words.
    #[error(transparent)]
    Words(#[from] TfidfError),
    /// The caller wanted the work to stop, or the numbers are none.
    #[error(transparent)]
    Project(#[from] ProjectError),
}

impl From<Cancelled> for LsaError {
    fn from(stopped: Cancelled) -> Self {
        Self::Words(stopped.into())
    }
}

/// Rows weighed for the analysis: the logarithm of a word's count, its rarity, a length of 1.
struct Weighed<'a>(&'a SparseRows);

impl project2d::SparseRows for Weighed<'_> {
    fn rows(&self) -> usize {
        self.0.len()
    }

    fn columns(&self) -> usize {
        self.0.features()
    }

    fn for_each(&self, row: usize, f: &mut dyn FnMut(usize, f32)) {
        let entries = self.0.row(row).entries.iter();
        let mut counts: Vec<(usize, f64)> =
            entries.map(|entry| (entry.feature(), f64::from(entry.count()))).collect();
        // A large count stands in several entries.
        counts.sort_unstable_by_key(|one| one.0);
        counts.dedup_by(|more, kept| {
            let same = more.0 == kept.0;
            kept.1 += if same { more.1 } else { 0.0 };
            same
        });
        let idf = self.0.idf();
        let weight = |&(feature, count): &(usize, f64)| (1.0 + count.ln()) * idf[feature];
        let length = counts.iter().map(|one| weight(one).powi(2)).sum::<f64>().sqrt();
        for one in &counts {
            f(one.0, (weight(one) / length) as f32);
        }
    }
}

impl Lsa {
    /// Learns from counted texts, and gives their vectors too: `dims` numbers each, fewer where there
    /// are fewer words. The counters must have been made with [`token_params`]. Steps: those of
    /// [`fit`], `reduce` (rows).
    ///
    /// # Errors
    /// [`LsaError::Words`] when there are none.
    pub fn fit(
        counters: Vec<TermCounter>,
        rows: u64,
        dims: usize,
        seed: u64,
        progress: &dyn Progress,
    ) -> Result<(Self, Dense), LsaError> {
        let least = if rows < MANY_ROWS { 1 } else { 2 };
        let params = TfidfParams {
            max_features: Some(MOST_TERMS),
            min_df: DocumentFrequency::Count(least),
            max_df: DocumentFrequency::Fraction(1.0),
            stop_words: Vec::new(),
        };
        let (vocabulary, rows) = fit(counters, &params, progress)?;
        let directions = Directions::of(&Weighed(&rows), dims, Some(ROUNDS), seed, progress)?;
        let vectors = directions.project(&Weighed(&rows), progress)?;
        Ok((Self { vocabulary, directions }, vectors))
    }

    /// The vector of another text; all noughts where none of its words is known.
    ///
    /// # Errors
    /// A stop.
    pub fn vector(&self, text: &str, progress: &dyn Progress) -> Result<Vec<f32>, LsaError> {
        let mut counter = TermCounter::new(token_params());
        counter.begin_block(0);
        counter.text(text.as_bytes());
        counter.end_document();
        let rows = self.vocabulary.transform(vec![counter], progress)?;
        Ok(self.directions.project(&Weighed(&rows), progress)?.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Unwatched;

    #[test]
    fn texts_without_a_common_word_can_be_near() {
        let texts = [
            "boleto vencido multa",
            "multa juros atraso",
            "boleto vencido juros",
            "consulta paciente médico",
            "paciente exame médico",
            "consulta exame agenda",
        ];
        let mut counter = TermCounter::new(token_params());
        counter.begin_block(0);
        for text in texts {
            counter.text(text.as_bytes());
            counter.end_document();
        }
        let (lsa, vectors) = Lsa::fit(vec![counter], 6, 2, 42, &Unwatched).unwrap();
        assert_eq!((vectors.rows, vectors.dims), (6, 2));
        let near = |one: &[f32], other: &[f32]| {
            let length = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>().sqrt();
            let product: f32 = one.iter().zip(other).map(|(a, b)| a * b).sum();
            product / (length(one) * length(other))
        };
        let vector = |text: &str| lsa.vector(text, &Unwatched).unwrap();
        // The first text and "atraso" have no word in common.
        assert!(near(&vector("ATRASO"), &vectors.values[..2]) > 0.9);
        assert!(near(&vector("medico"), &vectors.values[..2]).abs() < 0.1);
        // A text that was learnt from gets the vector that it got then.
        for (a, b) in vector(texts[3]).iter().zip(&vectors.values[6..8]) {
            assert!((a - b).abs() < 1e-6);
        }
        assert_eq!(vector("xyz"), [0.0, 0.0]);
    }
}
