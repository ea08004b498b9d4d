//! Any bytes are a clear error or a clear table: the fuzz targets' invariants over bytes made to
//! meet the reader's corners.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod invariants;

use mirante_data::file::{Encoding, Input, IssueKind, Overrides, report};
use mirante_data::progress::Unwatched;
use proptest::prelude::*;

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let fixed = [
        "\"",
        "\"\"",
        "'",
        ",",
        ";",
        "\t",
        "|",
        "\n",
        "\r\n",
        "\r",
        " ",
        "nome",
        "1,5",
        "1.234,50",
        "NA",
        "12/31/2018",
        "31/12/2018",
        "2018-01-02T03:04",
        "não",
        "sep=;\n",
        "sep=",
        "\u{FEFF}",
        "€",
    ];
    prop_oneof![
        6 => proptest::sample::select(fixed.map(|text| text.as_bytes().to_vec()).to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..4),
        1 => Just(vec![0]),
        1 => Just(b"\xE7\xE3o".to_vec()),
    ]
}

fn table() -> impl Strategy<Value = Vec<u8>> {
    (proptest::collection::vec(piece(), 0..60), 0..8).prop_map(|(pieces, form)| {
        let bytes = pieces.concat();
        let units = || String::from_utf8_lossy(&bytes).encode_utf16().collect::<Vec<u16>>();
        match form {
            0 => units().into_iter().flat_map(u16::to_le_bytes).collect(),
            1 => [0xFEFF].into_iter().chain(units()).flat_map(u16::to_be_bytes).collect(),
            2 => [b"\xFF\xFE".to_vec(), bytes].concat(),
            _ => bytes,
        }
    })
}

/// Mostly none, as people open files.
fn overrides() -> impl Strategy<Value = Overrides> {
    let some = (
        proptest::option::of(proptest::sample::select(vec![
            Encoding::Utf8,
            Encoding::Utf16Le,
            Encoding::Windows1252,
        ])),
        proptest::option::of(proptest::sample::select(b",;\t|x\"".to_vec())),
        proptest::option::of(proptest::option::of(proptest::sample::select(b"\"',".to_vec()))),
        proptest::option::of(any::<bool>()),
    );
    let some = some.prop_map(|(encoding, delimiter, quote, has_header)| Overrides {
        encoding,
        delimiter,
        quote,
        has_header,
        ..Overrides::default()
    });
    prop_oneof![3 => Just(Overrides::default()), 1 => some]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn any_bytes(bytes in table(), overrides in overrides(), want in 1usize..60) {
        invariants::any_bytes_are_an_error_or_a_table(&bytes, &overrides, want);
    }
}

#[test]
fn the_seeds_of_the_fuzz_targets() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/file");
    let mut seeds = 0;
    for seed in std::fs::read_dir(corpus).unwrap() {
        let bytes = std::fs::read(seed.unwrap().path()).unwrap();
        for want in [1, 7, 4096] {
            invariants::any_bytes_are_an_error_or_a_table(&bytes, &Overrides::default(), want);
        }
        seeds += 1;
    }
    assert!(seeds > 20);
}

#[test]
fn many_unclosed_quotes_take_linear_time() {
    let mut text = String::from("a;b\n");
    for row in 0..300_000 {
        text += &format!("\"texto {row};\"\"x\n");
    }
    let start = std::time::Instant::now();
    let input = Input::spool("quotes", text.as_bytes()).unwrap();
    let report = report(&input, &Overrides::default(), &Unwatched).unwrap();
    assert_eq!(report.rows, 300_000);
    assert_eq!(report.issue_counts[&IssueKind::UnclosedQuote], 300_000);
    assert_eq!(report.issues.len(), mirante_data::file::MAX_ISSUES);
    assert!(start.elapsed().as_secs() < 20);
}
