//! Tokens beside a vocabulary: those that were added, and those that have a part to play.

use tokenizers::{AddedToken, Tokenizer};

use crate::error::Result;

use super::settings::{NAMED, Settings, bad};

/// The tokens that have a name, as the settings or else the tokenizer's class say.
#[derive(Debug)]
pub(super) struct Named(Vec<(&'static str, AddedToken)>);

impl Named {
    /// The tokens under `names`; a name whose token the settings do not tell has the one given here.
    pub(super) fn read(settings: &Settings, defaults: &[(&'static str, &str)]) -> Result<Self> {
        let mut named = Vec::new();
        for name in NAMED {
            let default = defaults.iter().find(|&&(default, _)| default == name);
            let token = match (settings.token(name)?, default) {
                (Some(token), _) => token,
                (None, Some(&(_, default))) if !settings.has(name) => {
                    AddedToken::from(default, true)
                }
                (None, _) => continue,
            };
            named.push((name, token));
        }
        Ok(Self(named))
    }

    /// The mask stands for a word, so it takes the space before it, unless it is said otherwise.
    pub(super) fn mask_takes_space(mut self, settings: &Settings) -> Self {
        const MASK: &str = "mask_token";
        for (name, token) in &mut self.0 {
            let is_added = settings.added.values().any(|added| added.content == token.content);
            if *name == MASK && settings.is_plain(MASK) && !is_added {
                token.lstrip = true;
            }
        }
        self
    }

    /// The token of a name.
    pub(super) fn get(&self, name: &str) -> Result<&str> {
        let found = self.0.iter().find(|(one, _)| *one == name);
        found
            .map(|(_, token)| token.content.as_str())
            .ok_or_else(|| bad("tokenizer_config.json", name, "null"))
    }

    /// The token of a name with its id.
    pub(super) fn with_id(&self, tokenizer: &Tokenizer, name: &str) -> Result<(String, u32)> {
        let token = self.get(name)?;
        let id = tokenizer.token_to_id(token).ok_or_else(|| {
            let value = format!("{token}, which is not in the vocabulary");
            bad("tokenizer_config.json", name, value)
        })?;
        Ok((token.to_owned(), id))
    }

    /// Adds the tokens that the settings list, the named ones, `own` ones of the model, and those
    /// without a name.
    pub(super) fn add(
        &self,
        tokenizer: &mut Tokenizer,
        settings: &Settings,
        own: Vec<AddedToken>,
    ) -> Result<()> {
        let mut tokens: Vec<AddedToken> = settings.added.values().cloned().collect();
        let mut put =
            |token: AddedToken| match tokens.iter_mut().find(|one| one.content == token.content) {
                Some(one) => one.special |= token.special,
                None => tokens.push(token),
            };
        self.0.iter().map(|(_, token)| token.clone()).for_each(&mut put);
        own.into_iter().chain(settings.extra()?).for_each(&mut put);
        let file = settings.added_by;
        tokenizer.add_tokens(tokens).map_err(|error| bad(file, "tokens", error))?;
        for (&id, token) in &settings.added {
            let made = tokenizer.token_to_id(&token.content);
            if made != Some(id) {
                let made = made.map_or("nothing".to_owned(), |made| made.to_string());
                let value = format!("{id}, which is {made} after the vocabulary");
                return Err(bad(file, &token.content, value));
            }
        }
        Ok(())
    }
}
