//! The graphics cards of this machine, and which device suits where none is asked for.

use crate::error::{Error, Result};
use crate::target::{Device, Precision};

/// A graphics card that models can work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gpu {
    /// How it is asked for.
    pub device: Device,
    /// As its maker calls it.
    pub name: String,
    /// Bytes of its memory, where it has its own.
    pub memory: Option<u64>,
    /// NVIDIA's number of its generation, such as 7.5: what instructions it has.
    pub capability: Option<(u32, u32)>,
}

/// Without bf16.
pub(super) const HALF: &[Precision] = &[Precision::F16, Precision::F32];
/// All that cards have.
pub(super) const ALL: &[Precision] = &[Precision::F16, Precision::Bf16, Precision::F32];

/// The least capability of NVIDIA's that this build's kernels are compiled for, where its builder said so.
const BUILT_FOR: Option<&str> = option_env!("CUDA_COMPUTE_CAP");

/// The number that NVIDIA's compiler has for a capability: 75 is 7.5, 120 is 12.0, 90a is 9.0.
pub(super) fn capability(number: &str) -> Option<(u32, u32)> {
    let number: u32 = number.trim_end_matches(char::is_alphabetic).parse().ok()?;
    Some((number / 10, number % 10))
}

pub(super) fn built_for() -> Option<(u32, u32)> {
    BUILT_FOR.and_then(capability)
}

impl Gpu {
    /// The precisions that it works in.
    #[must_use]
    pub fn precisions(&self) -> &'static [Precision] {
        self.precisions_of(built_for())
    }

    /// Those of a build for `built` and later cards. Before 8.0 (Ampere) NVIDIA's cards have no products of
    /// bf16, and kernels for those before have none of it; Apple's have them only of late.
    fn precisions_of(&self, built: Option<(u32, u32)>) -> &'static [Precision] {
        let known = self.capability.map(|card| built.map_or(card, |built| built.min(card)));
        if known >= Some((8, 0)) { ALL } else { HALF }
    }
}

/// The graphics cards that this build can use, in their order; there is at least one.
///
/// # Errors
/// [`Error::NoDevice`] with the reason: none built in, no driver, no card; [`Error::OldDevice`].
pub fn gpus() -> Result<Vec<Gpu>> {
    #[cfg(feature = "cuda")]
    {
        super::cuda::gpus()
    }
    #[cfg(all(feature = "metal", not(feature = "cuda")))]
    {
        let name = "Apple GPU".to_owned();
        Ok(vec![Gpu { device: Device::Metal, name, memory: None, capability: None }])
    }
    #[cfg(not(any(feature = "cuda", feature = "metal")))]
    {
        Err(not_built(Device::Cuda(0)))
    }
}

/// What is answered where a device was left out of this build.
pub(crate) fn not_built(device: Device) -> Error {
    let reason = "this build has the processor only".to_owned();
    Error::NoDevice { device: device.to_string(), reason }
}

/// The device that suits where none is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Best {
    /// Which.
    pub device: Device,
    /// Why it is not a graphics card.
    pub reason: Option<String>,
}

impl Device {
    /// The first graphics card if this build and machine have one that works in `precision`, else the
    /// processor.
    #[must_use]
    pub fn best(precision: Option<Precision>) -> Best {
        let on_cpu = |reason: String| Best { device: Self::Cpu, reason: Some(reason) };
        let gpus = match gpus() {
            Ok(gpus) => gpus,
            Err(error) => return on_cpu(error.to_string()),
        };
        let suits = |gpu: &&Gpu| precision.is_none_or(|asked| gpu.precisions().contains(&asked));
        match gpus.iter().find(suits) {
            Some(gpu) => Best { device: gpu.device, reason: None },
            None => on_cpu("no graphics card works in that precision".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(capability: (u32, u32)) -> Gpu {
        let (device, name) = (Device::Cuda(0), "a card".to_owned());
        Gpu { device, name, memory: None, capability: Some(capability) }
    }

    #[test]
    fn only_cards_and_builds_that_have_products_of_bf16_are_offered_it() {
        for (card_of, built, has) in [
            ((7, 5), None, false),
            ((8, 0), None, true),
            ((12, 0), None, true),
            ((8, 9), capability("75"), false),
            ((8, 9), capability("80"), true),
            ((9, 0), capability("90a"), true),
        ] {
            let known = card(card_of).precisions_of(built);
            assert_eq!(known.contains(&Precision::Bf16), has, "{card_of:?} {built:?}");
        }
        assert_eq!(capability("120"), Some((12, 0)));
        assert_eq!(capability("all"), None);
    }

    #[test]
    fn what_no_card_works_in_is_the_processors() {
        let best = Device::best(Some(Precision::Int8));
        assert_eq!(best.device, Device::Cpu);
        assert!(best.reason.is_some());
        let best = Device::best(None);
        assert_eq!(best.reason.is_none(), best.device != Device::Cpu);
    }
}
