//! Attention over tensors (Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>).

use candle_core::{DType, Result as Made, Tensor};
use candle_nn::ops::softmax_last_dim;

/// What attention is computed with.
pub(crate) struct Attention<'a> {
    /// What scores are multiplied by.
    pub(crate) scale: f64,
    /// Added to the scaled scores: what can be broadcast to `[texts, heads, queries, keys]`, in single
    /// precision.
    pub(crate) bias: Option<&'a Tensor>,
}

/// From queries `[texts, heads, queries, width]`, and keys and values `[texts, kept, keys, width]`, to
/// `[texts, queries, heads · width]`. Neighbouring heads share keys where there are fewer of them. Shares
/// are made in single precision.
pub(crate) fn attend(
    queries: &Tensor,
    keys: &Tensor,
    values: &Tensor,
    attention: &Attention,
) -> Made<Tensor> {
    let (texts, heads, asked, width) = queries.dims4()?;
    let (_, kept, known, _) = keys.dims4()?;
    let together = heads / kept * asked;
    // Scaled before the product, whose sums might leave half precision.
    let queries = queries.affine(attention.scale, 0.0)?.contiguous()?;
    let queries = queries.reshape((texts, kept, together, width))?;
    let scores = queries.matmul(&keys.t()?)?.to_dtype(DType::F32)?;
    let mut scores = scores.reshape((texts, heads, asked, known))?;
    if let Some(bias) = attention.bias {
        scores = scores.broadcast_add(bias)?;
    }
    let shares = softmax_last_dim(&scores)?.to_dtype(values.dtype())?;
    let mixed = shares.reshape((texts, kept, together, known))?.matmul(values)?;
    let mixed = mixed.reshape((texts, heads, asked, width))?;
    mixed.transpose(1, 2)?.contiguous()?.reshape((texts, asked, heads * width))
}
