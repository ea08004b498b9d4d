//! Teaching models: small changes of their maps, or all that they are.
//!
//! A task gives data, a loss and its gradients; [`train`] takes the steps. Products and what is between them
//! are own code over slices, forwards and backwards: no graph is kept, no gradient of what does not learn.

mod attention;
#[cfg(feature = "candle")]
mod card;
mod checkpoint;
mod decoder;
pub mod encoder;
mod lora;
mod map;
mod means;
mod needs;
mod optimiser;
mod parameters;
mod random;
mod room;
mod run;
mod schedule;
mod speed;

pub use decoder::{Cut, Example, Learner, Reader, Sequence, Size, Writing, merge, needs};
pub use lora::Lora;
pub use needs::{Keeping, Needs};
pub use optimiser::Optimiser;
pub use parameters::{Parameters, Tensor};
pub use run::{BEST, CHECKPOINT, End, Event, Outcome, Plan, Score, Step, Task, Wish, train};
pub use schedule::Schedule;
pub use speed::speed;

/// `most` of `count` places, drawn by a seed.
#[must_use]
pub fn drawn(count: usize, most: usize, seed: u64) -> Vec<usize> {
    let mut places = random::Random::new(seed, 0).order(count);
    places.truncate(most);
    places
}
