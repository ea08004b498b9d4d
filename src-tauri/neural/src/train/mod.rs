//! Teaching models: changes of their maps are learned, their own weights stay.
//!
//! A task gives data, a loss and its gradients; [`train`] takes the steps. Products and what is between them
//! are own code over slices, forwards and backwards: no graph is kept, no gradient of what does not learn.

mod attention;
mod checkpoint;
mod decoder;
mod examples;
mod layer;
mod lora;
mod loss;
mod map;
mod optimiser;
mod parameters;
mod random;
mod run;
mod schedule;

pub use decoder::{Learner, Lora, Sequence};
pub use examples::{Cut, Example, Reader};
pub use lora::Writing;
pub use optimiser::Optimiser;
pub use parameters::{Parameters, Tensor};
pub use run::{BEST, CHECKPOINT, End, Event, Outcome, Plan, Score, Step, Task, Wish, train};
pub use schedule::Schedule;
