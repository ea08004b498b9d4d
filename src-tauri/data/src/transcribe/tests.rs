use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use arrow_array::builder::{Int32Builder, ListBuilder};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray,
    Float32Array, Float64Array, Int64Array, RecordBatch, StringArray, StructArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, types::Int32Type,
};
use arrow_schema::{DataType, Field};
use rust_xlsxwriter::{Format as CellFormat, Formula, Workbook};

use super::*;
use crate::progress::Unwatched;

struct Source(#[allow(dead_code)] tempfile::TempDir, PathBuf);

fn source(name: &str, bytes: &[u8]) -> Source {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    Source(folder, path)
}

fn read(
    source: &Source,
    format: Format,
    sheet: Option<&str>,
) -> Result<(String, Transcript), TranscribeError> {
    let mut out = Vec::new();
    let transcript = transcribe(&source.1, format, sheet, &mut out, &Unwatched)?;
    Ok((String::from_utf8(out).unwrap(), transcript))
}

fn jsonl(text: &str) -> Result<(String, Transcript), TranscribeError> {
    read(&source("t.jsonl", text.as_bytes()), Format::Jsonl, None)
}

fn kinds(transcript: &Transcript) -> Vec<(u64, &'static str)> {
    transcript.issues.iter().map(|issue| (issue.line, issue.kind)).collect()
}

#[test]
fn json_lines_keep_every_key_and_every_digit() {
    let (text, transcript) = jsonl(concat!(
        "\u{FEFF}{\"a\": \"x,\\\"y\\\"\", \"b\": 12345678901234567890123}\n",
        "\n",
        "{\"b\": 1.10, \"c\": {\"k\": [1, \"a b\"]}}\r\n",
        "{\"a\": null, \"b\": true, \"c\": \"\"}",
    ))
    .unwrap();
    assert_eq!(
        text,
        "a,b,c\n\"x,\"\"y\"\"\",12345678901234567890123,\n\
         ,1.10,\"{\"\"k\"\":[1,\"\"a b\"\"]}\"\n,true,\"\"\n"
    );
    assert_eq!(transcript.columns, ["a", "b", "c"]);
    assert_eq!((transcript.rows, transcript.issues.len()), (3, 0));
}

#[test]
fn a_bad_line_is_a_row_and_an_issue() {
    let (text, transcript) =
        jsonl("{\"a\":1}\n{\"a\":2,\n[3]\n{\"a\":4,\"a\":5}\n{\"a\":\"\\ud800\"}\n").unwrap();
    assert_eq!(text, "a\n1\n\"{\"\"a\"\":2,\"\n[3]\n5\n\"\"\"\\ud800\"\"\"\n");
    assert_eq!(
        kinds(&transcript),
        [(2, "bad_json_line"), (3, "bad_json_line"), (4, "duplicate_key"), (5, "bad_json_string")]
    );
    assert_eq!(transcript.issues[0].text, "{\"a\":2,");
    assert_eq!(transcript.issues[2].text, "4");
    assert_eq!(transcript.rows, 5);
}

#[test]
fn one_array_is_read_as_lines_are() {
    let (text, transcript) =
        jsonl("[\n  {\"a\": \"]},{\",\n   \"b\": 1},\n  {\"b\": [2, {}]}, 7\n]\n").unwrap();
    assert_eq!(text, "a,b\n\"]},{\",1\n,\"[2,{}]\"\n7,\n");
    assert_eq!(kinds(&transcript), [(4, "bad_json_line")]);
    let (text, transcript) = jsonl("[{\"a\":1},{\"a\":2}").unwrap();
    assert_eq!(text, "a\n1\n2\n");
    assert_eq!(kinds(&transcript), [(1, "unclosed_array")]);
}

#[test]
fn json_without_objects_is_refused() {
    assert!(matches!(jsonl(""), Err(TranscribeError::Empty { .. })));
    assert!(matches!(jsonl(" \n\n"), Err(TranscribeError::Empty { .. })));
    assert!(matches!(jsonl("{}\n{}"), Err(TranscribeError::Empty { .. })));
    let refused = jsonl("a;b\n1;2\n");
    assert!(
        matches!(&refused, Err(TranscribeError::NoObjects { values: 2, first }) if first == "a;b")
    );
}

#[test]
fn a_lone_missing_value_is_no_blank_line() {
    assert_eq!(jsonl("{\"a\":null}\n{\"a\":1}").unwrap().0, "a\n\"\"\n1\n");
    let spaces = jsonl("{\" \":\" \\t\"}\n{\" \":1}").unwrap().0;
    assert_eq!(spaces, "\" \"\n\" \t\"\n1\n");
}

fn parquet_file(columns: Vec<(&str, ArrayRef)>) -> Source {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    source("t.parquet", &bytes)
}

#[test]
fn parquet_types_become_text() {
    let mut list = ListBuilder::new(Int32Builder::new());
    list.append_value([Some(1), None]);
    list.append_null();
    let words: DictionaryArray<Int32Type> = vec![Some("sim"), Some("não")].into_iter().collect();
    let nested = StructArray::from(vec![(
        Arc::new(Field::new("q", DataType::Utf8, true)),
        Arc::new(StringArray::from(vec![Some("a\"b"), None])) as ArrayRef,
    )]);
    let file = parquet_file(vec![
        ("i", Arc::new(Int64Array::from(vec![Some(i64::MIN), None]))),
        ("f", Arc::new(Float32Array::from(vec![0.1, f32::NAN]))),
        ("d", Arc::new(Float64Array::from(vec![1e300, 0.1]))),
        ("s", Arc::new(StringArray::from(vec![Some(""), None]))),
        ("b", Arc::new(BooleanArray::from(vec![true, false]))),
        ("day", Arc::new(Date32Array::from(vec![19_753, -1]))),
        (
            "utc",
            Arc::new(
                TimestampMicrosecondArray::from(vec![1, 0]).with_timezone("America/Sao_Paulo"),
            ),
        ),
        ("at", Arc::new(TimestampMillisecondArray::from(vec![1_706_706_300_500, 0]))),
        (
            "money",
            Arc::new(
                Decimal128Array::from(vec![12_345_678_901_234_567_890_123_i128, -5])
                    .with_precision_and_scale(38, 2)
                    .unwrap(),
            ),
        ),
        ("word", Arc::new(words)),
        ("raw", Arc::new(BinaryArray::from(vec![b"ok".as_slice(), &[0xFF, 0]]))),
        ("list", Arc::new(list.finish())),
        ("struct", Arc::new(nested)),
    ]);
    let (text, transcript) = read(&file, Format::Parquet, None).unwrap();
    assert_eq!(
        text,
        "i,f,d,s,b,day,utc,at,money,word,raw,list,struct\n\
         -9223372036854775808,0.1,1e300,\"\",true,2024-01-31,1970-01-01T00:00:00.000001Z,\
         2024-01-31T13:05:00.5,123456789012345678901.23,sim,ok,\"[1,null]\",\
         \"{\"\"q\"\":\"\"a\\\"\"b\"\"}\"\n\
         ,NaN,0.1,,false,1969-12-31,1970-01-01T00:00:00Z,1970-01-01T00:00:00,-0.05,não,ff00,,\
         \"{\"\"q\"\":null}\"\n"
    );
    assert_eq!(transcript.rows, 2);
}

#[test]
fn a_damaged_parquet_is_refused_wherever_it_is_cut_or_changed() {
    let numbers = Int64Array::from_iter_values(0..2000);
    let texts = StringArray::from_iter_values((0..2000).map(|row| format!("texto {row}")));
    let file = parquet_file(vec![("n", Arc::new(numbers)), ("t", Arc::new(texts))]);
    let whole = fs::read(&file.1).unwrap();
    for length in [0, 4, 11, whole.len() / 2, whole.len() - 1] {
        fs::write(&file.1, &whole[..length]).unwrap();
        let refused = read(&file, Format::Parquet, None);
        assert!(matches!(refused, Err(TranscribeError::Damaged { .. })), "cut at {length}");
    }
    // A changed byte may give other values, or a typed refusal; never a panic.
    for at in (4..whole.len()).step_by(97) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x5A;
        fs::write(&file.1, &bytes).unwrap();
        if let Err(error) = read(&file, Format::Parquet, None) {
            assert!(matches!(error, TranscribeError::Damaged { .. }), "{at}: {error}");
        }
    }
}

fn workbook(fill: impl FnOnce(&mut Workbook)) -> Source {
    let mut book = Workbook::new();
    fill(&mut book);
    source("t.xlsx", &book.save_to_buffer().unwrap())
}

#[test]
fn a_sheet_is_read_as_it_is_shown() {
    let file = workbook(|book| {
        let day = CellFormat::new().set_num_format("dd/mm/yyyy");
        let moment = CellFormat::new().set_num_format("dd/mm/yyyy hh:mm");
        let sheet = book.add_worksheet().set_name("Dados").unwrap();
        for (column, name) in ["texto", "n", "x", "dia", "hora", "sim"].iter().enumerate() {
            sheet.write(2, column as u16 + 1, *name).unwrap();
        }
        sheet.write(3, 1, "a,\n\"b\"").unwrap();
        sheet.write(3, 2, 42.0).unwrap();
        sheet.write(3, 3, 0.1 + 0.2).unwrap();
        sheet.write_with_format(3, 4, 45_322.0, &day).unwrap();
        sheet.write_with_format(3, 5, 45_322.5, &moment).unwrap();
        sheet.write(3, 6, true).unwrap();
        sheet.write(6, 2, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
        sheet.write(6, 3, Formula::new("=B2*2").set_result("1200")).unwrap();
        book.add_worksheet().set_name("Outra").unwrap().write(0, 0, "só").unwrap();
    });
    let (text, transcript) = read(&file, Format::Xlsx, None).unwrap();
    assert_eq!(
        text,
        "texto,n,x,dia,hora,sim\n\"a,\n\"\"b\"\"\",42,0.3,2024-01-31,2024-01-31T12:00:00,true\n\
         ,#DIV/0!,1200,,,\n"
    );
    assert_eq!(transcript.sheets, ["Dados", "Outra"]);
    assert_eq!(transcript.columns.len(), 6);
    assert_eq!(transcript.rows, 2);
    assert_eq!(kinds(&transcript), [(5, "blank_rows"), (7, "error_value")]);
    assert_eq!(transcript.issues[0].text, "2");
    assert_eq!(transcript.issues[1].column.as_deref(), Some("C"));
    let (text, _) = read(&file, Format::Xlsx, Some("Outra")).unwrap();
    assert_eq!(text, "só\n");
    let refused = read(&file, Format::Xlsx, Some("Não há"));
    assert!(
        matches!(refused, Err(TranscribeError::UnknownSheet { sheets, .. }) if sheets.len() == 2)
    );
}

#[test]
fn an_empty_sheet_says_which() {
    let file = workbook(|book| {
        book.add_worksheet().set_name("Vazia").unwrap();
    });
    let refused = read(&file, Format::Xlsx, None);
    assert!(matches!(refused, Err(TranscribeError::Empty { sheet: Some(s), .. }) if s == "Vazia"));
}

fn zip_of(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn what_is_no_workbook_is_refused() {
    let other = source("t.xlsx", &zip_of(&[("leia.txt", b"oi")]));
    let refused = read(&other, Format::Xlsx, None);
    assert!(matches!(refused, Err(TranscribeError::NotAWorkbook { .. })), "{refused:?}");
    let text = source("t.xlsx", b"a;b\n1;2\n");
    let refused = read(&text, Format::Xlsx, None);
    assert!(matches!(refused, Err(TranscribeError::NotAWorkbook { .. })), "{refused:?}");
    let whole = workbook(|book| {
        book.add_worksheet().write(0, 0, "a").unwrap();
    });
    let bytes = fs::read(&whole.1).unwrap();
    for length in [4, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&whole.1, &bytes[..length]).unwrap();
        assert!(read(&whole, Format::Xlsx, None).is_err(), "cut at {length}");
    }
    let refused = transcribe(
        &whole.1.with_extension("none"),
        Format::Xlsx,
        None,
        &mut Vec::new(),
        &Unwatched,
    );
    assert!(matches!(refused, Err(TranscribeError::Read { .. })));
}

/// A compound file of one table sector and one directory sector, whose streams have these names.
fn compound(names: &[&str]) -> Vec<u8> {
    let put16 = |file: &mut [u8], at: usize, value: u16| {
        file[at..at + 2].copy_from_slice(&value.to_le_bytes());
    };
    let put32 = |file: &mut [u8], at: usize, value: u32| {
        file[at..at + 4].copy_from_slice(&value.to_le_bytes());
    };
    let (free, end, own) = (u32::MAX, 0xFFFF_FFFE, 0xFFFF_FFFD);
    let mut head = vec![0; 512];
    head[..8].copy_from_slice(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
    // Version 3, little-endian, sectors of 512 bytes, short ones of 64.
    for (at, value) in [(24, 0x3E), (26, 3), (28, 0xFFFE), (30, 9), (32, 6)] {
        put16(&mut head, at, value);
    }
    // One table sector, the first; the directory in the second; no short sectors.
    for (at, value) in [(44, 1), (48, 1), (56, 4096), (60, end), (68, end)] {
        put32(&mut head, at, value);
    }
    head[76..].fill(0xFF);
    put32(&mut head, 76, 0);
    let mut table = vec![0xFF; 512];
    put32(&mut table, 0, own);
    put32(&mut table, 4, end);
    let mut directory = vec![0; 512];
    for (at, name) in std::iter::once(&"Root Entry").chain(names).enumerate() {
        let entry = &mut directory[at * 128..at * 128 + 128];
        for (unit, letter) in name.encode_utf16().enumerate() {
            put16(entry, unit * 2, letter);
        }
        put16(entry, 64, (name.len() as u16 + 1) * 2);
        entry[66] = if at == 0 { 5 } else { 2 };
        [68, 72, 76].into_iter().for_each(|link| put32(entry, link, free));
        put32(entry, 116, end);
    }
    [head, table, directory].concat()
}

#[test]
fn a_locked_workbook_is_said_to_be_locked() {
    let locked = compound(&["EncryptedPackage", "EncryptionInfo"]);
    assert_eq!(detect(Path::new("t.xlsx"), &locked), Some(Format::Xlsx));
    let refused = read(&source("t.xlsx", &locked), Format::Xlsx, None);
    assert!(matches!(refused, Err(TranscribeError::Encrypted)), "{refused:?}");
    let old = source("t.xls", &compound(&["Workbook"]));
    let refused = read(&old, Format::Xlsx, None);
    assert!(matches!(refused, Err(TranscribeError::NotAWorkbook { .. })), "{refused:?}");
}

#[test]
fn a_promise_of_strings_reserves_no_memory() {
    let strings = br#"<sst uniqueCount="99999999999999"><si><t>a</t></si></sst>"#;
    let bomb = source("t.xlsx", &zip_of(&[("xl/sharedStrings.xml", strings)]));
    let refused = read(&bomb, Format::Xlsx, None);
    assert!(matches!(refused, Err(TranscribeError::Damaged { .. })), "{refused:?}");
}

#[test]
fn formats_are_told_by_their_bytes() {
    let told = |name: &str, first: &[u8]| detect(Path::new(name), first);
    assert_eq!(told("x.csv", b"PAR1\x15\x04"), Some(Format::Parquet));
    assert_eq!(told("x.bin", b"PK\x03\x04....xl/workbook.xml"), Some(Format::Xlsx));
    assert_eq!(told("x.xlsx", b"PK\x03\x04...."), Some(Format::Xlsx));
    assert_eq!(told("x.zip", b"PK\x03\x04...."), None);
    assert_eq!(told("x.txt", b" \n{\"a\":1}\n{\"a\":"), Some(Format::Jsonl));
    assert_eq!(told("x.txt", b"{\"a\": \"cut in the mid"), Some(Format::Jsonl));
    assert_eq!(told("x.txt", b"[\n {\"a\":1}"), Some(Format::Jsonl));
    assert_eq!(told("x.csv", b"{a};b\n1;2\n"), None);
    assert_eq!(told("x.csv", b"a,b\n"), None);
    assert_eq!(told("x.jsonl", b""), Some(Format::Jsonl));
}

#[test]
fn the_wish_to_stop_is_heard() {
    struct Stopped;
    impl Progress for Stopped {
        fn step(&self, _: &'static str, _: Option<u64>) {}
        fn at(&self, _: u64) {}
        fn check(&self) -> Result<(), Cancelled> {
            Err(Cancelled)
        }
    }
    let file = source("t.jsonl", b"{\"a\":1}\n");
    let stopped = transcribe(&file.1, Format::Jsonl, None, &mut Vec::new(), &Stopped);
    assert!(matches!(stopped, Err(TranscribeError::Cancelled(_))));
}
