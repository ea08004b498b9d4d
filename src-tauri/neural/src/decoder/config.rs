//! What `config.json` says of a decoder, whichever of them it is.

use serde::Deserialize;

use super::rotary::{Rotary, Scaling};
use crate::cpu::{Activation, Heads};
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::linear::Layout;

/// The shape of a decoder.
#[derive(Debug, Clone)]
pub struct Config {
    /// Tokens it knows.
    pub vocabulary: usize,
    /// Numbers of a token's row.
    pub width: usize,
    /// Layers.
    pub layers: usize,
    /// Heads of queries.
    pub heads: Heads,
    /// Heads of keys and values.
    pub kept: usize,
    /// Numbers between the two maps of a layer's feed-forward part.
    pub inner: usize,
    /// What keeps a norm from dividing by nothing.
    pub epsilon: f32,
    /// Of a layer's feed-forward part.
    pub activation: Activation,
    /// The most tokens of a sequence.
    pub longest: usize,
    /// Keys that a query reaches back to.
    pub window: usize,
    /// How places are told apart; by rows of their own where this is none.
    pub rotary: Option<Rotary>,
    /// Whether the scores of attention are also divided by a layer's number.
    pub scaled_by_layer: bool,
    /// Whether the rows of the vocabulary are also the map to the next token.
    pub tied: bool,
    /// Tokens that end a text.
    pub ends: Vec<u32>,
    pub(crate) names: &'static Names,
}

/// How an architecture names its tensors, and what its layers are like.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) prefixes: &'static [&'static str],
    pub(crate) words: &'static str,
    /// Rows of places, where a model has them.
    pub(crate) places: Option<&'static str>,
    /// A layer, before its number.
    pub(crate) layer: &'static str,
    pub(crate) first_norm: &'static str,
    /// Queries, keys and values: as one map, or three.
    pub(crate) asked: &'static [&'static str],
    pub(crate) mixed: &'static str,
    /// None where attention and the feed-forward part work on the same rows.
    pub(crate) second_norm: Option<&'static str>,
    /// The gate and what it lets through, or the one map before the activation.
    pub(crate) inner: &'static [&'static str],
    pub(crate) outer: &'static str,
    pub(crate) last_norm: &'static str,
    pub(crate) layout: Layout,
    pub(crate) norm: NormKind,
}

/// Which norm an architecture has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NormKind {
    RootMeanSquare,
    Layer,
}

const LLAMA: Names = Names {
    prefixes: &["model.", ""],
    words: "embed_tokens",
    places: None,
    layer: "layers",
    first_norm: "input_layernorm",
    asked: &["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
    mixed: "self_attn.o_proj",
    second_norm: Some("post_attention_layernorm"),
    inner: &["mlp.gate_proj", "mlp.up_proj"],
    outer: "mlp.down_proj",
    last_norm: "norm",
    layout: Layout::Outputs,
    norm: NormKind::RootMeanSquare,
};

const PHI: Names = Names {
    mixed: "self_attn.dense",
    second_norm: None,
    inner: &["mlp.fc1"],
    outer: "mlp.fc2",
    last_norm: "final_layernorm",
    norm: NormKind::Layer,
    ..LLAMA
};

const GPT2: Names = Names {
    prefixes: &["transformer.", ""],
    words: "wte",
    places: Some("wpe"),
    layer: "h",
    first_norm: "ln_1",
    asked: &["attn.c_attn"],
    mixed: "attn.c_proj",
    second_norm: Some("ln_2"),
    inner: &["mlp.c_fc"],
    outer: "mlp.c_proj",
    last_norm: "ln_f",
    layout: Layout::Inputs,
    norm: NormKind::Layer,
};

/// `config.json`, with the names that GPT-2 has for the same things.
#[derive(Deserialize)]
struct Written {
    model_type: Option<String>,
    vocab_size: Option<usize>,
    #[serde(alias = "n_embd")]
    hidden_size: Option<usize>,
    #[serde(alias = "n_layer")]
    num_hidden_layers: Option<usize>,
    #[serde(alias = "n_head")]
    num_attention_heads: Option<usize>,
    num_key_value_heads: Option<usize>,
    head_dim: Option<usize>,
    #[serde(alias = "n_inner")]
    intermediate_size: Option<usize>,
    #[serde(alias = "rms_norm_eps", alias = "layer_norm_epsilon")]
    layer_norm_eps: Option<f32>,
    #[serde(alias = "activation_function")]
    hidden_act: Option<String>,
    #[serde(alias = "n_positions")]
    max_position_embeddings: Option<usize>,
    sliding_window: Option<usize>,
    use_sliding_window: Option<bool>,
    rope_theta: Option<f64>,
    partial_rotary_factor: Option<f64>,
    rope_scaling: Option<Scaling>,
    /// Where newer files say all of that.
    rope_parameters: Option<Scaling>,
    qk_layernorm: Option<bool>,
    scale_attn_weights: Option<bool>,
    scale_attn_by_inverse_layer_idx: Option<bool>,
    tie_word_embeddings: Option<bool>,
    eos_token_id: Option<Ends>,
}

/// One token that ends a text, or several.
#[derive(Deserialize, Clone)]
#[serde(untagged)]
pub(crate) enum Ends {
    One(u32),
    Some(Vec<u32>),
}

impl Ends {
    pub(crate) fn all(self) -> Vec<u32> {
        match self {
            Self::One(token) => vec![token],
            Self::Some(tokens) => tokens,
        }
    }
}

const FILE: &str = "config.json";

fn bad(field: &str, value: impl Into<String>) -> Error {
    Error::BadField { file: FILE, field: field.to_owned(), value: value.into() }
}

impl Config {
    /// Under which a model's tensors may stand.
    pub(crate) fn prefixes(&self) -> &'static [&'static str] {
        self.names.prefixes
    }

    /// Which way round its maps lie.
    pub(crate) fn layout(&self) -> Layout {
        self.names.layout
    }

    /// Reads a folder's `config.json`.
    ///
    /// # Errors
    /// [`Error::BadField`] for an architecture that is no decoder, a field that is missing or one whose
    /// value cannot be; and those of reading the file.
    pub fn read(folder: &Folder) -> Result<Self> {
        let written: Written = folder.json(FILE)?;
        let kind = written.model_type.as_deref().ok_or_else(|| bad("model_type", "missing"))?;
        let (names, tied) = match kind {
            "llama" | "mistral" | "qwen2" => (&LLAMA, false),
            "phi" => (&PHI, false),
            "gpt2" => (&GPT2, true),
            _ => return Err(bad("model_type", kind)),
        };
        let needed = |field: &str, value: Option<usize>| {
            value.filter(|&value| value > 0).ok_or_else(|| bad(field, "missing"))
        };
        if written.qk_layernorm == Some(true) {
            return Err(bad("qk_layernorm", "true"));
        }
        if written.scale_attn_weights == Some(false) {
            return Err(bad("scale_attn_weights", "false"));
        }
        let width = needed("hidden_size", written.hidden_size)?;
        let count = needed("num_attention_heads", written.num_attention_heads)?;
        let kept = written.num_key_value_heads.unwrap_or(count);
        if kept == 0 || !count.is_multiple_of(kept) {
            return Err(bad("num_key_value_heads", kept.to_string()));
        }
        if written.head_dim.is_none() && !width.is_multiple_of(count) {
            return Err(bad("num_attention_heads", count.to_string()));
        }
        let heads = Heads { count, width: written.head_dim.unwrap_or(width / count) };
        let longest = needed("max_position_embeddings", written.max_position_embeddings)?;
        let rotary = match names.places {
            Some(_) => None,
            None => {
                let said = written.rope_parameters.or(written.rope_scaling).unwrap_or_default();
                let share = said.partial_rotary_factor.or(written.partial_rotary_factor);
                let share = share.unwrap_or(if kind == "phi" { 0.5 } else { 1.0 });
                let theta = said.rope_theta.or(written.rope_theta).unwrap_or(10_000.0);
                Some(Rotary::new((heads.width as f64 * share) as usize, theta, &said)?)
            }
        };
        let windowed = kind == "mistral" || written.use_sliding_window == Some(true);
        if kind == "qwen2" && windowed {
            return Err(bad("use_sliding_window", "true"));
        }
        let default = if kind == "phi" || kind == "gpt2" { "gelu_new" } else { "silu" };
        let activation = written.hidden_act.as_deref().unwrap_or(default);
        Ok(Self {
            vocabulary: needed("vocab_size", written.vocab_size)?,
            layers: needed("num_hidden_layers", written.num_hidden_layers)?,
            inner: match written.intermediate_size {
                None if kind == "gpt2" => 4 * width,
                said => needed("intermediate_size", said)?,
            },
            epsilon: written.layer_norm_eps.unwrap_or(match kind {
                "llama" | "mistral" | "qwen2" => 1e-6,
                _ => 1e-5,
            }),
            activation: Activation::named(activation)
                .ok_or_else(|| bad("hidden_act", activation))?,
            window: written.sliding_window.filter(|_| windowed).unwrap_or(usize::MAX),
            scaled_by_layer: written.scale_attn_by_inverse_layer_idx.unwrap_or(false),
            tied: written.tie_word_embeddings.unwrap_or(tied),
            ends: written.eos_token_id.map(Ends::all).unwrap_or_default(),
            width,
            heads,
            kept,
            longest,
            rotary,
            names,
        })
    }
}
