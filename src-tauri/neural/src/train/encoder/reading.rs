//! Teaching a model that reads.

use crate::error::Result;
use crate::train::parameters::Parameters;
use crate::train::run::{Score, Task};

use super::{Known, Learner};

/// What says how good an encoder is; it may ask on the way whether to go on.
pub type Judge<'a> =
    dyn FnMut(&mut Learner, &mut dyn FnMut() -> bool) -> Result<Option<Score>> + 'a;

/// An encoder, texts that it learns, and what says how good it is.
pub struct Reading<'a> {
    learner: Learner,
    taught: Vec<Known>,
    judge: Box<Judge<'a>>,
}

impl<'a> Reading<'a> {
    /// Of an encoder and the texts.
    #[must_use]
    pub fn new(learner: Learner, taught: Vec<Known>, judge: Box<Judge<'a>>) -> Self {
        Self { learner, taught, judge }
    }

    /// The encoder.
    #[must_use]
    pub fn learner(&self) -> &Learner {
        &self.learner
    }
}

impl Task for Reading<'_> {
    fn examples(&self) -> usize {
        self.taught.len()
    }

    fn weight(&self, example: usize) -> usize {
        self.taught[example].asked()
    }

    fn tokens(&self, example: usize) -> usize {
        self.taught[example].ids.len()
    }

    fn learn(&mut self, examples: &[usize], share: f32, key: u32) -> Result<f64> {
        let some: Vec<_> = examples.iter().map(|&one| &self.taught[one]).collect();
        self.learner.learn(&some, share, key)
    }

    fn parameters(&mut self) -> &mut Parameters {
        &mut self.learner.parameters
    }

    fn evaluate(&mut self, go_on: &mut dyn FnMut() -> bool) -> Result<Option<Score>> {
        (self.judge)(&mut self.learner, go_on)
    }
}
