//! Reading what JAX's models in transformers saved, `flax_model.msgpack`: Flax' names become those of
//! PyTorch, matrices are turned (`modeling_flax_pytorch_utils.py` in transformers 4).

use std::sync::Arc;

use crate::error::Result;

use super::Named;
use super::msgpack::{self, Value};
use super::source::Source;
use super::tensor::Tensor;

/// Arrays of over 1 GiB are a map with this, the shape, and pieces one after the other.
const CHUNKED: &str = "__msgpack_chunked_array__";

/// Where parameters are, in a file that holds statistics of batches too.
const COLLECTIONS: [&str; 2] = ["params", "batch_stats"];

/// The tensors of a file under PyTorch's names.
pub(super) fn tensors(source: &Arc<Source>) -> Result<Named> {
    let Value::Map(top) = msgpack::read(source)? else {
        return Err(source.broken("no parameters are in it"));
    };
    let mut found = Found { source, tensors: Vec::new() };
    let has_collections = top.iter().any(|(name, _)| name == COLLECTIONS[0]);
    for (name, value) in top {
        match value {
            Value::Map(parts) if has_collections && COLLECTIONS.contains(&name.as_str()) => {
                for (name, value) in parts {
                    found.visit(&mut vec![name], value)?;
                }
            }
            _ if has_collections => {}
            value => found.visit(&mut vec![name], value)?,
        }
    }
    if found.tensors.is_empty() {
        return Err(source.broken("it holds no tensors"));
    }
    Ok(found.tensors)
}

struct Found<'a> {
    source: &'a Arc<Source>,
    tensors: Named,
}

impl Found<'_> {
    fn visit(&mut self, path: &mut Vec<String>, value: Value) -> Result<()> {
        match value {
            Value::Tensor(tensor) => self.tensors.push(in_pytorch(path, *tensor)),
            Value::Map(parts) if parts.iter().any(|(name, _)| name == CHUNKED) => {
                let broken = || self.source.broken(format!("{} is not whole", path.join("/")));
                let tensor = whole(parts).ok_or_else(broken)?;
                self.tensors.push(in_pytorch(path, tensor));
            }
            Value::Map(parts) => {
                for (name, value) in parts {
                    path.push(name);
                    self.visit(path, value)?;
                    path.pop();
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// An array that was written in pieces.
fn whole(parts: Vec<(String, Value)>) -> Option<Tensor> {
    let (mut shape, mut chunks) = (None, None);
    for (name, value) in parts {
        match (name.as_str(), value) {
            ("shape", Value::Map(sizes)) => shape = Some(numbered(sizes)?),
            ("chunks", Value::Map(pieces)) => chunks = Some(numbered(pieces)?),
            _ => {}
        }
    }
    let size = |size| match size {
        Value::Int(size) => usize::try_from(size).ok(),
        _ => None,
    };
    let shape = shape?.into_iter().map(size).collect::<Option<Vec<_>>>()?;
    let piece = |piece| match piece {
        Value::Tensor(tensor) => Some(*tensor),
        _ => None,
    };
    let pieces = chunks?.into_iter().map(piece).collect::<Option<Vec<_>>>()?;
    let mut tensor = pieces.first()?.clone();
    tensor.shape = shape;
    let is_like = |piece: &Tensor| piece.kind == tensor.kind;
    if !pieces.iter().all(is_like) {
        return None;
    }
    tensor.parts = pieces.into_iter().flat_map(|piece| piece.parts).collect();
    tensor.is_whole().then_some(tensor)
}

/// The values of a map whose keys are "0", "1", and so on.
fn numbered(pairs: Vec<(String, Value)>) -> Option<Vec<Value>> {
    let number = |(name, value): (String, Value)| Some((name.parse::<usize>().ok()?, value));
    let mut pairs = pairs.into_iter().map(number).collect::<Option<Vec<_>>>()?;
    pairs.sort_by_key(|&(number, _)| number);
    Some(pairs.into_iter().map(|(_, value)| value).collect())
}

/// PyTorch's name and order of a parameter.
fn in_pytorch(path: &[String], tensor: Tensor) -> (String, Tensor) {
    let (end, stem) = path.split_last().map_or(("", path), |(end, stem)| (end.as_str(), stem));
    let tensor = match (end, tensor.shape.len()) {
        // Of convolutions of images, then of anything else.
        ("kernel", 4) => tensor.clone().permuted(&[3, 2, 0, 1]).unwrap_or(tensor),
        ("kernel", count @ 2..) => {
            let order: Vec<usize> = (0..count).rev().collect();
            tensor.clone().permuted(&order).unwrap_or(tensor)
        }
        _ => tensor,
    };
    let end = match end {
        "kernel" | "scale" | "embedding" => "weight",
        "mean" => "running_mean",
        "var" => "running_var",
        same => same,
    };
    let name: Vec<&str> = stem.iter().map(String::as_str).chain([end]).collect();
    (name.join("."), tensor)
}
