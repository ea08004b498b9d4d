//! The format before PyTorch 1.6: pickles one after the other, then the storages
//! (`_legacy_save` in `torch/serialization.py`).

use std::sync::Arc;

use crate::error::Result;
use crate::weights::Named;
use crate::weights::number::Kind;
use crate::weights::pickle::{Pickle, Value};
use crate::weights::source::{Cursor, Source};

use super::state;
use super::storage::Storages;

/// `0x1950a86a20f9469cfc6c` as a pickle: PROTO 2, LONG1 of ten bytes, STOP.
const MAGIC: [u8; 15] =
    [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, b'.'];

/// The only version of the format.
const PROTOCOL: i64 = 1001;

pub(super) fn tensors(source: &Arc<Source>) -> Result<Named> {
    let mut cursor = Cursor::new(source.clone(), 0, source.length());
    if source.bytes(0, source.length().min(MAGIC.len() as u64))? != MAGIC {
        // Whatever else is pickled may name code; then that is what is said.
        let first = Pickle::read(&mut cursor, state::is_known);
        return Err(first.err().unwrap_or_else(|| source.broken("no state dict is in it")));
    }
    cursor.skip(MAGIC.len() as u64)?;
    let mut next = || Pickle::read(&mut cursor, state::is_known);
    if *next()?.top() != Value::Int(PROTOCOL) {
        return Err(source.broken("it is of a version that is not known"));
    }
    let system = next()?;
    if system.under(system.top(), "little_endian") == Some(&Value::Bool(false)) {
        return Err(source.broken("its numbers are not little-endian"));
    }
    let pickle = next()?;
    let kinds = state::kinds(&pickle);
    let keys = next()?;
    let mut storages = Storages::new();
    for key in keys.all(keys.top()).into_iter().flatten() {
        let Value::Text(key) = key else {
            return Err(source.broken("its list of storages is none"));
        };
        let Some((_, size)) = kinds.get(key).and_then(Kind::block) else {
            return Err(source.broken(format!("its storage {key} is of no known kind")));
        };
        let bytes = cursor.u64()?.checked_mul(size as u64);
        let bytes = bytes.ok_or_else(|| source.broken(format!("its storage {key} has no end")))?;
        storages.insert(key.clone(), (cursor.position(), bytes));
        cursor.skip(bytes)?;
    }
    state::tensors(&pickle, source, &storages)
}
