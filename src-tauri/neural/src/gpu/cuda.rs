//! NVIDIA's cards, asked of the driver's own library, which is looked for at run time: the program starts
//! on machines that have none.

use std::ffi::{CStr, c_char, c_int, c_uint};
use std::sync::OnceLock;

use libloading::Library;

use super::failure;
use super::found::{Gpu, built_for};
use crate::error::{Error, Result};
use crate::target::{Device, Precision};

#[cfg(windows)]
const DRIVER: &[&str] = &["nvcuda.dll"];
#[cfg(not(windows))]
const DRIVER: &[&str] = &["libcuda.so.1", "libcuda.so"];

/// What candle needs beside the driver, which comes with the CUDA toolkit, by the names that cudarc looks
/// for.
#[cfg(windows)]
const LIBRARIES: [(&str, &[&str]); 3] = [
    ("cuBLAS", &["cublas.dll", "cublas64_13.dll", "cublas64_12.dll"]),
    ("cuBLASLt", &["cublasLt.dll", "cublasLt64_13.dll", "cublasLt64_12.dll"]),
    ("cuRAND", &["curand.dll", "curand64_10.dll"]),
];
#[cfg(not(windows))]
const LIBRARIES: [(&str, &[&str]); 3] = [
    ("cuBLAS", &["libcublas.so", "libcublas.so.13", "libcublas.so.12"]),
    ("cuBLASLt", &["libcublasLt.so", "libcublasLt.so.13", "libcublasLt.so.12"]),
    ("cuRAND", &["libcurand.so", "libcurand.so.10"]),
];

// `CUdevice_attribute` of CUDA's driver interface.
const CAPABILITY_MAJOR: c_int = 75;
const CAPABILITY_MINOR: c_int = 76;

/// Why something cannot be had.
type Said<T> = std::result::Result<T, String>;

/// All cards of the driver, also those that are too old.
fn cards() -> &'static Said<Vec<Gpu>> {
    // A driver that comes while the program runs is not seen, nor does CUDA's own library see it.
    static CARDS: OnceLock<Said<Vec<Gpu>>> = OnceLock::new();
    CARDS.get_or_init(|| {
        let driver = library(DRIVER).ok_or("no NVIDIA driver is installed")?;
        for (name, files) in LIBRARIES {
            library(files).ok_or_else(|| {
                format!("{name} is not installed; it comes with the CUDA toolkit ({})", files[0])
            })?;
        }
        let found = ask(driver)?;
        if found.is_empty() { Err("the driver finds no card".to_owned()) } else { Ok(found) }
    })
}

/// The cards that this build can use.
pub(super) fn gpus() -> Result<Vec<Gpu>> {
    let cards = match cards() {
        Ok(cards) => cards,
        Err(reason) => return Err(none(Device::Cuda(0), reason.clone())),
    };
    let usable: Vec<Gpu> = cards.iter().filter(|card| check(card).is_ok()).cloned().collect();
    match cards.first() {
        Some(first) if usable.is_empty() => check(first).map(|()| Vec::new()),
        _ => Ok(usable),
    }
}

/// Opens the card of that number, and says what it works in.
pub(super) fn open(at: usize) -> Result<(&'static [Precision], candle_core::Device)> {
    let device = Device::Cuda(at);
    let cards = cards().as_ref().map_err(|reason| none(device, reason.clone()))?;
    let card = cards.get(at).ok_or_else(|| {
        let names: Vec<_> =
            cards.iter().map(|card| format!("{} ({})", card.device, card.name)).collect();
        none(device, format!("this machine has {}", names.join(", ")))
    })?;
    check(card)?;
    // What is missing of a library is a panic of its loader's.
    let opened = std::panic::catch_unwind(|| {
        // One stream for all threads; `new_cuda` has one for each, without order between them.
        let opened = candle_core::Device::new_cuda_with_stream(at)?;
        if let candle_core::Device::Cuda(cuda) = &opened {
            // SAFETY: every tensor of this device is made, used and freed on its one stream, whose order
            // is all that the events would keep; nothing else in the process uses CUDA.
            unsafe { cuda.disable_event_tracking() };
        }
        Ok(opened)
    });
    let opened = opened.map_err(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        none(device, said.unwrap_or_else(|| "CUDA's libraries do not fit together".to_owned()))
    })?;
    Ok((card.precisions(), opened.map_err(|error| failure::of(device, error))?))
}

fn none(device: Device, reason: String) -> Error {
    Error::NoDevice { device: device.to_string(), reason }
}

/// Whether this build has kernels for a card.
fn check(card: &Gpu) -> Result<()> {
    let (Some((major, minor)), Some((least, part))) = (card.capability, built_for()) else {
        return Ok(());
    };
    if (major, minor) >= (least, part) {
        return Ok(());
    }
    let reason = format!(
        "{} has compute capability {major}.{minor}, this build needs {least}.{part}",
        card.name
    );
    Err(Error::OldDevice { device: card.device.to_string(), reason })
}

/// A library under one of its names. It stays loaded: what it begins in a process, threads and memory of
/// the card, does not outlive its code.
fn library(files: &[&str]) -> Option<&'static Library> {
    // SAFETY: loading runs the library's initialisers; these are NVIDIA's own, which expect to be loaded
    // by name and need nothing of us.
    let found = files.iter().find_map(|file| unsafe { Library::new(*file) }.ok());
    found.map(|library| &*Box::leak(Box::new(library)))
}

/// Asks the driver for its cards.
fn ask(driver: &Library) -> Said<Vec<Gpu>> {
    // SAFETY: the names and types are those of `cuda.h`, which has kept them since CUDA 3.2; pointers
    // lead to room that is large enough and outlives the calls, and `cuInit` is the first of them.
    unsafe {
        let init = call::<unsafe extern "C" fn(c_uint) -> c_int>(driver, c"cuInit")?;
        let count = call::<unsafe extern "C" fn(*mut c_int) -> c_int>(driver, c"cuDeviceGetCount")?;
        let get = call::<unsafe extern "C" fn(*mut c_int, c_int) -> c_int>(driver, c"cuDeviceGet")?;
        let name = call::<unsafe extern "C" fn(*mut c_char, c_int, c_int) -> c_int>(
            driver,
            c"cuDeviceGetName",
        )?;
        let memory = call::<unsafe extern "C" fn(*mut usize, c_int) -> c_int>(
            driver,
            c"cuDeviceTotalMem_v2",
        )?;
        let attribute = call::<unsafe extern "C" fn(*mut c_int, c_int, c_int) -> c_int>(
            driver,
            c"cuDeviceGetAttribute",
        )?;
        let mut cards = 0;
        worked(init(0), "cuInit")?;
        worked(count(&raw mut cards), "cuDeviceGetCount")?;
        let mut all = Vec::new();
        for at in 0..cards {
            let (mut card, mut bytes, mut major, mut minor) = (0, 0, 0, 0);
            let mut letters = [0 as c_char; 128];
            worked(get(&raw mut card, at), "cuDeviceGet")?;
            // One less, so that a zero always ends it.
            worked(
                name(letters.as_mut_ptr(), letters.len() as c_int - 1, card),
                "cuDeviceGetName",
            )?;
            worked(memory(&raw mut bytes, card), "cuDeviceTotalMem")?;
            worked(attribute(&raw mut major, CAPABILITY_MAJOR, card), "cuDeviceGetAttribute")?;
            worked(attribute(&raw mut minor, CAPABILITY_MINOR, card), "cuDeviceGetAttribute")?;
            all.push(Gpu {
                device: Device::Cuda(at as usize),
                name: CStr::from_ptr(letters.as_ptr()).to_string_lossy().into_owned(),
                memory: Some(bytes as u64),
                capability: Some((major as u32, minor as u32)),
            });
        }
        Ok(all)
    }
}

/// A function of the driver's.
///
/// # Safety
/// `F` must be its type.
unsafe fn call<F: Copy>(driver: &Library, name: &CStr) -> Said<F> {
    // SAFETY: the caller's promise.
    let found = unsafe { driver.get::<F>(name) };
    let missing = || format!("the NVIDIA driver is too old: it has no {}", name.to_string_lossy());
    Ok(*found.map_err(|_| missing())?)
}

fn worked(code: c_int, what: &str) -> Said<()> {
    match code {
        0 => Ok(()),
        // CUDA_ERROR_NO_DEVICE
        100 => Err("the driver finds no card".to_owned()),
        // CUDA_ERROR_SYSTEM_DRIVER_MISMATCH
        803 => Err("the NVIDIA driver and its library are of different versions".to_owned()),
        code => Err(format!("the NVIDIA driver answers {code} to {what}")),
    }
}
