//! Models on this machine: weights, tokens and the forward pass. Knows no table, no network and no
//! database; texts come in as strings, answers go out as numbers.
//!
//! A model is a folder as the Hugging Face hub keeps it: `config.json` says which architecture it
//! has, `tokenizer.json` how text becomes tokens; the weights are safetensors or another
//! framework's.

mod adapter;
pub mod answer;
pub mod classify;
pub mod cpu;
pub mod decoder;
pub mod embed;
pub mod encoder;
mod error;
mod folder;
pub mod generate;
mod gpu;
mod import;
mod labels;
mod linear;
mod norm;
mod relative;
pub mod seq2seq;
pub mod tag;
mod target;
mod tokens;
pub mod train;
pub mod weights;

pub use adapter::Adapter;
pub use encoder::Pace;
pub use error::{Error, Result};
pub use folder::Folder;
pub use gpu::{Best, Gpu, gpus};
pub use import::{Imported, import, import_watched};
pub use target::{Device, Precision, RunsOn, Target};
pub use tokens::{Limit, Place, Tokens, Window, Windows};
pub use weights::gguf::{Blocks, Metadata};
pub use weights::{Kind, Number, Rows, Weights};
