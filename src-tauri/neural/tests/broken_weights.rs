//! Files that are cut off, or lie about what they hold: an error, never a panic, and never an
//! allocation of what a lying header asks for.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{everything, goldens};

/// One of every format.
const FILES: [&str; 8] = [
    "keras/small.h5",
    "flax/names.msgpack",
    "gguf/kinds.gguf",
    "torch/shown.safetensors",
    "torch/shown.bin",
    "torch/shown_legacy.bin",
    "torch/checkpoint.bin",
    "torch/checkpoint_legacy.bin",
];

/// More than anything here needs.
const MOST: usize = 1 << 18;

/// The system's allocator, with a note of the largest request.
struct Noting;

static LARGEST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Noting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        LARGEST.fetch_max(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LARGEST.fetch_max(size, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Noting = Noting;

/// A copy of a golden in a folder of its own, under a name of the same ending.
fn place(folder: &Path, file: &str) -> PathBuf {
    folder.join(Path::new(file).file_name().expect("a name"))
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_an_error() {
    for file in FILES {
        let whole = std::fs::read(goldens().join(file)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = place(folder.path(), file);
        std::fs::write(&path, &whole).unwrap();
        assert!(everything(&path).is_ok(), "{file}");
        let cut = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        for length in (0..whole.len()).rev() {
            cut.set_len(length as u64).unwrap();
            assert!(everything(&path).is_err(), "{file} of {length} bytes");
        }
    }
    assert!(LARGEST.load(Ordering::Relaxed) < MOST);
}

#[test]
fn a_file_that_lies_never_panics_nor_asks_for_much_memory() {
    for file in FILES {
        let bytes = std::fs::read(goldens().join(file)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = place(folder.path(), file);
        std::fs::write(&path, &bytes).unwrap();
        let mut written = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        let mut put = |at: usize, byte: u8| {
            written.seek(SeekFrom::Start(at as u64)).unwrap();
            written.write_all(&[byte]).unwrap();
        };
        for (at, &kept) in bytes.iter().enumerate() {
            for lie in [0xff, kept ^ 1 << (at % 8)] {
                put(at, lie);
                // Some lies cannot be told from the truth: another number is a number.
                let _ = everything(&path);
                let largest = LARGEST.load(Ordering::Relaxed);
                assert!(largest < MOST, "{file}: {lie} at {at} takes {largest} bytes");
            }
            put(at, kept);
        }
    }
}
