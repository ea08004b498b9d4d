//! Examples out of the documents of processes; see [`crate::ops::qa`].

mod build;
mod rules;
mod zips;

pub(crate) use build::build;
pub(crate) use rules::rules;
pub(crate) use zips::each_document;
