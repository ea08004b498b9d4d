//! A model and the adapter that changes it: what was taught one model does nothing good to another.

use std::path::Path;

use mirante_neural::Folder;
use serde::Deserialize;

use super::Located;
use crate::error::{Error, Result};

/// The file beside an adapter that says which model it was made for.
pub(crate) const BASE: &str = "mirante.json";

/// What stands in it.
#[derive(Deserialize)]
struct Base {
    base_model: String,
    base_fingerprint: String,
}

/// What PEFT says of the model.
#[derive(Deserialize)]
struct Config {
    base_model_name_or_path: Option<String>,
}

/// The model that an adapter says it was made for.
///
/// # Errors
/// [`Error::Unknown`] where it does not say.
pub(crate) fn base_of(adapter: &Path) -> Result<String> {
    let path = adapter.join("adapter_config.json");
    let text = std::fs::read(&path).map_err(|error| Error::reading(&path, error))?;
    let config: Config = serde_json::from_slice(&text).map_err(|error| Error::ModelUnreadable {
        path: path.clone(),
        reason: error.to_string(),
    })?;
    let named = config.base_model_name_or_path.filter(|name| !name.is_empty());
    named.ok_or_else(|| Error::Unknown { what: "model", id: path.display().to_string() })
}

impl Located {
    /// The same, changed by the adapter in a folder.
    ///
    /// # Errors
    /// [`Error::OtherBase`] where the adapter says that it was made for other weights.
    pub(crate) fn with_adapter(self, adapter: Option<&str>) -> Result<Self> {
        let Some(adapter) = adapter else { return Ok(self) };
        let path = Path::new(adapter);
        let said = std::fs::read(path.join(BASE)).ok();
        let said: Option<Base> = said.and_then(|text| serde_json::from_slice(&text).ok());
        if let Some(Base { base_model, base_fingerprint }) = said
            && Folder::open(&self.folder)?.fingerprint()? != base_fingerprint
        {
            return Err(Error::OtherBase {
                path: path.to_owned(),
                base: base_model,
                model: self.name,
            });
        }
        let path = path.canonicalize().map_err(|error| Error::reading(path, error))?;
        // A training's own is called as every other's; its folder is not.
        let mut names = path.ancestors().filter_map(Path::file_name);
        let name = names.find(|name| *name != "adapter").unwrap_or_default().to_string_lossy();
        Ok(Self { name: format!("{} + {name}", self.name), adapter: Some(path.clone()), ..self })
    }
}
