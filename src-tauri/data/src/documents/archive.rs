//! Entries of a zip archive, within limits.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::{Refusal, cp850};
use crate::progress::Cancelled;

/// The most bytes of an entry.
const ENTRY_LIMIT: u64 = 64 << 20;
/// The most bytes of all entries of an archive.
const ARCHIVE_LIMIT: u64 = 1 << 30;
/// The most entries.
const ENTRIES_LIMIT: usize = 50_000;
/// So many bytes may come out of one that went in; deflated text comes to 20 at most as a rule.
const RATIO_LIMIT: u64 = 200;
/// Entries up to here may be packed as tightly as they like.
const RATIO_FREE: u64 = 1 << 20;
/// Bytes between two looks at whether to go on.
const CHUNK: u64 = 4 << 20;

/// A zip archive.
#[derive(Debug)]
pub struct Archive {
    zip: ZipArchive<BufReader<File>>,
    /// Bytes that may still come out of it.
    left: u64,
}

/// What stands in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, folders included.
    pub name: String,
    /// What it holds, or why it was not read.
    pub bytes: Result<Vec<u8>, Refusal>,
}

impl Archive {
    /// Opens an archive.
    ///
    /// # Errors
    /// When the file cannot be read; its [`Refusal`] when it is no archive.
    pub fn open(path: &Path) -> std::io::Result<Result<Self, Refusal>> {
        let file = BufReader::new(File::open(path)?);
        Ok(match ZipArchive::new(file) {
            Ok(zip) if zip.len() > ENTRIES_LIMIT => Err(Refusal::TooLarge),
            Ok(zip) => Ok(Self { zip, left: ARCHIVE_LIMIT }),
            Err(ZipError::Io(error)) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
                return Err(error);
            }
            Err(error) => Err(Refusal::NotZip(error.to_string())),
        })
    }

    /// Entries, folders among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.zip.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of the entry at `index`, of [`Self::len`], without reading it; none where it is damaged.
    pub fn name(&mut self, index: usize) -> Option<String> {
        self.zip.by_index_raw(index).ok().map(|raw| name_of(raw.name_raw()))
    }

    /// The entry at `index`, of [`Self::len`]; none for a folder or a link.
    pub fn entry(
        &mut self,
        index: usize,
        go_on: &dyn Fn() -> Result<(), Cancelled>,
    ) -> Option<Entry> {
        let (name, listed) = match self.zip.by_index_raw(index) {
            Ok(raw) if raw.is_dir() || raw.is_symlink() => return None,
            Ok(raw) => {
                let sizes = (raw.compressed_size(), raw.size());
                (name_of(raw.name_raw()), Ok((raw.encrypted(), sizes)))
            }
            Err(error) => (format!("#{}", index + 1), Err(damaged(&error))),
        };
        let bytes = listed.and_then(|(is_locked, sizes)| match is_locked {
            _ if climbs_out(&name) => Err(Refusal::Path),
            true => Err(Refusal::Password),
            false => self.read(index, sizes, go_on),
        });
        Some(Entry { name, bytes })
    }

    fn read(
        &mut self,
        index: usize,
        (packed, size): (u64, u64),
        go_on: &dyn Fn() -> Result<(), Cancelled>,
    ) -> Result<Vec<u8>, Refusal> {
        // What is listed may be a lie, so what comes out counts below; an honest bomb need not be opened.
        let limit =
            ENTRY_LIMIT.min(self.left).min(RATIO_FREE.max(packed.saturating_mul(RATIO_LIMIT)));
        if size > limit {
            return Err(Refusal::TooLarge);
        }
        let mut entry = self.zip.by_index(index).map_err(|error| damaged(&error))?;
        let mut bytes = Vec::new();
        loop {
            go_on()?;
            let most = CHUNK.min(limit + 1 - bytes.len() as u64);
            let read = entry.by_ref().take(most).read_to_end(&mut bytes);
            let read = read.map_err(|error| Refusal::Damaged(error.to_string()))?;
            if bytes.len() as u64 > limit {
                return Err(Refusal::TooLarge);
            }
            if (read as u64) < most {
                break;
            }
        }
        self.left -= bytes.len() as u64;
        Ok(bytes)
    }
}

fn damaged(error: &ZipError) -> Refusal {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Refusal::Password,
        error => Refusal::Damaged(error.to_string()),
    }
}

/// An entry's name: UTF-8, or what Windows in Brazil writes, code page 850.
fn name_of(raw: &[u8]) -> String {
    std::str::from_utf8(raw).map_or_else(|_| cp850::decode(raw), str::to_owned)
}

/// Whether a name, were it a path, would lead out of the folder it is unpacked into.
fn climbs_out(name: &str) -> bool {
    let is_absolute = name.starts_with(['/', '\\']) || name.chars().nth(1) == Some(':');
    let mut depth = 0_i32;
    let is_above = name.split(['/', '\\']).any(|part| {
        depth += match part {
            "" | "." => 0,
            ".." => -1,
            _ => 1,
        };
        depth < 0
    });
    is_absolute || is_above || name.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_out_are_seen() {
        for name in ["../a", "a/../../b", "/etc/passwd", "C:\\a", "..\\a", "\\\\host\\a", "a\0b"] {
            assert!(climbs_out(name), "{name}");
        }
        for name in ["a/../b", "a..b/c", "./a", "ofício (1).html"] {
            assert!(!climbs_out(name), "{name}");
        }
    }

    #[test]
    fn names_of_older_programs_keep_their_accents() {
        assert_eq!(name_of("Decisão.html".as_bytes()), "Decisão.html");
        assert_eq!(name_of(b"Decis\xC6o n\xA7 3 of\xA1cio.html"), "Decisão nº 3 ofício.html");
    }
}
