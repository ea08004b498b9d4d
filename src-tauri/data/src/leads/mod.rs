//! Lead scoring: which rows of a table will convert, how likely, and why.
//!
//! The columns of a lead become numbers ([`Encoder`]), a logistic regression learns from them, and Platt's
//! sigmoid over rows that were left out of learning makes its scores probabilities ([`Scorer`]).

mod encode;
mod forward;
mod scorer;

pub use encode::{Cells, Encoder, Encoding, LeadColumn, LeadKind, Note, NoteKind, Part};
pub use forward::{Forward, forward};
pub use scorer::{LeadParams, Learnt, Reason, Scored, Scorer, alone, learn};
