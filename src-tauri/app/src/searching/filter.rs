//! Which rows count: `nicho = 'Contabilidade' and valor >= 100`.

use crate::error::{Error, Result};

/// Comparisons of columns with values, all of which must hold.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filter(Vec<Test>);

#[derive(Debug, Clone, PartialEq)]
struct Test {
    column: String,
    operator: Operator,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Is,
    IsNot,
    Less,
    AtMost,
    More,
    AtLeast,
    Contains,
}

/// The longer ones first: `<=` begins like `<`.
const OPERATORS: [(&str, Operator); 8] = [
    ("!=", Operator::IsNot),
    ("<>", Operator::IsNot),
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("=", Operator::Is),
    ("<", Operator::Less),
    (">", Operator::More),
    ("~", Operator::Contains),
];

impl Filter {
    /// Understands a filter over these columns.
    ///
    /// # Errors
    /// [`Error::BadFilter`] with the character from which on it was not understood,
    /// [`Error::UnknownColumn`].
    pub(super) fn parse(text: &str, columns: &[String]) -> Result<Self> {
        let whole = text.trim();
        let bad = |rest: &str, reason: &str| Error::BadFilter {
            filter: whole.to_owned(),
            place: whole[..whole.len() - rest.len()].chars().count() as u64 + 1,
            reason: reason.to_owned(),
        };
        let mut rest = whole;
        let mut tests = Vec::new();
        loop {
            let (column, after) = name(rest).ok_or_else(|| bad(rest, "column"))?;
            let column = columns
                .iter()
                .find(|known| **known == column)
                .ok_or_else(|| crate::view::unknown_column(&column, columns))?;
            rest = after.trim_start();
            let (sign, operator) = OPERATORS
                .into_iter()
                .find(|(sign, _)| rest.starts_with(sign))
                .ok_or_else(|| bad(rest, "operator"))?;
            rest = rest[sign.len()..].trim_start();
            let (value, after) = value(rest).ok_or_else(|| bad(rest, "value"))?;
            tests.push(Test { column: column.clone(), operator, value });
            rest = after.trim_start();
            if rest.is_empty() {
                return Ok(Self(tests));
            }
            let (and, after) = name(rest).ok_or_else(|| bad(rest, "and"))?;
            if !["and", "e"].contains(&and.to_lowercase().as_str()) {
                return Err(bad(rest, "and"));
            }
            rest = after.trim_start();
        }
    }

    /// As SQL over `rows.fields`; the values are bound in order.
    pub(super) fn sql(&self) -> String {
        let tests: Vec<_> = self
            .0
            .iter()
            .map(|test| {
                // A path in quotes; what would end it early is escaped.
                let path =
                    test.column.replace('\\', "\\\\").replace('"', "\\\"").replace('\'', "''");
                let cell = format!("json_extract(rows.fields, '$.\"{path}\"')");
                let number = number(&test.value).is_some();
                match test.operator {
                    Operator::Is => format!("{cell} = ?"),
                    Operator::IsNot => format!("coalesce({cell}, '') <> ?"),
                    Operator::Contains => format!("instr(lower({cell}), lower(?)) > 0"),
                    Operator::Less if number => format!("{} < cast(? as real)", real(&cell)),
                    Operator::AtMost if number => format!("{} <= cast(? as real)", real(&cell)),
                    Operator::More if number => format!("{} > cast(? as real)", real(&cell)),
                    Operator::AtLeast if number => format!("{} >= cast(? as real)", real(&cell)),
                    Operator::Less => format!("{cell} < ?"),
                    Operator::AtMost => format!("{cell} <= ?"),
                    Operator::More => format!("{cell} > ?"),
                    Operator::AtLeast => format!("{cell} >= ?"),
                }
            })
            .collect();
        tests.join(" and ")
    }

    /// The values, in the order of [`Self::sql`].
    pub(super) fn values(&self) -> impl Iterator<Item = String> + '_ {
        self.0.iter().map(|test| match test.operator {
            Operator::Less | Operator::AtMost | Operator::More | Operator::AtLeast => {
                number(&test.value).map_or_else(|| test.value.clone(), |number| number.to_string())
            }
            _ => test.value.clone(),
        })
    }
}

/// A cell as a number, whichever decimal mark it has.
fn real(cell: &str) -> String {
    format!(
        "cast(case when instr({cell}, ',') > 0 then replace(replace({cell}, '.', ''), ',', '.') else {cell} end as real)"
    )
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().or_else(|| text.replace('.', "").replace(',', ".").parse().ok())
}

/// A column's name, bare or in double quotes, and what follows it.
fn name(text: &str) -> Option<(String, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let end = quoted.find('"')?;
        return Some((quoted[..end].to_owned(), &quoted[end + 1..]));
    }
    let end =
        text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len());
    (end > 0).then(|| (text[..end].to_owned(), &text[end..]))
}

/// A value in single quotes, two of which stand for one, or bare up to the next space.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('\'') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut rest = quoted;
    loop {
        let end = rest.find('\'')?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Some((value, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<String> {
        ["nicho", "valor", "nota do cliente", "ano_2"].map(str::to_owned).to_vec()
    }

    #[test]
    fn filters_are_understood() {
        let filter = Filter::parse(
            "nicho = 'D''Água' and valor>=1.234,5 AND \"nota do cliente\" ~ bom",
            &columns(),
        )
        .unwrap();
        assert_eq!(filter.values().collect::<Vec<_>>(), ["D'Água", "1234.5", "bom"]);
        assert_eq!(
            filter.0.iter().map(|test| test.operator).collect::<Vec<_>>(),
            [Operator::Is, Operator::AtLeast, Operator::Contains]
        );
        assert!(filter.sql().contains("'$.\"nota do cliente\"'"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, place, reason) in [
            ("", 1, "column"),
            ("nicho", 6, "operator"),
            (" nicho = ", 8, "value"),
            ("nicho = 'a", 9, "value"),
            ("nicho = ação or valor = 1", 14, "and"),
            ("nicho = a and ", 14, "column"),
        ] {
            let error = Filter::parse(text, &columns()).unwrap_err();
            let failure = error.failure();
            assert_eq!(failure.code, "bad_filter", "{text}");
            assert_eq!(
                (&*failure.fields["place"], &*failure.fields["reason"]),
                (&*place.to_string(), reason),
                "{text}"
            );
        }
        let error = Filter::parse("niho = 'a'", &columns()).unwrap_err();
        assert_eq!(error.failure().fields["nearest"], "nicho");
    }
}
