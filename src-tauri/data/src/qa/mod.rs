//! Questions and answers out of documents, by rules: a pattern, the words it stands near, what holds of its
//! digits.

mod check;
mod example;
mod find;
mod labels;
mod rules;
mod window;

pub use check::Check;
pub use example::{Answers, Asked, Example, Metadata, examples};
pub use find::Candidate;
pub use labels::{Labelled, labelled, span};
pub use rules::{BRAZILIAN, Rule, RulesError, read};
pub use window::window;
