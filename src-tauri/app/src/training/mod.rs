//! Teaching models; see [`crate::ops::train`].

mod card;
mod course;
mod device;
mod encoder;
mod estimate;
mod examples;
mod lora;
mod merge;
mod place;
mod run;

pub(crate) use encoder::{estimate_encoder, train_encoder};
pub(crate) use estimate::estimate;
pub(crate) use examples::build_examples;
pub(crate) use lora::train_lora;
pub(crate) use merge::merge;
pub(crate) use place::{hex, make_sure_of_turn, own, stop, training, trainings};
