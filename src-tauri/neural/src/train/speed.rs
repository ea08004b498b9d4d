//! How fast a device is in products as a training has them.

use std::time::Instant;

use crate::cpu::product::{Matrix, Onto, product};
use crate::error::Result;
use crate::target::{Device, Target};

/// What is between products takes about a third of their time.
const PRODUCTS: f64 = 0.75;

/// Products and sums a second, as a device does them in a moment.
///
/// # Errors
/// Those of a card.
pub fn speed(target: Target) -> Result<f64> {
    match target.device {
        Device::Cpu => Ok(PRODUCTS * of_processor()),
        #[cfg(feature = "candle")]
        _ => super::card::speed(target).map(|speed| PRODUCTS * speed),
        #[cfg(not(feature = "candle"))]
        other => Err(crate::gpu::not_built(other)),
    }
}

fn of_processor() -> f64 {
    const ROWS: usize = 256;
    const WIDTH: usize = 512;
    let (left, right) = (vec![0.5_f32; ROWS * WIDTH], vec![0.5_f32; WIDTH * WIDTH]);
    let mut out = vec![0.0; ROWS * WIDTH];
    let (began, mut times) = (Instant::now(), 0);
    while times < 3 || began.elapsed().as_millis() < 30 {
        product(Matrix::of(&left, WIDTH), Matrix::of(&right, WIDTH), Onto::rows(&mut out, WIDTH));
        times += 1;
    }
    (2 * times * ROWS * WIDTH * WIDTH) as f64 / began.elapsed().as_secs_f64()
}
