//! numpy's own format (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>).

use std::io::Read;

use half::f16;

use super::{Take, VectorsError, broken};

/// Longest header that is read.
const LONGEST: usize = 1 << 16;

pub(super) fn read<E>(
    from: &mut impl Read,
    take: &mut Take<VectorsError<E>>,
) -> Result<(), VectorsError<E>> {
    let mut start = [0; 8];
    from.read_exact(&mut start)?;
    // Its length has two bytes in version 1, else four.
    let mut length = [0; 4];
    from.read_exact(&mut length[..if start[6] == 1 { 2 } else { 4 }])?;
    let length = u32::from_le_bytes(length) as usize;
    if length > LONGEST {
        return Err(broken(format!("a header of {length} bytes")));
    }
    let mut header = vec![0; length];
    from.read_exact(&mut header)?;
    let header = String::from_utf8_lossy(&header);
    let (rows, width) =
        shape(&header).ok_or_else(|| broken(format!("not rows of numbers: {header}")))?;
    if value(&header, "fortran_order").is_some_and(|order| order.starts_with("True"))
        && rows > 1
        && width > 1
    {
        return Err(broken("its columns lie one after the other: save np.ascontiguousarray of it"));
    }
    let kind = value(&header, "descr").unwrap_or_default();
    let (bytes, number): (usize, fn(&[u8]) -> f32) = match kind.trim_matches(['\'', '"']) {
        "<f2" => (2, |bytes| f16::from_le_bytes([bytes[0], bytes[1]]).to_f32()),
        "<f4" => (4, |bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])),
        "<f8" => (8, |bytes| f64::from_le_bytes(std::array::from_fn(|at| bytes[at])) as f32),
        other => return Err(broken(format!("numbers of kind {other}; <f2, <f4 and <f8 are read"))),
    };
    let row_bytes = width.checked_mul(bytes).filter(|&bytes| bytes < 1 << 26);
    let mut row = vec![0; row_bytes.ok_or_else(|| broken(format!("rows of {width} numbers")))?];
    let mut vector = vec![0.0; width];
    for _ in 0..rows {
        from.read_exact(&mut row)?;
        vector.iter_mut().zip(row.chunks_exact(bytes)).for_each(|(x, bytes)| *x = number(bytes));
        take(None, &vector)?;
    }
    Ok(())
}

/// What stands behind a key of the header, a Python dictionary, up to a comma or bracket outside of
/// parentheses.
fn value<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let (_, after) = header.split_once(&format!("'{key}':"))?;
    let after = after.trim_start();
    let end = match after.strip_prefix('(') {
        Some(inside) => inside.find(')')? + 2,
        None => after.find([',', '}'])?,
    };
    Some(after[..end].trim())
}

/// Rows and their numbers.
fn shape(header: &str) -> Option<(usize, usize)> {
    let inside = value(header, "shape")?.strip_prefix('(')?.strip_suffix(')')?;
    let mut sizes = inside.split(',').map(str::trim).filter(|size| !size.is_empty());
    let (rows, width) = (sizes.next()?.parse().ok()?, sizes.next()?.parse().ok()?);
    sizes.next().is_none().then_some((rows, width))
}
