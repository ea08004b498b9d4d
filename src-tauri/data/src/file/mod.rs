//! Delimited text: bytes of a file in, records out.
//!
//! [`Input`] opens the bytes; [`detect`] finds the [`Dialect`]; [`Reader`] parses the head of the
//! file and hands out [`Blocks`], pieces cut at record boundaries, which workers split into
//! [`Records`]. [`report`] profiles a whole file, [`preview`] shows its first rows through the
//! same code, [`Writer`] writes cells back and [`Append`] copies records byte for byte with one
//! cell added.
//!
//! # What a record is
//! A record ends at `\n`, `\r\n` or a lone `\r` outside quotes. A quote opens only as the first
//! byte of a field; inside quotes two quotes are one. Three things are not well formed, and each
//! is kept with a row issue:
//!
//! - a closing quote followed by text, all on one line (`"abc" x,`): the field ends at the next
//!   delimiter and keeps its raw text ([`IssueKind::StrayQuote`]);
//! - the same after a line end was crossed, or a quote that is never closed, or one that runs
//!   over a line end and more than [`MAX_QUOTED`] bytes: the opening quote is literal text and the
//!   record ends at its own line ([`IssueKind::UnclosedQuote`]);
//! - a lone quote in the middle of a field is literal and no issue.
//!
//! Lines that are empty or hold only spaces and tabs are no records (as in pandas); their bytes
//! are still reachable through [`Record::lead`] and [`Records::rest`].

mod append;
mod blocks;
mod decode;
mod detect;
mod dialect;
mod distinct;
mod encode;
mod error;
mod guess;
mod header;
mod input;
mod issue;
mod parallel;
mod preview;
mod profile;
mod reader;
mod records;
mod report;
mod role;
mod scan;
mod separator;
mod sniff;
mod tally;
mod text;
mod utf;
mod value;
mod writer;

pub use append::Append;
pub use blocks::{BLOCK_BYTES, Block, Blocks};
pub use detect::detect;
pub use dialect::{DateOrder, Decimal, Dialect, Encoding, LineEnd, Overrides};
pub use distinct::Distinct;
pub use encode::encode_into;
pub use error::FileError;
pub(crate) use guess::encoding_of;
pub use input::Input;
pub use issue::{Inspector, IssueKind, Issues, MAX_ISSUES, RowIssue};
pub use parallel::each_block;
pub use preview::{Preview, preview};
pub use profile::{ColumnProfile, DateRange, Nearly, NumberRange};
pub use reader::Reader;
pub use records::{Field, Form, Record, Records};
pub use report::{OpenReport, profile, report};
pub use role::{Kind, Role};
pub use scan::MAX_QUOTED;
pub use sniff::sniff;
pub use value::{Date, Number, Unit, date_of, is_boolean, is_missing, number_of};
pub use writer::{WriteError, Writer};
