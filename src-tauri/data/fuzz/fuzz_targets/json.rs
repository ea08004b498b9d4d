//! Any bytes as JSON Lines: a clear error, or delimited text with as many rows and columns as are
//! said, which reads without an issue of its own.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use mirante_data::file::{Decimal, Encoding, FileError, Input, IssueKind, Overrides, report};
use mirante_data::progress::Unwatched;
use mirante_data::transcribe::{Format, transcribe};

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("a temporary file");
    let mut text = Vec::new();
    let path = file.path();
    let Ok(found) = transcribe(path, Format::Jsonl, None, &mut text, &Unwatched) else { return };
    let input = Input::spool("transcript", text.as_slice()).expect("a temporary file");
    let overrides = Overrides {
        encoding: Some(Encoding::Utf8),
        delimiter: Some(b','),
        quote: Some(Some(b'"')),
        has_header: Some(true),
        decimal: Some(Decimal::Point),
        date_order: None,
    };
    let report = match report(&input, &overrides, &Unwatched) {
        Ok(report) => report,
        // More than a tenth of it are control characters, as in the JSON.
        Err(FileError::NotText { .. }) => return,
        Err(error) => panic!("a transcript is a table: {error}"),
    };
    assert_eq!((report.rows, report.columns.len()), (found.rows, found.columns.len()));
    let may = [IssueKind::HeaderRenamed, IssueKind::NulByte];
    assert!(report.issue_counts.keys().all(|kind| may.contains(kind)), "{:?}", report.issues);
});
