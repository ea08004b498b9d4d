//! The format of PyTorch 1.6 and later: a zip archive with the pickle as `NAME/data.pkl` and every
//! storage as `NAME/data/KEY`, none of them compressed (`caffe2/serialize/inline_container.h`).

use std::collections::HashMap;
use std::io::BufReader;
use std::sync::Arc;

use ::zip::{CompressionMethod, ZipArchive};

use crate::error::{Error, Result};
use crate::weights::Named;
use crate::weights::pickle::Pickle;
use crate::weights::source::{Cursor, Source};

use super::state;
use super::storage::Storages;

pub(super) fn tensors(source: &Arc<Source>) -> Result<Named> {
    let entries = entries(source)?;
    let pickles = entries.keys().filter_map(|name| name.strip_suffix("/data.pkl"));
    let root = match pickles.collect::<Vec<_>>()[..] {
        [root] => root.to_owned(),
        _ => return Err(source.broken("it is a zip archive, but none that PyTorch wrote")),
    };
    if let Some(&(offset, bytes)) = entries.get(&format!("{root}/byteorder"))
        && source.bytes(offset, bytes)? != b"little"
    {
        return Err(source.broken("its numbers are not little-endian"));
    }
    let (offset, bytes) = entries[&format!("{root}/data.pkl")];
    let mut cursor = Cursor::new(source.clone(), offset, offset + bytes);
    let pickle = Pickle::read(&mut cursor, state::is_known)?;
    let prefix = format!("{root}/data/");
    let storages: Storages = entries
        .into_iter()
        .filter_map(|(name, place)| Some((name.strip_prefix(&prefix)?.to_owned(), place)))
        .collect();
    state::tensors(&pickle, source, &storages)
}

/// Where every entry of the archive lies: offset and bytes.
fn entries(source: &Arc<Source>) -> Result<HashMap<String, (u64, u64)>> {
    let broken = |error: ::zip::result::ZipError| source.broken(error.to_string());
    let unreadable = |error| Error::Unreadable { path: source.path().to_owned(), source: error };
    let file = source.file().try_clone().map_err(unreadable)?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(broken)?;
    let mut entries = HashMap::new();
    for at in 0..archive.len() {
        let entry = archive.by_index_raw(at).map_err(broken)?;
        let name = entry.name().map_err(broken)?.into_owned();
        let (bytes, stored) = (entry.size(), entry.compression() == CompressionMethod::Stored);
        let offset = entry.data_start().filter(|&offset| source.holds(offset, bytes));
        match offset {
            Some(offset) if stored && !entry.encrypted() => entries.insert(name, (offset, bytes)),
            Some(_) => return Err(source.broken(format!("{name} in it is compressed"))),
            None => return Err(source.broken(format!("it is cut off: {name} ends beyond it"))),
        };
    }
    Ok(entries)
}
