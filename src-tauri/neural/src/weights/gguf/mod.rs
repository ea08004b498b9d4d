//! Reading GGUF, the format of llama.cpp
//! (<https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>), versions 2 and 3.

mod blocks;
mod k_blocks;
mod metadata;
mod names;

use std::sync::Arc;

use crate::error::Result;

use super::Named;
use super::number::Kind;
use super::source::{Cursor, Source};
use super::tensor::Tensor;

pub use blocks::Blocks;
pub use metadata::{Metadata, Value};
pub(super) use names::as_in_transformers;

/// Dimensions that the format allows.
const MOST_DIMENSIONS: u32 = 4;

/// What tensors' offsets are multiples of where the file does not say.
const ALIGNMENT: u64 = 32;

/// The tensors of a file under the names that llama.cpp has for them, and what is said of the model.
pub(super) fn read(source: &Arc<Source>) -> Result<(Named, Metadata)> {
    let mut cursor = Cursor::new(source.clone(), 0, source.length());
    if cursor.array()? != *b"GGUF" {
        return Err(source.broken("it is no GGUF file"));
    }
    let version = cursor.u32()?;
    if !matches!(version, 2 | 3) {
        return Err(source.broken(format!("it is GGUF of version {version}")));
    }
    let (tensors, entries) = (cursor.u64()?, cursor.u64()?);
    let metadata = Metadata::read(&mut cursor, entries)?;
    // Memory grows with what is there, whatever number of tensors is claimed.
    let mut described = Vec::new();
    for _ in 0..tensors {
        described.push(Description::read(&mut cursor)?);
    }
    let alignment = metadata.count("general.alignment").unwrap_or(ALIGNMENT);
    let start = alignment
        .is_power_of_two()
        .then(|| cursor.position().checked_next_multiple_of(alignment))
        .flatten()
        .ok_or_else(|| source.broken(format!("general.alignment is {alignment}")))?;
    let tensors = described.into_iter().map(|one| one.tensor(source, start));
    Ok((tensors.collect::<Result<_>>()?, metadata))
}

/// What the file says of a tensor.
struct Description {
    name: String,
    shape: Vec<usize>,
    kind: u32,
    offset: u64,
}

impl Description {
    fn read(cursor: &mut Cursor) -> Result<Self> {
        let name = cursor.text()?;
        let dimensions = cursor.u32()?;
        if dimensions > MOST_DIMENSIONS {
            return Err(cursor.broken(format!("{name} has {dimensions} dimensions")));
        }
        let mut shape = Vec::new();
        for _ in 0..dimensions {
            let size = usize::try_from(cursor.u64()?);
            shape.push(size.map_err(|_| cursor.broken(format!("{name} has no right shape")))?);
        }
        // The fastest is first in the file.
        shape.reverse();
        Ok(Self { name, shape, kind: cursor.u32()?, offset: cursor.u64()? })
    }

    fn tensor(self, source: &Arc<Source>, start: u64) -> Result<(String, Tensor)> {
        let Self { name, shape, kind, offset } = self;
        let kind = kind_of(kind);
        let tensor = if kind.block().is_none() {
            // Where it ends is not known; it is known that it is there, and what it holds.
            Tensor { source: source.clone(), kind, shape, parts: Vec::new(), view: None }
        } else {
            let place = start.checked_add(offset).zip(kind.bytes_of(&shape));
            let (offset, bytes) = place
                .filter(|&(offset, bytes)| source.holds(offset, bytes))
                .ok_or_else(|| source.broken(format!("it is cut off: {name} ends beyond it")))?;
            Tensor::plain(source, kind, shape, offset, bytes)
        };
        Ok((name, tensor))
    }
}

/// The kind of this number in `ggml_type` (`ggml.h`).
fn kind_of(number: u32) -> Kind {
    Kind::Blocks(match number {
        2 => Blocks::Q4_0,
        3 => Blocks::Q4_1,
        6 => Blocks::Q5_0,
        7 => Blocks::Q5_1,
        8 => Blocks::Q8_0,
        10 => Blocks::Q2K,
        11 => Blocks::Q3K,
        12 => Blocks::Q4K,
        13 => Blocks::Q5K,
        14 => Blocks::Q6K,
        _ => {
            return match number {
                0 => Kind::named("F32"),
                1 => Kind::named("F16"),
                24 => Kind::named("I8"),
                25 => Kind::named("I16"),
                26 => Kind::named("I32"),
                27 => Kind::named("I64"),
                28 => Kind::named("F64"),
                30 => Kind::named("BF16"),
                other => Kind::Other(unread(other)),
            };
        }
    })
}

/// The name of a kind that is not read here.
fn unread(number: u32) -> String {
    let name = match number {
        9 => "Q8_1",
        15 => "Q8_K",
        16 => "IQ2_XXS",
        17 => "IQ2_XS",
        18 => "IQ3_XXS",
        19 => "IQ1_S",
        20 => "IQ4_NL",
        21 => "IQ3_S",
        22 => "IQ2_S",
        23 => "IQ4_XS",
        29 => "IQ1_M",
        34 => "TQ1_0",
        35 => "TQ2_0",
        39 => "MXFP4",
        40 => "NVFP4",
        _ => return format!("GGML's kind {number}"),
    };
    name.to_owned()
}
