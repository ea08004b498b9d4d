//! What every kind of training is told: for how long, in which portions, how far the steps go, and what is
//! held out of it.

use mirante_neural::train::{Keeping, Optimiser, Plan, Schedule, drawn};

use crate::error::{Error, Result};
use crate::ops::train::{Optimizer, RateSchedule};

/// The settings that every kind of training has.
pub(super) struct Course {
    pub(super) epochs: u32,
    pub(super) batch_size: u32,
    pub(super) gradient_accumulation: u32,
    pub(super) max_steps: u32,
    pub(super) learning_rate: f64,
    pub(super) schedule: RateSchedule,
    pub(super) warmup_ratio: f64,
    pub(super) weight_decay: f64,
    pub(super) max_grad_norm: f64,
    pub(super) seed: u64,
    pub(super) eval_steps: u32,
    pub(super) early_stopping_patience: u32,
    pub(super) save_steps: u32,
}

fn bad(option: &'static str, value: impl ToString, allowed: &str) -> Error {
    Error::BadOption { option, value: value.to_string(), allowed: allowed.to_owned() }
}

/// That a share is one.
pub(super) fn check_share(option: &'static str, value: f64) -> Result<()> {
    if (0.0..1.0).contains(&value) { Ok(()) } else { Err(bad(option, value, "0 – 0.99")) }
}

fn check_positive(option: &'static str, value: f64) -> Result<()> {
    if value.is_finite() && value >= 0.0 { Ok(()) } else { Err(bad(option, value, "≥ 0")) }
}

/// That something is there at all.
pub(super) fn check_count(option: &'static str, value: u32) -> Result<()> {
    if value > 0 { Ok(()) } else { Err(bad(option, value, "≥ 1")) }
}

/// That a small change of maps can be one.
pub(super) fn check_change(rank: u32, alpha: f64, dropout: f64) -> Result<()> {
    check_count("r", rank)?;
    check_positive("alpha", alpha)?;
    check_share("dropout", dropout)
}

/// Takes `count` of some apart, drawn by a seed; all keep their order.
pub(super) fn apart<T>(all: &mut Vec<T>, count: usize, seed: u64) -> Vec<T> {
    let mut is_held = vec![false; all.len()];
    drawn(all.len(), count, seed).into_iter().for_each(|at| is_held[at] = true);
    let (mut kept, mut held) = (Vec::new(), Vec::new());
    for (one, is_held) in std::mem::take(all).into_iter().zip(is_held) {
        if is_held { held.push(one) } else { kept.push(one) }
    }
    *all = kept;
    held
}

/// What a training keeps in memory, as its settings say.
pub(super) fn keeping(thrifty: bool, optimizer: Optimizer) -> Keeping {
    Keeping { thrifty, in_eight_bits: optimizer == Optimizer::AdamW8Bit }
}

impl Course {
    /// That it can be gone, with texts of so many tokens.
    ///
    /// # Errors
    /// [`Error::BadOption`].
    pub(super) fn check(&self, max_length: u32) -> Result<()> {
        check_count("epochs", self.epochs)?;
        check_count("batch_size", self.batch_size)?;
        check_count("gradient_accumulation", self.gradient_accumulation)?;
        if max_length < 8 {
            return Err(bad("max_length", max_length, "≥ 8"));
        }
        check_share("warmup_ratio", self.warmup_ratio)?;
        check_positive("learning_rate", self.learning_rate)?;
        check_positive("weight_decay", self.weight_decay)?;
        check_positive("max_grad_norm", self.max_grad_norm)
    }

    /// How so many examples are learned.
    pub(super) fn plan(&self, examples: usize) -> Plan {
        let plan = Plan {
            epochs: self.epochs as usize,
            batch: self.batch_size as usize,
            accumulation: self.gradient_accumulation as usize,
            most: self.max_steps as usize,
            optimiser: Optimiser {
                rate: self.learning_rate,
                schedule: match self.schedule {
                    RateSchedule::Linear => Schedule::Linear,
                    RateSchedule::Cosine => Schedule::Cosine,
                    RateSchedule::Constant => Schedule::Constant,
                },
                warm: 0,
                decay: self.weight_decay,
                clip: self.max_grad_norm,
            },
            seed: self.seed,
            evaluate: self.eval_steps as usize,
            patience: self.early_stopping_patience,
            checkpoint: self.save_steps as usize,
        };
        let warm = (plan.steps(examples) as f64 * self.warmup_ratio).ceil() as usize;
        Plan { optimiser: Optimiser { warm, ..plan.optimiser }, ..plan }
    }
}
