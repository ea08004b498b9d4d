//! How the learning rate goes over the steps.

use serde::{Deserialize, Serialize};

/// The learning rate's course after it has grown for the first steps, as `transformers.optimization` has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// It falls to nought, every step by as much.
    #[default]
    Linear,
    /// It falls to nought as half a wave of the cosine does.
    Cosine,
    /// It stays.
    Constant,
}

impl Schedule {
    /// What the learning rate is multiplied with in a step, counted from 0.
    #[must_use]
    pub fn at(self, step: usize, warm: usize, steps: usize) -> f64 {
        if step < warm {
            return step as f64 / warm as f64;
        }
        let share = (step - warm) as f64 / steps.saturating_sub(warm).max(1) as f64;
        match self {
            Self::Linear => (1.0 - share).max(0.0),
            Self::Cosine => (0.5 * (1.0 + (std::f64::consts::PI * share).cos())).max(0.0),
            Self::Constant => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_and_falls() {
        let at = |schedule: Schedule| -> Vec<f64> {
            (0..6).map(|step| schedule.at(step, 2, 6)).collect()
        };
        assert_eq!(at(Schedule::Linear), [0.0, 0.5, 1.0, 0.75, 0.5, 0.25]);
        assert_eq!(at(Schedule::Constant), [0.0, 0.5, 1.0, 1.0, 1.0, 1.0]);
        assert!((at(Schedule::Cosine)[4] - 0.5).abs() < 1e-12);
    }
}
