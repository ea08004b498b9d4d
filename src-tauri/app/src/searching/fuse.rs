//! Two rankings into one: reciprocal rank fusion (Cormack, Clarke and Büttcher 2009,
//! <https://doi.org/10.1145/1571941.1572114>).

use std::collections::HashMap;

use super::words::Match;
use crate::ops::search::SearchReason;

/// As the paper has it: how little the very first places weigh over those that follow.
const K: f64 = 60.0;

/// A row, its score and what each way made of it.
pub(super) type Found = (u64, f64, SearchReason);

/// The rows of both rankings, the best first; of equal ones the earlier row.
pub(super) fn fuse(words: &[Match], vectors: &[Match]) -> Vec<Found> {
    let mut found: HashMap<u64, (f64, SearchReason)> = HashMap::new();
    for (at, &(row, score)) in words.iter().enumerate() {
        let (sum, why) = found.entry(row).or_default();
        *sum += 1.0 / (K + at as f64 + 1.0);
        (why.words_rank, why.words_score) = (Some(at as u32 + 1), Some(score));
    }
    for (at, &(row, score)) in vectors.iter().enumerate() {
        let (sum, why) = found.entry(row).or_default();
        *sum += 1.0 / (K + at as f64 + 1.0);
        (why.vector_rank, why.similarity) = (Some(at as u32 + 1), Some(score));
    }
    let mut all: Vec<Found> = found.into_iter().map(|(row, (sum, why))| (row, sum, why)).collect();
    all.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    all
}

/// One ranking alone, its own scores kept.
pub(super) fn alone(words: &[Match], vectors: &[Match]) -> Vec<Found> {
    let mut all = fuse(words, vectors);
    for (_, score, why) in &mut all {
        *score = why.words_score.or(why.similarity).unwrap_or_default();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_found_comes_first() {
        let found = fuse(&[(7, 9.0), (1, 8.0)], &[(3, 0.9), (1, 0.8)]);
        assert_eq!(found.iter().map(|one| one.0).collect::<Vec<_>>(), [1, 3, 7]);
        let (_, score, why) = found[0];
        assert_eq!((why.words_rank, why.vector_rank), (Some(2), Some(2)));
        assert!((score - 2.0 / 62.0).abs() < 1e-12);
        let words = alone(&[(7, 9.0), (1, 8.0)], &[]);
        assert_eq!(
            words.iter().map(|one| (one.0, one.1)).collect::<Vec<_>>(),
            [(7, 9.0), (1, 8.0)]
        );
    }
}
