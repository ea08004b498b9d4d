//! An adapter and the model that it is put on.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};

use super::{Adapter, LowRank};

/// What a model has asked an adapter for while it was read.
#[derive(Debug)]
pub(crate) struct Fit<'a> {
    adapter: &'a Adapter,
    /// Under which the architecture's tensors may stand, in the model or the adapter.
    prefixes: &'a [&'a str],
    /// Maps and tensors, as the adapter may name them.
    asked: Mutex<BTreeSet<String>>,
}

impl<'a> Fit<'a> {
    pub(crate) fn new(adapter: &'a Adapter, prefixes: &'a [&'a str]) -> Self {
        Self { adapter, prefixes, asked: Mutex::default() }
    }

    /// A name without what the whole model puts before it.
    fn bare<'n>(&self, name: &'n str) -> &'n str {
        let mut prefixes = self.prefixes.iter().filter(|prefix| !prefix.is_empty());
        prefixes.find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
    }

    fn ask(&self, name: &str) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.insert(self.bare(name).to_owned());
    }

    /// The change of a map, which must have its inputs and outputs; `name` is that of the model.
    ///
    /// # Errors
    /// [`Error::BadShape`].
    pub(crate) fn change(
        &self,
        name: &str,
        outputs: usize,
        inputs: usize,
    ) -> Result<Option<LowRank>> {
        self.ask(name);
        let mut maps = self.adapter.maps.iter();
        let Some((path, change)) = maps.find(|(path, _)| self.bare(path) == self.bare(name)) else {
            return Ok(None);
        };
        if (change.outputs(), change.inputs()) != (outputs, inputs) {
            return Err(Error::BadShape {
                tensor: format!("the adapter's change of {path}"),
                found: format!("{:?}", [change.outputs(), change.inputs()]),
                expected: format!("{:?}", [outputs, inputs]),
            });
        }
        Ok(Some(change.clone()))
    }

    /// A tensor that stands in the place of the model's, with its shape.
    pub(crate) fn whole(&self, name: &str) -> Option<(&[usize], &[f32])> {
        self.ask(name);
        let mut tensors = self.adapter.whole.iter();
        let (_, tensor) = tensors.find(|(path, _)| self.bare(path) == self.bare(name))?;
        Some((&tensor.shape, &tensor.numbers))
    }

    /// That all of the adapter has its place in the model that was read, and that what it changes of one
    /// layer it changes of all, unless it says otherwise.
    ///
    /// # Errors
    /// [`Error::BadFile`] that names what has none, [`Error::MissingTensor`].
    pub(crate) fn finish(self) -> Result<()> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let Adapter { path, config, maps, whole } = self.adapter;
        for name in maps.keys().chain(whole.keys()) {
            if !asked.contains(self.bare(name)) {
                let reason = format!("{name} is no map of the model");
                return Err(Error::BadFile { path: path.clone(), reason });
            }
        }
        let held: BTreeSet<_> = maps.keys().map(|name| self.bare(name)).collect();
        let changed: BTreeSet<_> = held.iter().map(|name| of_any_layer(name)).collect();
        let is_left =
            |name: &&String| !held.contains(name.as_str()) && changed.contains(&of_any_layer(name));
        match asked.iter().find(is_left) {
            Some(name) if config.is_of_all_layers() => {
                Err(Error::MissingTensor { tensor: format!("{name}.lora_A.weight") })
            }
            _ => Ok(()),
        }
    }
}

/// A map's name without the number of its layer.
fn of_any_layer(name: &str) -> String {
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<_> =
        name.split('.').map(|part| if is_number(part) { "*" } else { part }).collect();
    parts.join(".")
}
