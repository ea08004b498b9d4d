//! Examples out of the documents of processes; see [`crate::ops::qa`].

mod build;
mod rules;
mod zips;

pub(crate) use build::build;
