//! Messages into a prompt, by the model's own chat template
//! (<https://huggingface.co/docs/transformers/chat_templating>).

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, context};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::folder::Folder;

/// Something said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// What.
    pub content: String,
}

impl Message {
    /// Something that `role` says.
    #[must_use]
    pub fn new(role: &str, content: impl Into<String>) -> Self {
        Self { role: role.to_owned(), content: content.into() }
    }
}

/// A model's chat template.
#[derive(Debug)]
pub(crate) struct Template {
    environment: Environment<'static>,
    first: Option<String>,
    last: Option<String>,
}

#[derive(Deserialize, Default)]
struct Written {
    chat_template: Option<Templates>,
    bos_token: Option<Token>,
    eos_token: Option<Token>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Templates {
    One(String),
    Some(Vec<Named>),
}

#[derive(Deserialize)]
struct Named {
    name: String,
    template: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Token {
    Plain(String),
    Added { content: String },
}

impl Token {
    fn text(self) -> String {
        match self {
            Self::Plain(text) | Self::Added { content: text } => text,
        }
    }
}

const FILE: &str = "tokenizer_config.json";
const NAME: &str = "chat";

impl Template {
    /// The template of a folder, if it has one.
    ///
    /// # Errors
    /// [`Error::BadField`] for one that cannot be read.
    pub(crate) fn read(folder: &Folder) -> Result<Option<Self>> {
        let written: Written = folder.json_if_any(FILE)?.unwrap_or_default();
        let own = match written.chat_template {
            Some(Templates::One(template)) => Some(template),
            Some(Templates::Some(all)) => {
                all.into_iter().find(|one| one.name == "default").map(|one| one.template)
            }
            None => None,
        };
        let Some(template) = folder.text_if_any("chat_template.jinja")?.or(own) else {
            return Ok(None);
        };
        let mut environment = Environment::new();
        // As transformers renders them.
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(bad)?);
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", |reason: String| {
            Err::<String, _>(minijinja::Error::new(ErrorKind::InvalidOperation, reason))
        });
        environment.add_template_owned(NAME, template).map_err(bad)?;
        let (first, last) =
            (written.bos_token.map(Token::text), written.eos_token.map(Token::text));
        Ok(Some(Self { environment, first, last }))
    }

    /// The prompt of some messages, which the model is to answer.
    ///
    /// # Errors
    /// [`Error::BadField`] with what the template says of them.
    pub(crate) fn prompt(&self, messages: &[Message]) -> Result<String> {
        self.render(messages, true)
    }

    /// The same of a conversation that is over.
    ///
    /// # Errors
    /// As [`Self::prompt`].
    pub(crate) fn whole(&self, messages: &[Message]) -> Result<String> {
        self.render(messages, false)
    }

    fn render(&self, messages: &[Message], asks: bool) -> Result<String> {
        let template = self.environment.get_template(NAME).map_err(bad)?;
        let said = context! {
            messages => Serde(messages),
            add_generation_prompt => asks,
            bos_token => self.first.clone(),
            eos_token => self.last.clone(),
        };
        template.render(said).map_err(bad)
    }
}

fn bad(error: minijinja::Error) -> Error {
    let value = error.detail().map_or_else(|| error.to_string(), str::to_owned);
    Error::BadField { file: FILE, field: "chat_template".to_owned(), value }
}
