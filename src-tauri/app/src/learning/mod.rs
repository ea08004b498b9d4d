//! Training classifiers on a person's own table; see [`crate::ops::classifier`].

mod card;
mod features;
mod kept;
mod linear;
mod output;
mod picture;
mod rows;
mod saved;
mod train;

pub(crate) use card::{cell, source_name};
pub(crate) use kept::Kept;
pub(crate) use linear::Linear;
pub(crate) use output::{Output, hash_of, write_json};
pub(crate) use picture::{confusion, drawn, numbers};
pub(crate) use rows::Labelled;
pub(crate) use saved::{MODEL, SavedClassifier};
pub(crate) use train::train;
