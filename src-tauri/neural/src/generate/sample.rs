//! The next token out of the scores of all, as transformers chooses it: repetition, temperature, the
//! likeliest so many, the likeliest share.

use std::collections::HashSet;

/// How tokens are chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// How freely they are drawn; 0 takes the likeliest.
    pub temperature: f32,
    /// They are drawn among the likeliest that together have this share (Holtzman et al. 2019,
    /// <https://arxiv.org/abs/1904.09751>).
    pub top_p: f32,
    /// They are drawn among so many of the likeliest.
    pub top_k: usize,
    /// What scores of tokens are divided by that were there already (Keskar et al. 2019,
    /// <https://arxiv.org/abs/1909.05858>); 1 changes nothing.
    pub repetition: f32,
    /// The same seed draws the same tokens.
    pub seed: u64,
}

impl Sampling {
    /// The likeliest token, always.
    #[must_use]
    pub fn greedy() -> Self {
        Self { temperature: 0.0, top_p: 1.0, top_k: usize::MAX, repetition: 1.0, seed: 0 }
    }
}

/// Draws the tokens of one text.
#[derive(Debug)]
pub(super) struct Sampler {
    sampling: Sampling,
    state: u64,
    seen: HashSet<u32>,
}

impl Sampler {
    /// After a prompt.
    pub(super) fn new(sampling: Sampling, prompt: &[u32]) -> Self {
        let seen = if sampling.repetition == 1.0 { &[] } else { prompt };
        Self { sampling, state: sampling.seed, seen: seen.iter().copied().collect() }
    }

    /// The next token; `scores` are of no use afterwards.
    pub(super) fn draw(&mut self, scores: &mut [f32]) -> u32 {
        let Sampling { temperature, top_p, top_k, repetition, .. } = self.sampling;
        for &token in &self.seen {
            let score = &mut scores[token as usize];
            *score = if *score > 0.0 { *score / repetition } else { *score * repetition };
        }
        let token = if temperature > 0.0 {
            let random = self.random();
            drawn(scores, temperature, top_k, top_p, random)
        } else {
            likeliest(scores)
        };
        if repetition != 1.0 {
            self.seen.insert(token);
        }
        token
    }

    /// A number from 0 to 1, without 1: SplitMix64 (Steele, Lea and Flood 2014,
    /// <https://doi.org/10.1145/2660193.2660195>).
    fn random(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        (z >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The token with the highest score; of equal ones the first.
pub(crate) fn likeliest(scores: &[f32]) -> u32 {
    let first = (0, f32::NEG_INFINITY);
    let best = scores
        .iter()
        .copied()
        .enumerate()
        .fold(first, |best, one| if one.1 > best.1 { one } else { best });
    best.0 as u32
}

fn drawn(scores: &[f32], temperature: f32, top_k: usize, top_p: f32, random: f64) -> u32 {
    let mut some: Vec<(u32, f32)> = (0..).zip(scores.iter().copied()).collect();
    let order =
        |one: &(u32, f32), other: &(u32, f32)| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0));
    if top_k < some.len() {
        some.select_nth_unstable_by(top_k, order);
        some.truncate(top_k);
    }
    some.sort_unstable_by(order);
    let most = some.first().map_or(0.0, |one| one.1);
    let shares: Vec<f64> =
        some.iter().map(|one| f64::from((one.1 - most) / temperature).exp()).collect();
    let all: f64 = shares.iter().sum();
    // The fewest of the likeliest that have the share, always the first.
    let mut sum = 0.0;
    let within = shares.iter().take_while(|&&share| {
        let before = sum;
        sum += share;
        before < f64::from(top_p) * all || before == 0.0
    });
    let kept = within.count();
    let target = random * shares[..kept].iter().sum::<f64>();
    let mut sum = 0.0;
    let place = shares[..kept].iter().position(|share| {
        sum += share;
        sum > target
    });
    some[place.unwrap_or(kept - 1)].0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares_of(sampling: Sampling, scores: &[f32]) -> Vec<f64> {
        let mut counts = vec![0.0; scores.len()];
        let mut sampler = Sampler::new(sampling, &[]);
        for _ in 0..20_000 {
            counts[sampler.draw(&mut scores.to_vec()) as usize] += 1.0 / 20_000.0;
        }
        counts
    }

    #[test]
    fn tokens_are_drawn_by_their_shares() {
        let scores = [0.4_f32, 0.1, 0.3, 0.2].map(f32::ln);
        let plain = Sampling { temperature: 1.0, seed: 7, ..Sampling::greedy() };
        let near = |shares: Vec<f64>, wanted: [f64; 4]| {
            shares.iter().zip(wanted).all(|(share, wanted)| (share - wanted).abs() < 0.02)
        };
        assert!(near(shares_of(plain, &scores), [0.4, 0.1, 0.3, 0.2]));
        let most = shares_of(Sampling { top_k: 2, ..plain }, &scores);
        assert!(near(most.clone(), [4.0 / 7.0, 0.0, 3.0 / 7.0, 0.0]), "{most:?}");
        // 0.4 + 0.3 is the first to reach 0.6.
        assert!(near(
            shares_of(Sampling { top_p: 0.6, ..plain }, &scores),
            [4.0 / 7.0, 0.0, 3.0 / 7.0, 0.0]
        ));
        let cold = shares_of(Sampling { temperature: 0.5, ..plain }, &scores);
        assert!(near(cold, [16.0 / 30.0, 1.0 / 30.0, 9.0 / 30.0, 4.0 / 30.0]));
        assert!(near(shares_of(Sampling { top_p: 0.0, ..plain }, &scores), [1.0, 0.0, 0.0, 0.0]));
    }

    #[test]
    fn what_was_said_is_less_likely() {
        let mut sampler = Sampler::new(Sampling { repetition: 2.0, ..Sampling::greedy() }, &[1]);
        assert_eq!(sampler.draw(&mut [1.0, 1.5, -1.0]), 0);
        assert_eq!(sampler.draw(&mut [1.0, 1.5, 0.9]), 2);
        assert_eq!(sampler.draw(&mut [1.0, 1.5, 0.9]), 1);
        assert_eq!(likeliest(&[1.0, 3.0, 3.0]), 1);
    }
}
