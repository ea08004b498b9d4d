//! Scores into probabilities: Platt's sigmoid, fitted as Lin, Lin and Weng (2007,
//! <https://doi.org/10.1007/s10994-007-5018-6>) and scikit-learn's `CalibratedClassifierCV` do it.

use serde::{Deserialize, Serialize};

use super::logistic::sigmoid;

/// Steps of Newton's method; a few are enough where it converges at all.
const MOST_STEPS: usize = 100;
/// Keeps the two equations solvable where all scores are alike.
const RIDGE: f64 = 1e-12;

/// A probability for every score: `sigmoid(slope * score + offset)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Platt {
    /// What a score is multiplied by.
    pub slope: f64,
    /// What is added.
    pub offset: f64,
}

impl Platt {
    /// Fits to scores that rows got which the scores were not learnt from. Targets are drawn in a little,
    /// by Platt's rule, so that few rows do not make anything certain.
    #[must_use]
    pub fn fit(scores: &[f64], is_positive: &[bool]) -> Self {
        let positive = is_positive.iter().filter(|&&one| one).count() as f64;
        let negative = is_positive.len() as f64 - positive;
        let high = (positive + 1.0) / (positive + 2.0);
        let low = 1.0 / (negative + 2.0);
        let target = |&one: &bool| if one { high } else { low };
        let loss = |of: Self| -> f64 {
            let each = scores.iter().zip(is_positive).map(|(&score, one)| {
                let z = of.slope * score + of.offset;
                z.max(0.0) - z * target(one) + (-z.abs()).exp().ln_1p()
            });
            each.sum()
        };
        let mut at = Self { slope: 0.0, offset: ((positive + 1.0) / (negative + 1.0)).ln() };
        let mut value = loss(at);
        for _ in 0..MOST_STEPS {
            let (mut g, mut h) = ([0.0; 2], [RIDGE, 0.0, RIDGE]);
            for (&score, one) in scores.iter().zip(is_positive) {
                let p = at.probability(score);
                let (wrong, bend) = (p - target(one), p * (1.0 - p));
                g = [g[0] + wrong * score, g[1] + wrong];
                h = [h[0] + bend * score * score, h[1] + bend * score, h[2] + bend];
            }
            let determinant = h[0] * h[2] - h[1] * h[1];
            let step = [
                (h[2] * g[0] - h[1] * g[1]) / determinant,
                (h[0] * g[1] - h[1] * g[0]) / determinant,
            ];
            let small = g.iter().all(|part| part.abs() < 1e-10 * scores.len() as f64);
            if small || !step.iter().all(|part| part.is_finite()) {
                break;
            }
            // Half as far, until it is better.
            let better = (0..30).map(|halved| 0.5_f64.powi(halved)).find_map(|share| {
                let next =
                    Self { slope: at.slope - share * step[0], offset: at.offset - share * step[1] };
                let value_there = loss(next);
                (value_there < value).then_some((next, value_there))
            });
            let Some(next) = better else { break };
            (at, value) = next;
        }
        at
    }

    /// The probability of a score.
    #[must_use]
    pub fn probability(self, score: f64) -> f64 {
        sigmoid(self.slope * score + self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sigmoid_gets_the_share_of_positives_right() {
        let scores: Vec<f64> = (0..200).map(|row| f64::from(row % 20) / 4.0 - 2.5).collect();
        let is_positive: Vec<bool> = (0..200).map(|row| row % 20 + row / 20 >= 18).collect();
        let platt = Platt::fit(&scores, &is_positive);
        assert!(platt.slope > 0.0);
        let mean = scores.iter().map(|&score| platt.probability(score)).sum::<f64>() / 200.0;
        let share = is_positive.iter().filter(|&&one| one).count() as f64 / 200.0;
        assert!((mean - share).abs() < 0.02, "{mean} {share}");
        // Scores that say nothing leave the base rate.
        let flat = Platt::fit(&[0.3; 200], &is_positive);
        assert!((flat.probability(0.3) - share).abs() < 0.02);
    }
}
