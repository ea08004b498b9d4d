//! Two searches into one, by their scores: what a convex combination does better than joining ranks
//! (Bruch, Gai and Ingber 2023, <https://doi.org/10.1145/3596512>).

use std::collections::HashMap;

use super::words::Match;
use crate::ops::search::SearchReason;

/// A row, its score and what each way made of it.
pub(super) type Found = (u64, f64, SearchReason);

/// The rows of both searches, the best first; of equal ones the earlier row. A row's score is its BM25
/// as a share of the query's best, and its cosine `weight` times; `similarity` gives the cosine of a row
/// that words found and vectors did not.
pub(super) fn fuse(
    words: &[Match],
    vectors: &[Match],
    similarity: impl Fn(u64) -> f64,
    weight: f64,
) -> Vec<Found> {
    let best = words.first().map_or(1.0, |one| one.1.max(f64::MIN_POSITIVE));
    let mut found: HashMap<u64, SearchReason> = HashMap::new();
    for (at, &(row, score)) in words.iter().enumerate() {
        let why = found.entry(row).or_default();
        (why.words_rank, why.words_score) = (Some(at as u32 + 1), Some(score));
    }
    for (at, &(row, score)) in vectors.iter().enumerate() {
        let why = found.entry(row).or_default();
        (why.vector_rank, why.similarity) = (Some(at as u32 + 1), Some(score));
    }
    let scored = found.into_iter().map(|(row, mut why)| {
        let cosine = *why.similarity.get_or_insert_with(|| similarity(row));
        (row, why.words_score.unwrap_or(0.0) / best + weight * cosine, why)
    });
    sorted(scored.collect())
}

fn sorted(mut all: Vec<Found>) -> Vec<Found> {
    all.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    all
}

/// A search by words alone, its own scores kept.
pub(super) fn by_words(words: &[Match]) -> Vec<Found> {
    let found = words.iter().enumerate().map(|(at, &(row, score))| {
        let (words_rank, words_score) = (Some(at as u32 + 1), Some(score));
        (row, score, SearchReason { words_rank, words_score, ..SearchReason::default() })
    });
    found.collect()
}

/// A search by vectors alone, its own scores kept.
pub(super) fn by_vectors(vectors: &[Match]) -> Vec<Found> {
    let found = vectors.iter().enumerate().map(|(at, &(row, score))| {
        let (vector_rank, similarity) = (Some(at as u32 + 1), Some(score));
        (row, score, SearchReason { vector_rank, similarity, ..SearchReason::default() })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_found_comes_first_and_a_weak_second_opinion_turns_nothing_over() {
        let words = [(7, 9.0), (1, 8.0), (2, 0.9)];
        let vectors = [(3, 0.9), (1, 0.8)];
        let similarity = |row: u64| if row == 7 { 0.1 } else { 0.0 };
        let found = fuse(&words, &vectors, similarity, 0.5);
        assert_eq!(found.iter().map(|one| one.0).collect::<Vec<_>>(), [1, 7, 3, 2]);
        let (_, score, why) = found[0];
        assert_eq!((why.words_rank, why.vector_rank), (Some(2), Some(2)));
        assert!((score - (8.0 / 9.0 + 0.4)).abs() < 1e-12);
        assert_eq!((found[1].2.vector_rank, found[1].2.similarity), (None, Some(0.1)));
        assert_eq!(fuse(&[], &vectors, similarity, 0.5)[0].0, 3);
        let alone = by_words(&words);
        assert_eq!((alone[0].0, alone[0].1, alone[2].2.words_rank), (7, 9.0, Some(3)));
    }
}
