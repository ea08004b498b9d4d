//! What opening a file says: dialect, columns, issues; and that the preview says the same.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use mirante_data::file::{
    ColumnProfile, DateOrder, Decimal, Dialect, Encoding, FileError, Input, IssueKind, Kind,
    LineEnd, OpenReport, Overrides, Reader, Role, detect, preview, report, sniff,
};
use mirante_data::progress::{Cancelled, Progress, Unwatched};

fn input(bytes: &[u8]) -> Input {
    Input::spool("table.csv", bytes).unwrap()
}

fn open(bytes: &[u8]) -> OpenReport {
    report(&input(bytes), &Overrides::default(), &Unwatched).unwrap()
}

fn kinds(report: &OpenReport) -> Vec<Kind> {
    report.columns.iter().map(|column| column.kind).collect()
}

#[test]
fn a_brazilian_spreadsheet() {
    let mut text =
        String::from("\u{FEFF}\"codigo\";\"nota\";\"comentario\";\"valor\";\"data\"\r\n");
    for row in 0..200 {
        let (nota, day) = (row % 5 + 1, row % 12 + 1);
        text += &format!(
            "\"a{row:05}\";\"{nota}\";\"Gostei, o produto {row} chegou\nantes do prazo\";\"1.{row:03},90\";\"{day:02}/08/2018\"\r\n"
        );
    }
    let report = open(text.as_bytes());
    let dialect = report.dialect;
    assert_eq!((dialect.encoding, dialect.delimiter), (Encoding::Utf8Bom, b';'));
    assert_eq!((dialect.has_header, dialect.line_end), (true, LineEnd::CrLf));
    assert_eq!((dialect.decimal, dialect.date_order), (Decimal::Comma, DateOrder::DayFirst));
    assert_eq!(report.rows, 200);
    assert_eq!(kinds(&report), [Kind::Text, Kind::Integer, Kind::Text, Kind::Number, Kind::Date]);
    let roles: Vec<Role> = report.columns.iter().map(|column| column.role).collect();
    assert_eq!(roles, [Role::Identifier, Role::Number, Role::Text, Role::Number, Role::Date]);
    let numbers = report.columns[3].numbers.unwrap();
    assert_eq!((numbers.min, numbers.max), (1000.9, 1199.9));
    assert!((numbers.mean - 1100.4).abs() < 1e-9);
    let dates = report.columns[4].dates.clone().unwrap();
    assert_eq!((dates.first.as_str(), dates.last.as_str()), ("2018-08-01", "2018-08-12"));
    assert!(!dates.ambiguous);
    assert!(report.issues.is_empty());
}

#[test]
fn the_keys_of_the_report() {
    let json = serde_json::to_value(open("nome;preço\nana;1,5\n;2\n".as_bytes())).unwrap();
    for key in [
        "encoding",
        "delimiter",
        "quote",
        "has_header",
        "decimal",
        "rows",
        "columns",
        "issues",
        "date_order",
        "line_end",
        "bytes",
        "issue_counts",
    ] {
        assert!(json.get(key).is_some(), "{key}");
    }
    assert_eq!(json["encoding"], "utf-8");
    assert_eq!((&json["delimiter"], &json["quote"]), (&";".into(), &"\"".into()));
    assert_eq!((&json["decimal"], &json["rows"]), (&"comma".into(), &2.into()));
    let column = &json["columns"][1];
    assert_eq!((&column["name"], &column["kind"]), (&"preço".into(), &"number".into()));
    assert_eq!((&column["role"], &column["distinct"]), (&"number".into(), &2.into()));
    assert_eq!(json["columns"][0]["missing"], 1);
    assert_eq!(json["columns"][0]["sample"], serde_json::json!(["ana"]));
    let back: OpenReport = serde_json::from_value(json).unwrap();
    assert_eq!(back.rows, 2);
}

#[test]
fn overrides_hold_and_are_read_from_json() {
    let overrides: Overrides = serde_json::from_str(
        r#"{"encoding":"windows-1252","delimiter":"|","quote":"","has_header":false}"#,
    )
    .unwrap();
    let report = report(&input(b"\"a|b\n1|2\n"), &overrides, &Unwatched).unwrap();
    assert_eq!(report.dialect.quote, None);
    assert_eq!((report.rows, report.columns.len()), (2, 2));
    assert_eq!(report.columns[0].sample, ["\"a", "1"]);
    assert!(report.issues.is_empty());
    assert!(serde_json::from_str::<Overrides>(r#"{"delimiter":"ab"}"#).is_err());
    assert_eq!(serde_json::from_str::<Overrides>("{}").unwrap(), Overrides::default());
}

#[test]
fn every_encoding_reads_the_same_cells() {
    let text = "nome;cidade;nota\nJoão;São Paulo;1\nConceição;Maceió;2\n";
    let units =
        |unit: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(unit).collect() };
    let marked = |mark: &[u8], rest: Vec<u8>| [mark.to_vec(), rest].concat();
    let latin: Vec<u8> = text.chars().map(|sign| u8::try_from(u32::from(sign)).unwrap()).collect();
    for (bytes, encoding) in [
        (text.as_bytes().to_vec(), Encoding::Utf8),
        (marked(b"\xEF\xBB\xBF", text.as_bytes().to_vec()), Encoding::Utf8Bom),
        (marked(b"\xFF\xFE", units(u16::to_le_bytes)), Encoding::Utf16Le),
        (marked(b"\xFE\xFF", units(u16::to_be_bytes)), Encoding::Utf16Be),
        (units(u16::to_le_bytes), Encoding::Utf16Le),
        (units(u16::to_be_bytes), Encoding::Utf16Be),
        (latin, Encoding::Windows1252),
    ] {
        let report = open(&bytes);
        assert_eq!(report.dialect.encoding, encoding);
        assert_eq!(report.columns[0].sample, ["João", "Conceição"], "{encoding:?}");
        assert_eq!(report.columns[1].sample, ["São Paulo", "Maceió"], "{encoding:?}");
        assert_eq!(report.columns[2].name, "nota");
        assert!(report.issues.is_empty());
    }
}

#[test]
fn a_letter_late_in_the_file_decides_its_encoding() {
    let mut bytes = b"id;nome\n".to_vec();
    for row in 0..200_000 {
        bytes.extend_from_slice(format!("{row};Maria da Silva\n").as_bytes());
    }
    bytes.extend_from_slice(b"9;Concei\xE7\xE3o\n");
    let report = open(&bytes);
    assert_eq!(report.dialect.encoding, Encoding::Windows1252);
    assert!(report.issues.is_empty());
    assert_eq!(report.columns[1].sample, ["Maria da Silva", "Conceição"]);
    let preview = preview(&input(&bytes), &Overrides::default(), 3, &Unwatched).unwrap();
    assert_eq!(preview.dialect, report.dialect);
}

#[test]
fn a_few_bad_bytes_do_not_unmake_utf8() {
    let mut bytes = "id;nome\n1;João\n2;Conceição\n".as_bytes().to_vec();
    bytes.extend_from_slice(b"3;Jo\xE3o\n");
    let report = open(&bytes);
    assert_eq!(report.dialect.encoding, Encoding::Utf8);
    assert_eq!((report.issues[0].line, report.issues[0].kind), (4, IssueKind::BadBytes));
    assert_eq!(report.issues[0].column.as_deref(), Some("nome"));
}

#[test]
fn what_is_no_table() {
    let overrides = Overrides::default();
    let error = |bytes: &[u8]| report(&input(bytes), &overrides, &Unwatched).unwrap_err();
    assert!(matches!(error(b""), FileError::Empty));
    assert!(matches!(error(b"\xEF\xBB\xBF"), FileError::Empty));
    assert!(matches!(error(b"\xFF\xFE"), FileError::Empty));
    assert!(matches!(error(b"\r\n \n"), FileError::Empty));
    assert!(matches!(error(b"PK\x03\x04abc"), FileError::NotText { what } if what.contains("ZIP")));
    assert!(matches!(error(b"%PDF-1.7\n"), FileError::NotText { .. }));
    let binary: Vec<u8> = (0..=255).cycle().take(4000).collect();
    assert!(matches!(error(&binary), FileError::NotText { .. }));
}

#[test]
fn a_nul_byte_in_a_clean_file_is_an_issue() {
    let report = open(b"id,nome,cidade\n1,Maria,Recife\n2,Jo\0se,Natal\n3,Ana,Belem\n");
    assert_eq!(report.rows, 3);
    assert_eq!(report.issues.len(), 1);
    assert_eq!((report.issues[0].line, report.issues[0].kind), (3, IssueKind::NulByte));
}

#[test]
fn headers_seen_and_not_seen() {
    let header =
        |text: &str| sniff(text.as_bytes(), true, &Overrides::default()).unwrap().has_header;
    assert!(header("nome,idade\nana,30\nbia,41\n"));
    assert!(header("id,texto\n"));
    assert!(header("texto\nGostei muito do produto.\nNão chegou.\n"));
    assert!(header("dor_base,solucao\nsem tempo,robô\nsem dinheiro,planilha\n"));
    assert!(header("Nome,Cidade\nana maria,são paulo\nbia,rio de janeiro\n"));
    assert!(header("ano,2019,2020\nvendas,10,20\n") || !header("1,2\n3,4\n"));
    assert!(!header("1,2\n3,4\n"));
    assert!(!header("ana,30\nbia,41\n"));
    assert!(!header("2020-01-01;3,5\n2020-01-02;4,5\n"));
    assert!(!header("João,SP\nMaria,RJ\nAna,MG\nCaio,BA\n"));
    assert!(!header("Gostei muito do produto.\nNão chegou a tempo.\nVeio quebrado!\n"));
    assert!(!header("1,2\n"));
}

#[test]
fn the_line_sep_names_the_separator() {
    let report = open(b"sep=|\r\na|b\r\n1;2|3;4\r\n5;6|7;8\r\n");
    assert_eq!(report.dialect.delimiter, b'|');
    assert_eq!((report.rows, report.columns[0].name.as_str()), (2, "a"));
    // What cannot separate is no such line, but a header.
    for text in ["sep=\n\n1\n", "sep=\r\n1\n", "sep=\"\n1\n", "sep='\n1\n"] {
        let report = open(text.as_bytes());
        assert_eq!((report.rows, report.columns.len()), (1, 1), "{text:?}");
    }
}

#[test]
fn dates_are_decided_over_the_whole_column() {
    let rows = |early: &str, late: &str| {
        let mut text = String::from("when,who\n");
        for _ in 0..150_000 {
            text += early;
        }
        open((text + late).as_bytes())
    };
    let month = rows("2/1/2018,x\n", "10/20/2017,y\n");
    let dates = month.columns[0].dates.clone().unwrap();
    assert_eq!((month.columns[0].date_order, dates.ambiguous), (DateOrder::MonthFirst, false));
    assert_eq!((dates.first.as_str(), dates.last.as_str()), ("2017-10-20", "2018-02-01"));
    assert_eq!(month.dialect.date_order, DateOrder::MonthFirst);
    let unsure = open(b"when,who\n2/1/2018,x\n3/1/2018,y\n");
    assert!(unsure.columns[0].dates.clone().unwrap().ambiguous);
    let named = open(b"data,valor\n2/1/2018,x\n3/1/2018,y\n");
    let dates = named.columns[0].dates.clone().unwrap();
    assert_eq!((named.columns[0].date_order, dates.ambiguous), (DateOrder::DayFirst, false));
    let mixed = open(b"when,who\n20/1/2018,x\n1/20/2018,y\n");
    assert_eq!(mixed.columns[0].kind, Kind::Text);
}

#[test]
fn each_column_has_its_own_order_of_day_and_month() {
    use DateOrder::{DayFirst, Iso, MonthFirst};
    let orders = |text: &str, overrides: &Overrides| -> Vec<(DateOrder, Option<bool>)> {
        let found = report(&input(text.as_bytes()), overrides, &Unwatched).unwrap();
        let ambiguous = |column: &ColumnProfile| column.dates.as_ref().map(|d| d.ambiguous);
        found.columns.iter().map(|column| (column.date_order, ambiguous(column))).collect()
    };
    let text = "sale,due,seen,unsure,when,note\n\
                31/12/2023,12/31/2023,2024-01-02,01/02/2024,31/12/2023,x\n\
                01/02/2024,1/2/2024,2024-03-04,03/04/2024,later,y\n";
    assert_eq!(
        orders(text, &Overrides::default()),
        [
            (DayFirst, Some(false)),
            (MonthFirst, Some(false)),
            (Iso, Some(false)),
            // Like the first column that decides, but two that disagree make nothing certain.
            (DayFirst, Some(true)),
            // Not all are dates, but those that are have an order, should a person call it one.
            (DayFirst, None),
            (Iso, None),
        ]
    );
    let text = "sale,unsure\n12/31/2023,01/02/2024\n";
    let agreed = [(MonthFirst, Some(false)), (MonthFirst, Some(false))];
    assert_eq!(orders(text, &Overrides::default()), agreed);
    let fixed = Overrides { date_order: Some(DayFirst), ..Overrides::default() };
    assert_eq!(orders(text, &fixed), [(DayFirst, None), (DayFirst, Some(false))]);
}

#[test]
fn groups_of_thousands_are_told_by_the_separator_where_no_number_decides() {
    let read = |text: &str| {
        let column = open(text.as_bytes()).columns.remove(1);
        (column.kind, column.numbers.map(|numbers| numbers.max))
    };
    let thousands = (Kind::Integer, Some(1234.0));
    assert_eq!(read("id;valor\n1;1.234\n2;900\n"), thousands);
    assert_eq!(read("id,value\n1,\"1,234\"\n2,900\n"), thousands);
    assert_eq!(read("id,value\n1,1.234\n2,0.5\n"), (Kind::Number, Some(1.234)));
    // A nought before a point opens a fraction, not a group.
    assert_eq!(read("id;valor\n1;1.234\n2;0.123\n"), (Kind::Number, Some(1.234)));
    assert_eq!(read("id\tvalor\n1\t0,123\n2\t1,234\n"), (Kind::Number, Some(1.234)));
}

#[test]
fn numbers_that_name_are_no_amounts() {
    let mut text = String::from("cpf;cep;telefone;uf\n");
    for row in 0..40 {
        text += &format!("0{};0{};119{:08};SP\n", 1_234_567_890 + row, 1_310_100 + row % 9, row);
    }
    let report = open(text.as_bytes());
    assert_eq!(kinds(&report), [Kind::Text, Kind::Text, Kind::Integer, Kind::Text]);
    let roles: Vec<Role> = report.columns.iter().map(|column| column.role).collect();
    assert_eq!(roles[..3], [Role::Identifier; 3]);
}

#[test]
fn a_hundred_thousand_columns_of_one_name() {
    let header = vec!["a"; 100_000].join(",");
    let dialect = sniff(b"a,a,a\n", true, &Overrides::default()).unwrap();
    let dialect = Dialect { has_header: true, ..dialect };
    let reader = Reader::open(&input(header.as_bytes()), &dialect).unwrap();
    assert_eq!((&*reader.columns()[1], &*reader.columns()[99_999]), ("a_2", "a_100000"));
}

#[test]
fn missing_cells_and_a_column_that_is_nearly_a_number() {
    let mut text = String::from("a,b,c\n");
    for row in 0..99 {
        text += &format!("{row},NA,\n");
    }
    text += "x\n";
    let report = open(text.as_bytes());
    assert_eq!(kinds(&report), [Kind::Text, Kind::Empty, Kind::Empty]);
    let nearly = report.columns[0].nearly.unwrap();
    assert_eq!((nearly.kind, nearly.others), (Kind::Number, 1));
    assert_eq!((report.columns[1].missing, report.columns[2].missing), (100, 100));
    assert_eq!(report.issue_counts[&IssueKind::TooFewFields], 1);
}

#[test]
fn five_thousand_columns() {
    let line = |prefix: &str| {
        let cells: Vec<String> = (0..5000).map(|column| format!("{prefix}{column}")).collect();
        cells.join(";") + "\n"
    };
    let report = open((line("c") + &line("") + &line("")).as_bytes());
    assert_eq!((report.columns.len(), report.rows), (5000, 2));
    assert!(report.columns.iter().all(|column| column.kind == Kind::Integer));
    assert_eq!(report.columns[4999].name, "c4999");
}

#[test]
fn a_header_alone_is_a_table_without_rows() {
    for text in ["nome;idade", "nome;idade\n", "nome;idade\r\n\r\n"] {
        let report = open(text.as_bytes());
        assert_eq!((report.rows, report.columns.len()), (0, 2));
        assert_eq!(kinds(&report), [Kind::Empty, Kind::Empty]);
    }
}

#[test]
fn a_long_line_is_a_table() {
    let mut text = b"texto\n".to_vec();
    text.resize(20 << 20, b'x');
    let report = open(&text);
    assert_eq!((report.rows, report.columns.len()), (1, 1));
    let mut quoted = b"\"".to_vec();
    quoted.resize(20 << 20, b'x');
    let report = open(&quoted);
    assert_eq!(
        report.issue_counts.get(&IssueKind::UnclosedQuote).copied().unwrap_or(0),
        report.rows
    );
}

#[test]
fn the_preview_is_what_the_report_reads() {
    let text = "a;b\n1;x\n2;\"y\n3;z;w\n4\n";
    let overrides = Overrides::default();
    let seen = preview(&input(text.as_bytes()), &overrides, 3, &Unwatched).unwrap();
    let report = open(text.as_bytes());
    assert_eq!(seen.rows, [["1", "x"], ["2", "\"y"], ["3", "z"]]);
    assert!(seen.complete);
    assert_eq!((seen.dialect, seen.columns), (report.dialect, report.columns));
    assert_eq!(seen.issues, report.issues);
}

struct Stopped;

impl Progress for Stopped {
    fn step(&self, _: &'static str, _: Option<u64>) {}
    fn at(&self, _: u64) {}
    fn check(&self) -> Result<(), Cancelled> {
        Err(Cancelled)
    }
}

#[test]
fn cancelling_stops() {
    let input = input(&b"a,b\n1,2\n".repeat(1 << 18));
    let overrides = Overrides::default();
    assert!(matches!(report(&input, &overrides, &Stopped), Err(FileError::Cancelled(_))));
    assert!(matches!(detect(&input, &overrides, &Stopped), Err(FileError::Cancelled(_))));
}
