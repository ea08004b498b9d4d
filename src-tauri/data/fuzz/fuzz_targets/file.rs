//! Any bytes, opened as a person opens a file: encoding, dialect, records, issues and profile.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mirante_data::file::Overrides;

#[path = "../../tests/invariants/mod.rs"]
mod invariants;

fuzz_target!(|bytes: &[u8]| {
    // Cut small, at a size that the bytes decide.
    let want = bytes.iter().fold(0u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(*byte));
    let want = usize::from(want) + 1;
    invariants::any_bytes_are_an_error_or_a_table(bytes, &Overrides::default(), want);
});
