//! What holds of any bytes, however they are read and cut: asserted by the test suite over bytes
//! made to meet the reader's corners, and by the fuzz targets over any.
#![allow(dead_code, reason = "each takes its own")]

use mirante_data::file::{
    Append, Dialect, Encoding, FileError, Input, Inspector, Issues, Overrides, Reader, WriteError,
    Writer, preview, report,
};
use mirante_data::progress::Unwatched;

/// Rows that the preview is asked for.
const SEEN: usize = 10;

/// Any bytes are a clear error or a clear table: what is previewed is what is read, every byte
/// belongs to exactly one record, and a copy of the records holds them all. `want` is the size of
/// the blocks that the file is cut into.
pub(crate) fn any_bytes_are_an_error_or_a_table(bytes: &[u8], overrides: &Overrides, want: usize) {
    let input = Input::spool("any", bytes).expect("a temporary file");
    let report = match report(&input, overrides, &Unwatched) {
        Ok(report) => report,
        Err(FileError::Empty | FileError::NotText { .. }) => return,
        Err(FileError::Contradiction { .. })
            if overrides.delimiter.is_some() || overrides.quote.is_some() =>
        {
            return;
        }
        Err(error) => panic!("{error}"),
    };
    let seen = preview(&input, overrides, SEEN, &Unwatched).expect("what is read can be seen");
    assert!(seen.complete);
    assert_eq!((&seen.dialect, &seen.columns), (&report.dialect, &report.columns));
    assert_eq!((&seen.issues, seen.estimated_rows), (&report.issues, report.rows));

    let reader = Reader::open(&input, &report.dialect).expect("what was read can be opened");
    let read = read(&reader, &report.dialect, want);
    assert_eq!(read.rows, report.rows);
    assert_eq!(read.first.as_slice(), seen.rows.as_slice());
    assert_eq!((read.issues.kept(), read.issues.counts()), (&*report.issues, &report.issue_counts));
    for column in &report.columns {
        assert!(column.missing <= report.rows);
        assert!(column.distinct.count <= report.rows - column.missing, "{column:?}");
    }
    let wide = matches!(report.dialect.encoding, Encoding::Utf16Le | Encoding::Utf16Be);
    if wide {
        // One delimiter for each record and the header; an odd last byte becomes U+FFFD.
        let cells = read.rows as usize + usize::from(report.dialect.has_header);
        assert_eq!(read.copy.len(), bytes.len() + bytes.len() % 2 + 2 * cells);
    } else {
        assert_eq!(&bytes[read.from..], read.joined, "records joined are the file");
        let lines = read.lines.iter().map(|&(at, line)| (line_at(bytes, read.from + at), line));
        lines.for_each(|(expected, line)| assert_eq!(line, expected));
    }
}

/// All that the blocks of a file hold.
#[derive(Default)]
struct Read {
    rows: u64,
    /// Cells of the first rows, as the preview shows them.
    first: Vec<Vec<String>>,
    issues: Issues,
    /// Where the first block begins in the file, and the bytes of all records from there on.
    from: usize,
    joined: Vec<u8>,
    /// Where in `joined` each record begins, and its line.
    lines: Vec<(usize, u64)>,
    /// A copy with an empty cell appended to each record.
    copy: Vec<u8>,
}

fn read(reader: &Reader, dialect: &Dialect, want: usize) -> Read {
    let width = reader.columns().len();
    let mut read = Read { issues: reader.header_issues().clone(), ..Read::default() };
    let mut append = Append::new(dialect);
    append.head(reader, &[""], &mut read.copy).expect("an empty name can be written");
    let mut began = false;
    for block in reader.blocks_of(want) {
        let block = block.expect("the file does not change");
        if !std::mem::replace(&mut began, true) {
            read.from = block.offset as usize;
        }
        assert_eq!(block.first_row, read.rows);
        append
            .block(&block, 0, 1, |_, _| "", &mut read.copy)
            .expect("an empty label can be written");
        let inspector = Inspector::new(reader.columns(), &block);
        let mut records = block.records();
        while let Some(record) = records.next() {
            assert_eq!(record.row, read.rows);
            read.rows += 1;
            inspector.inspect(&record, &mut read.issues);
            let fields: Vec<&[u8]> = record.fields().map(|field| field.raw).collect();
            assert_eq!(fields.join(&dialect.delimiter), record.bytes, "fields joined are it");
            let surplus = record.surplus(width).map(<[u8]>::to_vec);
            assert_eq!(
                surplus,
                fields
                    .get(width..)
                    .filter(|rest| !rest.is_empty())
                    .map(|rest| rest.join(&dialect.delimiter))
            );
            if read.first.len() < SEEN {
                let mut cells = vec![String::new(); width];
                for (cell, field) in cells.iter_mut().zip(record.fields()) {
                    field.decode(cell);
                }
                read.first.push(cells);
            }
            read.joined.extend_from_slice(record.lead);
            read.lines.push((read.joined.len(), record.line));
            read.joined.extend_from_slice(record.bytes);
            read.joined.extend_from_slice(record.line_end);
        }
        read.joined.extend_from_slice(records.rest());
    }
    if !began {
        // A header alone: there is nothing after it.
        read.from = reader.input().len() as usize;
    }
    read
}

/// The line on which the byte at `at` lies, from 1.
fn line_at(bytes: &[u8], at: usize) -> u64 {
    let ends = (0..at).filter(|&at| match bytes[at] {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    1 + ends.count() as u64
}

/// Cells that can be written are read again as they were.
pub(crate) fn written_cells_are_read_again(
    table: Vec<Vec<String>>,
    dialect: &Dialect,
    want: usize,
) {
    let dialect = Dialect { has_header: false, ..*dialect };
    let mut writer = Writer::new(Vec::new(), &dialect);
    let mut kept = Vec::new();
    for row in table {
        match writer.write(&row) {
            Ok(()) => kept.push(row),
            Err(WriteError::Unencodable { .. }) => {
                assert_eq!(dialect.encoding, Encoding::Windows1252);
            }
            Err(WriteError::NeedsQuote { .. }) => assert_eq!(dialect.quote, None),
            Err(error @ WriteError::Io(_)) => panic!("{error}"),
        }
    }
    let bytes = writer.finish().expect("memory takes all");
    if kept.is_empty() {
        assert!(bytes.is_empty());
        return;
    }
    let input = Input::spool("written", bytes.as_slice()).expect("a temporary file");
    let reader = Reader::open(&input, &dialect).expect("what was written can be opened");
    let mut back: Vec<Vec<String>> = Vec::new();
    for block in reader.blocks_of(want) {
        let block = block.expect("the file does not change");
        let mut records = block.records();
        while let Some(record) = records.next() {
            let cell = |field: mirante_data::file::Field<'_>| {
                let mut cell = String::new();
                // Windows-1252 keeps the controls that it assigns no meaning, but not as its own.
                let own = field.decode(&mut cell);
                assert!(own || dialect.encoding == Encoding::Windows1252, "the encoding's own");
                cell
            };
            back.push(record.fields().map(cell).collect());
        }
    }
    assert_eq!(back, kept);
}
