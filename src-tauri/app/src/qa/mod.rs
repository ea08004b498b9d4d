//! Examples out of the documents of processes; see [`crate::ops::qa`].

mod build;
mod document;
mod judged;
mod labels;
mod rules;
mod zips;

pub(crate) use build::build;
pub(crate) use document::{document, hash_of};
pub(crate) use labels::{export, judge};
pub(crate) use rules::rules;
pub(crate) use zips::each_document;
