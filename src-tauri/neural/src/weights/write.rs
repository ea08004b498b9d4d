//! Writing tensors that are in memory as safetensors.

use std::io::{BufWriter, Write};
use std::path::Path;

use super::save::{beside, header, write_numbers};
use super::{Kind, Number};
use crate::error::{Error, Result};

/// What a tensor holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Content<'a> {
    /// Numbers in rows.
    Numbers(&'a [f32]),
    /// Bytes that are no numbers.
    Bytes(&'a [u8]),
}

/// Writes tensors by name and shape, beside `path` until all is whole and safe on the disk.
///
/// # Errors
/// [`Error::Unwritable`]; what was there before is then there still.
pub(crate) fn write<'a>(
    path: &Path,
    tensors: &[(&'a str, &'a [usize], Content<'a>)],
) -> Result<()> {
    // Numbers first, so that each begins where readers that map the file want it.
    let mut tensors = tensors.to_vec();
    tensors.sort_by_key(|(_, _, content)| matches!(content, Content::Bytes(_)));
    let described: Vec<_> = tensors
        .iter()
        .map(|&(name, shape, content)| {
            let kind = match content {
                Content::Numbers(_) => Kind::Number(Number::F32),
                Content::Bytes(_) => Kind::Other("U8".to_owned()),
            };
            (name, kind, shape)
        })
        .collect();
    write_each(path, &described, |at, out| {
        let written = match tensors[at].2 {
            Content::Numbers(numbers) => write_numbers(out, numbers),
            Content::Bytes(bytes) => out.write_all(bytes),
        };
        written.map_err(|source| Error::Unwritable { path: path.to_owned(), source })
    })
}

/// The same for tensors that are only made as they are written, by `fill`, which gets their place.
///
/// # Errors
/// As [`write`], and those of `fill`.
pub(crate) fn write_each(
    path: &Path,
    tensors: &[(&str, Kind, &[usize])],
    mut fill: impl FnMut(usize, &mut dyn Write) -> Result<()>,
) -> Result<()> {
    let unwritable = |source| Error::Unwritable { path: path.to_owned(), source };
    let mut beside = beside().tempfile_in(path.parent().unwrap_or(path)).map_err(unwritable)?;
    let mut out = BufWriter::with_capacity(1 << 20, beside.as_file_mut());
    let (header, _) = header(tensors.iter().cloned())?;
    out.write_all(&header).map_err(unwritable)?;
    for at in 0..tensors.len() {
        fill(at, &mut out)?;
    }
    out.flush().map_err(unwritable)?;
    drop(out);
    beside.as_file().sync_all().map_err(unwritable)?;
    beside.persist(path).map_err(|error| unwritable(error.error))?;
    Ok(())
}
