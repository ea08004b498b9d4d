//! `config.json` out of what a GGUF file says of its model.

use serde_json::{Value as Json, json};

use crate::error::{Error, Result};
use crate::weights::Weights;
use crate::weights::gguf::Metadata;

/// Scaling of positions as Llama 3.1 and its successors have it: GGUF keeps its factors as a tensor.
pub(super) const FREQUENCIES: &str = "rope_freqs.weight";

/// The configuration of a model of the architecture `llama` or `qwen2`.
///
/// # Errors
/// [`Error::BadField`] that names what is missing or not known.
pub(super) fn config(weights: &Weights) -> Result<Json> {
    let metadata = weights.metadata();
    let model = metadata.text("general.architecture").unwrap_or_default();
    let class = match model {
        "llama" => "LlamaForCausalLM",
        "qwen2" => "Qwen2ForCausalLM",
        _ => return Err(bad("general.architecture", model)),
    };
    let said = Said { metadata, model };
    if let Some(experts) = said.get("expert_count").filter(|&experts| experts > 0) {
        return Err(bad(&said.name("expert_count"), experts));
    }
    let (width, heads) = (said.count("embedding_length")?, said.count("attention.head_count")?);
    let head = said.get("attention.key_length").or_else(|| width.checked_div(heads));
    let head = head.ok_or_else(|| bad(&said.name("attention.head_count"), heads))?;
    if let Some(turned) = said.get("rope.dimension_count").filter(|&turned| turned != head) {
        return Err(bad(&said.name("rope.dimension_count"), turned));
    }
    let epsilon = "attention.layer_norm_rms_epsilon";
    let mut config = json!({
        "architectures": [class],
        "model_type": model,
        "vocab_size": weights.row_count("model.embed_tokens.weight"),
        "hidden_size": width,
        "intermediate_size": said.count("feed_forward_length")?,
        "num_hidden_layers": said.count("block_count")?,
        "num_attention_heads": heads,
        "num_key_value_heads": said.get("attention.head_count_kv").unwrap_or(heads),
        "head_dim": head,
        "hidden_act": "silu",
        "max_position_embeddings": said.count("context_length")?,
        "rms_norm_eps": said.float(epsilon).ok_or_else(|| bad(&said.name(epsilon), "missing"))?,
        // What llama.cpp takes where the file says nothing.
        "rope_theta": said.float("rope.freq_base").unwrap_or(10_000.0),
        "tie_word_embeddings": !weights.has("lm_head.weight"),
    });
    if model == "llama" {
        config["attention_bias"] = weights.has("model.layers.0.self_attn.q_proj.bias").into();
        config["mlp_bias"] = weights.has("model.layers.0.mlp.up_proj.bias").into();
    }
    if let Some(scaling) = scaling(weights, &said, head)? {
        config["rope_scaling"] = scaling;
    }
    for (ours, theirs) in [
        ("bos_token_id", "tokenizer.ggml.bos_token_id"),
        ("eos_token_id", "tokenizer.ggml.eos_token_id"),
        ("pad_token_id", "tokenizer.ggml.padding_token_id"),
    ] {
        if let Some(id) = metadata.count(theirs) {
            config[ours] = id.into();
        }
    }
    Ok(config)
}

/// How positions beyond those of the first training are scaled.
fn scaling(weights: &Weights, said: &Said, head: u64) -> Result<Option<Json>> {
    if let Some(&[count]) = weights.shape(FREQUENCIES) {
        let found = weights.load(FREQUENCIES, &[count])?;
        let theta = said.float("rope.freq_base").unwrap_or(10_000.0);
        return llama3(&found, theta, head).map(Some);
    }
    let kind = said.metadata.text(&said.name("rope.scaling.type")).unwrap_or("none");
    let factor = said.float("rope.scaling.factor").unwrap_or(1.0);
    Ok(match kind {
        "none" => None,
        "linear" => Some(json!({ "rope_type": "linear", "factor": factor })),
        "yarn" => Some(json!({
            "rope_type": "yarn",
            "factor": factor,
            "original_max_position_embeddings": said.count("rope.scaling.original_context_length")?,
        })),
        other => return Err(bad(&said.name("rope.scaling.type"), other)),
    })
}

/// Llama 3's scaling, whose parameters are all models' but for the factor; they are taken only when they
/// give the very factors that the file has (`_compute_llama3_parameters` in transformers).
fn llama3(found: &[f32], theta: f64, head: u64) -> Result<Json> {
    const LOW: f64 = 1.0;
    const HIGH: f64 = 4.0;
    const ORIGINAL: f64 = 8192.0;
    let factor = found.iter().copied().fold(0.0, f32::max).round();
    let wanted = (0..head / 2).map(|at| {
        let length = std::f64::consts::TAU * theta.powf(2.0 * at as f64 / head as f64);
        if length < ORIGINAL / HIGH {
            1.0
        } else if length > ORIGINAL / LOW {
            f64::from(factor)
        } else {
            let smooth = (ORIGINAL / length - LOW) / (HIGH - LOW);
            1.0 / ((1.0 - smooth) / f64::from(factor) + smooth)
        }
    });
    let near = |(found, wanted): (&f32, f64)| (f64::from(*found) - wanted).abs() < 1e-3 * wanted;
    if found.len() as u64 != head / 2 || !found.iter().zip(wanted).all(near) {
        return Err(bad(FREQUENCIES, "of no known scaling"));
    }
    Ok(json!({
        "rope_type": "llama3",
        "factor": f64::from(factor),
        "low_freq_factor": LOW,
        "high_freq_factor": HIGH,
        "original_max_position_embeddings": ORIGINAL as u64,
    }))
}

/// Metadata under the name of an architecture.
struct Said<'a> {
    metadata: &'a Metadata,
    model: &'a str,
}

impl Said<'_> {
    fn name(&self, field: &str) -> String {
        format!("{}.{field}", self.model)
    }

    fn get(&self, field: &str) -> Option<u64> {
        self.metadata.count(&self.name(field))
    }

    fn count(&self, field: &str) -> Result<u64> {
        self.get(field).ok_or_else(|| bad(&self.name(field), "missing"))
    }

    /// As it is written with the digits that tell 32 bits apart: 0.00001, not what that is in 64.
    fn float(&self, field: &str) -> Option<f64> {
        let number = self.metadata.get(&self.name(field))?.as_f64()?;
        (number as f32).to_string().parse().ok()
    }
}

pub(super) fn bad(field: &str, value: impl ToString) -> Error {
    Error::BadField { file: "GGUF", field: field.to_owned(), value: value.to_string() }
}
