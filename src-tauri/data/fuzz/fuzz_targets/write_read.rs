//! Any cells, written in a dialect that the first two bytes choose, are read again as they were.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mirante_data::file::{DateOrder, Decimal, Dialect, Encoding, LineEnd};

#[path = "../../tests/invariants/mod.rs"]
mod invariants;

fuzz_target!(|data: &[u8]| {
    let [one, two, cells @ ..] = data else { return };
    let pick = |from: &[u8], by: u8| from[usize::from(by) % from.len()];
    let delimiter = pick(b",;\t| x", *one >> 4);
    let dialect = Dialect {
        encoding: [
            Encoding::Utf8,
            Encoding::Utf8Bom,
            Encoding::Utf16Le,
            Encoding::Utf16Be,
            Encoding::Windows1252,
        ][usize::from(one & 15) % 5],
        delimiter,
        quote: [Some(b'"'), Some(b'\''), None][usize::from(two & 15) % 3],
        has_header: false,
        line_end: [LineEnd::Lf, LineEnd::CrLf, LineEnd::Cr][usize::from(two >> 4) % 3],
        decimal: Decimal::Point,
        date_order: DateOrder::Iso,
    };
    // Two bytes that no UTF-8 holds end a row and a cell.
    let table = cells
        .split(|&byte| byte == 0xFF)
        .map(|row| {
            let cells = row.split(|&byte| byte == 0xFE);
            cells.map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
        })
        .collect();
    invariants::written_cells_are_read_again(table, &dialect, usize::from(*two) + 1);
});
