//! Which columns are read.

use crate::file::Role;

/// The pair of columns that the sample, and every table made like it, is segmented by.
const PAIR: [&str; 2] = ["dor_base", "solucao_graventum"];

/// Why no text columns could be chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextColumnsError {
    /// A column that is not there was named.
    #[error("no column {0}")]
    Unknown(String),
    /// None was named and none has text.
    #[error("no column has text")]
    None,
}

/// The places of the columns to read: those that were named, else `dor_base` and
/// `solucao_graventum` when both exist, else every column whose role is text.
///
/// # Errors
/// [`TextColumnsError`].
pub fn text_columns(
    columns: &[(&str, Role)],
    named: &[String],
) -> Result<Vec<usize>, TextColumnsError> {
    let place = |name: &str| columns.iter().position(|(known, _)| *known == name);
    if !named.is_empty() {
        return named
            .iter()
            .map(|name| place(name).ok_or_else(|| TextColumnsError::Unknown(name.clone())))
            .collect();
    }
    if let [Some(first), Some(second)] = PAIR.map(place) {
        return Ok(vec![first, second]);
    }
    let text: Vec<usize> = columns
        .iter()
        .enumerate()
        .filter(|(_, (_, role))| *role == Role::Text)
        .map(|(place, _)| place)
        .collect();
    if text.is_empty() { Err(TextColumnsError::None) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_columns_come_first_then_the_pair_then_all_text() {
        let columns = [
            ("id", Role::Identifier),
            ("solucao_graventum", Role::Text),
            ("dor_base", Role::Text),
            ("nota", Role::Text),
        ];
        assert_eq!(text_columns(&columns, &["nota".into()]), Ok(vec![3]));
        assert_eq!(text_columns(&columns, &[]), Ok(vec![2, 1]));
        assert_eq!(text_columns(&columns[1..2], &[]), Ok(vec![0]));
        assert_eq!(text_columns(&columns[..1], &[]), Err(TextColumnsError::None));
        let unknown = TextColumnsError::Unknown("x".into());
        assert_eq!(text_columns(&columns, &["x".into()]), Err(unknown));
    }
}
