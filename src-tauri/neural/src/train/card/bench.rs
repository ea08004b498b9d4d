//! What a pass works with: the card, what is learned as it stands, what it gets, and what is left out.

use std::sync::OnceLock;

use candle_core::{DType, Result as Made, Tensor};

use crate::error::Result;
use crate::gpu::Card;
use crate::target::RunsOn;
use crate::train::parameters::Parameters;
use crate::train::random::Random;

/// Chances that are drawn once, and those of them that are taken in a row.
const DRAWN: usize = 1 << 22;
const SOME: usize = 1 << 20;

/// The card and what is learned on it.
#[derive(Debug)]
pub(in crate::train) struct Bench {
    pub(super) card: Card,
    /// Of the parameters those that are worked with here, as they stood at `version`.
    taught: Vec<Option<Taught>>,
    version: Option<u64>,
    /// Numbers from nought to one. What a step leaves out is where they are small, read from another place
    /// every time: a card draws none that would be the same again.
    chances: OnceLock<Tensor>,
}

/// A parameter's copy, and what it got in this pass.
#[derive(Debug)]
struct Taught {
    /// Whether it is in the numbers of products.
    is_rounded: bool,
    value: Option<Tensor>,
    grad: Option<Tensor>,
}

impl Bench {
    pub(in crate::train) fn new(card: Card) -> Self {
        Self { card, taught: Vec::new(), version: None, chances: OnceLock::new() }
    }

    pub(in crate::train) fn runs_on(&self) -> RunsOn {
        self.card.runs_on()
    }

    /// That the parameter at `place` is worked with here, in single precision or in the numbers of products.
    pub(in crate::train) fn needs(&mut self, place: usize, is_rounded: bool) {
        if self.taught.len() <= place {
            self.taught.resize_with(place + 1, || None);
        }
        self.taught[place] = Some(Taught { is_rounded, value: None, grad: None });
        self.version = None;
    }

    /// Copies what is learned anew where it has become another.
    ///
    /// # Errors
    /// Those of [`Card::work`].
    pub(in crate::train) fn renew(&mut self, parameters: &Parameters) -> Result<()> {
        if self.version == Some(parameters.version) {
            return Ok(());
        }
        let all = parameters.tensors.iter().zip(&parameters.values);
        for (taught, (tensor, values)) in self.taught.iter_mut().zip(all) {
            let Some(taught) = taught else { continue };
            taught.value = None;
            taught.value = Some(if taught.is_rounded {
                self.card.rounded(values, &tensor.shape)?
            } else {
                self.card.work(|| self.card.exact(values, &tensor.shape))?
            });
        }
        self.version = Some(parameters.version);
        Ok(())
    }

    /// A parameter as it stands.
    pub(super) fn value(&self, place: usize) -> Made<&Tensor> {
        let taught = self.taught.get(place).and_then(Option::as_ref);
        match taught.and_then(|taught| taught.value.as_ref()) {
            Some(value) => Ok(value),
            None => candle_core::bail!("parameter {place} is not on the card"),
        }
    }

    /// Adds to what a parameter gets.
    pub(super) fn give(&mut self, place: usize, grad: Tensor) -> Made<()> {
        let Some(Some(taught)) = self.taught.get_mut(place) else {
            candle_core::bail!("parameter {place} is not on the card")
        };
        taught.grad = Some(match taught.grad.take() {
            Some(sum) => (sum + grad)?,
            None => grad,
        });
        Ok(())
    }

    /// Lets go of what parameters got in a pass that failed.
    pub(in crate::train) fn forget(&mut self) {
        self.taught.iter_mut().flatten().for_each(|taught| taught.grad = None);
    }

    /// Adds what parameters got in this pass to their gradients.
    ///
    /// # Errors
    /// Those of [`Card::work`].
    pub(in crate::train) fn hand_over(&mut self, parameters: &mut Parameters) -> Result<()> {
        for (taught, sums) in self.taught.iter_mut().zip(&mut parameters.grads) {
            let Some(grad) = taught.as_mut().and_then(|taught| taught.grad.take()) else {
                continue;
            };
            let grad: Vec<f32> = self.card.work(|| grad.flatten_all()?.to_vec1())?;
            sums.iter_mut().zip(grad).for_each(|(sum, grad)| *sum += grad);
        }
        Ok(())
    }

    /// Work on the card.
    ///
    /// # Errors
    /// Those of [`Card::work`].
    pub(in crate::train) fn work<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Made<T>,
    ) -> Result<T> {
        let card = self.card.clone();
        card.work(|| work(self))
    }

    /// Numbers of products.
    pub(in crate::train) fn rounded(&self, exact: &Tensor) -> Made<Tensor> {
        exact.to_dtype(self.card.dtype())
    }

    /// The card.
    pub(in crate::train) fn card(&self) -> Card {
        self.card.clone()
    }

    /// Places among rows.
    pub(in crate::train) fn places(&self, places: &[u32]) -> Made<Tensor> {
        self.card.places(places)
    }

    /// Numbers of the host, `[rows, width]`, in single precision.
    pub(in crate::train) fn rows(&self, numbers: &[f32], width: usize) -> Made<Tensor> {
        self.card.exact(numbers, &[numbers.len() / width, width])
    }

    /// Leaves out a share of numbers in single precision, the others as much larger; with the same key the
    /// same ones. None leaves nothing out.
    pub(in crate::train) fn drop_some(
        &self,
        numbers: &Tensor,
        share: f32,
        key: Option<u32>,
    ) -> Made<Tensor> {
        let Some(key) = key.filter(|_| share > 0.0) else { return Ok(numbers.clone()) };
        let chances = match self.chances.get() {
            Some(chances) => chances,
            None => {
                let mut random = Random::new(0, u64::from(u32::MAX));
                let drawn: Vec<f32> =
                    (0..DRAWN).map(|_| (random.around_nought() + 1.0) / 2.0).collect();
                let drawn = self.card.exact(&drawn, &[DRAWN])?;
                self.chances.get_or_init(|| drawn)
            }
        };
        let count = numbers.elem_count();
        let mut places = Random::new(u64::from(key), u64::from(u32::MAX));
        let mut parts = Vec::with_capacity(count.div_ceil(SOME));
        for from in (0..count).step_by(SOME) {
            let place = places.next() as usize % (DRAWN - SOME);
            parts.push(chances.narrow(0, place, SOME.min(count - from))?);
        }
        let chances = if parts.len() == 1 { parts.remove(0) } else { Tensor::cat(&parts, 0)? };
        let kept = chances.ge(share)?.to_dtype(DType::F32)?;
        let kept = kept.affine(1.0 / (1.0 - f64::from(share)), 0.0)?;
        numbers * kept.reshape(numbers.shape())?
    }
}
