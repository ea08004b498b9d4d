//! What candle and CUDA fail with, told apart.

use crate::error::Error;
use crate::target::Device;

/// Names that CUDA and its libraries have for having no memory left.
const MEMORY: [&str; 4] =
    ["CUDA_ERROR_OUT_OF_MEMORY", "CUBLAS_STATUS_ALLOC_FAILED", "out of memory", "OutOfMemory"];

/// Names that they have for a card or driver that does not know what this build is made of.
const OLD: [&str; 8] = [
    "CUDA_ERROR_NO_BINARY_FOR_GPU",
    "CUDA_ERROR_INVALID_PTX",
    "CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
    "CUDA_ERROR_JIT_COMPILER_NOT_FOUND",
    "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
    "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE",
    "CUDA_ERROR_INVALID_SOURCE",
    "CUBLAS_STATUS_ARCH_MISMATCH",
];

/// Names that they have for there being no card.
const NONE: [&str; 4] = [
    "CUDA_ERROR_NO_DEVICE",
    "CUDA_ERROR_INVALID_DEVICE",
    "CUDA_ERROR_DEVICE_UNAVAILABLE",
    "CUDA_ERROR_DEVICE_NOT_LICENSED",
];

/// What went wrong on a device, as an error of its kind.
pub(super) fn of(device: Device, error: candle_core::Error) -> Error {
    let reason = said(error);
    let device = device.to_string();
    let is = |names: &[&str]| names.iter().any(|name| reason.contains(name));
    if is(&MEMORY) {
        Error::DeviceMemory { device, reason }
    } else if is(&OLD) {
        Error::OldDevice { device, reason }
    } else if is(&NONE) {
        Error::NoDevice { device, reason }
    } else {
        Error::LostDevice { device, reason }
    }
}

/// Its text, without where in the program it happened.
fn said(error: candle_core::Error) -> String {
    match error {
        candle_core::Error::WithBacktrace { inner, .. } => said(*inner),
        candle_core::Error::Context { inner, context } => format!("{context}: {}", said(*inner)),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_text(text: &str) -> Error {
        of(Device::Cuda(0), candle_core::Error::Msg(text.to_owned()).bt())
    }

    #[test]
    fn each_kind_of_failure_is_told_apart() {
        let memory = of_text("DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")");
        assert!(matches!(memory, Error::DeviceMemory { .. }), "{memory}");
        let memory = of_text("CublasError(CUBLAS_STATUS_ALLOC_FAILED)");
        assert!(matches!(memory, Error::DeviceMemory { .. }), "{memory}");
        let old = of_text("DriverError(CUDA_ERROR_UNSUPPORTED_PTX_VERSION, \"…\") when loading x");
        assert!(matches!(old, Error::OldDevice { .. }), "{old}");
        let none = of_text("DriverError(CUDA_ERROR_INVALID_DEVICE, \"invalid device ordinal\")");
        assert!(matches!(none, Error::NoDevice { .. }), "{none}");
        let lost = of_text("DriverError(CUDA_ERROR_LAUNCH_FAILED, \"unspecified launch failure\")");
        assert!(matches!(&lost, Error::LostDevice { reason, .. } if !reason.contains("at /")));
    }
}
