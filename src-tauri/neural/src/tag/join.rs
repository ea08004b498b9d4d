//! Labelled tokens into entities, as the token classification pipeline of transformers does it.

use crate::tokens::Place;

/// The label of what is no entity.
const OUTSIDE: &str = "O";

/// How tokens that disagree are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// Neighbours of one type, token by token: `aggregation_strategy="simple"`.
    Simple,
    /// A word has the label of its first token: `aggregation_strategy="first"`.
    First,
}

/// An entity in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// Its type, without `B-` and `I-`.
    pub kind: String,
    /// Its first character.
    pub start: usize,
    /// The character after its last.
    pub end: usize,
    /// The mean of its parts' scores, between 0 and 1.
    pub score: f32,
}

/// The best label of a token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Guess {
    pub(super) label: usize,
    pub(super) score: f32,
}

/// A token or a word with its label.
struct Part<'a> {
    label: &'a str,
    score: f32,
    start: usize,
    end: usize,
}

impl Join {
    /// The entities of a window; `spaces` says of every character of its text whether it is a space.
    pub(super) fn entities(
        self,
        places: &[Place],
        guesses: &[Guess],
        spaces: &[bool],
        labels: &[String],
    ) -> Vec<Entity> {
        let mut parts: Vec<Part> = Vec::new();
        for (place, guess) in places.iter().zip(guesses).filter(|(place, _)| place.part.is_some()) {
            match parts.last_mut() {
                Some(word) if self == Self::First && goes_on(place, spaces) => word.end = place.end,
                _ => parts.push(Part {
                    label: &labels[guess.label],
                    score: guess.score,
                    start: place.start,
                    end: place.end,
                }),
            }
        }
        let same = |one: &Part, next: &Part| {
            let ((_, before), (begins, after)) = (split(one.label), split(next.label));
            before == after && !begins
        };
        parts
            .chunk_by(same)
            .filter(|parts| parts[0].label != OUTSIDE)
            .map(|parts| Entity {
                kind: parts[0]
                    .label
                    .split_once('-')
                    .map_or(parts[0].label, |(_, kind)| kind)
                    .to_owned(),
                start: parts[0].start,
                end: parts[parts.len() - 1].end,
                score: parts.iter().map(|part| part.score).sum::<f32>() / parts.len() as f32,
            })
            .collect()
    }
}

/// Whether a token goes on with the word before it. Where tokens do not tell, a space would.
fn goes_on(place: &Place, spaces: &[bool]) -> bool {
    let is_space = |at: usize| spaces.get(at).copied().unwrap_or_default();
    place
        .inside
        .unwrap_or_else(|| place.start > 0 && !is_space(place.start - 1) && !is_space(place.start))
}

/// Whether a label begins an entity, and of which type.
fn split(label: &str) -> (bool, &str) {
    match (label.strip_prefix("B-"), label.strip_prefix("I-")) {
        (Some(kind), _) => (true, kind),
        (None, Some(kind)) => (false, kind),
        (None, None) => (false, label),
    }
}

/// Of entities that overlap, because windows do, the longest; of equal ones the surest.
pub(super) fn over_windows(mut entities: Vec<Entity>) -> Vec<Entity> {
    entities.sort_by_key(|entity| entity.start);
    let mut kept: Vec<Entity> = Vec::new();
    for entity in entities {
        match kept.last_mut() {
            Some(before) if entity.start < before.end => {
                let (new, old) = (entity.end - entity.start, before.end - before.start);
                if new > old || new == old && entity.score > before.score {
                    *before = entity;
                }
            }
            _ => kept.push(entity),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(start: usize, end: usize, score: f32) -> Entity {
        Entity { kind: "PER".to_owned(), start, end, score }
    }

    #[test]
    fn of_overlapping_entities_the_longest_stays() {
        let all =
            [entity(0, 4, 0.9), entity(10, 14, 0.5), entity(10, 19, 0.4), entity(30, 33, 0.2)];
        let kept = over_windows([&all[..], &[entity(30, 33, 0.8)]].concat());
        let spans: Vec<_> =
            kept.iter().map(|entity| (entity.start, entity.end, entity.score)).collect();
        assert_eq!(spans, [(0, 4, 0.9), (10, 19, 0.4), (30, 33, 0.8)]);
    }
}
