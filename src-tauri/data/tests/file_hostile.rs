//! Any bytes are a clear error or a clear table: the fuzz target's properties over bytes made to
//! meet the reader's corners.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use mirante_data::file::{
    Append, Encoding, FileError, Input, IssueKind, Overrides, Reader, preview, report,
};
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn any_bytes(bytes in table(), want in 1usize..60) {
        let input = Input::spool("hostile", bytes.as_slice()).unwrap();
        let overrides = Overrides::default();
        let report = match report(&input, &overrides, &Unwatched) {
            Ok(report) => report,
            Err(FileError::Empty | FileError::NotText { .. }) => return Ok(()),
            Err(error) => panic!("{error}"),
        };
        let seen = preview(&input, &overrides, 5, &Unwatched).unwrap();
        prop_assert_eq!(seen.columns.len(), report.columns.len());
        prop_assert_eq!(&seen.dialect, &report.dialect);
        prop_assert_eq!(seen.rows.len() as u64, report.rows.min(5));

        let reader = Reader::open(&input, &report.dialect).unwrap();
        let mut append = Append::new(&report.dialect);
        let (mut copy, mut rows) = (Vec::new(), 0);
        append.head(&reader, "", &mut copy).unwrap();
        for block in reader.blocks_of(want) {
            let block = block.unwrap();
            rows += block.rows;
            append.block(&block, 0, |_| "", &mut copy).unwrap();
        }
        prop_assert_eq!(rows, report.rows);
        let wide = matches!(report.dialect.encoding, Encoding::Utf16Le | Encoding::Utf16Be);
        let cells = rows as usize + usize::from(report.dialect.has_header);
        let odd = usize::from(wide && bytes.len() % 2 == 1);
        prop_assert_eq!(copy.len(), bytes.len() + odd + cells * if wide { 2 } else { 1 });
    }
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
