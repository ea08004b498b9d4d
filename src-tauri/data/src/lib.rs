//! Bytes in, values out.
//!
//! The way data takes: [`file`] → [`table`] → [`text`] → [`tfidf`] → [`cluster`] →
//! [`project2d`], [`lsa`], [`nearest`], [`export`], [`plot`]. Every module is pure and synchronous; nothing here knows
//! a model, a network or a database.

pub mod cluster;
pub mod export;
pub mod file;
mod hash;
mod letters;
pub mod lsa;
pub mod nearest;
pub mod personal;
pub mod plot;
pub mod progress;
pub mod project2d;
pub mod segment;
pub mod table;
pub mod text;
pub mod tfidf;
pub mod transcribe;
pub mod vectors;
