//! Records out of bytes: the grammar, its issues, and that cutting never changes them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod invariants;

use mirante_data::file::{
    Append, DateOrder, Decimal, Dialect, Encoding, FileError, Input, Inspector, IssueKind, Issues,
    LineEnd, MAX_QUOTED, Reader, WriteError, Writer, each_block,
};
use mirante_data::progress::Unwatched;
use proptest::prelude::*;

fn dialect() -> Dialect {
    Dialect {
        encoding: Encoding::Utf8,
        delimiter: b',',
        quote: Some(b'"'),
        has_header: true,
        line_end: LineEnd::Lf,
        decimal: Decimal::Point,
        date_order: DateOrder::Iso,
    }
}

fn bare() -> Dialect {
    Dialect { has_header: false, ..dialect() }
}

fn input(bytes: &[u8]) -> Input {
    Input::spool("table.csv", bytes).unwrap()
}

type Rows = Vec<(u64, u64, Vec<String>)>;

fn read_in(bytes: &[u8], dialect: &Dialect, want: usize) -> Result<(Rows, Issues), FileError> {
    let reader = Reader::open(&input(bytes), dialect)?;
    let mut issues = reader.header_issues().clone();
    let mut rows = Vec::new();
    for block in reader.blocks_of(want) {
        let block = block?;
        let inspector = Inspector::new(reader.columns(), &block);
        let before = rows.len() as u64;
        assert_eq!(block.first_row, before);
        let mut records = block.records();
        while let Some(record) = records.next() {
            inspector.inspect(&record, &mut issues);
            let cells = record
                .fields()
                .map(|field| {
                    let mut cell = String::new();
                    field.decode(&mut cell);
                    cell
                })
                .collect();
            rows.push((record.line, record.row, cells));
        }
        assert_eq!(rows.len() as u64 - before, block.rows);
    }
    Ok((rows, issues))
}

fn rows(bytes: &[u8], dialect: &Dialect) -> Vec<Vec<String>> {
    read_in(bytes, dialect, 1 << 20).unwrap().0.into_iter().map(|(_, _, cells)| cells).collect()
}

fn said(bytes: &[u8], dialect: &Dialect) -> Vec<(u64, Option<String>, IssueKind)> {
    let (_, issues) = read_in(bytes, dialect, 1 << 20).unwrap();
    issues.kept().iter().map(|issue| (issue.line, issue.column.clone(), issue.kind)).collect()
}

#[test]
fn quotes_open_only_at_a_fields_start() {
    assert_eq!(
        rows(b"a \"b\",5\" tela\n\"x, \"\"y\"\"\nz\",w\n\"\",\"\"\"\"\n", &bare()),
        [vec!["a \"b\"", "5\" tela"], vec!["x, \"y\"\nz", "w"], vec!["", "\""]]
    );
    assert!(said(b"a \"b\",5\" tela\n", &bare()).is_empty());
}

#[test]
fn every_line_end_ends_a_record() {
    for text in ["a,b\n\nc,d\n", "a,b\r\n\r\nc,d\r\n", "a,b\r\rc,d\r", "a,b\r\n \n\t\r\nc,d"] {
        assert_eq!(rows(text.as_bytes(), &bare()), [["a", "b"], ["c", "d"]], "{text:?}");
    }
    let (rows, _) = read_in(b"a\r\nb\n\r\"x\r\ny\rz\"\rc", &bare(), 1).unwrap();
    let lines: Vec<u64> = rows.iter().map(|row| row.0).collect();
    assert_eq!(lines, [1, 2, 4, 7]);
}

#[test]
fn an_unclosed_quote_costs_its_own_line_only() {
    let unclosed = |line, column: &str| (line, Some(column.to_owned()), IssueKind::UnclosedQuote);
    let few = |line, column: &str| (line, Some(column.to_owned()), IssueKind::TooFewFields);
    for (text, expected, issues) in [
        (
            "a,b\n\"x,1\ny,2\nz,3\n",
            vec![vec!["\"x", "1"], vec!["y", "2"], vec!["z", "3"]],
            vec![unclosed(2, "a")],
        ),
        (
            "a,b\nx,\"1\ny,2\n\"z\",3\n",
            vec![vec!["x", "\"1"], vec!["y", "2"], vec!["z", "3"]],
            vec![unclosed(2, "b")],
        ),
        ("a,b\nx,1\ny,\"2", vec![vec!["x", "1"], vec!["y", "\"2"]], vec![unclosed(3, "b")]),
        ("a,b\nx,1\n\"y,2\n", vec![vec!["x", "1"], vec!["\"y", "2"]], vec![unclosed(3, "a")]),
        ("a,b\n\"x\n", vec![vec!["\"x"]], vec![few(2, "b"), unclosed(2, "a")]),
    ] {
        assert_eq!(rows(text.as_bytes(), &dialect()), expected, "{text:?}");
        assert_eq!(said(text.as_bytes(), &dialect()), issues, "{text:?}");
    }
}

#[test]
fn text_after_a_closing_quote_stays() {
    assert_eq!(
        rows(b"\"abc\" x \"def\",2\n3,4\n", &bare()),
        [["\"abc\" x \"def\"", "2"], ["3", "4"]]
    );
    assert_eq!(
        said(b"\"abc\" x,2\n", &bare()),
        [(1, Some("coluna_1".into()), IssueKind::StrayQuote)]
    );
}

#[test]
fn a_quote_that_runs_too_far_is_text() {
    let mut text = b"a,b\n\"x,1\n".to_vec();
    while text.len() <= MAX_QUOTED + 100 {
        text.extend_from_slice(
            b"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy,2\n",
        );
    }
    text.extend_from_slice(b"z\",3\n");
    let (rows, issues) = read_in(&text, &dialect(), 1 << 20).unwrap();
    assert_eq!(rows[0].2, ["\"x", "1"]);
    assert_eq!(rows.last().unwrap().2, ["z\"", "3"]);
    assert_eq!(issues.counts().get(&IssueKind::UnclosedQuote), Some(&1));
    assert_eq!(issues.total(), 1);
}

#[test]
fn rows_of_other_width_are_kept_and_said() {
    let (rows, issues) = read_in(b"a,b,c\n1\n1,2,3\n1,2,3,4,\"5\"\n", &dialect(), 1 << 20).unwrap();
    assert_eq!(rows[2].2, ["1", "2", "3", "4", "5"]);
    let issues: Vec<_> = issues
        .kept()
        .iter()
        .map(|i| (i.line, i.column.as_deref(), i.kind, i.text.as_str()))
        .collect();
    assert_eq!(
        issues,
        [
            (2, Some("b"), IssueKind::TooFewFields, "1"),
            (4, None, IssueKind::TooManyFields, "4,\"5\""),
        ]
    );
}

#[test]
fn bad_bytes_and_nul_bytes_are_said_with_their_column() {
    let (rows, issues) = read_in(b"a,b\nx,y\xE7\n\0,z\n", &dialect(), 1 << 20).unwrap();
    assert_eq!(rows[0].2, ["x", "y\u{FFFD}"]);
    assert_eq!(rows[1].2, ["\0", "z"]);
    let issues: Vec<_> = issues
        .kept()
        .iter()
        .map(|i| (i.line, i.column.as_deref(), i.kind, i.text.as_str()))
        .collect();
    assert_eq!(
        issues,
        [(2, Some("b"), IssueKind::BadBytes, "y\\xE7"), (3, Some("a"), IssueKind::NulByte, "\0")]
    );
}

#[test]
fn headers_are_trimmed_named_and_made_unique() {
    let reader = Reader::open(&input(b" nome ,,nome,\"\",nome_2,nome\n"), &dialect()).unwrap();
    assert_eq!(reader.columns(), ["nome", "coluna_2", "nome_3", "coluna_4", "nome_2", "nome_4"]);
    assert_eq!(reader.header_issues().counts()[&IssueKind::HeaderRenamed], 4);
    assert!(reader.header_issues().kept().iter().all(|issue| issue.line == 1));
}

#[test]
fn nothing_to_read_is_an_error() {
    for bytes in [b"".as_slice(), b"\n\n  \r\n", b"\xEF\xBB\xBF"] {
        assert!(matches!(Reader::open(&input(bytes), &dialect()), Err(FileError::Empty)));
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Input::open(folder.path()), Err(FileError::IsFolder { .. })));
    let absent = folder.path().join("não há.csv");
    assert!(matches!(Input::open(absent), Err(FileError::NotFound { .. })));
}

#[test]
fn a_file_that_shrinks_is_an_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "a,b\n".repeat(3 << 20)).unwrap();
    let input = Input::open(file.path()).unwrap();
    let mut blocks = Reader::open(&input, &bare()).unwrap().blocks();
    assert!(blocks.next_block().is_ok());
    file.as_file().set_len(5 << 20).unwrap();
    let error = blocks.find_map(Result::err).unwrap();
    assert!(
        matches!(error, FileError::Shrunk { expected, found, .. } if expected == 12 << 20 && found == 5 << 20)
    );
}

#[test]
fn a_dialect_that_cannot_be_is_refused() {
    for (delimiter, quote) in [(b',', Some(b',')), (b'\n', None), (0xE7, None), (b',', Some(b'\r'))]
    {
        let dialect = Dialect { delimiter, quote, ..dialect() };
        assert!(matches!(
            Reader::open(&input(b"a"), &dialect),
            Err(FileError::Contradiction { .. })
        ));
    }
}

#[test]
fn one_long_line_takes_linear_time() {
    let mut text = b"a,b\n\"".to_vec();
    text.resize(20 << 20, b'x');
    let start = std::time::Instant::now();
    assert_eq!(rows(&text, &dialect())[0][0].len(), (20 << 20) - 4);
    text[4] = b'x';
    assert_eq!(rows(&text, &dialect())[0][0].len(), (20 << 20) - 4);
    assert!(start.elapsed().as_secs() < 10);
}

/// Bytes that meet the grammar's corners often.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => Just(b"\"".to_vec()), 3 => Just(b",".to_vec()), 2 => Just(b"\n".to_vec()),
        2 => Just(b"\r\n".to_vec()), 1 => Just(b"\r".to_vec()), 2 => Just(b"ab".to_vec()),
        1 => Just(b" ".to_vec()), 1 => Just(b"\t".to_vec()), 1 => Just(vec![0]),
        1 => Just(vec![0xE7]), 1 => Just("ç".as_bytes().to_vec()),
    ];
    proptest::collection::vec(piece, 1..80).prop_map(|pieces| pieces.concat())
}

/// All that was read, as bytes and as numbers.
fn whole(bytes: &[u8], dialect: &Dialect, want: usize) -> Option<(Rows, Issues)> {
    match read_in(bytes, dialect, want) {
        Ok(read) => Some(read),
        Err(FileError::Empty) => None,
        Err(error) => panic!("{error}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn where_blocks_are_cut_changes_nothing(
        bytes in hostile(), want in 1usize..40, has_header in any::<bool>(), quotes in any::<bool>(),
    ) {
        let quote = quotes.then_some(b'"');
        let dialect = Dialect { has_header, quote, ..dialect() };
        prop_assert_eq!(whole(&bytes, &dialect, want), whole(&bytes, &dialect, 1 << 20));
    }

    #[test]
    fn copies_hold_every_byte(
        bytes in hostile(), want in 1usize..40, has_header in any::<bool>(), wide in any::<bool>(),
    ) {
        let encoding = if wide { Encoding::Utf16Le } else { Encoding::Utf8 };
        let mut bytes = if wide {
            String::from_utf8_lossy(&bytes).encode_utf16().flat_map(u16::to_le_bytes).collect()
        } else {
            bytes
        };
        if wide {
            bytes.splice(0..0, *b"\xFF\xFE");
        }
        let dialect = Dialect { has_header, encoding, ..dialect() };
        let Ok(reader) = Reader::open(&input(&bytes), &dialect) else { return Ok(()) };
        let mut append = Append::new(&dialect);
        let (mut copy, mut cells) = (Vec::new(), usize::from(has_header));
        append.head(&reader, &["@@"], &mut copy).unwrap();
        for block in reader.blocks_of(want) {
            let block = block.unwrap();
            cells += block.rows as usize;
            append.block(&block, 0, 1, |_, _| "@@", &mut copy).unwrap();
        }
        let mut mark = Vec::new();
        mirante_data::file::encode_into(",@@", encoding, &mut mark).unwrap();
        prop_assert_eq!(memchr::memmem::find_iter(&copy, &mark).count(), cells);
        let mut without = Vec::new();
        let mut rest = copy.as_slice();
        while let Some(at) = memchr::memmem::find(rest, &mark) {
            without.extend_from_slice(&rest[..at]);
            rest = &rest[at + mark.len()..];
        }
        without.extend_from_slice(rest);
        prop_assert_eq!(without, bytes);
    }

    #[test]
    fn written_cells_are_read_again(
        table in (1usize..5).prop_flat_map(|width| {
            let cell = prop_oneof![
                4 => "[ -~]{0,8}", 2 => "[\"',;|\t\r\n ]{0,4}", 2 => "[a-zçãéÍ€œ“]{0,6}",
                1 => Just("sep=;".to_owned()), 1 => Just("\u{FEFF}x".to_owned()),
                1 => "\\PC{0,4}", 1 => Just("\0".to_owned()),
            ];
            proptest::collection::vec(proptest::collection::vec(cell, width), 1..12)
        }),
        encoding in prop_oneof![
            Just(Encoding::Utf8), Just(Encoding::Utf8Bom), Just(Encoding::Utf16Le),
            Just(Encoding::Utf16Be), Just(Encoding::Windows1252),
        ],
        delimiter in prop_oneof![Just(b','), Just(b';'), Just(b'\t'), Just(b'|')],
        quote in prop_oneof![Just(b'"'), Just(b'\'')],
        line_end in prop_oneof![Just(LineEnd::Lf), Just(LineEnd::CrLf), Just(LineEnd::Cr)],
        want in 1usize..60,
    ) {
        let dialect = Dialect { encoding, delimiter, quote: Some(quote), line_end, ..bare() };
        invariants::written_cells_are_read_again(table, &dialect, want);
    }
}

#[test]
fn without_a_quote_a_cell_that_needs_one_is_refused() {
    let mut writer = Writer::new(Vec::new(), &Dialect { quote: None, ..dialect() });
    assert!(matches!(writer.write(&["a,b"]), Err(WriteError::NeedsQuote { .. })));
    writer.write(&["a\"b", "c"]).unwrap();
    assert_eq!(writer.finish().unwrap(), b"a\"b,c\n");
}

#[test]
fn workers_hand_over_in_order() {
    let text: String = (0..5000).map(|row| format!("{row},x\n")).collect();
    let reader = Reader::open(&input(text.as_bytes()), &bare()).unwrap();
    for threads in [1, 2, 4] {
        let (mut next, mut order) = (0, Vec::new());
        let counts = each_block(
            reader.blocks_of(500),
            threads,
            &Unwatched,
            || 0u64,
            |count, block| {
                *count += block.rows;
                Ok((block.first_row, block.rows))
            },
            |(first, rows)| {
                assert_eq!(first, next);
                next += rows;
                order.push(first);
                Ok(())
            },
        )
        .unwrap();
        assert_eq!((counts.iter().sum::<u64>(), next), (5000, 5000));
        assert!(order.len() > 50);
    }
}
