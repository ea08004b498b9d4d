//! Where rows come from: a file, or an imported table.

use std::sync::Arc;

use mirante_data::file::Role;
use mirante_data::segment::{self, Counted, text_columns};
use mirante_data::text::TokenParams;

use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::opened::OpenTable;
use crate::ops::datasets::Dataset;
use crate::ops::segment::Source;
use crate::reading::{self, OpenFile};
use crate::view::unknown_column;

/// Where rows come from, opened.
pub(crate) enum From {
    File(Box<OpenFile>),
    Table(Box<Dataset>, Arc<OpenTable>),
}

impl From {
    pub(crate) fn open(app: &App, job: &Job, source: &Source) -> Result<Self> {
        Ok(match source {
            Source::Dataset { dataset } => {
                Self::Table(Box::new(app.dataset(*dataset)?), app.table(*dataset)?)
            }
            Source::File { path, options } => {
                Self::File(Box::new(reading::open_file(path, options, job)?))
            }
        })
    }

    /// The columns to read, by place and by name.
    pub(crate) fn text_columns(&self, named: &[String]) -> Result<(Vec<usize>, Vec<String>)> {
        let columns: Vec<(String, Role)> = match self {
            Self::File(file) => file.columns(named)?,
            Self::Table(dataset, _) => dataset
                .columns
                .iter()
                .map(|column| (column.name.clone(), reading::role_of(column.role)))
                .collect(),
        };
        let borrowed: Vec<_> = columns.iter().map(|(name, role)| (name.as_str(), *role)).collect();
        let places = text_columns(&borrowed, named).map_err(|error| match error {
            segment::TextColumnsError::Unknown(name) => {
                let names: Vec<_> = columns.iter().map(|(name, _)| name.clone()).collect();
                unknown_column(&name, &names)
            }
            segment::TextColumnsError::None => Error::NoText,
        })?;
        let names = places.iter().map(|&place| columns[place].0.clone()).collect();
        Ok((places, names))
    }

    pub(crate) fn count(&self, job: &Job, named: &[String]) -> Result<(Counted, Vec<String>)> {
        let (places, names) = self.text_columns(named)?;
        let tokens = TokenParams::default();
        let counted = match self {
            Self::File(file) => segment::count_file(
                &file.reader,
                &places,
                rayon::current_num_threads(),
                tokens,
                job,
            )
            .map_err(|error| reading::file_error(&file.path, error))?,
            Self::Table(_, open) => segment::count_table(&open.table, &places, tokens, job)?,
        };
        Ok((counted, names))
    }
}
