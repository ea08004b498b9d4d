//! A target that remembers why it stopped.

use std::io::{self, Seek, SeekFrom, Write};

use crate::progress::{Cancelled, Progress};

/// Bytes between two looks at whether to go on.
const CHECK_BYTES: usize = 1 << 20;

/// Why a target stopped taking bytes.
pub(super) enum Stop {
    Cancelled(Cancelled),
    Io(io::Error),
}

/// Keeps the first error of its target, which the formats' writers hide in their own, and stops
/// a writer that itself knows of no cancelling.
pub(super) struct Noted<'a, W> {
    target: W,
    progress: &'a dyn Progress,
    since_check: usize,
    stop: Option<Stop>,
}

impl<'a, W> Noted<'a, W> {
    pub(super) fn new(target: W, progress: &'a dyn Progress) -> Self {
        Self { target, progress, since_check: 0, stop: None }
    }

    pub(super) fn first_error(&mut self) -> Option<Stop> {
        self.stop.take()
    }

    pub(super) fn into_inner(self) -> W {
        self.target
    }

    fn note<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            if kind != io::ErrorKind::Interrupted && self.stop.is_none() {
                self.stop = Some(Stop::Io(error));
            }
            kind.into()
        })
    }
}

impl<W: Write> Write for Noted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.since_check += bytes.len();
        if self.since_check >= CHECK_BYTES {
            self.since_check = 0;
            if let Err(cancelled) = self.progress.check() {
                self.stop.get_or_insert(Stop::Cancelled(cancelled));
                return Err(io::Error::other(cancelled));
            }
        }
        let result = self.target.write(bytes);
        self.note(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.target.flush();
        self.note(result)
    }
}

impl<W: Seek> Seek for Noted<'_, W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let result = self.target.seek(to);
        self.note(result)
    }
}
