//! What a column holds, and what it is for.

use serde::{Deserialize, Serialize};

/// What all cells of a column that are not missing can be read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Anything.
    Text,
    /// Whole numbers.
    Integer,
    /// Numbers, some with a fraction.
    Number,
    /// true/false, yes/no, sim/não, verdadeiro/falso.
    Boolean,
    /// Days, with or without a time.
    Date,
    /// Every cell is missing.
    Empty,
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Words to read: long values, or many different ones of more than one word.
    Text,
    /// Few values that come again.
    Category,
    /// Amounts.
    Number,
    /// Days.
    Date,
    /// Names a row: a telling column name, or nearly all different, short, and without spaces.
    Identifier,
}

/// What a role is decided from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traits<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: Kind,
    /// Cells that are not missing, and how many of them differ.
    pub(crate) present: u64,
    pub(crate) distinct: u64,
    /// Means over these cells.
    pub(crate) length: f64,
    pub(crate) words: f64,
}

pub(crate) fn role_of(traits: Traits<'_>) -> Role {
    let Traits { name, kind, present, distinct, length, words } = traits;
    let share = distinct as f64 / present.max(1) as f64;
    match kind {
        Kind::Date => return Role::Date,
        Kind::Boolean | Kind::Empty => return Role::Category,
        Kind::Integer | Kind::Number if is_identifier_name(name) && share > 0.2 => {
            return Role::Identifier;
        }
        Kind::Integer if distinct <= 2 && present > 2 => return Role::Category,
        Kind::Integer | Kind::Number => return Role::Number,
        Kind::Text => {}
    }
    let one_word = words < 1.05 && length <= 64.0;
    if one_word && is_identifier_name(name) && share > 0.2 {
        return Role::Identifier;
    }
    if one_word && share >= 0.95 && present >= 20 && length >= 4.0 {
        return Role::Identifier;
    }
    if words >= 4.0 && (share > 0.1 || length > 60.0) {
        return Role::Text;
    }
    let few = (distinct <= 50 && share <= 0.5) || share <= 0.05 || (one_word && share <= 0.5);
    if few || (one_word && present < 20) { Role::Category } else { Role::Text }
}

/// Whether a word of the name says that it identifies: `id`, `review_id`, `CPF`, `código` …
fn is_identifier_name(name: &str) -> bool {
    const WORDS: [&str; 18] = [
        "id",
        "ids",
        "uuid",
        "guid",
        "cpf",
        "cnpj",
        "rg",
        "cep",
        "telefone",
        "celular",
        "codigo",
        "código",
        "cod",
        "matricula",
        "matrícula",
        "protocolo",
        "sku",
        "chave",
    ];
    let spaced = name.to_lowercase();
    spaced.split(|sign: char| !sign.is_alphanumeric()).any(|word| WORDS.contains(&word))
        || name.ends_with("Id")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: &str, kind: Kind, present: u64, distinct: u64, length: f64, words: f64) -> Role {
        role_of(Traits { name, kind, present, distinct, length, words })
    }

    #[test]
    fn roles() {
        use Kind::{Boolean, Date, Integer, Number, Text};
        assert_eq!(role("review_id", Text, 4109, 4109, 32.0, 1.0), Role::Identifier);
        assert_eq!(role("hash", Text, 5645, 5645, 32.0, 1.0), Role::Identifier);
        assert_eq!(role("cpf", Integer, 100, 99, 11.0, 1.0), Role::Identifier);
        assert_eq!(role("codigo", Integer, 1000, 12, 2.0, 1.0), Role::Number);
        assert_eq!(role("nota", Integer, 4109, 5, 1.0, 1.0), Role::Number);
        assert_eq!(role("converted", Integer, 5645, 2, 1.0, 1.0), Role::Category);
        assert_eq!(role("valor", Number, 4109, 3000, 5.0, 1.0), Role::Number);
        assert_eq!(role("data", Date, 4109, 600, 10.0, 1.0), Role::Date);
        assert_eq!(role("ativo", Boolean, 10, 2, 3.0, 1.0), Role::Category);
        assert_eq!(role("uf", Text, 4109, 27, 2.0, 1.0), Role::Category);
        assert_eq!(role("produto", Text, 4109, 70, 15.0, 1.0), Role::Category);
        assert_eq!(role("comentario", Text, 4000, 3900, 90.0, 15.0), Role::Text);
        assert_eq!(role("titulo", Text, 1700, 800, 12.0, 2.0), Role::Text);
        assert_eq!(role("texto", Text, 3, 3, 40.0, 7.0), Role::Text);
        assert_eq!(role("nicho", Text, 600, 8, 20.0, 4.2), Role::Category);
    }
}
