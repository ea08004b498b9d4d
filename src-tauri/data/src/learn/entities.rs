//! How well entities are found: whole entities of the right type at the right place count, as seqeval has it
//! where nothing else is said (<https://github.com/chakki-works/seqeval>), after the script of CoNLL 2000.

use std::collections::{BTreeMap, BTreeSet};

/// How well entities are found, in all or of one type. A figure without anything to divide by is 0.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct EntityFigures {
    /// Of the entities found, the share that is right.
    pub precision: f64,
    /// Of the right entities, the share that was found.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
    /// Right entities.
    pub support: u64,
}

/// How well all entities are found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EntityReport {
    /// All of them together.
    pub all: EntityFigures,
    /// The mean of the types' F1.
    pub macro_f1: f64,
    /// Words with their right label.
    pub accuracy: f64,
    /// By type, in the order of the alphabet.
    pub types: Vec<(String, EntityFigures)>,
}

/// An entity: its type, its first word and its last.
type Entity<'a> = (&'a str, usize, usize);

fn split(label: &str) -> (&str, &str) {
    label.split_once('-').unwrap_or((label, ""))
}

/// The entities of a sentence's labels. An `I-` that follows nothing of its type begins one.
fn entities<'a>(labels: &[&'a str]) -> BTreeSet<Entity<'a>> {
    let mut found = BTreeSet::new();
    let mut open: Option<(&str, usize)> = None;
    for (at, label) in labels.iter().copied().chain(["O"]).enumerate() {
        let (mark, kind) = split(label);
        let goes_on = mark == "I" && open.is_some_and(|(before, _)| before == kind);
        if goes_on {
            continue;
        }
        if let Some((kind, first)) = open.take() {
            found.insert((kind, first, at - 1));
        }
        if mark != "O" {
            open = Some((kind, at));
        }
    }
    found
}

fn figures(hits: u64, found: u64, right: u64) -> EntityFigures {
    let over = |part: u64, all: u64| if all == 0 { 0.0 } else { part as f64 / all as f64 };
    EntityFigures {
        precision: over(hits, found),
        recall: over(hits, right),
        f1: over(2 * hits, found + right),
        support: right,
    }
}

/// Compares the labels that were found with those that are right, sentence by sentence.
///
/// # Panics
/// When a sentence has not as many of both.
#[must_use]
pub fn entity_report(sentences: &[(Vec<&str>, Vec<&str>)]) -> EntityReport {
    // Of every type: entities that are both, found, and right.
    let mut counts: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
    let (mut same, mut words) = (0_u64, 0_u64);
    for (right, found) in sentences {
        assert_eq!(right.len(), found.len(), "labels of a sentence");
        words += right.len() as u64;
        same += right.iter().zip(found).filter(|(one, other)| one == other).count() as u64;
        let (right, found) = (entities(right), entities(found));
        for one in &found {
            let count = counts.entry(one.0).or_default();
            count[0] += u64::from(right.contains(one));
            count[1] += 1;
        }
        right.iter().for_each(|one| counts.entry(one.0).or_default()[2] += 1);
    }
    let sum = |at: usize| counts.values().map(|count| count[at]).sum();
    let types: Vec<_> = counts
        .iter()
        .map(|(kind, [hits, found, right])| ((*kind).to_owned(), figures(*hits, *found, *right)))
        .collect();
    EntityReport {
        all: figures(sum(0), sum(1), sum(2)),
        macro_f1: types.iter().map(|(_, one)| one.f1).sum::<f64>() / types.len().max(1) as f64,
        accuracy: if words == 0 { 0.0 } else { same as f64 / words as f64 },
        types,
    }
}
