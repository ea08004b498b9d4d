//! Vectors that other programs made: numpy's, Parquet's, JSON's. They are handed over one by one, and need
//! no more memory than one takes.

mod json;
mod npy;
mod parquet;

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

/// What reading vectors fails with.
#[derive(Debug, thiserror::Error)]
pub enum VectorsError<E> {
    /// The file cannot be read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It holds no vectors, or a bad one.
    #[error("vector {vector}: {reason}")]
    Bad {
        /// Which, from 1; 0 for the file as a whole.
        vector: u64,
        /// Why.
        reason: String,
    },
    /// Whoever took the vectors wanted no more.
    #[error("stopped")]
    Taker(E),
}

/// Takes a vector and the id that it has in the file, if any.
type Take<'a, E> = dyn FnMut(Option<String>, &[f32]) -> Result<(), E> + 'a;

/// Hands over the vectors of a file in their order: all as wide, all finite. What the file is, its first
/// bytes say: `.npy` (a row each), Parquet (a column of lists, `embedding` or `vector` where there are
/// several, and one called `id`), JSON (an array of vectors, or of `{id, embedding}`) or one of these a
/// line.
///
/// # Errors
/// [`VectorsError`]; what `take` returns.
pub fn each_vector<E>(
    path: &Path,
    mut take: impl FnMut(Option<String>, &[f32]) -> Result<(), E>,
) -> Result<(), VectorsError<E>> {
    let (mut count, mut width) = (0, None);
    let mut checked = |id: Option<String>, vector: &[f32]| {
        count += 1;
        let bad = |reason: String| Err(VectorsError::Bad { vector: count, reason });
        let width = *width.get_or_insert(vector.len());
        if vector.len() != width || width == 0 {
            return bad(format!("{} numbers, not {width}", vector.len()));
        }
        if let Some(at) = vector.iter().position(|x| !x.is_finite()) {
            return bad(format!("number {} is {}", at + 1, vector[at]));
        }
        take(id, vector).map_err(VectorsError::Taker)
    };
    let mut file = File::open(path)?;
    let mut first = [0; 6];
    let known = file.by_ref().take(first.len() as u64).read(&mut first)?;
    file.rewind()?;
    match &first[..known] {
        b"\x93NUMPY" => npy::read(&mut BufReader::new(file), &mut checked),
        [b'P', b'A', b'R', b'1', ..] => parquet::read(file, &mut checked),
        _ => json::read(BufReader::new(file), &mut checked),
    }?;
    if count == 0 {
        return Err(VectorsError::Bad { vector: 0, reason: "there are none".to_owned() });
    }
    Ok(())
}

/// The file is not what it should be.
fn broken<E>(reason: impl std::fmt::Display) -> VectorsError<E> {
    VectorsError::Bad { vector: 0, reason: reason.to_string() }
}

#[cfg(test)]
mod tests;
