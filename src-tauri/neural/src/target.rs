//! Where a model works, and in which numbers.

use std::fmt;
use std::str::FromStr;

use crate::cpu::Isa;
use crate::error::{Error, Result};
use crate::gpu::not_built;
use crate::weights::Number;

/// What does the arithmetic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// A card of NVIDIA's, by its place among those of the machine.
    Cuda(usize),
    /// The graphics processor of a Mac.
    Metal,
    /// The processor by way of what works on graphics cards, to test that without one.
    #[cfg(feature = "candle")]
    #[doc(hidden)]
    Candle,
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(at) => write!(f, "cuda:{at}"),
            Self::Metal => f.write_str("metal"),
            #[cfg(feature = "candle")]
            Self::Candle => f.write_str("candle"),
        }
    }
}

impl FromStr for Device {
    type Err = ();

    fn from_str(said: &str) -> std::result::Result<Self, ()> {
        match said {
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            "metal" => Ok(Self::Metal),
            other => {
                let at = other.strip_prefix("cuda:").and_then(|at| at.parse().ok());
                at.map(Self::Cuda).ok_or(())
            }
        }
    }
}

/// The numbers that weights are kept in and multiplied with. Sums, norms and shares are in single
/// precision whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Precision {
    /// Single precision.
    F32,
    /// Half precision, IEEE 754's binary16.
    F16,
    /// The upper half of single precision.
    Bf16,
    /// Bytes with a scale for every few numbers of a row.
    Int8,
    /// As the file has them, in blocks of few bits.
    Quantised,
}

impl Precision {
    /// The numbers that weights are kept as, where they are numbers.
    pub(crate) const fn number(self) -> Option<Number> {
        match self {
            Self::F32 => Some(Number::F32),
            Self::F16 => Some(Number::F16),
            Self::Bf16 => Some(Number::Bf16),
            Self::Int8 | Self::Quantised => None,
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::Int8 => "int8",
            Self::Quantised => "quantised",
        }
    }
}

impl FromStr for Precision {
    type Err = ();

    fn from_str(said: &str) -> std::result::Result<Self, ()> {
        [Self::F32, Self::F16, Self::Bf16, Self::Int8]
            .into_iter()
            .find(|one| one.name() == said)
            .ok_or(())
    }
}

/// Where a model is to work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Target {
    /// What does the arithmetic.
    pub device: Device,
    /// In which numbers; what suits model and device where there is none.
    pub precision: Option<Precision>,
}

impl Target {
    /// That the processor is meant, where nothing else can be.
    ///
    /// # Errors
    /// [`Error::NoDevice`].
    pub(crate) fn on_cpu(self) -> Result<()> {
        if self.device == Device::Cpu { Ok(()) } else { Err(not_built(self.device)) }
    }

    /// What precision a model gets on the processor that knows `known` there, the first unless another is
    /// asked for.
    ///
    /// # Errors
    /// [`Error::NoDevice`], [`Error::NoPrecision`].
    pub(crate) fn among(self, known: &[Precision]) -> Result<Precision> {
        self.on_cpu()?;
        let asked = self.precision.unwrap_or(known[0]);
        if known.contains(&asked) {
            return Ok(asked);
        }
        let known = known.iter().map(|one| one.name()).collect();
        Err(Error::NoPrecision { precision: asked.name(), device: self.device.to_string(), known })
    }

    /// That a model can be taught here: on the processor in single precision, or on a card in what it has.
    ///
    /// # Errors
    /// [`Error::NoDevice`], [`Error::NoPrecision`].
    pub fn teaching(self) -> Result<()> {
        // What a card has is told where the model comes onto it.
        if cfg!(feature = "candle") && self.device != Device::Cpu {
            return Ok(());
        }
        self.among(&[Precision::F32]).map(drop)
    }

    /// What precision a model that writes gets on the processor, whose file has `own`: that, unless another is asked for;
    /// and the numbers that its weights are then kept as, where not as they are.
    ///
    /// # Errors
    /// As [`Self::among`].
    pub(crate) fn writing(self, own: Precision) -> Result<(Precision, Option<Number>)> {
        // What a card has is told where the model comes onto it.
        if self.device != Device::Cpu {
            return Ok((own, None));
        }
        let mut known = vec![own];
        known.extend(
            [Precision::F32, Precision::F16, Precision::Bf16].into_iter().filter(|&one| one != own),
        );
        let precision = self.among(&known)?;
        Ok((precision, self.precision.and_then(Precision::number)))
    }
}

/// Where a model works, in fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunsOn {
    /// What does the arithmetic.
    pub device: Device,
    /// In which numbers.
    pub precision: Precision,
    /// The processor's instructions; on any device some of the work is the processor's.
    pub isa: Isa,
}

impl RunsOn {
    /// The processor, with its best instructions.
    #[must_use]
    pub fn cpu(precision: Precision) -> Self {
        Self { device: Device::Cpu, precision, isa: Isa::best() }
    }
}
