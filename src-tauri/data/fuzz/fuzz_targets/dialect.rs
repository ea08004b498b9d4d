//! Any bytes under what a person insists on: the first three bytes choose it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mirante_data::file::{DateOrder, Decimal, Encoding, Overrides};

#[path = "../../tests/invariants/mod.rs"]
mod invariants;

fuzz_target!(|data: &[u8]| {
    let [one, two, want, bytes @ ..] = data else { return };
    let overrides = Overrides {
        encoding: [
            None,
            Some(Encoding::Utf8),
            Some(Encoding::Utf8Bom),
            Some(Encoding::Utf16Le),
            Some(Encoding::Utf16Be),
            Some(Encoding::Windows1252),
        ]
        .get(usize::from(one & 7))
        .copied()
        .flatten(),
        delimiter: b",;\t| x\"\n".get(usize::from(one >> 3)).copied(),
        quote: [Some(None), Some(Some(b'"')), Some(Some(b'\'')), Some(Some(b','))]
            .get(usize::from(two & 7))
            .copied()
            .flatten(),
        has_header: [Some(true), Some(false)].get(usize::from(two >> 3 & 3)).copied().flatten(),
        decimal: [Some(Decimal::Point), Some(Decimal::Comma)]
            .get(usize::from(two >> 5 & 1))
            .copied()
            .flatten(),
        date_order: [Some(DateOrder::DayFirst), Some(DateOrder::MonthFirst), Some(DateOrder::Iso)]
            .get(usize::from(two >> 6))
            .copied()
            .flatten(),
    };
    let want = usize::from(*want) + 1;
    invariants::any_bytes_are_an_error_or_a_table(bytes, &overrides, want);
});
