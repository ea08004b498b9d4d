//! An adapter's changes into the weights of its model, so that the model needs no adapter any more.

use std::path::Path;

use crate::adapter::{Adapter, Fit};
use crate::decoder::Decoder;
use crate::decoder::config::Config;
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::target::Target;
use crate::weights::write::write_each;
use crate::weights::{Kind, Number};

/// Writes the decoder in `folder`, changed by `adapter`, to the folder `out`, which must be there: every
/// weight in the numbers that it had. Gives how many maps were changed. `go_on` is asked on the way.
///
/// # Errors
/// Those of an adapter of another model, [`Error::Stopped`], [`Error::Unwritable`].
pub fn merge(
    folder: &Folder,
    adapter: &Adapter,
    out: &Path,
    go_on: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<usize> {
    // As it would be read: what does not fit is refused here.
    drop(Decoder::open_with(folder, Target::default(), Some(adapter))?);
    let (config, weights) = (Config::read(folder)?, folder.weights()?);
    let fit = Fit::new(adapter, config.prefixes());
    let names = weights.names();
    let written = |name: &str| match weights.kind(name) {
        Some(Kind::Blocks(_)) | None => Kind::Number(Number::F32),
        Some(kind) => kind.clone(),
    };
    let tensors: Vec<_> = names
        .iter()
        .map(|&name| (name, written(name), weights.shape(name).unwrap_or_default()))
        .collect();
    let (path, mut changed) = (out.join("model.safetensors"), 0);
    let turned = config.layout() == crate::linear::Layout::Inputs;
    write_each(&path, &tensors, |at, out| {
        if !go_on(at as u64, tensors.len() as u64) {
            return Err(Error::Stopped);
        }
        let (name, kind, shape) = &tensors[at];
        let change = match (name.strip_suffix(".weight"), shape) {
            (Some(map), &&[outputs, inputs]) => {
                let (outputs, inputs) = if turned { (inputs, outputs) } else { (outputs, inputs) };
                fit.change(map, outputs, inputs).ok().flatten()
            }
            _ => None,
        };
        let failed = |source| Error::Unwritable { path: path.clone(), source };
        let Kind::Number(number) = kind else {
            return out.write_all(&weights.raw(name)?.1).map_err(failed);
        };
        if change.is_none() && weights.number(name).is_some() {
            return out.write_all(&weights.raw(name)?.1).map_err(failed);
        }
        let mut numbers = weights.load(name, shape)?;
        if let Some(change) = change {
            changed += 1;
            change.add_to(&mut numbers, turned);
        }
        out.write_all(&number.written(&numbers)).map_err(failed)
    })?;
    folder.copy_beside(out)?;
    Ok(changed)
}
