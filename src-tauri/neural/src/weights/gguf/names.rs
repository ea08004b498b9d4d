//! llama.cpp's names of tensors as transformers has them (`gguf-py/gguf/tensor_mapping.py`), for the
//! architectures `llama` and `qwen2`.

use crate::error::{Error, Result};
use crate::weights::Named;
use crate::weights::tensor::{Tensor, View};

use super::metadata::Metadata;

/// Beside the layers.
const WHOLE: [(&str, &str); 3] =
    [("token_embd", "model.embed_tokens"), ("output_norm", "model.norm"), ("output", "lm_head")];

/// In `blk.N`, and in `model.layers.N`.
const LAYER: [(&str, &str); 9] = [
    ("attn_norm", "input_layernorm"),
    ("attn_q", "self_attn.q_proj"),
    ("attn_k", "self_attn.k_proj"),
    ("attn_v", "self_attn.v_proj"),
    ("attn_output", "self_attn.o_proj"),
    ("ffn_norm", "post_attention_layernorm"),
    ("ffn_gate", "mlp.gate_proj"),
    ("ffn_up", "mlp.up_proj"),
    ("ffn_down", "mlp.down_proj"),
];

/// The tensors of a file under the names, and with the rows in the order, that transformers has. Those
/// of another architecture stay as they are.
pub(in crate::weights) fn as_in_transformers(tensors: Named, metadata: &Metadata) -> Result<Named> {
    let architecture = metadata.text("general.architecture").unwrap_or_default();
    if !matches!(architecture, "llama" | "qwen2") {
        return Ok(tensors);
    }
    let mut renamed = Vec::with_capacity(tensors.len());
    for (name, mut tensor) in tensors {
        let part = name.rsplit('.').nth(1).unwrap_or_default();
        let is_turned = architecture == "llama" && matches!(part, "attn_q" | "attn_k");
        if is_turned && tensor.kind.block().is_some() {
            tensor = in_halves(tensor, heads(metadata, part)).ok_or_else(|| Error::BadField {
                file: "GGUF",
                field: "llama.attention.head_count".to_owned(),
                value: format!("{:?}, which does not fit {name}", heads(metadata, part)),
            })?;
        }
        renamed.push((present_name(&name).unwrap_or(name), tensor));
    }
    Ok(renamed)
}

fn present_name(name: &str) -> Option<String> {
    let (stem, end) = name.rsplit_once('.')?;
    let named = |table: &[(&str, &'static str)], name: &str| {
        table.iter().find(|(theirs, _)| *theirs == name).map(|&(_, ours)| ours)
    };
    if let Some(ours) = named(&WHOLE, stem) {
        return Some(format!("{ours}.{end}"));
    }
    let (layer, part) = stem.strip_prefix("blk.")?.split_once('.')?;
    Some(format!("model.layers.{layer}.{}.{end}", named(&LAYER, part)?))
}

/// How many heads the queries (`attn_q`) or keys of a llama have.
fn heads(metadata: &Metadata, part: &str) -> Option<u64> {
    let queries = metadata.count("llama.attention.head_count");
    match part {
        // Where every head has keys of its own, it may be left out how many those are.
        "attn_k" => metadata.count("llama.attention.head_count_kv").or(queries),
        _ => queries,
    }
}

/// Rows of queries and keys in the order of transformers, where a head's first half of rows is turned
/// against its second half. In GGUF, rows that are turned against each other lie side by side
/// (`permute` in `convert_hf_to_gguf.py`).
fn in_halves(mut tensor: Tensor, heads: Option<u64>) -> Option<Tensor> {
    let (&rows, width) = tensor.shape.split_first()?;
    let heads = usize::try_from(heads?).ok().filter(|&heads| heads > 0)?;
    let row = match width {
        [] => tensor.kind.bytes_of(&[1])?,
        &[width] => tensor.kind.bytes_of(&[width])?,
        _ => return None,
    };
    let row = usize::try_from(row).ok()?;
    let pairs = (rows.is_multiple_of(heads.checked_mul(2)?)).then(|| rows / heads / 2)?;
    let dimensions = vec![(heads, pairs * 2 * row), (2, row), (pairs, 2 * row)];
    tensor.view = Some(View { atom: row, dimensions });
    Some(tensor)
}
