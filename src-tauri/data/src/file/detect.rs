//! The dialect of a whole file.

use super::guess::{certain, weigh_file};
use super::{Dialect, FileError, Input, Overrides, sniff};
use crate::progress::Progress;

/// Bytes at the beginning that the dialect is guessed from.
const SAMPLE: usize = 1 << 20;

/// Finds the dialect of `input`. All but the encoding is found in the first MiB. Whether the file
/// is UTF-8 or Windows-1252 is decided over all of its bytes, so that a letter late in the file
/// is never read wrong; an encoding that is given or marked saves that pass.
///
/// # Errors
/// As [`sniff()`], [`FileError::Cancelled`], or an error of reading.
pub fn detect(
    input: &Input,
    overrides: &Overrides,
    progress: &dyn Progress,
) -> Result<Dialect, FileError> {
    let mut sample = Vec::new();
    input.read_at(0, SAMPLE, &mut sample)?;
    let complete = input.len() <= SAMPLE as u64;
    let mut overrides = *overrides;
    if !complete && overrides.encoding.is_none() {
        // Other formats and binary data are refused before the file is read.
        sniff(&sample, complete, &overrides)?;
        overrides.encoding = match certain(&sample) {
            Some(encoding) => Some(encoding),
            None => Some(weigh_file(input, progress)?.encoding()),
        };
    }
    sniff(&sample, complete, &overrides)
}
