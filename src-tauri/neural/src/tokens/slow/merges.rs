//! Merges that a vocabulary stands for: SentencePiece keeps the pieces that came of merging, and what
//! is merged first is what has the best score.

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;

pub(crate) use tokenizers::models::bpe::Vocab as Vocabulary;

/// Two tokens that become one.
pub(crate) type Pair = (String, String);

/// Which piece is merged first.
#[derive(Debug, Clone, Copy)]
pub(crate) enum First<'a> {
    /// The one that comes first.
    Earlier,
    /// The one of the higher score.
    Better(&'a [f64]),
}

/// Every way of making a piece out of two others, in the order in which they are to be tried.
pub(crate) fn of_pieces(pieces: &[&str], first: First) -> Vec<Pair> {
    // Of two pieces that are the same, the later counts.
    let ids: HashMap<&str, usize> =
        pieces.iter().enumerate().map(|(id, &piece)| (piece, id)).collect();
    let mut found = Vec::new();
    for (id, piece) in pieces.iter().enumerate().filter(|&(id, piece)| ids[piece] == id) {
        let mut ways: Vec<_> = piece
            .char_indices()
            .skip(1)
            .map(|(at, _)| piece.split_at(at))
            .filter_map(|(left, right)| Some((left, right, (*ids.get(left)?, *ids.get(right)?))))
            .collect();
        ways.sort_by_key(|&(.., ids)| ids);
        found.extend(ways.into_iter().map(|(left, right, _)| {
            (id, (left.chars().count(), right.chars().count()), (left, right))
        }));
    }
    match first {
        First::Earlier => found.sort_by_key(|&(id, lengths, _)| (id, lengths)),
        First::Better(scores) => {
            let score = |id: usize| scores.get(id).copied().unwrap_or(f64::MIN);
            found.sort_by(|&(one, these, _), &(other, those, _)| {
                let better = score(other).partial_cmp(&score(one)).unwrap_or(Ordering::Equal);
                better.then(Reverse(these).cmp(&Reverse(those)))
            });
        }
    }
    found.into_iter().map(|(.., (left, right))| (left.to_owned(), right.to_owned())).collect()
}

/// Whether the tokens of every pair, and what becomes of them, are in the vocabulary: the library
/// takes it for granted.
pub(crate) fn check(pairs: &[Pair], knows: impl Fn(&str) -> bool) -> Result<(), String> {
    let mut whole = String::new();
    for (left, right) in pairs {
        whole.clear();
        whole.push_str(left);
        whole.push_str(right);
        if let Some(token) = [left, right, &whole].into_iter().find(|token| !knows(token)) {
            return Err(format!("{left} {right} merges to {whole}, but there is no {token}"));
        }
    }
    Ok(())
}
