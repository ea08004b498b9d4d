//! What the files beside a vocabulary say: `tokenizer_config.json`, and where that does not list the
//! added tokens, `special_tokens_map.json` and `added_tokens.json`, which older versions wrote.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use tokenizers::AddedToken;

use crate::error::{Error, Result};
use crate::folder::Folder;

const FILE: &str = "tokenizer_config.json";
const MAP: &str = "special_tokens_map.json";
const ADDED: &str = "added_tokens.json";
const DECODER: &str = "added_tokens_decoder";
const EXTRA: [&str; 2] = ["additional_special_tokens", "extra_special_tokens"];

/// The tokens that have a name, in the order in which they are added.
pub(super) const NAMED: [&str; 7] =
    ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

/// What is said of a tokenizer beside its vocabulary.
#[derive(Debug)]
pub(super) struct Settings {
    said: Map<String, Json>,
    /// What older versions wrote, which goes before.
    map: Map<String, Json>,
    /// Which file lists the added tokens.
    pub(super) added_by: &'static str,
    /// Tokens that must have these ids.
    pub(super) added: BTreeMap<u32, AddedToken>,
}

/// A token as it is, or with how it is matched.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Plain(String),
    Added(Matched),
}

#[derive(Deserialize)]
struct Matched {
    content: String,
    #[serde(default)]
    single_word: bool,
    #[serde(default)]
    lstrip: bool,
    #[serde(default)]
    rstrip: bool,
    normalized: Option<bool>,
    #[serde(default)]
    special: bool,
}

impl Matched {
    fn token(self, special: bool) -> AddedToken {
        AddedToken::from(self.content, special)
            .single_word(self.single_word)
            .lstrip(self.lstrip)
            .rstrip(self.rstrip)
            .normalized(self.normalized.unwrap_or(!special))
    }
}

impl Settings {
    pub(super) fn read(folder: &Folder) -> Result<Self> {
        let mut said: Map<String, Json> = folder.json_if_any(FILE)?.unwrap_or_default();
        let mut added = BTreeMap::new();
        if let Some(tokens) = said.remove(DECODER).filter(|tokens| !tokens.is_null()) {
            let tokens: BTreeMap<u32, Matched> =
                serde_json::from_value(tokens).map_err(|error| bad(FILE, DECODER, error))?;
            for (id, token) in tokens {
                let special = token.special;
                added.insert(id, token.token(special));
            }
            return Ok(Self { said, map: Map::new(), added_by: FILE, added });
        }
        let mut map: Map<String, Json> = folder.json_if_any(MAP)?.unwrap_or_default();
        map.retain(|_, token| !token.is_null());
        let mut settings = Self { said, map, added_by: ADDED, added };
        let tokens: Option<BTreeMap<String, u32>> = folder.json_if_any(ADDED)?;
        if let Some(tokens) = tokens {
            let mut special = settings.extra()?;
            for name in NAMED {
                special.extend(settings.token(name)?);
            }
            settings.added = tokens
                .into_iter()
                .map(|(token, id)| {
                    let is_special = special.iter().any(|one| one.content == token);
                    (id, AddedToken::from(token, is_special))
                })
                .collect();
        }
        Ok(settings)
    }

    /// A switch, where it is set.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>> {
        self.get(name, Json::as_bool)
    }

    /// A number that counts something, where it is set.
    pub(super) fn count(&self, name: &str) -> Result<Option<u64>> {
        self.get(name, Json::as_u64)
    }

    /// A text, where it is set.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>> {
        self.get(name, Json::as_str)
    }

    fn get<'a, T>(&'a self, name: &str, read: fn(&'a Json) -> Option<T>) -> Result<Option<T>> {
        let Some((file, value)) = self.find(name) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| bad(file, name, value))
    }

    /// What is said of a name, and where.
    fn find(&self, name: &str) -> Option<(&'static str, &Json)> {
        let said = self.said.get(name).filter(|value| !value.is_null());
        self.map.get(name).map(|value| (MAP, value)).or(said.map(|value| (FILE, value)))
    }

    /// Whether anything is said of a name, were it that there is none.
    pub(super) fn has(&self, name: &str) -> bool {
        self.said.contains_key(name) || self.map.contains_key(name)
    }

    /// Whether a token is named without how it is matched.
    pub(super) fn is_plain(&self, name: &str) -> bool {
        self.find(name).is_none_or(|(_, token)| token.is_string())
    }

    /// The token of a name, where there is one.
    pub(super) fn token(&self, name: &str) -> Result<Option<AddedToken>> {
        let token = self.find(name).map(|(file, token)| self.special(file, name, token));
        token.transpose()
    }

    /// Special tokens without a name.
    pub(super) fn extra(&self) -> Result<Vec<AddedToken>> {
        let mut extra = Vec::new();
        for name in EXTRA {
            let Some((file, tokens)) = self.find(name) else { continue };
            let tokens: Vec<&Json> = match tokens {
                Json::Array(tokens) => tokens.iter().collect(),
                // Tokens under names of a model's own.
                Json::Object(tokens) => tokens.values().collect(),
                other => return Err(bad(file, name, other)),
            };
            for token in tokens {
                extra.push(self.special(file, name, token)?);
            }
        }
        Ok(extra)
    }

    /// A special token, matched as it is where it was added.
    fn special(&self, file: &'static str, name: &str, token: &Json) -> Result<AddedToken> {
        let token = Written::deserialize(token).map_err(|_| bad(file, name, token))?;
        let token = match token {
            Written::Plain(content) => AddedToken::from(content, true),
            Written::Added(token) => token.token(true),
        };
        let added = self.added.values().find(|added| added.content == token.content);
        Ok(added.cloned().unwrap_or(token).special(true))
    }
}

/// That a field has a value that is not known here.
pub(super) fn bad(file: &'static str, field: &str, value: impl ToString) -> Error {
    Error::BadField { file, field: field.to_owned(), value: value.to_string() }
}
