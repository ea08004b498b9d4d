//! What is missing in a model, or not understood, by name.

use std::path::PathBuf;

/// What working with a model gives.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything a model can fail with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder is no model, or not a whole one.
    #[error("{folder} has no {file}")]
    MissingFile {
        /// The model's folder.
        folder: PathBuf,
        /// What should lie in it.
        file: String,
    },
    /// A file cannot be read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file or folder cannot be written.
    #[error("{path} cannot be written: {source}")]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not what its name says.
    #[error("{path} is broken: {reason}")]
    BadFile {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A field of a configuration is missing, or has a value that is not known here.
    #[error("{file}: {field} is {value}")]
    BadField {
        /// The configuration's name.
        file: &'static str,
        /// The field.
        field: String,
        /// What stands there.
        value: String,
    },
    /// The weights lack a tensor.
    #[error("the weights have no {tensor}")]
    MissingTensor {
        /// Its name.
        tensor: String,
    },
    /// A tensor has another shape than the configuration says.
    #[error("{tensor} is {found}, the configuration says {expected}")]
    BadShape {
        /// Its name.
        tensor: String,
        /// As it is.
        found: String,
        /// As it should be.
        expected: String,
    },
    /// Numbers of a kind that is not read here.
    #[error("{tensor} holds {kind}")]
    BadNumbers {
        /// Its name.
        tensor: String,
        /// The kind.
        kind: String,
    },
    /// There is no such device, or Mirante was built without it.
    #[error("no {device}: {reason}")]
    NoDevice {
        /// What was asked for.
        device: String,
        /// Why it cannot be had.
        reason: String,
    },
    /// The device or its driver is older than what this build is made for.
    #[error("{device} is too old: {reason}")]
    OldDevice {
        /// What was asked for.
        device: String,
        /// What is too old.
        reason: String,
    },
    /// The device's memory is full.
    #[error("{device} has no memory left: {reason}")]
    DeviceMemory {
        /// Which.
        device: String,
        /// As the device says it.
        reason: String,
    },
    /// The device failed in the middle of the work.
    #[error("{device} stopped working: {reason}")]
    LostDevice {
        /// Which.
        device: String,
        /// As the device says it.
        reason: String,
    },
    /// The model does not work in these numbers there.
    #[error("no {precision} on {device} with this model")]
    NoPrecision {
        /// What was asked for.
        precision: &'static str,
        /// Where.
        device: String,
        /// What can be had.
        known: Vec<&'static str>,
    },
    /// The tokenizer refused a text.
    #[error("the tokenizer failed: {reason}")]
    Tokens {
        /// Why.
        reason: String,
    },
    /// What is learned ran away: the loss or its gradients are no numbers any more.
    #[error("the loss is no number any more at step {step}")]
    Diverged {
        /// The step, from 1.
        step: usize,
    },
    /// The caller wanted the work to stop.
    #[error("stopped")]
    Stopped,
}
