//! Reading what `torch.save` wrote: a state dict, alone or as `state_dict`, `model` or
//! `model_state_dict` of a checkpoint.

mod legacy;
mod state;
mod storage;
mod zip;

use std::sync::Arc;

use crate::error::Result;

use super::Named;
use super::source::Source;

/// The tensors in a file that `torch.save` wrote: a zip archive, or pickles one after the other.
pub(super) fn tensors(source: &Arc<Source>) -> Result<Named> {
    let tensors = if source.bytes(0, source.length().min(4))? == *b"PK\x03\x04" {
        zip::tensors(source)?
    } else {
        legacy::tensors(source)?
    };
    if tensors.is_empty() {
        return Err(source.broken("it holds no tensors"));
    }
    Ok(tensors)
}
