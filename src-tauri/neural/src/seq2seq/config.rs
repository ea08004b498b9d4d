//! What `config.json` says of T5 and its relatives.

use serde::Deserialize;

use crate::cpu::{Activation, Heads};
use crate::decoder::Ends;
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::relative::Buckets;

/// The shape of an encoder with a decoder.
#[derive(Debug, Clone)]
pub struct Config {
    /// Tokens it knows.
    pub vocabulary: usize,
    /// Numbers of a token's row.
    pub width: usize,
    /// Layers of the encoder.
    pub layers: usize,
    /// Layers of the decoder.
    pub decoder_layers: usize,
    /// Heads of attention.
    pub heads: Heads,
    /// Numbers between the two maps of a layer's feed-forward part.
    pub inner: usize,
    /// What keeps a norm from dividing by nothing.
    pub epsilon: f32,
    /// Of a layer's feed-forward part.
    pub activation: Activation,
    /// Whether that is a gate.
    pub gated: bool,
    /// What the decoder's rows are multiplied by before the vocabulary.
    pub scale: f32,
    /// The token that a text begins after.
    pub start: u32,
    /// Tokens that end a text.
    pub ends: Vec<u32>,
    pub(super) buckets: Buckets,
}

#[derive(Deserialize)]
struct Written {
    model_type: Option<String>,
    vocab_size: Option<usize>,
    d_model: Option<usize>,
    d_kv: Option<usize>,
    d_ff: Option<usize>,
    num_layers: Option<usize>,
    num_decoder_layers: Option<usize>,
    num_heads: Option<usize>,
    relative_attention_num_buckets: Option<usize>,
    relative_attention_max_distance: Option<usize>,
    layer_norm_epsilon: Option<f32>,
    feed_forward_proj: Option<String>,
    tie_word_embeddings: Option<bool>,
    scale_decoder_outputs: Option<bool>,
    decoder_start_token_id: Option<u32>,
    pad_token_id: Option<u32>,
    eos_token_id: Option<Ends>,
}

const FILE: &str = "config.json";

fn bad(field: &str, value: impl Into<String>) -> Error {
    Error::BadField { file: FILE, field: field.to_owned(), value: value.into() }
}

impl Config {
    /// Reads a folder's `config.json`.
    ///
    /// # Errors
    /// [`Error::BadField`] for another architecture, a field that is missing or one whose value cannot
    /// be; and those of reading the file.
    pub fn read(folder: &Folder) -> Result<Self> {
        let written: Written = folder.json(FILE)?;
        let kind = written.model_type.as_deref().ok_or_else(|| bad("model_type", "missing"))?;
        let default = match kind {
            "t5" => "relu",
            "mt5" => "gated-gelu",
            _ => return Err(bad("model_type", kind)),
        };
        let needed = |field: &str, value: Option<usize>| {
            value.filter(|&value| value > 0).ok_or_else(|| bad(field, "missing"))
        };
        let said = written.feed_forward_proj.as_deref().unwrap_or(default);
        let (gated, name) = match said {
            // Its makers meant the one by tanh.
            "gated-gelu" => (true, "gelu_new"),
            _ => match said.strip_prefix("gated-") {
                Some(name) => (true, name),
                None => (false, said),
            },
        };
        let layers = needed("num_layers", written.num_layers)?;
        let width = needed("d_model", written.d_model)?;
        let scaled = kind == "t5"
            && written
                .scale_decoder_outputs
                .unwrap_or_else(|| written.tie_word_embeddings != Some(false));
        Ok(Self {
            vocabulary: needed("vocab_size", written.vocab_size)?,
            decoder_layers: written.num_decoder_layers.unwrap_or(layers),
            heads: Heads {
                count: needed("num_heads", written.num_heads)?,
                width: needed("d_kv", written.d_kv)?,
            },
            inner: needed("d_ff", written.d_ff)?,
            epsilon: written.layer_norm_epsilon.unwrap_or(1e-6),
            activation: Activation::named(name).ok_or_else(|| bad("feed_forward_proj", said))?,
            scale: if scaled { 1.0 / (width as f32).sqrt() } else { 1.0 },
            start: written.decoder_start_token_id.or(written.pad_token_id).unwrap_or(0),
            ends: written.eos_token_id.map_or_else(|| vec![1], Ends::all),
            buckets: Buckets {
                count: written.relative_attention_num_buckets.unwrap_or(32),
                farthest: written.relative_attention_max_distance.unwrap_or(128),
                both_ways: true,
            },
            gated,
            layers,
            width,
        })
    }
}
