//! Which fields documents are asked for, and how each is known: a rules file, in TOML.
//!
//! ```toml
//! [[field]]
//! name = "cpf"
//! question = "Qual é o CPF?"
//! pattern = '\b\d{3}\.\d{3}\.\d{3}-\d{2}\b'   # the group `answer`, or all of it
//! anchors = ["CPF", "inscrito sob o nº"]       # one must stand before it; none need unless said
//! reach = 60                                   # within so many characters
//! except = '^000'                              # what no answer matches
//! check = "cpf"                                # cpf, cnpj, cnj or date
//! ```

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::Check;

/// The rules for Brazilian administrative and court processes.
pub const BRAZILIAN: &str = include_str!("brazilian.toml");

/// Characters that an anchor may stand before an answer, unless a rule says it.
const REACH: usize = 60;
/// The most bytes that a compiled pattern takes.
const PATTERN_LIMIT: usize = 1 << 20;

/// How a field is found.
#[derive(Debug, Clone)]
pub struct Rule {
    /// What it is called.
    pub name: String,
    /// What is asked for it.
    pub question: String,
    pub(super) pattern: Regex,
    pub(super) anchors: Option<Regex>,
    pub(super) reach: usize,
    pub(super) except: Option<Regex>,
    pub(super) check: Option<Check>,
}

/// Rules that are not what they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct RulesError {
    /// Which field; empty for the file as a whole.
    pub field: String,
    /// Why.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    field: Vec<Field>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Field {
    name: String,
    question: String,
    pattern: String,
    #[serde(default)]
    anchors: Vec<String>,
    reach: Option<usize>,
    except: Option<String>,
    check: Option<Check>,
}

/// Reads a rules file's text.
///
/// # Errors
/// [`RulesError`] for what is no TOML of that form, a pattern that is none, and names that are empty or
/// stand twice.
pub fn read(text: &str) -> Result<Vec<Rule>, RulesError> {
    let written: Written = toml::from_str(text)
        .map_err(|error| RulesError { field: String::new(), reason: error.to_string() })?;
    let mut rules: Vec<Rule> = Vec::with_capacity(written.field.len());
    for field in written.field {
        let bad = |reason: String| RulesError { field: field.name.clone(), reason };
        if field.name.trim().is_empty() || rules.iter().any(|rule| rule.name == field.name) {
            return Err(bad("its name is empty, or stands twice".to_owned()));
        }
        let of = |pattern: &str| {
            let built = RegexBuilder::new(pattern).size_limit(PATTERN_LIMIT).build();
            built.map_err(|error| bad(error.to_string()))
        };
        rules.push(Rule {
            pattern: of(&field.pattern)?,
            anchors: any_of(&field.anchors).map(|pattern| of(&pattern)).transpose()?,
            reach: field.reach.unwrap_or(REACH),
            except: field.except.as_deref().map(of).transpose()?,
            check: field.check,
            name: field.name,
            question: field.question,
        });
    }
    Ok(rules)
}

/// Any of the words, in capitals or not, never within a longer one.
fn any_of(anchors: &[String]) -> Option<String> {
    let within = |anchor: &String| {
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let before = if is_word(anchor.chars().next()) { r"\b" } else { "" };
        let after = if is_word(anchor.chars().last()) { r"\b" } else { "" };
        // White space of any kind and number may stand where a space is written.
        let words: Vec<_> = anchor.split_whitespace().map(regex::escape).collect();
        format!("{before}{}{after}", words.join(r"\s+"))
    };
    let written: Vec<_> = anchors.iter().filter(|anchor| !anchor.trim().is_empty()).collect();
    let all: Vec<_> = written.into_iter().map(within).collect();
    (!all.is_empty()).then(|| format!("(?i:{})", all.join("|")))
}
