//! Between the operations' words for a file and the reader's.

mod convert;
mod import;
mod source;

pub(crate) use convert::{dialect_of, file_error, issue, parser, role_of, write_error};
pub(crate) use import::import;
pub(crate) use source::{OpenFile, open_file, preview, report, report_of, write_labelled};
