//! Tensors in safetensors files (<https://github.com/huggingface/safetensors#format>), one or several.
//!
//! Files are read by position, never mapped: a mapped file that shrinks kills the process.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use half::{bf16, f16};
use serde::Deserialize;

use crate::error::{Error, Result};

/// Longest description of tensors that is believed, as in the reference implementation.
const MOST_HEADER: u64 = 100_000_000;

/// How a tensor's numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// 32 bits.
    F32,
    /// 16 bits, IEEE 754.
    F16,
    /// The first 16 bits of an [`Self::F32`].
    Bf16,
    /// 64 bits.
    F64,
}

impl Number {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "F32" => Self::F32,
            "F16" => Self::F16,
            "BF16" => Self::Bf16,
            "F64" => Self::F64,
            _ => return None,
        })
    }

    /// Bytes of one.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::F16 | Self::Bf16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// Reads little-endian numbers; `out` has room for as many as `bytes` hold.
    fn read(self, bytes: &[u8], out: &mut [f32]) {
        match self {
            Self::F32 => {
                for (out, bytes) in out.iter_mut().zip(bytes.as_chunks::<4>().0) {
                    *out = f32::from_le_bytes(*bytes);
                }
            }
            Self::F16 => {
                for (out, bytes) in out.iter_mut().zip(bytes.as_chunks::<2>().0) {
                    *out = f16::from_le_bytes(*bytes).to_f32();
                }
            }
            Self::Bf16 => {
                for (out, bytes) in out.iter_mut().zip(bytes.as_chunks::<2>().0) {
                    *out = bf16::from_le_bytes(*bytes).to_f32();
                }
            }
            Self::F64 => {
                for (out, bytes) in out.iter_mut().zip(bytes.as_chunks::<8>().0) {
                    *out = f64::from_le_bytes(*bytes) as f32;
                }
            }
        }
    }
}

/// A file with its name, shared by the tensors in it.
#[derive(Debug)]
struct Shard {
    path: PathBuf,
    file: File,
}

impl Shard {
    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_exact_at(&self.file, out, offset);
        #[cfg(windows)]
        let read = read_exact_at(&self.file, out, offset);
        read.map_err(|source| Error::Unreadable { path: self.path.clone(), source })
    }
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut out: &mut [u8], mut offset: u64) -> std::io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !out.is_empty() {
        let read = file.seek_read(out, offset)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        (out, offset) = (&mut out[read..], offset + read as u64);
    }
    Ok(())
}

/// Where a tensor lies.
#[derive(Debug, Clone)]
struct Tensor {
    shard: Arc<Shard>,
    kind: String,
    shape: Vec<usize>,
    offset: u64,
    bytes: u64,
}

/// The tensors of a model by name.
#[derive(Debug)]
pub struct Weights {
    tensors: HashMap<String, Tensor>,
}

/// What the head of a file says of a tensor.
#[derive(Deserialize)]
struct Description {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

impl Weights {
    /// Opens files that together hold a model's tensors.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::BadFile`].
    pub fn open(paths: &[PathBuf]) -> Result<Self> {
        let mut tensors = HashMap::new();
        for path in paths {
            tensors.extend(tensors_of(path)?);
        }
        Ok(Self { tensors })
    }

    /// Whether there is a tensor of that name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// How a tensor's numbers are written, where that is known here.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<Number> {
        Number::named(&self.tensors.get(name)?.kind)
    }

    fn tensor(&self, name: &str, shape: &[usize]) -> Result<(&Tensor, Number)> {
        let missing = || Error::MissingTensor { tensor: name.to_owned() };
        let tensor = self.tensors.get(name).ok_or_else(missing)?;
        if tensor.shape != shape {
            return Err(Error::BadShape {
                tensor: name.to_owned(),
                found: format!("{:?}", tensor.shape),
                expected: format!("{shape:?}"),
            });
        }
        let unknown = || Error::BadNumbers { tensor: name.to_owned(), kind: tensor.kind.clone() };
        let number = Number::named(&tensor.kind).ok_or_else(unknown)?;
        let bytes = shape.iter().try_fold(number.bytes(), |bytes, &many| bytes.checked_mul(many));
        if bytes.map(|bytes| bytes as u64) != Some(tensor.bytes) {
            let reason = format!("{name} has {} bytes", tensor.bytes);
            return Err(Error::BadFile { path: tensor.shard.path.clone(), reason });
        }
        Ok((tensor, number))
    }

    /// A whole tensor, which must have this shape.
    ///
    /// # Errors
    /// [`Error::MissingTensor`], [`Error::BadShape`], [`Error::BadNumbers`], [`Error::Unreadable`].
    pub fn load(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let (tensor, number) = self.tensor(name, shape)?;
        let mut bytes = vec![0; tensor.bytes as usize];
        tensor.shard.read_at(tensor.offset, &mut bytes)?;
        let mut numbers = vec![0.0; bytes.len() / number.bytes()];
        number.read(&bytes, &mut numbers);
        Ok(numbers)
    }

    /// A tensor of rows that is left where it lies, to be read row by row: of a vocabulary of hundreds
    /// of thousands of words a table uses few.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn rows(&self, name: &str, rows: usize, width: usize) -> Result<Rows> {
        let (tensor, number) = self.tensor(name, &[rows, width])?;
        Ok(Rows { shard: tensor.shard.clone(), offset: tensor.offset, number, rows, width })
    }

    /// The rows of a tensor, when it has two dimensions.
    #[must_use]
    pub fn row_count(&self, name: &str) -> Option<usize> {
        match self.tensors.get(name)?.shape[..] {
            [rows, _] => Some(rows),
            _ => None,
        }
    }
}

/// Rows of numbers in a file.
#[derive(Debug)]
pub struct Rows {
    shard: Arc<Shard>,
    offset: u64,
    number: Number,
    rows: usize,
    width: usize,
}

impl Rows {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Reads row `row` into `out`.
    ///
    /// # Errors
    /// [`Error::Unreadable`].
    ///
    /// # Panics
    /// When there is no such row, or `out` is not as long as a row.
    pub fn read(&self, row: usize, out: &mut [f32]) -> Result<()> {
        assert!(row < self.rows && out.len() == self.width, "row {row} of {}", self.rows);
        let size = self.width * self.number.bytes();
        // Rows of any model there is fit; larger ones are read all the same.
        let mut near = [0; 1 << 14];
        let mut far = Vec::new();
        let bytes = if size <= near.len() {
            &mut near[..size]
        } else {
            far.resize(size, 0);
            &mut far
        };
        self.shard.read_at(self.offset + (row * size) as u64, bytes)?;
        self.number.read(bytes, out);
        Ok(())
    }
}

fn tensors_of(path: &Path) -> Result<Vec<(String, Tensor)>> {
    let unreadable = |source| Error::Unreadable { path: path.to_owned(), source };
    let broken = |reason: &str| Error::BadFile { path: path.to_owned(), reason: reason.to_owned() };
    let file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    let shard = Arc::new(Shard { path: path.to_owned(), file });
    if length < 8 {
        return Err(broken("it is too short"));
    }
    let mut size = [0; 8];
    shard.read_at(0, &mut size)?;
    let size = u64::from_le_bytes(size);
    if size > MOST_HEADER || size > length - 8 {
        return Err(broken("it is cut off, or no safetensors file"));
    }
    let mut header = vec![0; size as usize];
    shard.read_at(8, &mut header)?;
    let described: HashMap<String, serde_json::Value> =
        serde_json::from_slice(&header).map_err(|error| broken(&error.to_string()))?;
    let mut tensors = Vec::with_capacity(described.len());
    for (name, description) in described {
        if name == "__metadata__" {
            continue;
        }
        let description: Description = serde_json::from_value(description)
            .map_err(|error| broken(&format!("{name}: {error}")))?;
        let (from, to) = description.data_offsets;
        if from > to || to > length - 8 - size {
            return Err(broken(&format!("it is cut off: {name} ends beyond it")));
        }
        let tensor = Tensor {
            shard: shard.clone(),
            kind: description.dtype,
            shape: description.shape,
            offset: 8 + size + from,
            bytes: to - from,
        };
        tensors.push((name, tensor));
    }
    Ok(tensors)
}
