//! What `config.json` says of an encoder, whichever of them it is.

use serde::Deserialize;

use crate::cpu::Activation;
use crate::error::{Error, Result};
use crate::folder::Folder;

/// The architectures of encoders, which differ in names and in what follows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// BERT.
    Bert,
    /// RoBERTa, XLM-RoBERTa and CamemBERT.
    Roberta,
    /// DistilBERT.
    DistilBert,
    /// MPNet.
    Mpnet,
}

/// The shape of an encoder.
#[derive(Debug, Clone)]
pub struct Config {
    /// Its architecture.
    pub kind: Kind,
    /// Tokens it knows.
    pub vocabulary: usize,
    /// Numbers of a token's row.
    pub width: usize,
    /// Layers.
    pub layers: usize,
    /// Heads of attention.
    pub heads: usize,
    /// Numbers between the two maps of a layer's feed-forward part.
    pub inner: usize,
    /// Kinds of a token: 0 where the model does not tell them apart.
    pub types: usize,
    /// The row of the first token among the positions.
    pub first_position: usize,
    /// What keeps a norm from dividing by nothing.
    pub epsilon: f32,
    /// Between the two maps of a layer's feed-forward part.
    pub activation: Activation,
    /// Buckets of relative distance, where scores are moved by it.
    pub buckets: Option<usize>,
    pub(crate) names: &'static Names,
}

/// How an architecture names its tensors.
#[derive(Debug)]
pub(crate) struct Names {
    /// Under which all of them may stand.
    pub(crate) prefixes: &'static [&'static str],
    /// A layer, before its number.
    pub(crate) layer: &'static str,
    pub(crate) query: &'static str,
    pub(crate) key: &'static str,
    pub(crate) value: &'static str,
    pub(crate) mixed: &'static str,
    pub(crate) mixed_norm: &'static str,
    pub(crate) inner: &'static str,
    pub(crate) outer: &'static str,
    pub(crate) outer_norm: &'static str,
}

const BERT: Names = Names {
    prefixes: &["", "bert.", "roberta.", "0.auto_model."],
    layer: "encoder.layer",
    query: "attention.self.query",
    key: "attention.self.key",
    value: "attention.self.value",
    mixed: "attention.output.dense",
    mixed_norm: "attention.output.LayerNorm",
    inner: "intermediate.dense",
    outer: "output.dense",
    outer_norm: "output.LayerNorm",
};

const DISTILBERT: Names = Names {
    prefixes: &["", "distilbert.", "0.auto_model."],
    layer: "transformer.layer",
    query: "attention.q_lin",
    key: "attention.k_lin",
    value: "attention.v_lin",
    mixed: "attention.out_lin",
    mixed_norm: "sa_layer_norm",
    inner: "ffn.lin1",
    outer: "ffn.lin2",
    outer_norm: "output_layer_norm",
};

const MPNET: Names = Names {
    prefixes: &["", "mpnet.", "0.auto_model."],
    layer: "encoder.layer",
    query: "attention.attn.q",
    key: "attention.attn.k",
    value: "attention.attn.v",
    mixed: "attention.attn.o",
    mixed_norm: "attention.LayerNorm",
    inner: "intermediate.dense",
    outer: "output.dense",
    outer_norm: "output.LayerNorm",
};

/// `config.json`, with the names that DistilBERT has for the same things.
#[derive(Deserialize)]
struct Written {
    model_type: Option<String>,
    vocab_size: Option<usize>,
    #[serde(alias = "dim")]
    hidden_size: Option<usize>,
    #[serde(alias = "n_layers")]
    num_hidden_layers: Option<usize>,
    #[serde(alias = "n_heads")]
    num_attention_heads: Option<usize>,
    #[serde(alias = "hidden_dim")]
    intermediate_size: Option<usize>,
    #[serde(alias = "activation")]
    hidden_act: Option<String>,
    type_vocab_size: Option<usize>,
    layer_norm_eps: Option<f32>,
    pad_token_id: Option<usize>,
    position_embedding_type: Option<String>,
    relative_attention_num_buckets: Option<usize>,
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

    /// Reads a folder's `config.json`.
    ///
    /// # Errors
    /// [`Error::BadField`] for an architecture that is no encoder, a field that is missing or one
    /// whose value cannot be; and those of reading the file.
    pub fn read(folder: &Folder) -> Result<Self> {
        let written: Written = folder.json(FILE)?;
        let needed = |field: &str, value: Option<usize>| {
            value.filter(|&value| value > 0).ok_or_else(|| bad(field, "missing"))
        };
        let kind = written.model_type.as_deref().ok_or_else(|| bad("model_type", "missing"))?;
        // Padding is a token of its own and has the position before the first.
        let after_padding = written.pad_token_id.unwrap_or(1) + 1;
        let (kind, names, types, first_position, buckets) = match kind {
            "bert" => (Kind::Bert, &BERT, written.type_vocab_size.unwrap_or(2), 0, None),
            "roberta" | "xlm-roberta" | "camembert" => {
                (Kind::Roberta, &BERT, written.type_vocab_size.unwrap_or(1), after_padding, None)
            }
            "distilbert" => (Kind::DistilBert, &DISTILBERT, 0, 0, None),
            // Its code holds the 1, whatever the configuration says.
            "mpnet" => {
                let buckets = written.relative_attention_num_buckets.unwrap_or(32);
                (Kind::Mpnet, &MPNET, 0, 2, Some(buckets))
            }
            _ => return Err(bad("model_type", kind)),
        };
        if let Some(kind) = written.position_embedding_type.filter(|kind| kind != "absolute") {
            return Err(bad("position_embedding_type", kind));
        }
        let activation = written.hidden_act.as_deref().unwrap_or("gelu");
        let width = needed("hidden_size", written.hidden_size)?;
        let heads = needed("num_attention_heads", written.num_attention_heads)?;
        if !width.is_multiple_of(heads) {
            return Err(bad("num_attention_heads", heads.to_string()));
        }
        Ok(Self {
            kind,
            vocabulary: needed("vocab_size", written.vocab_size)?,
            width,
            layers: needed("num_hidden_layers", written.num_hidden_layers)?,
            heads,
            inner: needed("intermediate_size", written.intermediate_size)?,
            types,
            first_position,
            epsilon: written.layer_norm_eps.unwrap_or(1e-12),
            activation: Activation::named(activation)
                .ok_or_else(|| bad("hidden_act", activation))?,
            buckets,
            names,
        })
    }
}
