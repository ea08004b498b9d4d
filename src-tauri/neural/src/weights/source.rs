//! Files that are read by position, never mapped: a mapped file that shrinks kills the process.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Result};

/// A file with its name, shared by the tensors in it.
#[derive(Debug)]
pub(super) struct Source {
    path: PathBuf,
    file: File,
    length: u64,
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Arc<Self>> {
        let unreadable = |source| Error::Unreadable { path: path.to_owned(), source };
        let file = File::open(path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        let source = Self { path: path.to_owned(), file, length };
        // What a clone without Git LFS has in place of every large file.
        const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";
        let start = source.bytes(0, length.min(POINTER.len() as u64))?;
        if start == POINTER {
            return Err(source.broken("it is a pointer of Git LFS; the file itself is not here"));
        }
        Ok(Arc::new(source))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes it had when it was opened.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    pub(super) fn broken(&self, reason: impl Into<String>) -> Error {
        Error::BadFile { path: self.path.clone(), reason: reason.into() }
    }

    pub(super) fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_exact_at(&self.file, out, offset);
        #[cfg(windows)]
        let read = read_exact_at(&self.file, out, offset);
        read.map_err(|source| Error::Unreadable { path: self.path.clone(), source })
    }

    /// `count` bytes, which are asked for only when the file is that long.
    pub(super) fn bytes(&self, offset: u64, count: u64) -> Result<Vec<u8>> {
        if !self.holds(offset, count) {
            return Err(self.broken("it is cut off"));
        }
        let mut bytes = vec![0; count as usize];
        self.read_at(offset, &mut bytes)?;
        Ok(bytes)
    }

    /// Whether it is long enough for these bytes.
    pub(super) fn holds(&self, offset: u64, count: u64) -> bool {
        offset.checked_add(count).is_some_and(|end| end <= self.length)
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

/// A place in a part of a file, from which it is read on.
#[derive(Debug)]
pub(super) struct Cursor {
    source: Arc<Source>,
    at: u64,
    end: u64,
    /// What lies from `near_at` on, so that a byte is not asked of the system.
    near: Vec<u8>,
    near_at: u64,
}

/// Bytes asked of the system at once: few, for of many places in a file only the beginning is read.
const NEAR: u64 = 1 << 12;

impl Cursor {
    /// From `start` to `end`, which is not beyond the file's.
    pub(super) fn new(source: Arc<Source>, start: u64, end: u64) -> Self {
        let end = end.min(source.length);
        Self { source, at: start.min(end), end, near: Vec::new(), near_at: 0 }
    }

    pub(super) fn position(&self) -> u64 {
        self.at
    }

    /// Bytes that follow.
    pub(super) fn left(&self) -> u64 {
        self.end - self.at
    }

    pub(super) fn broken(&self, reason: impl Into<String>) -> Error {
        self.source.broken(reason)
    }

    pub(super) fn skip(&mut self, count: u64) -> Result<()> {
        if count > self.left() {
            return Err(self.broken("it is cut off"));
        }
        self.at += count;
        Ok(())
    }

    fn read(&mut self, out: &mut [u8]) -> Result<()> {
        let start = self.at;
        self.skip(out.len() as u64)?;
        let near = |near: &[u8], near_at: u64| -> Option<std::ops::Range<usize>> {
            let from = usize::try_from(start.checked_sub(near_at)?).ok()?;
            let to = from.checked_add(out.len())?;
            (to <= near.len()).then_some(from..to)
        };
        if near(&self.near, self.near_at).is_none() {
            if out.len() as u64 > NEAR {
                return self.source.read_at(start, out);
            }
            self.near.resize(NEAR.min(self.end - start) as usize, 0);
            self.near_at = start;
            if let Err(error) = self.source.read_at(start, &mut self.near) {
                self.near.clear();
                return Err(error);
            }
        }
        let range = near(&self.near, self.near_at).unwrap_or(0..0);
        out.copy_from_slice(&self.near[range]);
        Ok(())
    }

    /// The next bytes, allocated only when there are as many.
    pub(super) fn bytes(&mut self, count: u64) -> Result<Vec<u8>> {
        if count > self.left() {
            return Err(self.broken("it is cut off"));
        }
        let mut bytes = vec![0; count as usize];
        self.read(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.read(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn u8(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    /// Little-endian, as all of these.
    pub(super) fn u16(&mut self) -> Result<u16> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(super) fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// UTF-8 behind its length of 64 bits.
    pub(super) fn text(&mut self) -> Result<String> {
        let count = self.u64()?;
        let bytes = self.bytes(count)?;
        String::from_utf8(bytes).map_err(|_| self.broken("a text in it is not UTF-8"))
    }
}
