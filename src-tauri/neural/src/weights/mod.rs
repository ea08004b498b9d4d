//! A model's tensors, whichever framework wrote the files: safetensors, PyTorch, GGUF (llama.cpp),
//! TensorFlow's Keras and JAX's Flax. Under every format they have the names and shapes that
//! transformers gives them in PyTorch.

mod find;
mod flax;
pub mod gguf;
mod hdf5;
mod keras;
mod msgpack;
mod number;
mod pickle;
mod rows;
mod safetensors;
mod save;
mod source;
mod tensor;
mod torch;
pub(crate) mod write;

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::PathBuf;

use crate::error::{Error, Result};

pub(crate) use find::{find, is_gguf, missing};
use gguf::{Blocks, Metadata};
pub use number::{Kind, Number};
use rows::Place;
pub use rows::Rows;
pub(crate) use save::write_numbers;
pub use save::{Watch, save, save_watched};
use source::Source;
use tensor::Tensor;

/// Tensors with their names, as a file has them.
type Named = Vec<(String, Tensor)>;

/// The tensors of a model by name.
#[derive(Debug)]
pub struct Weights {
    tensors: HashMap<String, Tensor>,
    metadata: Metadata,
}

impl Weights {
    /// Opens files that together hold a model's tensors; a file's ending says how it is read: `.bin`,
    /// `.pt`, `.pth` and `.ckpt` as PyTorch's, `.gguf` as llama.cpp's, `.h5` as TensorFlow's, `.msgpack`
    /// as Flax', anything else as safetensors.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::BadFile`], and [`Error::BadField`] where a GGUF file's metadata does
    /// not fit its tensors.
    pub fn open(paths: &[PathBuf]) -> Result<Self> {
        let (mut tensors, mut metadata) = (Vec::new(), Metadata::default());
        for path in paths {
            let source = Source::open(path)?;
            match path.extension().and_then(OsStr::to_str).unwrap_or_default() {
                "bin" | "pt" | "pth" | "ckpt" => tensors.extend(torch::tensors(&source)?),
                "gguf" => {
                    let (part, said) = gguf::read(&source)?;
                    tensors.extend(part);
                    metadata.extend(said);
                }
                "msgpack" => tensors.extend(flax::tensors(&source)?),
                "h5" | "hdf5" => tensors.extend(keras::tensors(&source)?),
                _ => tensors.extend(safetensors::tensors(&source)?),
            }
        }
        let tensors = gguf::as_in_transformers(tensors, &metadata)?;
        let tensors = tensors.into_iter().map(|(name, tensor)| (present_name(name), tensor));
        Ok(Self { tensors: tensors.collect(), metadata })
    }

    /// What a GGUF file says of its model; nothing in other formats.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Whether there is a tensor of that name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// The names of all tensors, in order.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.tensors.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// Takes a tensor out.
    pub(crate) fn leave_out(&mut self, name: &str) {
        self.tensors.remove(name);
    }

    /// A tensor's sizes, the slowest first.
    #[must_use]
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(|tensor| &tensor.shape[..])
    }

    /// How a tensor's elements are written.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.tensors.get(name).map(|tensor| &tensor.kind)
    }

    /// How a tensor's numbers are written, where they are numbers that models work with as they are.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<Number> {
        match self.kind(name)? {
            &Kind::Number(number) => Some(number),
            _ => None,
        }
    }

    /// A whole tensor as it is written: elements or blocks of its kind, little-endian, in row-major
    /// order.
    ///
    /// # Errors
    /// [`Error::MissingTensor`], [`Error::BadNumbers`] for blocks of a size that is not known,
    /// [`Error::BadFile`], [`Error::Unreadable`].
    pub fn raw(&self, name: &str) -> Result<(Kind, Vec<u8>)> {
        let tensor = self.whole(name)?;
        if tensor.parts.is_empty() {
            return Err(unread(name, tensor));
        }
        Ok((tensor.kind.clone(), tensor.bytes()?))
    }

    fn whole(&self, name: &str) -> Result<&Tensor> {
        let missing = || Error::MissingTensor { tensor: name.to_owned() };
        let tensor = self.tensors.get(name).ok_or_else(missing)?;
        if !tensor.is_whole() {
            let (bytes, shape) = (tensor.stored(), &tensor.shape);
            let reason = format!("{name} has {bytes} bytes and the shape {shape:?}");
            return Err(tensor.source.broken(reason));
        }
        Ok(tensor)
    }

    fn numbers(&self, name: &str, shape: &[usize]) -> Result<&Tensor> {
        if let Some(tensor) = self.tensors.get(name) {
            if tensor.shape != shape {
                return Err(Error::BadShape {
                    tensor: name.to_owned(),
                    found: format!("{:?}", tensor.shape),
                    expected: format!("{shape:?}"),
                });
            }
            if !tensor.kind.is_read() {
                return Err(unread(name, tensor));
            }
        }
        self.whole(name)
    }

    /// A whole tensor, which must have this shape.
    ///
    /// # Errors
    /// [`Error::MissingTensor`], [`Error::BadShape`], [`Error::BadNumbers`], [`Error::BadFile`],
    /// [`Error::Unreadable`].
    pub fn load(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let tensor = self.numbers(name, shape)?;
        let bytes = tensor.bytes()?;
        let (elements, size) = tensor.kind.block().unwrap_or((1, 1));
        let mut numbers = vec![0.0; bytes.len() / size * elements];
        tensor.kind.read(&bytes, &mut numbers);
        Ok(numbers)
    }

    /// The blocks of a quantised tensor, row by row, which must have this shape.
    ///
    /// # Errors
    /// [`Error::BadNumbers`] where it is not quantised, and as [`Self::load`].
    pub fn blocks(&self, name: &str, shape: &[usize]) -> Result<(Blocks, Vec<u8>)> {
        let tensor = self.numbers(name, shape)?;
        match tensor.kind {
            Kind::Blocks(kind) => Ok((kind, tensor.bytes()?)),
            _ => Err(unread(name, tensor)),
        }
    }

    /// A tensor of rows that is left where it lies, to be read row by row: of a vocabulary of hundreds
    /// of thousands of words a table uses few. What lies in another order in its file is read at once.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn rows(&self, name: &str, rows: usize, width: usize) -> Result<Rows> {
        let tensor = self.numbers(name, &[rows, width])?;
        let size = tensor.kind.bytes_of(&[width]).unwrap_or(0) as usize;
        let place = match (&tensor.parts[..], &tensor.view) {
            (&[(offset, _)], None) => Place::File(tensor.source.clone(), offset),
            _ => Place::Memory(tensor.bytes()?),
        };
        Ok(Rows { place, kind: tensor.kind.clone(), rows, width, size })
    }

    /// The rows of a tensor, when it has two dimensions.
    #[must_use]
    pub fn row_count(&self, name: &str) -> Option<usize> {
        match self.shape(name)? {
            &[rows, _] => Some(rows),
            _ => None,
        }
    }
}

fn unread(name: &str, tensor: &Tensor) -> Error {
    Error::BadNumbers { tensor: name.to_owned(), kind: tensor.kind.name().to_owned() }
}

/// Norms had TensorFlow's names in the first BERTs that were brought to PyTorch, and still have in
/// their files; transformers renames them as well.
fn present_name(mut name: String) -> String {
    for (old, new) in [("LayerNorm.gamma", "weight"), ("LayerNorm.beta", "bias")] {
        if name.ends_with(old) {
            name.truncate(name.rfind('.').map_or(0, |dot| dot + 1));
            name.push_str(new);
        }
    }
    name
}
