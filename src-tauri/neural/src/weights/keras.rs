//! Reading what TensorFlow's models in transformers saved, `tf_model.h5`: Keras' names become those of
//! PyTorch, matrices are turned (`modeling_tf_pytorch_utils.py` in transformers 4).

use std::sync::Arc;

use crate::error::Result;

use super::source::Source;
use super::tensor::Tensor;
use super::{Named, hdf5};

/// The group of weights in a file that holds more than weights.
const WEIGHTS: &str = "model_weights";

/// The tensors of a file under PyTorch's names.
pub(super) fn tensors(source: &Arc<Source>) -> Result<Named> {
    let arrays = hdf5::arrays(source)?;
    let nested = arrays.iter().any(|(path, _)| path.starts_with(&format!("{WEIGHTS}/")));
    let mut tensors = Vec::with_capacity(arrays.len());
    for (path, tensor) in arrays {
        let path = match path.strip_prefix(WEIGHTS).and_then(|path| path.strip_prefix('/')) {
            Some(path) => path,
            // What the optimizer remembers.
            None if nested => continue,
            None => &path,
        };
        // The first group is Keras' layer; the weight's whole name follows.
        let Some((_, name)) = path.split_once('/') else { continue };
        tensors.push(in_pytorch(name, tensor));
    }
    if tensors.is_empty() {
        return Err(source.broken("it holds no tensors"));
    }
    Ok(tensors)
}

/// PyTorch's name and order of a weight that Keras calls `name`.
fn in_pytorch(name: &str, tensor: Tensor) -> (String, Tensor) {
    let name = name.replace(":0", "").replace("_._", "/");
    let mut parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty()).collect();
    // Below the outermost, `twice___once` stands for `once`.
    let last = parts.len().saturating_sub(1);
    for part in parts.iter_mut().take(last).skip(1) {
        if let Some((_, once)) = part.rsplit_once("___") {
            *part = once;
        }
    }
    // The model itself.
    if parts.len() > 1 {
        parts.remove(0);
    }
    let Some(end) = parts.pop() else { return (name, tensor) };
    let order: &[usize] = match (end, tensor.shape.len()) {
        ("kernel", 4) => &[3, 2, 0, 1],
        ("kernel", 3) => &[2, 1, 0],
        ("kernel", 2) => &[1, 0],
        _ => &[],
    };
    parts.push(match end {
        "kernel" | "embeddings" | "gamma" => "weight",
        "beta" => "bias",
        "moving_mean" => "running_mean",
        "moving_variance" => "running_var",
        same => same,
    });
    let mut tensor = match order {
        [] => tensor,
        _ => tensor.clone().permuted(order).unwrap_or(tensor),
    };
    // GPT-2's biases are rows.
    if end == "bias"
        && let &[1, width] = &tensor.shape[..]
    {
        tensor.shape = vec![width];
    }
    (parts.join("."), tensor)
}
