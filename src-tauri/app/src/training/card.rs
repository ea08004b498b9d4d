//! What people read of a model that was taught, as the hub shows it.

use std::path::Path;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::ops::train::{TrainingEstimate, TrainingResult};

/// What stands in it.
pub(super) struct Card<'a> {
    /// The library that reads the model.
    pub(super) library: &'a str,
    pub(super) tags: &'a [&'a str],
    /// What it was taught on.
    pub(super) data: String,
    /// The licence of the model it was, where it is known.
    pub(super) licence: Option<String>,
    pub(super) settings: Value,
    pub(super) result: &'a TrainingResult,
}

/// A file's name without its folders, which are nobody's business.
pub(super) fn name_of(path: &str) -> String {
    let name = Path::new(path).file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Writes `README.md` into a folder.
pub(super) fn write(folder: &Path, card: &Card) -> Result<()> {
    let &Card { library, tags, ref data, ref licence, ref settings, result } = card;
    let settings = serde_json::to_string_pretty(settings)?;
    let figures: String =
        result.figures.iter().map(|(name, value)| format!("- {name}: {value:.4}\n")).collect();
    let rows = result.labels.iter().map(|one| {
        let label = one.label.replace('|', "\\|");
        format!(
            "| {label} | {:.3} | {:.3} | {:.3} | {} |\n",
            one.precision, one.recall, one.f1, one.support
        )
    });
    let rows: String = rows.collect();
    let table = if rows.is_empty() {
        String::new()
    } else {
        format!("\n| | precision | recall | F1 | support |\n|---|---|---|---|---|\n{rows}")
    };
    let tags: String = tags.iter().map(|tag| format!("- {tag}\n")).collect();
    let licence = match licence {
        Some(licence) => format!("Licence of {}: {licence}.\n\n", result.base_model),
        None => String::new(),
    };
    let TrainingEstimate { taught, held, .. } = result.estimate;
    let text = format!(
        "---\nbase_model: {base}\nlibrary_name: {library}\ntags:\n{tags}---\n\n# {base}, taught\n\n\
         Taught by Mirante {version} on {taught} examples of `{data}`, {held} more held back to measure.\n\n\
         {licence}{steps} steps, {seconds:.0} s.\n\n## Figures on what was held back\n\n{figures}{table}\n\
         ## Settings\n\n```json\n{settings}\n```\n",
        base = result.base_model,
        version = env!("CARGO_PKG_VERSION"),
        steps = result.steps,
        seconds = result.seconds,
    );
    let path = folder.join("README.md");
    std::fs::write(&path, text).map_err(|error| Error::writing(&path, error))
}
