//! Where models are held to their goldens: on the processor, and by way of what works on graphics cards
//! on candle's processor and on every card, as far as they are built in and there.
#![allow(dead_code, reason = "each test takes what it needs of it")]

use mirante_neural::{Device, Gpu, Precision, Target, gpus};

/// A place, and how near to the reference it comes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) target: Target,
    /// How far off a number may be where the largest are about 1.
    pub(crate) near: f64,
}

impl Place {
    /// Whether it works in single precision: choices between near scores are then the reference's.
    pub(crate) fn is_exact(self) -> bool {
        !matches!(self.target.precision, Some(Precision::F16 | Precision::Bf16))
    }

    /// Whether a model of a real size may be tried: candle's processor has no quick products of halves.
    pub(crate) fn is_quick(self) -> bool {
        self.is_exact() || self.target.device.to_string() != "candle"
    }

    /// How far off a number may be where the largest is `size`: sums of fewer bits are as exact as
    /// what was added is large.
    pub(crate) fn near(self, size: f64) -> f64 {
        if self.is_exact() { self.near } else { self.near * size.max(1.0) }
    }
}

fn place(device: Device, precision: Precision) -> Place {
    let near = match precision {
        // The last bit of f16 is 2^-11 of a number, that of bf16 2^-8; layers add up some of them.
        Precision::F16 => 8e-3,
        Precision::Bf16 => 6e-2,
        _ => 1e-4,
    };
    Place { target: Target { device, precision: Some(precision) }, near }
}

/// All of them, the processor first.
pub(crate) fn places() -> Vec<Place> {
    let processor = Place { target: Target::default(), near: 1e-4 };
    [vec![processor], through_candle(), cards()].concat()
}

/// Those that work in single precision.
pub(crate) fn exact() -> Vec<Target> {
    let exact = places().into_iter().filter(|place| place.is_exact());
    exact.map(|place| place.target).collect()
}

/// The others.
pub(crate) fn halves() -> Vec<Target> {
    let halves = places().into_iter().filter(|place| !place.is_exact());
    halves.map(|place| place.target).collect()
}

fn through_candle() -> Vec<Place> {
    #[cfg(feature = "candle")]
    {
        let all = [Precision::F32, Precision::F16, Precision::Bf16];
        all.map(|precision| place(Device::Candle, precision)).to_vec()
    }
    #[cfg(not(feature = "candle"))]
    {
        Vec::new()
    }
}

fn cards() -> Vec<Place> {
    let gpus = match gpus() {
        Ok(gpus) => gpus,
        Err(error) => {
            eprintln!("skipped: no GPU ({error})");
            return Vec::new();
        }
    };
    let each = |gpu: &Gpu| {
        let all = [Precision::F32, Precision::F16, Precision::Bf16];
        let known = all.into_iter().filter(|precision| gpu.precisions().contains(precision));
        known.map(|precision| place(gpu.device, precision)).collect::<Vec<_>>()
    };
    gpus.iter().flat_map(each).collect()
}
