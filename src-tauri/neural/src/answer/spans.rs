//! From sums of single tokens to answers, as the reference scripts for SQuAD do it.

use super::Choice;
use crate::tokens::Window;

/// Of every token, how likely an answer begins and how likely it ends there.
pub(super) type Sums = Vec<[f32; 2]>;

/// A candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its text; empty for "there is none".
    pub text: String,
    /// Its first character in the context.
    pub start: usize,
    /// The character after its last.
    pub end: usize,
    /// What its first and last token have together.
    pub score: f32,
    /// Its share among the candidates.
    pub probability: f32,
}

/// What was found in a context.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    /// The best candidate, or none where "no answer" is the likelier.
    pub best: Option<Answer>,
    /// The score of "no answer"; an answer's own, less this, says how sure it is.
    pub none_score: f32,
    /// The best first, "no answer" among them.
    pub candidates: Vec<Answer>,
}

/// The best of all windows of a context.
pub(super) fn best(read: &[(&Window, Sums)], context: &str, choice: Choice) -> Answers {
    let mut candidates = Vec::new();
    let mut none_score = f32::INFINITY;
    for (window, sums) in read {
        // The first token stands for the whole window: here lies "no answer".
        none_score = none_score.min(sums[0][0] + sums[0][1]);
        let (starts, ends) = (highest(sums, 0, choice.most), highest(sums, 1, choice.most));
        for &start in &starts {
            for &end in ends.iter().filter(|&&end| end >= start && end - start < choice.longest) {
                let (from, to) = (window.places[start], window.places[end]);
                if from.part == Some(1) && to.part == Some(1) {
                    candidates.push((sums[start][0] + sums[end][1], from.start, to.end));
                }
            }
        }
    }
    if choice.threshold.is_some() {
        candidates.push((none_score, 0, 0));
    }
    // Stable: of equal ones the earlier window's.
    candidates.sort_by(|one, other| other.0.total_cmp(&one.0));
    let last = candidates.iter().position(|&(_, _, end)| end == 0).filter(|&at| at >= choice.most);
    let beyond = last.map(|at| candidates[at]);
    candidates.truncate(choice.most);
    candidates.extend(beyond);
    let most = candidates.first().map_or(0.0, |one| one.0);
    let sum: f32 = candidates.iter().map(|one| (one.0 - most).exp()).sum();
    let bytes: Vec<usize> =
        context.char_indices().map(|(at, _)| at).chain([context.len()]).collect();
    let candidates: Vec<Answer> = candidates
        .into_iter()
        .map(|(score, start, end)| Answer {
            text: context[bytes[start]..bytes[end]].to_owned(),
            start,
            end,
            score,
            probability: (score - most).exp() / sum,
        })
        .collect();
    let best = candidates.iter().find(|one| !one.text.is_empty());
    let best = best.filter(|best| {
        choice.threshold.is_none_or(|threshold| none_score - best.score <= threshold)
    });
    Answers { best: best.cloned(), none_score, candidates }
}

/// The tokens with the highest sums, the highest first.
fn highest(sums: &Sums, side: usize, most: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sums.len()).collect();
    order.sort_by(|&one, &other| sums[other][side].total_cmp(&sums[one][side]));
    order.truncate(most);
    order
}
