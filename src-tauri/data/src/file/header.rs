//! Names of columns: trimmed, never empty, each once.

use std::collections::HashSet;

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
            let new = unused(stem, from, &taken);
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

fn unused(stem: &str, from: usize, taken: &HashSet<String>) -> String {
    let mut number = from;
    loop {
        let name = format!("{stem}_{number}");
        if !taken.contains(&name) {
            return name;
        }
        number += 1;
    }
}
