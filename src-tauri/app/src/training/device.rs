//! Where a model is taught, and what it may take there.

use mirante_neural::train::{Needs, speed};
use mirante_neural::{Device, Target, gpus};

use crate::app::App;
use crate::error::Result;
use crate::{inferring, memory};

/// Tenths of a card's memory that a training may take: the rest is the screen's and other programs'.
const TENTHS: u64 = 9;

/// A device that teaches, and its limits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) target: Target,
    /// Bytes of main memory, where that is known.
    pub(super) memory: Option<u64>,
    /// Bytes of the card's own memory, where it has some.
    pub(super) card: Option<u64>,
}

/// Where a model is to be taught, as it is said.
///
/// # Errors
/// [`Error::BadOption`](crate::Error::BadOption), and a device or precision that cannot be had.
pub(super) fn target(device: &str, precision: &str) -> Result<Target> {
    let target = inferring::target(device, precision, 1)?;
    target.teaching()?;
    Ok(target)
}

impl Room {
    /// What there is of a device.
    ///
    /// # Errors
    /// [`Error::Storage`](crate::Error::Storage) when the settings cannot be read, and those of a card that
    /// cannot be had.
    pub(super) fn of(app: &App, target: Target) -> Result<Self> {
        let memory = memory::limit(app)?;
        if target.device == Device::Cpu {
            return Ok(Self { target, memory, card: None });
        }
        let found = gpus()?.into_iter().find(|gpu| gpu.device == target.device);
        let card = found.and_then(|gpu| gpu.memory).map(|memory| memory / 10 * TENTHS);
        Ok(Self { target, memory, card })
    }

    /// Whether main memory is enough.
    pub(super) fn holds(&self, needs: &Needs) -> bool {
        self.memory.is_none_or(|limit| needs.memory <= limit)
    }

    /// Whether the card's memory is.
    pub(super) fn card_holds(&self, needs: &Needs) -> bool {
        self.card.is_none_or(|limit| needs.card <= limit)
    }

    /// Whether both are.
    pub(super) fn fits(&self, needs: &Needs) -> bool {
        self.holds(needs) && self.card_holds(needs)
    }

    /// Products and sums a second.
    ///
    /// # Errors
    /// Those of a card.
    pub(super) fn speed(&self) -> Result<f64> {
        Ok(speed(self.target)?)
    }
}
