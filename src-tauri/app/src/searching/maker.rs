//! What makes the vectors of an index, as its rows come in.

use mirante_data::lsa::{Lsa, token_params};
use mirante_data::progress::Progress;
use mirante_data::tfidf::TermCounter;

use super::builtin;
use super::given::Given;
use super::index::IndexOut;
use super::words::Entry;
use crate::app::App;
use crate::error::Result;
use crate::job::Job;
use crate::models::Ready;
use crate::ops::embed::{EmbedSettings, Space, TextRole};

/// Where the vectors of an index come from.
pub(super) enum Maker {
    Model(Ready),
    /// The words of all rows, counted as they come.
    Own(Box<TermCounter>),
    /// Another program.
    Given(Box<Given>),
    /// There are none: words alone are searched.
    Nowhere,
}

impl Maker {
    /// A model's, where settings name one, else those of the table's own words.
    pub(super) fn open(app: &App, settings: Option<&EmbedSettings>) -> Result<Self> {
        Ok(match settings {
            Some(settings) => Self::Model(Ready::open(app, settings)?),
            None => {
                let mut counter = TermCounter::new(token_params());
                counter.begin_block(0);
                Self::Own(Box::new(counter))
            }
        })
    }

    /// Numbers of a vector, where vectors come with the rows.
    pub(super) fn width(&self) -> Option<usize> {
        match self {
            Self::Model(model) => Some(model.width()),
            Self::Given(given) => Some(given.width()),
            Self::Own(_) | Self::Nowhere => None,
        }
    }

    /// Appends rows to an index, with their vectors where they can be told already.
    pub(super) fn push(&mut self, out: &mut IndexOut, entries: &[Entry], job: &Job) -> Result<()> {
        match self {
            Self::Model(model) => {
                let texts = entries.iter().map(|entry| entry.text.as_str());
                let vectors = model.vectors(texts, TextRole::Document, &|| job.check().is_ok())?;
                out.push(entries, Some(&vectors.numbers))?;
            }
            Self::Given(given) => out.push(entries, Some(&given.vectors(entries)?))?,
            Self::Own(counter) => {
                for entry in entries {
                    counter.text(entry.text.as_bytes());
                    counter.end_document();
                }
                out.push(entries, None)?;
            }
            Self::Nowhere => out.push(entries, None)?,
        }
        job.at(out.rows());
        job.checkpoint()
    }

    /// When all rows are in: their space, and what the model ran on.
    pub(super) fn end(
        self,
        out: &mut IndexOut,
        job: &Job,
    ) -> Result<(Option<Space>, Option<Ready>)> {
        match self {
            Self::Nowhere => Ok((None, None)),
            Self::Model(model) => Ok((Some(model.space()), Some(model))),
            Self::Given(given) => Ok((Some(given.space()), None)),
            Self::Own(counter) => {
                let fitted =
                    Lsa::fit(vec![*counter], out.rows(), builtin::DIMS, builtin::SEED, job);
                let Some((lsa, vectors)) = builtin::learnt(fitted)? else {
                    return Ok((None, None));
                };
                out.learnt(&lsa, &vectors.values)?;
                Ok((Some(builtin::space(&lsa)), None))
            }
        }
    }
}
