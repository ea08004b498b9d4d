//! What of a document a rule takes for an answer.

use std::ops::Range;

use super::Rule;

/// What could be the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where it stands, in bytes.
    pub at: Range<usize>,
    /// Characters between it and its anchor; 0 where the rule has none.
    pub away: usize,
}

impl Rule {
    /// All candidates of a text, in its order.
    #[must_use]
    pub fn candidates(&self, text: &str) -> Vec<Candidate> {
        let anchors: Option<Vec<usize>> = self
            .anchors
            .as_ref()
            .map(|anchors| anchors.find_iter(text).map(|found| found.end()).collect());
        let mut candidates = Vec::new();
        for captures in self.pattern.captures_iter(text) {
            let Some(found) = captures.name("answer").or_else(|| captures.get(0)) else { continue };
            let (start, answer) = (found.start(), found.as_str());
            let start = start + answer.len() - answer.trim_start().len();
            let answer = answer.trim();
            let is_excepted = self.except.as_ref().is_some_and(|except| except.is_match(answer));
            let holds = self.check.is_none_or(|check| check.holds(answer));
            if answer.is_empty() || is_excepted || !holds {
                continue;
            }
            let away = anchors.as_deref().map_or(Some(0), |ends| self.away(text, ends, start));
            candidates.extend(away.map(|away| Candidate { at: start..start + answer.len(), away }));
        }
        candidates
    }

    /// How sure a candidate is: 1 where it stands right behind its anchor, or needs none, down to a half at
    /// the end of its reach.
    #[must_use]
    pub fn score(&self, candidate: &Candidate) -> f32 {
        1.0 - candidate.away as f32 / (2 * self.reach.max(1)) as f32
    }

    /// Characters between `start` and the last anchor that ends before it, if it is within reach.
    fn away(&self, text: &str, ends: &[usize], start: usize) -> Option<usize> {
        let before = ends.partition_point(|end| *end <= start).checked_sub(1)?;
        let between = &text[ends[before]..start];
        // A character has four bytes at most; far ones need not be counted.
        (between.len() <= 4 * self.reach)
            .then(|| between.chars().count())
            .filter(|n| *n <= self.reach)
    }
}

/// The candidate nearest to its anchor, the first of those as near.
pub(super) fn best(candidates: &[Candidate]) -> Option<&Candidate> {
    candidates.iter().min_by_key(|one| (one.away, one.at.start))
}
