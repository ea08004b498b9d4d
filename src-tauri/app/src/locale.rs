//! The sentences of the screen, for the command line too: the same files, so that an error reads
//! the same wherever it is met.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::{Failure, Result};
use crate::job::Job;
use crate::ops::settings::{SettingsRequest, settings};

/// A language that Mirante speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub enum Language {
    /// Brazilian Portuguese.
    #[serde(rename = "pt-BR")]
    PtBr,
    /// English.
    #[serde(rename = "en")]
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

    /// What the person set; the system's language unless something was set.
    ///
    /// # Errors
    /// [`Error::Storage`](crate::Error::Storage) when the settings cannot be read.
    pub(crate) fn of(app: &App) -> Result<Self> {
        // Work from file to file leaves no home behind it.
        if !app.has_home() {
            return Ok(Self::of_system());
        }
        let set = settings(app, &Job::quiet(), SettingsRequest {})?.language;
        // Any other setting leaves it to the system.
        Ok(serde_json::from_value(Value::String(set)).unwrap_or_else(|_| Self::of_system()))
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

/// Fields of failures that are numbers of something.
const COUNTS: [&str; 7] = ["rows", "clusters", "count", "limit", "distinct", "expected", "found"];

/// Fields of failures that are bytes, in those of memory.
const BYTES: [&str; 3] = ["needs", "limit", "takes"];

fn is_of_bytes(code: &str) -> bool {
    code == "too_large" || code.starts_with("training_too_large")
}

/// A failure's value as a person reads it. The failure itself holds sizes in bytes.
fn readable(language: Language, code: &str, name: &str, value: &str) -> String {
    match value.parse() {
        Ok(bytes) if is_of_bytes(code) && BYTES.contains(&name) => language.bytes(bytes),
        Ok(count) if COUNTS.contains(&name) => language.count(count),
        _ => value.to_owned(),
    }
}

/// What is wrong, and what to do about it.
#[must_use]
pub fn sentence(language: Language, failure: &Failure) -> (String, Option<String>) {
    let errors = &language.words()["errors"];
    let fill = |text: &str| {
        failure.fields.iter().fold(text.to_owned(), |text, (name, value)| {
            let value = readable(language, &failure.code, name, value);
            text.replace(&format!("{{{name}}}"), &value)
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
    #[test]
    fn sizes_are_said_for_people_and_carried_in_bytes() {
        let failure = Error::TooLarge { needs: 80_000_000_000, limit: 200_460_000 }.failure();
        let (said, _) = sentence(Language::PtBr, &failure);
        assert!(said.contains("80 GB") && said.contains("200,5 MB"), "{said}");
        let (said, _) = sentence(Language::En, &failure);
        assert!(said.contains("80 GB") && said.contains("200.5 MB"), "{said}");
        assert_eq!(failure.fields["limit"], "200460000");
        // A limit of rows is no number of bytes.
        let rows = Error::TooManyForFormat { what: "rows", count: 2_000_000, limit: 1_048_575 };
        let (said, _) = sentence(Language::PtBr, &rows.failure());
        assert!(said.contains("2.000.000") && said.contains("1.048.575"), "{said}");
    }
}
