//! Bytes in, values out.
//!
//! The way data takes: [`file`] → [`table`] → [`text`] → [`tfidf`] → [`cluster`] →
//! [`project2d`], [`lsa`], [`learn`], [`leads`], [`nearest`], [`export`], [`plot`]; [`documents`] → [`qa`] →
//! [`squad`]; [`conll`]. Every module is pure and synchronous; nothing here knows a neural model, a network or a database.

pub mod cluster;
pub mod conll;
pub mod documents;
pub mod export;
pub mod file;
mod hash;
pub mod leads;
pub mod learn;
mod letters;
pub mod lsa;
pub mod nearest;
pub mod personal;
pub mod plot;
pub mod progress;
pub mod project2d;
pub mod qa;
pub mod segment;
pub mod squad;
pub mod table;
pub mod text;
pub mod tfidf;
pub mod transcribe;
pub mod vectors;
