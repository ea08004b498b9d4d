//! The sentences of the screen, for the command line too: the same files, so that an error reads
//! the same wherever it is met.

use std::sync::LazyLock;

use serde_json::Value;

use crate::error::Failure;

/// A language that Mirante speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Brazilian Portuguese.
    PtBr,
    /// English.
    En,
}

static PT_BR: LazyLock<Value> =
    LazyLock::new(|| read(include_str!("../../../ui/src/locales/pt-BR.json")));
static EN: LazyLock<Value> =
    LazyLock::new(|| read(include_str!("../../../ui/src/locales/en.json")));

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

impl Language {
    /// Portuguese where the system speaks it, else English.
    #[must_use]
    pub fn of_system() -> Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        if set.is_some_and(|value| value.to_lowercase().starts_with("pt")) {
            Self::PtBr
        } else {
            Self::En
        }
    }

    fn words(self) -> &'static Value {
        match self {
            Self::PtBr => &PT_BR,
            Self::En => &EN,
        }
    }
}

/// The word for a code, from a group of the locale files; the code itself where there is none.
#[must_use]
pub fn word(language: Language, group: &str, code: &str) -> String {
    language.words()[group][code].as_str().unwrap_or(code).to_owned()
}

/// What is wrong, and what to do about it.
#[must_use]
pub fn sentence(language: Language, failure: &Failure) -> (String, Option<String>) {
    let errors = &language.words()["errors"];
    let fill = |text: &str| {
        failure.fields.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        })
    };
    let text = errors[&failure.code].as_str().map_or_else(
        || {
            let fields: Vec<_> = failure.fields.iter().map(|(n, v)| format!("{n}={v}")).collect();
            format!("{} {}", failure.code, fields.join(" "))
        },
        fill,
    );
    let next = errors[format!("{}_next", failure.code)].as_str().filter(|next| !next.is_empty());
    (text, next.map(fill))
}

#[cfg(test)]
mod tests {
    use crate::error::Error;

    use super::*;

    #[test]
    fn both_languages_have_a_sentence_for_a_missing_column() {
        let error =
            Error::UnknownColumn { column: "comentaro".into(), nearest: Some("comentario".into()) };
        for language in [Language::PtBr, Language::En] {
            let (sentence, next) = sentence(language, &error.failure());
            assert!(sentence.contains("comentaro"), "{sentence}");
            let all = format!("{sentence} {}", next.unwrap_or_default());
            assert!(all.contains("comentario") && !all.contains('{'), "{all}");
        }
    }
}
