//! What `config.json` says of a model's labels.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::folder::Folder;

/// What a model's sums mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scores {
    /// One label is right: scores add up to 1.
    Shares,
    /// Any label may be right: each has a score between 0 and 1.
    Each,
    /// The sums are what is wanted.
    Sums,
}

/// The labels of a model, by number.
#[derive(Debug)]
pub(crate) struct Labels {
    names: Vec<String>,
    scores: Scores,
}

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    id2label: BTreeMap<String, String>,
    problem_type: Option<String>,
}

const FILE: &str = "config.json";

impl Labels {
    /// The labels of a folder whose model has `count` of them.
    ///
    /// # Errors
    /// [`Error::BadField`] where the configuration names another number of them.
    pub(crate) fn read(folder: &Folder, count: usize) -> Result<Self> {
        let written: Written = folder.json(FILE)?;
        let bad = |field: &str, value: String| Error::BadField {
            file: FILE,
            field: field.to_owned(),
            value,
        };
        let named = written.id2label;
        if !named.is_empty() && named.len() != count {
            return Err(bad("id2label", format!("{} ≠ {count}", named.len())));
        }
        // As transformers has it for models without names.
        let name = |at: usize| named.get(&at.to_string()).cloned();
        let names = (0..count).map(|at| name(at).unwrap_or_else(|| format!("LABEL_{at}")));
        let scores = match written.problem_type.as_deref() {
            Some("regression") => Scores::Sums,
            Some("multi_label_classification") => Scores::Each,
            Some("single_label_classification") | None if count > 1 => Scores::Shares,
            Some("single_label_classification") | None => Scores::Each,
            Some(other) => return Err(bad("problem_type", other.to_owned())),
        };
        Ok(Self { names: names.collect(), scores })
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn scores(&self) -> Scores {
        self.scores
    }
}
