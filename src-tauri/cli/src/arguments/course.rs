//! How a training takes its steps.

use clap::ValueEnum;
use mirante_app::ops::train::{Optimizer, RateSchedule};

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ScheduleArgument {
    Linear,
    Cosine,
    Constant,
}

impl From<ScheduleArgument> for RateSchedule {
    fn from(said: ScheduleArgument) -> Self {
        match said {
            ScheduleArgument::Linear => Self::Linear,
            ScheduleArgument::Cosine => Self::Cosine,
            ScheduleArgument::Constant => Self::Constant,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum OptimizerArgument {
    Adamw,
    /// Its means in eight bits: a third less memory for what is learned
    #[value(name = "adamw_8bit")]
    Adamw8bit,
}

impl From<OptimizerArgument> for Optimizer {
    fn from(said: OptimizerArgument) -> Self {
        match said {
            OptimizerArgument::Adamw => Self::AdamW,
            OptimizerArgument::Adamw8bit => Self::AdamW8Bit,
        }
    }
}
