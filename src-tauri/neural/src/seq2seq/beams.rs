//! Beam search, as transformers does it: several beginnings are followed at once, the likeliest whole is
//! the result.

use crate::error::Result;

/// How texts are searched for.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// Beginnings that are followed at once; 1 takes the likeliest token, always.
    pub beams: usize,
    /// The most tokens of a text.
    pub most: usize,
    /// Above 0, longer texts are favoured.
    pub length_penalty: f32,
    /// So many tokens never stand in the same order twice; 0 lets them.
    pub no_repeat: usize,
    /// Whether to end as soon as there are as many whole texts as beams.
    pub early: bool,
}

/// A beginning.
#[derive(Clone)]
struct Beam<M> {
    ids: Vec<u32>,
    score: f32,
    memory: M,
}

/// A whole text.
struct Whole {
    ids: Vec<u32>,
    score: f32,
}

/// The tokens of the best text, without the one that it begins after and the one that ends it. `next`
/// gives for every memory and its next token the scores of what may come.
pub(super) fn search<M: Clone>(
    search: &Search,
    memory: M,
    start: u32,
    ends: &[u32],
    mut next: impl FnMut(&mut [&mut M], &[u32]) -> Result<Vec<f32>>,
) -> Result<Vec<u32>> {
    let mut running = vec![Beam { ids: vec![start], score: 0.0, memory }];
    let mut whole: Vec<Whole> = Vec::new();
    let keep = (1 + ends.len()).max(2) * search.beams;
    loop {
        let tokens: Vec<u32> = running.iter().filter_map(|beam| beam.ids.last().copied()).collect();
        let mut memories: Vec<&mut M> = running.iter_mut().map(|beam| &mut beam.memory).collect();
        let mut scores = next(&mut memories, &tokens)?;
        let vocabulary = scores.len() / running.len();
        let mut all: Vec<(f32, usize, u32)> = Vec::new();
        for (at, (beam, scores)) in
            running.iter().zip(scores.chunks_exact_mut(vocabulary)).enumerate()
        {
            shares(scores);
            for token in repeats(&beam.ids, search.no_repeat) {
                scores[token as usize] = f32::NEG_INFINITY;
            }
            all.extend(
                (0..).zip(scores.iter()).map(|(token, score)| (score + beam.score, at, token)),
            );
        }
        let order = |one: &(f32, usize, u32), other: &(f32, usize, u32)| {
            other.0.total_cmp(&one.0).then((one.1, one.2).cmp(&(other.1, other.2)))
        };
        if all.len() > keep {
            all.select_nth_unstable_by(keep, order);
            all.truncate(keep);
        }
        all.sort_unstable_by(order);
        let length = running[0].ids.len();
        let ends_here = |token: u32| ends.contains(&token) || length >= search.most;
        for &(score, at, token) in all.iter().take(search.beams).filter(|one| ends_here(one.2)) {
            let mut ids = running[at].ids.clone();
            ids.push(token);
            whole.push(Whole { ids, score: score / (length as f32).powf(search.length_penalty) });
        }
        whole.sort_by(|one, other| other.score.total_cmp(&one.score));
        whole.truncate(search.beams);
        let going: Vec<_> =
            all.into_iter().filter(|one| !ends_here(one.2)).take(search.beams).collect();
        let full = whole.len() == search.beams;
        let worst = whole.last().map_or(f32::NEG_INFINITY, |whole| whole.score);
        let possible = going.first().map(|one| one.0 / (length as f32).powf(search.length_penalty));
        if possible.is_none_or(|best| full && (search.early || best <= worst)) {
            break;
        }
        running = going
            .into_iter()
            .map(|(score, at, token)| {
                let mut beam = running[at].clone();
                beam.ids.push(token);
                Beam { score, ..beam }
            })
            .collect();
    }
    let mut best = if whole.is_empty() { Vec::new() } else { whole.swap_remove(0).ids };
    if best.last().is_some_and(|last| ends.contains(last)) {
        best.pop();
    }
    Ok(best.split_off(1.min(best.len())))
}

/// Scores as the logarithms of shares.
fn shares(scores: &mut [f32]) {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = scores.iter().map(|score| (score - most).exp()).sum();
    let all = most + sum.ln();
    scores.iter_mut().for_each(|score| *score -= all);
}

/// The tokens that would say again what was said.
fn repeats(ids: &[u32], length: usize) -> Vec<u32> {
    if length == 0 || ids.len() < length {
        return Vec::new();
    }
    let last = &ids[ids.len() + 1 - length..];
    ids.windows(length)
        .filter(|said| said[..length - 1] == *last)
        .filter_map(|said| said.last().copied())
        .collect()
}
