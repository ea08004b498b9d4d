//! The rules that a request names.

use std::path::Path;

use mirante_data::qa::{self, BRAZILIAN, Rule};

use crate::error::{Error, Result};

/// The rules of a file, or those for Brazilian processes; of `fields` only, where any are named.
pub(crate) fn rules(file: Option<&str>, fields: &[String]) -> Result<Vec<Rule>> {
    let path = Path::new(file.unwrap_or_default());
    let text = match file {
        Some(_) => &std::fs::read_to_string(path).map_err(|error| Error::reading(path, error))?,
        None => BRAZILIAN,
    };
    let mut rules = qa::read(text).map_err(|error| Error::BadRules {
        path: path.to_owned(),
        field: error.field,
        reason: error.reason,
    })?;
    let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    if let Some(unknown) = fields.iter().find(|field| !names.contains(&field.as_str())) {
        let (value, allowed) = (unknown.clone(), names.join(", "));
        return Err(Error::BadOption { option: "fields", value, allowed });
    }
    rules.retain(|rule| fields.is_empty() || fields.contains(&rule.name));
    Ok(rules)
}
