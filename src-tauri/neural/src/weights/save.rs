//! Writing safetensors (<https://github.com/huggingface/safetensors#format>).

use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::error::{Error, Result};

use super::{Kind, Number, Weights};

/// Hears of every tensor that is written, and of every row where one stands for blocks: bytes of the file
/// so far, and in all. Whether to go on is the answer.
pub type Watch<'a> = dyn FnMut(u64, u64) -> bool + 'a;

/// Writes all tensors as a safetensors file: numbers as they are written in their source, blocks of a
/// GGUF file as what they stand for. Beside `path` until it is whole and safe on the disk, then put in
/// the place of what was there.
///
/// # Errors
/// [`Error::Unwritable`], and those of reading the source.
pub fn save(path: &Path, tensors: &Weights) -> Result<()> {
    save_watched(path, tensors, &mut |_, _| true)
}

/// The same, telling how far it is.
///
/// # Errors
/// As [`save`], and [`Error::Stopped`] once `watch` says no.
pub fn save_watched(path: &Path, tensors: &Weights, watch: &mut Watch) -> Result<()> {
    let unwritable = |source| Error::Unwritable { path: path.to_owned(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut beside = beside().tempfile_in(folder).map_err(unwritable)?;
    let names = by_size(tensors);
    let mut out = BufWriter::with_capacity(1 << 20, beside.as_file_mut());
    let (header, total) = header(names.iter().map(|&name| {
        let kind = written(tensors.kind(name).unwrap_or(&Kind::Number(Number::F32)));
        (name, kind, tensors.shape(name).unwrap_or_default())
    }))?;
    out.write_all(&header).map_err(unwritable)?;
    let mut done = 0;
    let mut add = |bytes: usize| {
        done += bytes as u64;
        if watch(done, total) { Ok(()) } else { Err(Error::Stopped) }
    };
    for name in names {
        match (tensors.kind(name), tensors.shape(name)) {
            (Some(Kind::Blocks(_)), Some(&[count, width])) => {
                // A vocabulary of blocks can take gigabytes as numbers.
                let rows = tensors.rows(name, count, width)?;
                let mut row = vec![0.0; width];
                for at in 0..count {
                    rows.read(at, &mut row)?;
                    write_numbers(&mut out, &row).map_err(unwritable)?;
                    add(size_of_val(row.as_slice()))?;
                }
            }
            (Some(Kind::Blocks(_)), Some(shape)) => {
                let numbers = tensors.load(name, shape)?;
                write_numbers(&mut out, &numbers).map_err(unwritable)?;
                add(size_of_val(numbers.as_slice()))?;
            }
            _ => {
                let (_, bytes) = tensors.raw(name)?;
                out.write_all(&bytes).map_err(unwritable)?;
                add(bytes.len())?;
            }
        }
    }
    out.flush().map_err(unwritable)?;
    drop(out);
    beside.as_file().sync_all().map_err(unwritable)?;
    beside.persist(path).map_err(|error| unwritable(error.error))?;
    Ok(())
}

/// Writes numbers, little-endian.
pub(crate) fn write_numbers(
    out: &mut (impl Write + ?Sized),
    numbers: &[f32],
) -> std::io::Result<()> {
    numbers.iter().try_for_each(|number| out.write_all(&number.to_le_bytes()))
}

/// A temporary file that anyone may read whom the system lets read new files; it would be its owner's
/// alone.
#[cfg(unix)]
pub(super) fn beside<'a, 'b>() -> tempfile::Builder<'a, 'b> {
    use std::os::unix::fs::PermissionsExt;
    let mut builder = tempfile::Builder::new();
    builder.permissions(std::fs::Permissions::from_mode(0o666));
    builder
}

#[cfg(not(unix))]
pub(super) fn beside<'a, 'b>() -> tempfile::Builder<'a, 'b> {
    tempfile::Builder::new()
}

/// The kind that a tensor of `kind` is written as.
fn written(kind: &Kind) -> Kind {
    match kind {
        Kind::Blocks(_) => Kind::Number(Number::F32),
        plain => plain.clone(),
    }
}

/// Names with the widest numbers first: then every tensor begins at a multiple of its numbers' size,
/// as readers that map the file want it.
fn by_size(tensors: &Weights) -> Vec<&str> {
    let mut names = tensors.names();
    let size = |name: &str| tensors.kind(name).and_then(|kind| written(kind).block());
    names.sort_by_key(|name| std::cmp::Reverse(size(name)));
    names
}

/// The length of the description of some tensors, given in the order of their bytes, and the description;
/// and the bytes of all of them.
pub(super) fn header<'a>(
    tensors: impl Iterator<Item = (&'a str, Kind, &'a [usize])>,
) -> Result<(Vec<u8>, u64)> {
    let mut described = Map::new();
    // What transformers writes, and asks for when it reads.
    described.insert("__metadata__".to_owned(), json!({ "format": "pt" }));
    let mut offset = 0_u64;
    for (name, kind, shape) in tensors {
        let unknown =
            || Error::BadNumbers { tensor: name.to_owned(), kind: kind.name().to_owned() };
        let bytes = kind.bytes_of(shape).ok_or_else(unknown)?;
        let end = offset.checked_add(bytes).ok_or_else(unknown)?;
        let described_as =
            json!({ "dtype": kind.name(), "shape": shape, "data_offsets": [offset, end] });
        described.insert(name.to_owned(), described_as);
        offset = end;
    }
    let mut text = Value::Object(described).to_string().into_bytes();
    text.resize(text.len().next_multiple_of(8), b' ');
    Ok(([&(text.len() as u64).to_le_bytes()[..], &text].concat(), offset))
}
