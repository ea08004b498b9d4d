//! Teaching models; see [`crate::ops::train`].

mod estimate;
mod examples;
mod lora;
mod merge;
mod place;

pub(crate) use estimate::estimate;
pub(crate) use examples::build_examples;
pub(crate) use lora::train_lora;
pub(crate) use merge::merge;
pub(crate) use place::{make_sure_of_turn, stop, training, trainings};
