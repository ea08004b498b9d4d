//! Arrays: which numbers, how many, and where.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::weights::number::{Kind, Number};
use crate::weights::source::{Cursor, Source};
use crate::weights::tensor::Tensor;

use super::object::{Message, Object};
use super::{DATASPACE, DATATYPE, FILTERS, LAYOUT, NOWHERE};

pub(super) fn array(source: &Arc<Source>, object: &Object, name: &str) -> Result<Tensor> {
    let broken = |reason: &str| source.broken(format!("{name} {reason}"));
    let cursor = |kind: u16| -> Result<Cursor> {
        let is_here = |message: &&Message| !message.is_shared;
        let message = object.message(kind).filter(is_here);
        let message = message.ok_or_else(|| broken("is not described where it lies"))?;
        Ok(message.cursor(source))
    };
    if object.message(FILTERS).is_some() {
        return Err(broken("is compressed, which is not read"));
    }
    let shape = shape(&mut cursor(DATASPACE)?, &broken)?;
    let kind = kind(&mut cursor(DATATYPE)?)?;
    let mut layout = cursor(LAYOUT)?;
    let (version, class) = (layout.u8()?, layout.u8()?);
    let (offset, bytes) = match (version, class) {
        // In the header itself.
        (3 | 4, 0) => {
            let bytes = layout.u16()?;
            (layout.position(), bytes.into())
        }
        (3 | 4, 1) => (layout.u64()?, layout.u64()?),
        (3 | 4, _) => return Err(broken("lies in chunks, which are not read")),
        _ => return Err(broken("has a layout of a version that is not known")),
    };
    if bytes == 0 && kind.bytes_of(&shape) == Some(0) {
        return Ok(Tensor::plain(source, kind, shape, 0, 0));
    }
    if offset == NOWHERE {
        return Err(broken("was never written"));
    }
    if !source.holds(offset, bytes) {
        return Err(broken("ends beyond the file"));
    }
    let tensor = Tensor::plain(source, kind, shape, offset, bytes);
    if !tensor.is_whole() {
        return Err(broken("has not the bytes of its shape"));
    }
    Ok(tensor)
}

fn shape(cursor: &mut Cursor, broken: &dyn Fn(&str) -> Error) -> Result<Vec<usize>> {
    let (version, dimensions) = (cursor.u8()?, cursor.u8()?);
    cursor.skip(match version {
        1 => 6,
        2 => 2,
        _ => return Err(broken("has a shape of a version that is not known")),
    })?;
    let mut shape = Vec::new();
    for _ in 0..dimensions {
        let size = usize::try_from(cursor.u64()?);
        shape.push(size.map_err(|_| broken("has no right shape"))?);
    }
    Ok(shape)
}

/// The kind of little-endian numbers; a name that says what it is for anything else.
fn kind(cursor: &mut Cursor) -> Result<Kind> {
    let class = cursor.u8()? & 15;
    let [bits, _, _] = cursor.array()?;
    let size = cursor.u32()?;
    let (is_little, is_signed) = (bits & 0x41 == 0, bits & 8 != 0);
    if class > 1 || !is_little {
        return Ok(Kind::Other(format!("HDF5's class {class}, bits {bits:#04x}")));
    }
    if class == 0 {
        let name = format!("{}{}", if is_signed { 'I' } else { 'U' }, u64::from(size) * 8);
        return Ok(Kind::named(&name));
    }
    // Where exponent and mantissa begin.
    cursor.skip(4)?;
    let (_, exponent, _, mantissa) = (cursor.u8()?, cursor.u8()?, cursor.u8()?, cursor.u8()?);
    Ok(match (size, exponent, mantissa) {
        (2, 5, 10) => Kind::Number(Number::F16),
        (2, 8, 7) => Kind::Number(Number::Bf16),
        (4, 8, 23) => Kind::Number(Number::F32),
        (8, 11, 52) => Kind::Number(Number::F64),
        _ => Kind::Other(format!("floats of {exponent} and {mantissa} bits")),
    })
}
