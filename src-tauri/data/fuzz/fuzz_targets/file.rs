//! Any bytes are a clear error or a clear table, however they are cut, and a copy of their records
//! holds every byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mirante_data::file::{Append, Encoding, Input, Overrides, Reader, preview, report};
use mirante_data::progress::Unwatched;

fuzz_target!(|data: &[u8]| {
    let Some((&want, bytes)) = data.split_first() else { return };
    let Ok(input) = Input::spool("fuzz", bytes) else { return };
    let overrides = Overrides::default();
    let Ok(report) = report(&input, &overrides, &Unwatched) else { return };
    let preview = preview(&input, &overrides, 10, &Unwatched).expect("what can be read, can be seen");
    assert_eq!(preview.columns, report.columns);

    let reader = Reader::open(&input, &report.dialect).expect("what was read can be opened");
    let mut append = Append::new(&report.dialect);
    let mut copy = Vec::new();
    append.head(&reader, "", &mut copy).expect("an empty name can be written");
    let mut rows = 0;
    for block in reader.blocks_of(usize::from(want) + 1) {
        let block = block.expect("the file does not change");
        rows += block.rows;
        append.block(&block, 0, |_| "", &mut copy).expect("an empty label can be written");
    }
    assert_eq!(rows, report.rows);
    let wide = matches!(report.dialect.encoding, Encoding::Utf16Le | Encoding::Utf16Be);
    // One delimiter for each record and the header. An odd last byte in UTF-16 becomes U+FFFD.
    let unit = if wide { 2 } else { 1 };
    let cells = rows as usize + usize::from(report.dialect.has_header);
    let odd = usize::from(wide && bytes.len() % 2 == 1);
    assert_eq!(copy.len(), bytes.len() + odd + cells * unit);
});
