use std::fs::{self, File};
use std::io::{Cursor, SeekFrom};
use std::sync::Arc;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMillisecondType};
use calamine::{Data, Reader, Xlsx};

use super::*;
use crate::progress::Unwatched;
use crate::table::{ColumnSpec, Parse, TableWriter};

struct Kept {
    folder: tempfile::TempDir,
    table: Table,
    kinds: Vec<Kind>,
}

fn parse() -> Option<Parse> {
    Some(Arc::new(|text: &str| match text {
        "sim" => Some(1.0),
        "não" => Some(0.0),
        _ => text.replace(',', ".").parse().ok(),
    }))
}

/// Columns by name and kind; cells by row.
fn keep(columns: &[(&str, Kind)], rows: &[&[Option<&str>]]) -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.arrow");
    let specs = columns.iter().map(|(name, kind)| ColumnSpec {
        name: (*name).to_owned(),
        parse: if *kind == Kind::Text { None } else { parse() },
    });
    let mut writer = TableWriter::create(&path, specs.collect()).unwrap();
    for row in rows {
        writer.push(row.iter().copied()).unwrap();
    }
    writer.finish().unwrap();
    let table = Table::open(&path).unwrap();
    Kept { folder, table, kinds: columns.iter().map(|(_, kind)| *kind).collect() }
}

impl Kept {
    fn source(&self) -> Source<'_> {
        Source {
            table: &self.table,
            kinds: &self.kinds,
            rows: None,
            segment: None,
            title: "Dados: [1]",
        }
    }

    fn write(&self, source: &Source, format: Format) -> (PathBuf, Written) {
        let path = self.folder.path().join("out");
        let written = export(source, format, &path, &Unwatched).unwrap();
        assert_eq!(written.bytes, fs::metadata(&path).unwrap().len());
        (path, written)
    }
}

fn mixed() -> Kept {
    keep(
        &[
            ("texto", Kind::Text),
            ("n", Kind::Integer),
            ("x", Kind::Number),
            ("dia", Kind::Date),
            ("hora", Kind::Date),
            ("ok", Kind::Boolean),
            ("quase", Kind::Number),
        ],
        &[
            &[
                Some("a\"b\nç"),
                Some("12"),
                Some("1,5"),
                Some("19753"),
                Some("19753.5"),
                Some("sim"),
                Some("1"),
            ],
            &[Some("=1+1"), Some("123456789012345678"), None, None, Some("0"), Some("não"), None],
            &[Some(""), None, Some("-2"), Some("-1"), None, None, Some("n/d")],
        ],
    )
}

const LABELS: &dyn Fn(u32) -> Option<i64> = &|row| (row != 2).then_some(i64::from(row) + 1);

#[test]
fn parquet_has_types() {
    let kept = mixed();
    let source = Source {
        rows: Some(&[2, 0, 1]),
        segment: Some(("segmento", Labels::Numbers(LABELS))),
        ..kept.source()
    };
    let (path, written) = kept.write(&source, Format::Parquet);
    assert_eq!((written.rows, written.as_text), (3, vec!["quase".to_owned()]));
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let batch = builder.build().unwrap().next().unwrap().unwrap();
    assert_eq!(batch.column(0).as_string::<i32>().value(1), "a\"b\nç");
    assert_eq!(batch.column(1).as_primitive::<Int64Type>().value(2), 123_456_789_012_345_678);
    assert!(batch.column(1).is_null(0));
    assert_eq!(batch.column(2).as_primitive::<Float64Type>().value(1), 1.5);
    assert_eq!(batch.column(3).as_primitive::<Date32Type>().value(0), -1);
    let moments = batch.column(4).as_primitive::<TimestampMillisecondType>();
    assert_eq!((moments.value(1), moments.value(2)), (1_706_702_400_000, 0));
    assert!(batch.column(5).as_boolean().value(1));
    assert_eq!(batch.column(6).as_string::<i32>().value(0), "n/d");
    let segments = batch.column(7).as_primitive::<Int64Type>();
    assert_eq!((segments.value(1), segments.value(2)), (1, 2));
    assert!(batch.column(7).is_null(0));
    assert_eq!(batch.schema().field(7).name(), "segmento");
}

#[test]
fn empty_columns_and_tables_are_written() {
    let kept = keep(&[("a", Kind::Number), ("b", Kind::Text)], &[]);
    for format in [Format::Parquet, Format::Xlsx, Format::Json, Format::Jsonl] {
        let (path, written) = kept.write(&kept.source(), format);
        assert_eq!(written.rows, 0);
        let bytes = fs::read(path).unwrap();
        match format {
            Format::Jsonl => assert!(bytes.is_empty()),
            Format::Json => {
                assert_eq!(serde_json::from_slice::<Vec<u8>>(&bytes).unwrap(), [0_u8; 0]);
            }
            _ => assert!(!bytes.is_empty()),
        }
    }
}

#[test]
fn json_has_numbers_and_dates() {
    let kept = mixed();
    let name = |row: u32| (row == 0).then_some(Cow::Borrowed("Prazo & preço"));
    let source = Source { segment: Some(("segmento", Labels::Names(&name))), ..kept.source() };
    let (path, _) = kept.write(&source, Format::Json);
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(
        rows[0],
        serde_json::json!({
            "texto": "a\"b\nç", "n": 12, "x": 1.5, "dia": "2024-01-31",
            "hora": "2024-01-31T12:00:00", "ok": true, "quase": 1.0, "segmento": "Prazo & preço",
        })
    );
    assert_eq!(rows[1]["n"], 123_456_789_012_345_678_i64);
    assert!(rows[1]["segmento"].is_null());
    assert_eq!(rows[2]["quase"], "n/d");
    let (path, _) = kept.write(&source, Format::Jsonl);
    let lines = fs::read_to_string(path).unwrap();
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, rows);
}

#[test]
fn a_workbook_has_real_cells() {
    let kept = mixed();
    let source = Source { segment: Some(("segmento", Labels::Numbers(LABELS))), ..kept.source() };
    let (path, written) = kept.write(&source, Format::Xlsx);
    assert_eq!(written.cut_count, 0);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(fs::read(path).unwrap())).unwrap();
    assert_eq!(book.sheet_names(), ["Dados 1"]);
    let cells = book.worksheet_range("Dados 1").unwrap();
    let cell = |row, column| cells.get_value((row, column)).cloned().unwrap_or(Data::Empty);
    assert_eq!(cell(0, 7), Data::String("segmento".into()));
    assert_eq!(cell(1, 0), Data::String("a\"b\nç".into()));
    assert_eq!(cell(1, 1), Data::Float(12.0));
    assert_eq!(cell(1, 2), Data::Float(1.5));
    let Data::DateTime(moment) = cell(1, 4) else { panic!("no date: {:?}", cell(1, 4)) };
    assert_eq!(moment.to_ymd_hms_milli(), (2024, 1, 31, 12, 0, 0, 0));
    assert_eq!(cell(1, 5), Data::Bool(true));
    assert_eq!(cell(2, 0), Data::String("=1+1".into()), "text is no formula");
    assert_eq!(cell(2, 1), Data::String("123456789012345678".into()));
    assert_eq!(cell(3, 6), Data::String("n/d".into()));
    assert_eq!(cell(2, 7), Data::Float(2.0));
}

#[test]
fn cut_cells_are_said() {
    let (long, emoji) = ("ã".repeat(32_768), "😀".repeat(16_384));
    let kept = keep(
        &[("t", Kind::Text)],
        &[&[Some("curto")], &[Some(long.as_str())], &[Some(emoji.as_str())]],
    );
    let (path, written) = kept.write(&kept.source(), Format::Xlsx);
    assert_eq!(written.cut, [(1, "t".to_owned()), (2, "t".to_owned())]);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(fs::read(path).unwrap())).unwrap();
    let cells = book.worksheet_range("Dados 1").unwrap();
    let length = |row| cells.get_value((row, 0)).unwrap().to_string().encode_utf16().count();
    assert_eq!((length(2), length(3)), (32_767, 32_766));
}

#[test]
fn more_rows_than_a_sheet_holds_are_refused_before_anything_is_written() {
    let kept = keep(&[("a", Kind::Text)], &[&[Some("x")]]);
    let rows = vec![0; 1_048_576];
    let path = kept.folder.path().join("out.xlsx");
    let source = Source { rows: Some(&rows), ..kept.source() };
    let refused = export(&source, Format::Xlsx, &path, &Unwatched);
    assert!(matches!(refused, Err(ExportError::TooManyRows { limit: 1_048_575, .. })));
    assert!(!path.exists());
    let source = Source { rows: Some(&[1]), ..kept.source() };
    let refused = export(&source, Format::Json, &path, &Unwatched);
    assert!(matches!(refused, Err(ExportError::UnknownRow { row: 1 })));
}

/// Stops after some looks.
struct Impatient(std::sync::atomic::AtomicU32);
impl Progress for Impatient {
    fn step(&self, _: &'static str, _: Option<u64>) {}
    fn at(&self, _: u64) {}
    fn check(&self) -> Result<(), Cancelled> {
        let left = self.0.load(std::sync::atomic::Ordering::Relaxed);
        self.0.store(left.saturating_sub(1), std::sync::atomic::Ordering::Relaxed);
        if left == 0 { Err(Cancelled) } else { Ok(()) }
    }
}

#[test]
fn a_stopped_export_leaves_the_old_file_and_no_other() {
    let rows: Vec<[Option<&str>; 1]> = vec![[Some("linha")]; 10_000];
    let rows: Vec<&[Option<&str>]> = rows.iter().map(<[_; 1]>::as_slice).collect();
    let kept = keep(&[("a", Kind::Text)], &rows);
    let path = kept.folder.path().join("out");
    fs::write(&path, "antes").unwrap();
    for format in [Format::Parquet, Format::Xlsx, Format::Json, Format::Jsonl] {
        for looks in 0..2 {
            let stop = Impatient(looks.into());
            let stopped = export(&kept.source(), format, &path, &stop);
            assert!(matches!(stopped, Err(ExportError::Cancelled(_))), "{format:?} {looks}");
            assert_eq!(fs::read_to_string(&path).unwrap(), "antes");
            assert_eq!(fs::read_dir(kept.folder.path()).unwrap().count(), 2, "{format:?}");
        }
    }
}

/// A disk with room for some bytes.
struct Full(u64);
impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0 < bytes.len() as u64 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.0 -= bytes.len() as u64;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
impl Seek for Full {
    fn seek(&mut self, _: SeekFrom) -> std::io::Result<u64> {
        Ok(0)
    }
}

#[test]
fn a_full_disk_is_said_whoever_hides_it() {
    let kept = mixed();
    for format in [Format::Parquet, Format::Xlsx, Format::Json, Format::Jsonl] {
        for room in [0, 100] {
            let folder = kept.folder.path();
            let path = Path::new("alvo");
            let full = write(&kept.source(), format, Full(room), folder, path, &Unwatched);
            let error = full.err().unwrap();
            assert!(
                matches!(&error, ExportError::DiskFull { path } if path == Path::new("alvo")),
                "{format:?} {room}: {error:?}"
            );
        }
    }
}

#[test]
fn the_old_file_keeps_its_permissions_and_links_stay_links() {
    let folder = tempfile::tempdir().unwrap();
    let (target, link) = (folder.path().join("a.csv"), folder.path().join("link.csv"));
    fs::write(&target, "antes").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let mut beside = Beside::create(&link).unwrap();
        beside.write_all(b"depois").unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "antes");
        beside.commit().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_to_string(&target).unwrap(), "depois");
    }
    assert!(Beside::create(folder.path()).is_err());
    assert!(Beside::create(&folder.path().join("não/há.csv")).is_err());
}

#[test]
fn fifty_thousand_rows_take_moments() {
    let text = "Atraso na entrega e ninguém responde ao cliente quando ele liga";
    let cells: [Option<&str>; 10] =
        std::array::from_fn(|at| Some(if at < 5 { text } else { "1234,5" }));
    let columns: Vec<(String, Kind)> = (0..10)
        .map(|at| (format!("c{at}"), if at < 5 { Kind::Text } else { Kind::Number }))
        .collect();
    let columns: Vec<(&str, Kind)> = columns.iter().map(|(n, k)| (n.as_str(), *k)).collect();
    let kept = keep(&columns, &vec![&cells[..]; 50_000]);
    for format in [Format::Parquet, Format::Xlsx, Format::Json, Format::Jsonl] {
        let began = std::time::Instant::now();
        kept.write(&kept.source(), format);
        let took = began.elapsed();
        println!("{format:?}: {took:?}");
        // Two seconds on an idle machine; this one may be busy and the build slow.
        assert!(took.as_secs() < 20, "{format:?}: {took:?}");
    }
}

#[test]
fn signs_of_a_missing_value_do_not_unmake_a_column_of_numbers() {
    let cells: &[&[Option<&str>]] =
        &[&[Some("1.5"), Some("NA")], &[Some("NA"), Some("x")], &[Some("-"), None]];
    let kept = keep(&[("n", Kind::Number), ("t", Kind::Text)], cells);
    let (path, written) = kept.write(&kept.source(), Format::Parquet);
    assert!(written.as_text.is_empty(), "{:?}", written.as_text);
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let batch = builder.build().unwrap().next().unwrap().unwrap();
    let numbers = batch.column(0).as_primitive::<Float64Type>();
    assert_eq!(numbers.iter().collect::<Vec<_>>(), [Some(1.5), None, None]);
    // In a column of text they are what they say: NA is also Namibia.
    assert_eq!(batch.column(1).as_string::<i32>().value(0), "NA");
}
