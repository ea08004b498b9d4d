//! Names of columns: trimmed, never empty, each once.

use std::collections::{HashMap, HashSet};

use super::issue::{IssueKind, Issues, RowIssue};
use super::records::Record;

/// Names for a file without a header: `coluna_1`, `coluna_2` …
pub(crate) fn numbered(width: usize) -> Vec<String> {
    (1..=width).map(|number| format!("coluna_{number}")).collect()
}

/// Names from a header record; what had to be renamed goes to `issues`.
pub(crate) fn names(record: &Record<'_>, issues: &mut Issues) -> Vec<String> {
    let written: Vec<String> = record
        .fields()
        .map(|field| {
            let mut name = String::new();
            field.decode(&mut name);
            name.trim().to_owned()
        })
        .collect();
    // A name that stands in the file keeps its column; made-up ones step aside for it.
    let mut taken: HashSet<String> = HashSet::new();
    let first: Vec<bool> =
        written.iter().map(|name| !name.is_empty() && taken.insert(name.clone())).collect();
    let mut tried: HashMap<String, usize> = HashMap::new();
    written
        .into_iter()
        .zip(first)
        .enumerate()
        .map(|(index, (name, first))| {
            if first {
                return name;
            }
            let stem = if name.is_empty() { "coluna" } else { name.as_str() };
            let from = if name.is_empty() { index + 1 } else { 2 };
            let new = unused(stem, from, &taken, &mut tried);
            taken.insert(new.clone());
            issues.push(RowIssue {
                line: record.line,
                row: None,
                column: Some(new.clone()),
                kind: IssueKind::HeaderRenamed,
                cells: None,
                text: name,
            });
            new
        })
        .collect()
}

/// The first free name of a stem, from a number on. `tried` is where the search for that stem left
/// off, so that a header of one name over and over costs no more than any other.
fn unused(
    stem: &str,
    from: usize,
    taken: &HashSet<String>,
    tried: &mut HashMap<String, usize>,
) -> String {
    let next = tried.entry(stem.to_owned()).or_default();
    let mut number = from.max(*next);
    loop {
        let name = format!("{stem}_{number}");
        number += 1;
        if !taken.contains(&name) {
            *next = number;
            return name;
        }
    }
}
