//! Text to words, as scikit-learn's `TfidfVectorizer` makes them by default: lowercase, then every
//! longest run of two or more word characters (`(?u)\b\w\w+\b`).

mod case;
pub mod stop_words;
mod tables;
mod tokens;

pub(crate) use case::{is_word, lowercase};
pub use tokens::{TokenParams, Tokenizer};
