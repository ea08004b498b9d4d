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
mod merge;
mod needs;
mod optimiser;
mod parameters;
mod random;
mod room;
mod run;
mod schedule;

pub use decoder::{Learner, Lora, Sequence};
pub use examples::{Cut, Example, Reader};
pub use lora::Writing;
pub use merge::merge;
pub use needs::{Needs, needs};
pub use optimiser::Optimiser;
pub use parameters::{Parameters, Tensor};
pub use run::{BEST, CHECKPOINT, End, Event, Outcome, Plan, Score, Step, Task, Wish, train};
pub use schedule::Schedule;

/// `most` of `count` places, drawn by a seed.
#[must_use]
pub fn drawn(count: usize, most: usize, seed: u64) -> Vec<usize> {
    let mut places = random::Random::new(seed, 0).order(count);
    places.truncate(most);
    places
}
