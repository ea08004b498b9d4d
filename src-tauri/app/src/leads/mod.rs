//! Lead scoring; see [`crate::ops::leads`].

mod card;
mod figures;
mod pictures;
mod saved;
mod score;
mod table;
mod target;
mod train;

pub(crate) use saved::SavedLeads;
pub(crate) use score::{score, score_table};
pub(crate) use train::train;
