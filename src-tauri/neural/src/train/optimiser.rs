//! A step against the gradients.

use serde::{Deserialize, Serialize};

use crate::cpu::backward::AdamW;

use super::parameters::Parameters;
use super::schedule::Schedule;

/// How far the steps go (AdamW, with the means that PyTorch takes where nothing else is said).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Optimiser {
    /// The highest learning rate.
    pub rate: f64,
    /// Its course.
    pub schedule: Schedule,
    /// Steps in which it grows.
    pub warm: usize,
    /// Decay of the weights, times the learning rate.
    pub decay: f64,
    /// The longest that all gradients together may be; 0 lets them be.
    pub clip: f64,
}

impl Optimiser {
    /// The learning rate of a step, counted from 0, of `steps`.
    #[must_use]
    pub fn rate(&self, step: usize, steps: usize) -> f64 {
        self.rate * self.schedule.at(step, self.warm, steps)
    }

    /// Takes a step, and gives the length of the gradients before it; they are then nought.
    pub fn step(&self, parameters: &mut Parameters, step: usize, steps: usize) -> f64 {
        let norm = parameters.norm();
        // As `torch.nn.utils.clip_grad_norm_` has it.
        let scale = if self.clip > 0.0 { (self.clip / (norm + 1e-6)).min(1.0) } else { 1.0 };
        parameters.step(AdamW {
            rate: self.rate(step, steps) as f32,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            decay: self.decay as f32,
            scale: scale as f32,
            at: step as u32 + 1,
        });
        norm
    }
}
