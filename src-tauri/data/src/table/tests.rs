use std::sync::Arc;

use super::*;

/// A table of one column, and the folder it lies in.
pub(super) fn one_column<'a>(
    cells: impl IntoIterator<Item = Option<&'a str>>,
    parse: Option<Parse>,
) -> (tempfile::TempDir, Table) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.arrow");
    let columns = vec![ColumnSpec { name: "a".into(), parse }];
    let mut writer = TableWriter::create(&path, columns).unwrap();
    for cell in cells {
        writer.push([cell]).unwrap();
    }
    writer.finish().unwrap();
    let table = Table::open(&path).unwrap();
    (folder, table)
}

fn number() -> Option<Parse> {
    Some(Arc::new(|text: &str| text.parse().ok()))
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.arrow");
    let columns = vec![
        ColumnSpec { name: "nome".into(), parse: None },
        ColumnSpec { name: "valor".into(), parse: number() },
    ];
    let mut writer = TableWriter::create(&path, columns).unwrap();
    for row in 0..150_000 {
        let (name, value) = (format!("é {row}"), row.to_string());
        let value = (row % 7 != 0).then_some(value.as_str());
        writer.push([Some(name.as_str()), value]).unwrap();
    }
    assert!(!path.exists(), "the name is taken only by a whole table");
    assert_eq!(writer.finish().unwrap(), 150_000);
    let table = Table::open(&path).unwrap();
    assert_eq!(table.rows(), 150_000);
    assert_eq!(table.cell(149_999, 0), Some("é 149999"));
    assert_eq!(table.cell(7, 1), None);
    assert_eq!(table.value(70_001, 1), Some(70_001.0));
    assert!(matches!(table.column("preço"), Err(TableError::UnknownColumn(_))));
}

#[test]
fn a_table_without_rows_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.arrow");
    let columns = vec![ColumnSpec { name: "a".into(), parse: None }];
    TableWriter::create(&path, columns).unwrap().finish().unwrap();
    assert_eq!(Table::open(&path).unwrap().rows(), 0);
}

#[test]
fn a_cut_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.arrow");
    let columns = vec![ColumnSpec { name: "a".into(), parse: None }];
    let mut writer = TableWriter::create(&path, columns).unwrap();
    writer.push([Some("x")]).unwrap();
    writer.finish().unwrap();
    let whole = std::fs::read(&path).unwrap();
    for length in [0, 5, 20, whole.len() - 3] {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert!(Table::open(&path).is_err(), "cut at {length}");
    }
}

#[test]
fn what_rows_have_in_surplus_is_kept_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.arrow");
    let columns = || vec![ColumnSpec { name: "#surplus".into(), parse: number() }];
    let mut writer = TableWriter::create_with_surplus(&path, columns()).unwrap();
    for row in 0..70_000 {
        let surplus = (row % 30_000 == 1).then_some(";x;\"y;z\"");
        writer.push_with_surplus([Some("1")], surplus).unwrap();
    }
    writer.finish().unwrap();
    let table = Table::open(&path).unwrap();
    assert_eq!(table.names(), ["#surplus"]);
    assert_eq!((table.cell(60_001, 0), table.value(60_001, 0)), (Some("1"), Some(1.0)));
    assert_eq!((table.surplus(0), table.surplus(60_001)), (None, Some(";x;\"y;z\"")));
    assert_eq!(table.rows_with_surplus(None), 3);
    assert_eq!(table.rows_with_surplus(Some(&[0, 1, 2, 69_999])), 1);
    let mut writer = TableWriter::create(&path, columns()).unwrap();
    writer.push([Some("1"), Some("2")]).unwrap();
    writer.finish().unwrap();
    let table = Table::open(&path).unwrap();
    assert_eq!((table.surplus(0), table.rows_with_surplus(None)), (None, 0));
}

#[test]
fn is_and_is_not_are_each_the_rest_of_the_other() {
    let cells = [Some("5"), Some("5.0"), Some("6"), None, Some("\u{a0}")];
    let (_folder, table) = one_column(cells, number());
    let rows = |test| {
        let found = rows_matching(&table, "", &[Condition { column: 0, test }]);
        found.iter().collect::<Vec<_>>()
    };
    assert_eq!(rows(super::Test::Within(5.0, 5.0)), [0, 1]);
    assert_eq!(rows(super::Test::Outside(5.0, 5.0)), [2, 3, 4]);
    // As in the profile, a space that is not ASCII is something.
    assert_eq!(rows(super::Test::Missing), [3]);
}
