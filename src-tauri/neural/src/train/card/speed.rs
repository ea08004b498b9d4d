//! How fast a card is in products.

use std::time::Instant;

use candle_core::{DType, Result as Made, Tensor};

use crate::error::Result;
use crate::gpu::{self, Card};
use crate::target::{Precision, Target};

/// Rows and width of the matrices: a step's rows, and maps of a middling model.
const SIDE: usize = 1024;
/// Products before the clock is looked at.
const TIMES: usize = 8;

/// Products and sums a second.
///
/// # Errors
/// Those of [`Card::work`].
pub(in crate::train) fn speed(target: Target) -> Result<f64> {
    let card = Card::open(target, Precision::F32, gpu::Range::Small)?;
    let numbers = card.rounded(&vec![0.5; SIDE * SIDE], &[SIDE, SIDE])?;
    card.work(|| {
        // The first makes what is made once; each round ends when a number has come back.
        round(&numbers, 1)?;
        let (began, mut times) = (Instant::now(), 0);
        while times < TIMES || began.elapsed().as_millis() < 30 {
            round(&numbers, TIMES)?;
            times += TIMES;
        }
        Ok((2 * times * SIDE * SIDE * SIDE) as f64 / began.elapsed().as_secs_f64())
    })
}

fn round(numbers: &Tensor, times: usize) -> Made<f32> {
    let mut out = numbers.matmul(numbers)?;
    for _ in 1..times {
        out = numbers.matmul(numbers)?;
    }
    out.get(0)?.get(0)?.to_dtype(DType::F32)?.to_scalar()
}
