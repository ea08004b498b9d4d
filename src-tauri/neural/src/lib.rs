//! Models on this machine: weights, tokens and the forward pass. Knows no table, no network and no
//! database; texts come in as strings, answers go out as numbers.
//!
//! A model is a folder as the Hugging Face hub keeps it: `config.json` says which architecture it
//! has, `tokenizer.json` how text becomes tokens, safetensors hold the weights.

pub mod cpu;
pub mod embed;
pub mod encoder;
mod error;
mod folder;
mod tokens;
mod weights;

pub use error::{Error, Result};
pub use folder::Folder;
pub use tokens::Tokens;
pub use weights::{Number, Rows, Weights};
