//! Reading safetensors (<https://github.com/huggingface/safetensors#format>).

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::error::Result;

use super::Named;
use super::number::Kind;
use super::source::Source;
use super::tensor::Tensor;

/// Longest description of tensors that is believed, as in the reference implementation.
const MOST_HEADER: u64 = 100_000_000;

/// What the head of a file says of a tensor.
#[derive(Deserialize)]
struct Description {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

pub(super) fn tensors(source: &Arc<Source>) -> Result<Named> {
    let length = source.length();
    if length < 8 {
        return Err(source.broken("it is too short"));
    }
    let mut size = [0; 8];
    source.read_at(0, &mut size)?;
    let size = u64::from_le_bytes(size);
    if size > MOST_HEADER || size > length - 8 {
        return Err(source.broken("it is cut off, or no safetensors file"));
    }
    let header = source.bytes(8, size)?;
    let described: HashMap<String, serde_json::Value> =
        serde_json::from_slice(&header).map_err(|error| source.broken(error.to_string()))?;
    let mut tensors = Vec::with_capacity(described.len());
    for (name, description) in described {
        if name == "__metadata__" {
            continue;
        }
        let description: Description = serde_json::from_value(description)
            .map_err(|error| source.broken(format!("{name}: {error}")))?;
        let (from, to) = description.data_offsets;
        if from > to || to > length - 8 - size {
            return Err(source.broken(format!("it is cut off: {name} ends beyond it")));
        }
        let kind = Kind::named(&description.dtype);
        let tensor = Tensor::plain(source, kind, description.shape, 8 + size + from, to - from);
        tensors.push((name, tensor));
    }
    Ok(tensors)
}
