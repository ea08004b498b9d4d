//! Teaching models: changes of their maps are learned, their own weights stay.
//!
//! A task gives data, a loss and its gradients; [`run`] takes the steps. Products and what is between them
//! are own code over slices, forwards and backwards: no graph is kept, no gradient of what does not learn.

mod attention;
mod decoder;
mod layer;
mod loss;
mod map;
mod optimiser;
mod parameters;
mod random;
mod schedule;

pub use decoder::{Learner, Lora, Sequence};
pub use optimiser::Optimiser;
pub use parameters::{Parameters, Tensor};
pub use schedule::Schedule;
