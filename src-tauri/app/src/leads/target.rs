//! Which leads converted.

use std::collections::BTreeMap;

use mirante_data::file::is_missing;

use crate::error::{Error, Result};

/// What stands for a lead that converted, where a person does not say it.
const YES: [&str; 12] =
    ["1", "true", "sim", "yes", "verdadeiro", "s", "y", "t", "convertido", "ganho", "won", "1.0"];
/// Leads of each kind that are needed: each part that is held out must have some.
const LEAST: u64 = 10;
/// Values that are told of a column.
const TOLD: usize = 8;

/// A column that says which leads converted.
pub(super) struct Target {
    /// What stands there for those that did.
    pub(super) positive: String,
    /// For every row whether it did; none where nothing stands.
    pub(super) of_rows: Vec<Option<bool>>,
}

impl Target {
    /// Reads the cells of the target.
    ///
    /// # Errors
    /// [`Error::NothingLabelled`], [`Error::OneClass`], [`Error::WhichPositive`],
    /// [`Error::TooFewOfClass`], [`Error::BadOption`].
    pub(super) fn of(column: &str, said: Option<&str>, cells: &[Option<String>]) -> Result<Self> {
        let value = |cell: &Option<String>| -> Option<String> {
            let cell = cell.as_deref()?.trim();
            (!is_missing(cell.as_bytes())).then(|| cell.to_owned())
        };
        let values: Vec<Option<String>> = cells.iter().map(value).collect();
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        values.iter().flatten().for_each(|value| *counts.entry(value).or_default() += 1);
        let positive = positive(column, said, &counts, cells.len() as u64)?;
        let converted = counts[positive.as_str()];
        let others = counts.values().sum::<u64>() - converted;
        let labels: Vec<&str> = counts.keys().copied().filter(|&one| one != positive).collect();
        for (label, rows) in [(positive.clone(), converted), (told(&labels), others)] {
            if rows < LEAST {
                return Err(Error::TooFewOfClass { label, rows, least: LEAST });
            }
        }
        let of_rows = values.iter().map(|one| one.as_ref().map(|one| *one == positive)).collect();
        Ok(Self { positive, of_rows })
    }
}

fn positive(
    column: &str,
    said: Option<&str>,
    counts: &BTreeMap<&str, u64>,
    rows: u64,
) -> Result<String> {
    let values: Vec<&str> = counts.keys().copied().collect();
    let column = || column.to_owned();
    match (&values[..], said) {
        ([], _) => Err(Error::NothingLabelled { column: column(), rows }),
        ([only], _) => Err(Error::OneClass { column: column(), label: (*only).to_owned() }),
        (values, Some(said)) if values.contains(&said) => Ok(said.to_owned()),
        (values, Some(said)) => Err(Error::BadOption {
            option: "positive",
            value: said.to_owned(),
            allowed: told(values),
        }),
        (&[one, other], None) => {
            let is_yes = |value: &str| YES.contains(&value.to_lowercase().as_str());
            match (is_yes(one), is_yes(other)) {
                (true, false) => Ok(one.to_owned()),
                (false, true) => Ok(other.to_owned()),
                _ => Err(Error::WhichPositive { column: column(), values: told(&[one, other]) }),
            }
        }
        (values, None) => Err(Error::WhichPositive { column: column(), values: told(values) }),
    }
}

fn told(values: &[&str]) -> String {
    let mut told = values.iter().take(TOLD).copied().collect::<Vec<_>>().join(", ");
    if values.len() > TOLD {
        told.push_str(", …");
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(values: &[(&str, usize)]) -> Vec<Option<String>> {
        let all = values.iter().flat_map(|&(value, count)| std::iter::repeat_n(value, count));
        all.map(|value| Some(value.to_owned()).filter(|value| !value.is_empty())).collect()
    }

    fn code(values: &[(&str, usize)], said: Option<&str>) -> String {
        let found = Target::of("situação", said, &cells(values));
        found.err().map(|error| error.code()).unwrap_or_default()
    }

    #[test]
    fn what_means_yes_is_found_or_asked_for() {
        let found = Target::of("x", None, &cells(&[("Não", 30), ("Sim", 10), ("", 2), ("NA", 1)]));
        let found = found.unwrap();
        assert_eq!(found.positive, "Sim");
        let count = |what| found.of_rows.iter().filter(|&&one| one == what).count();
        assert_eq!([count(Some(true)), count(Some(false)), count(None)], [10, 30, 3]);
        assert_eq!(code(&[("quente", 30), ("frio", 30)], None), "which_positive");
        assert_eq!(code(&[("a", 30), ("b", 30), ("1", 30)], None), "which_positive");
        assert_eq!(code(&[("a", 30), ("b", 30), ("1", 30)], Some("a")), "");
        assert_eq!(code(&[("0", 30), ("1", 30)], Some("2")), "bad_option");
        assert_eq!(code(&[("0", 30)], None), "one_class");
        assert_eq!(code(&[("", 30)], None), "nothing_labelled");
        assert_eq!(code(&[("0", 30), ("1", 9)], None), "too_few_of_class");
    }
}
