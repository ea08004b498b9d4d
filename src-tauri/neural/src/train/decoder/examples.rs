//! Conversations into tokens of which the answers are learned.

use crate::decoder::config::Config;
use crate::error::Result;
use crate::folder::Folder;
use crate::generate::Message;
use crate::generate::chat::Template;
use crate::generate::defaults::Defaults;
use crate::tokens::Tokens;

use super::Sequence;

/// A conversation whose last message is learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What was said; the last by the one who is taught.
    pub messages: Vec<Message>,
}

/// What became of a conversation that was too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// It was not.
    Whole,
    /// Its end is missing.
    End,
}

/// What makes tokens of conversations, as the model will see them when it writes.
#[derive(Debug)]
pub struct Reader {
    tokens: Tokens,
    template: Option<Template>,
    end: Option<u32>,
    longest: usize,
}

impl Reader {
    /// By a model's own tokenizer and chat template.
    ///
    /// # Errors
    /// What is missing or not known in the folder.
    pub fn open(folder: &Folder) -> Result<Self> {
        let config = Config::read(folder)?;
        let ends = [config.ends, Defaults::read(folder)?.ends].concat();
        Ok(Self {
            tokens: Tokens::unlimited(folder)?,
            template: Template::read(folder)?,
            end: ends.first().copied(),
            longest: config.longest,
        })
    }

    /// The tokens of a conversation, of which the answer is learned, or with `all` every one; nothing where
    /// what was asked alone is longer than `most`, or than the model takes.
    ///
    /// # Errors
    /// [`Error::BadField`](crate::Error::BadField) with what the template says of it,
    /// [`Error::Tokens`](crate::Error::Tokens).
    pub fn read(
        &self,
        example: &Example,
        most: usize,
        all: bool,
    ) -> Result<Option<(Sequence, Cut)>> {
        let most = most.min(self.longest);
        let Some((answer, before)) = example.messages.split_last() else { return Ok(None) };
        let (mut ids, reply) = match &self.template {
            Some(template) => {
                let (asked, whole) = (template.prompt(before)?, template.whole(&example.messages)?);
                // A template that writes a finished answer otherwise than one that is asked for.
                let rest = whole.strip_prefix(&asked).unwrap_or(&answer.content).to_owned();
                (self.tokens.of_text(&asked, false)?, rest)
            }
            None => {
                let lines: Vec<_> = before.iter().map(|one| one.content.as_str()).collect();
                (self.tokens.of_text(&lines.join("\n"), true)?, answer.content.clone())
            }
        };
        let from = ids.len();
        ids.extend(self.tokens.of_text(&reply, false)?);
        let has_end = self.end.is_none_or(|end| ids[from..].contains(&end));
        if !has_end {
            ids.extend(self.end);
        }
        if from >= most || from == ids.len() {
            return Ok(None);
        }
        let cut = if ids.len() > most { Cut::End } else { Cut::Whole };
        ids.truncate(most);
        Ok(Some((Sequence { ids, from: if all { 1 } else { from.max(1) } }, cut)))
    }
}
