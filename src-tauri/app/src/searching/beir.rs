//! A folder of judged questions, as BEIR has them (Thakur et al. 2021,
//! <https://arxiv.org/abs/2104.08663>).

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result};

/// A document or a query.
#[derive(Deserialize)]
pub(super) struct Record {
    #[serde(rename = "_id")]
    pub(super) id: String,
    #[serde(default)]
    title: String,
    text: String,
}

impl Record {
    /// Title and text.
    pub(super) fn whole(&self) -> String {
        format!("{} {}", self.title, self.text).trim().to_owned()
    }
}

/// Gains of documents by query.
pub(super) type Judgements = HashMap<String, HashMap<String, f64>>;

fn lines(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| Error::reading(path, error))
}

fn bad(path: &Path, line: usize, reason: String) -> Error {
    Error::BadRecord { path: path.to_owned(), line: line as u64 + 1, reason }
}

/// Reads documents or queries.
pub(super) fn records(path: &Path) -> Result<Vec<Record>> {
    lines(path)?
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| {
            serde_json::from_str(line).map_err(|error| bad(path, at, error.to_string()))
        })
        .collect()
}

/// Reads judgements; a first line whose last field is no number is a header.
pub(super) fn judgements(path: &Path) -> Result<Judgements> {
    let mut all = Judgements::new();
    for (at, line) in lines(path)?.lines().enumerate() {
        let fields: Vec<_> = line.split('\t').collect();
        let [query, .., document, gain] = fields[..] else {
            return Err(bad(path, at, line.to_owned()));
        };
        match gain.trim().parse::<f64>() {
            Ok(gain) => {
                all.entry(query.to_owned()).or_default().insert(document.to_owned(), gain);
            }
            Err(_) if at == 0 => {}
            Err(error) => return Err(bad(path, at, error.to_string())),
        }
    }
    Ok(all)
}
