//! A card that is ready, and the numbers that a model works with on it.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Tensor};
use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};

use super::failure;
#[cfg(feature = "metal")]
use super::found::HALF;
use super::found::{ALL, not_built};
use crate::cpu::Isa;
use crate::error::{Error, Result};
use crate::linear::Found;
use crate::target::{Device, Precision, RunsOn, Target};

/// A device of candle's. It is opened once a process, since each opening would take memory of its own.
struct Open {
    device: Device,
    /// What it works in.
    known: &'static [Precision],
    candle: candle_core::Device,
    /// cuBLAS' handle is not for several threads at once.
    turn: Mutex<()>,
}

/// How large the numbers between a model's products get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Range {
    /// Half precision holds them.
    Small,
    /// Half precision does not, as it is with T5: its largest is 65,504.
    Large,
}

/// Where a model's tensors lie.
#[derive(Clone)]
pub(crate) struct Card {
    open: Arc<Open>,
    precision: Precision,
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Card").field(&self.open.device).field(&self.precision).finish()
    }
}

impl Card {
    /// The card that `target` asks for, for a model whose weights are `stored` in a file.
    ///
    /// # Errors
    /// [`Error::NoDevice`], [`Error::OldDevice`], [`Error::DeviceMemory`], [`Error::NoPrecision`].
    pub(crate) fn open(target: Target, stored: Precision, range: Range) -> Result<Self> {
        let open = open(target.device)?;
        let precision = choose(target, open.known, stored, range)?;
        Ok(Self { open, precision })
    }

    /// What is said of a model on it.
    pub(crate) fn runs_on(&self) -> RunsOn {
        RunsOn { device: self.open.device, precision: self.precision, isa: Isa::best() }
    }

    /// The numbers of products.
    pub(crate) fn dtype(&self) -> DType {
        match self.precision {
            Precision::F16 => DType::F16,
            Precision::Bf16 => DType::BF16,
            _ => DType::F32,
        }
    }

    /// Work on it, one thread at a time.
    ///
    /// # Errors
    /// [`Error::DeviceMemory`], [`Error::LostDevice`] and the like.
    pub(crate) fn work<T>(&self, work: impl FnOnce() -> candle_core::Result<T>) -> Result<T> {
        // On the processor a thread that waits for others' part of a product may take up a pass of its
        // own: it would wait for itself.
        let _turn = (!self.open.candle.is_cpu())
            .then(|| self.open.turn.lock().unwrap_or_else(PoisonError::into_inner));
        work().map_err(|error| failure::of(self.open.device, error))
    }

    /// Numbers of the host in single precision, in row-major order.
    pub(crate) fn exact(&self, numbers: &[f32], shape: &[usize]) -> candle_core::Result<Tensor> {
        Tensor::from_slice(numbers, shape, &self.open.candle)
    }

    /// Bytes of the host.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> candle_core::Result<Tensor> {
        Tensor::from_slice(bytes, bytes.len(), &self.open.candle)
    }

    /// Places among rows.
    pub(crate) fn places(&self, places: &[u32]) -> candle_core::Result<Tensor> {
        Tensor::from_slice(places, places.len(), &self.open.candle)
    }

    /// Room for numbers of products.
    pub(crate) fn zeros(&self, shape: (usize, usize, usize)) -> candle_core::Result<Tensor> {
        Tensor::zeros(shape, self.dtype(), &self.open.candle)
    }

    /// Numbers of the host in those of products; they are made half as long before they travel.
    ///
    /// # Errors
    /// Those of [`Self::work`].
    pub(crate) fn rounded(&self, numbers: &[f32], shape: &[usize]) -> Result<Tensor> {
        let device = &self.open.candle;
        match self.precision {
            Precision::F16 => {
                let mut halves = vec![f16::ZERO; numbers.len()];
                halves.convert_from_f32_slice(numbers);
                self.work(|| Tensor::from_slice(&halves, shape, device))
            }
            Precision::Bf16 => {
                let mut halves = vec![bf16::ZERO; numbers.len()];
                halves.convert_from_f32_slice(numbers);
                self.work(|| Tensor::from_slice(&halves, shape, device))
            }
            _ => self.work(|| Tensor::from_slice(numbers, shape, device)),
        }
    }

    /// A tensor of a model in single precision.
    ///
    /// # Errors
    /// Those of reading it and of [`Self::work`].
    pub(crate) fn load_exact(&self, found: &Found, name: &str, shape: &[usize]) -> Result<Tensor> {
        let numbers = found.load(name, shape)?;
        self.work(|| self.exact(&numbers, shape))
    }
}

/// The precision asked for if it can be had; else that of the file if it is bf16, which half precision
/// does not hold, and otherwise half.
fn choose(
    target: Target,
    known: &[Precision],
    stored: Precision,
    range: Range,
) -> Result<Precision> {
    let fits = |one: &Precision| range == Range::Small || *one != Precision::F16;
    let known: Vec<Precision> = known.iter().copied().filter(fits).collect();
    match target.precision {
        Some(asked) if known.contains(&asked) => Ok(asked),
        Some(asked) => Err(Error::NoPrecision {
            precision: asked.name(),
            device: target.device.to_string(),
            known: known.iter().map(|one| one.name()).collect(),
        }),
        None if target.device == Device::Candle => Ok(Precision::F32),
        None if stored == Precision::Bf16 && known.contains(&stored) => Ok(stored),
        None if range == Range::Small => Ok(Precision::F16),
        None => Ok(Precision::F32),
    }
}

/// Opens a device, or finds it open.
fn open(device: Device) -> Result<Arc<Open>> {
    static OPEN: Mutex<Vec<Arc<Open>>> = Mutex::new(Vec::new());
    let mut all = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(open) = all.iter().find(|open| open.device == device) {
        return Ok(open.clone());
    }
    let (known, candle) = match device {
        Device::Candle => (ALL, candle_core::Device::Cpu),
        #[cfg(feature = "cuda")]
        Device::Cuda(at) => super::cuda::open(at)?,
        #[cfg(feature = "metal")]
        Device::Metal => {
            // Without a graphics processor it panics.
            let opened = std::panic::catch_unwind(|| candle_core::Device::new_metal(0));
            let none = || {
                let reason = "this machine has none".to_owned();
                Error::NoDevice { device: device.to_string(), reason }
            };
            let candle = opened.map_err(|_| none())?.map_err(|error| failure::of(device, error))?;
            (HALF, candle)
        }
        other => return Err(not_built(other)),
    };
    let open = Arc::new(Open { device, known, candle, turn: Mutex::new(()) });
    all.push(open.clone());
    Ok(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TURING: &[Precision] = &[Precision::F16, Precision::F32];
    const AMPERE: &[Precision] = &[Precision::F16, Precision::Bf16, Precision::F32];

    fn chosen(
        known: &[Precision],
        asked: Option<Precision>,
        stored: Precision,
        range: Range,
    ) -> Result<Precision> {
        choose(Target { device: Device::Cuda(0), precision: asked }, known, stored, range)
    }

    #[test]
    fn a_card_gets_the_numbers_that_suit_it() {
        use Precision::{Bf16, F16, F32, Int8};
        let usual = |known, stored, range| chosen(known, None, stored, range).expect("a precision");
        assert_eq!(usual(AMPERE, Bf16, Range::Small), Bf16);
        assert_eq!(usual(AMPERE, F32, Range::Small), F16);
        assert_eq!(usual(TURING, Bf16, Range::Small), F16);
        assert_eq!(usual(TURING, Bf16, Range::Large), F32);
        assert_eq!(usual(AMPERE, Bf16, Range::Large), Bf16);
        assert_eq!(usual(AMPERE, F16, Range::Large), F32);
        assert_eq!(chosen(TURING, Some(F32), F16, Range::Small).expect("a precision"), F32);
        for (asked, range, had) in [
            (Bf16, Range::Small, vec!["f16", "f32"]),
            (Int8, Range::Small, vec!["f16", "f32"]),
            (F16, Range::Large, vec!["f32"]),
        ] {
            match chosen(TURING, Some(asked), F32, range) {
                Err(Error::NoPrecision { precision, known, .. }) => {
                    assert_eq!((precision, known), (asked.name(), had));
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
