use super::*;

fn value(cell: &str, decimal: Decimal) -> Option<f64> {
    number_of(cell.as_bytes(), decimal).map(|number| number.value)
}

fn date(cell: &str, order: DateOrder) -> Option<String> {
    date_of(cell.as_bytes(), order).map(|date| date.to_string())
}

#[test]
fn numbers_with_a_decimal_comma() {
    for (cell, expected) in [
        ("89,90", Some(89.9)),
        ("1.234,5", Some(1234.5)),
        ("1.234.567", Some(1_234_567.0)),
        ("-0,5", Some(-0.5)),
        ("12", Some(12.0)),
        ("89.90", None),
        ("1.23", None),
        ("1234.567", None),
        ("1,", None),
        (",5", None),
        ("007", None),
        ("0.123", None),
        ("00,5", None),
        ("R$ 1.234,56", Some(1234.56)),
        ("R$5", Some(5.0)),
        ("-R$ 5,10", Some(-5.1)),
        ("R$ -5,10", Some(-5.1)),
        ("R$\u{a0}5,10", Some(5.1)),
        ("€ 5", Some(5.0)),
        ("12,5%", Some(12.5)),
        ("-3 %", Some(-3.0)),
        ("-R$ -5", None),
        ("R$", None),
        ("R$ 5%", None),
        ("RS 5", None),
        ("%", None),
        ("5%%", None),
        ("1.234,5x", None),
    ] {
        assert_eq!(value(cell, Decimal::Comma), expected, "{cell}");
    }
}

#[test]
fn numbers_with_a_decimal_point() {
    for (cell, expected) in [
        ("89.90", Some(89.9)),
        ("1,234.5", Some(1234.5)),
        ("1e3", Some(1000.0)),
        ("1.5E-3", Some(0.0015)),
        ("0.1", Some(0.1)),
        ("9007199254740993", Some(9_007_199_254_740_992.0)),
        ("0.30000000000000004", Some(0.300_000_000_000_000_04)),
        ("1e999", None),
        ("1e", None),
        ("nan", None),
        ("1,23", None),
        ("0,123", None),
        ("-0.5", Some(-0.5)),
        ("12345678901234567890123456789012345678901234567890123456789012345", None),
    ] {
        assert_eq!(value(cell, Decimal::Point), expected, "{cell}");
    }
    assert!(number_of(b"1,234", Decimal::Point).unwrap().integer);
    assert!(!number_of(b"1.0", Decimal::Point).unwrap().integer);
}

#[test]
fn what_a_number_counts_is_told_apart() {
    let unit = |cell: &[u8]| number_of(cell, Decimal::Point).unwrap().unit;
    assert_eq!(unit(b"5"), None);
    assert_eq!(unit(b"5%"), Some(Unit::Percent));
    assert_eq!(unit(b"R$ 5"), Some(Unit::Real));
    assert_eq!(unit(b"US$ 5"), Some(Unit::AmericanDollar));
    assert_eq!(unit("€5".as_bytes()), unit(b"\x80\xA05"));
    assert!(is_missing(b"R$ -") && !is_missing(b"R$"));
}

#[test]
fn dates_in_each_order() {
    use DateOrder::{DayFirst, Iso, MonthFirst};
    for (cell, order, expected) in [
        ("2018-08-15", Iso, Some("2018-08-15")),
        ("2018-08-15", DayFirst, Some("2018-08-15")),
        ("2018-02-29", Iso, None),
        ("2020-02-29T23:59:01.5-03:00", Iso, Some("2020-02-29T23:59:01")),
        ("15/08/2018", DayFirst, Some("2018-08-15")),
        ("15/08/2018", MonthFirst, None),
        ("15/08/2018", Iso, None),
        ("2/1/2018", DayFirst, Some("2018-01-02")),
        ("2/1/2018", MonthFirst, Some("2018-02-01")),
        ("1/2/18", DayFirst, Some("2018-02-01")),
        ("01.02.1999 07:05", DayFirst, Some("1999-02-01T07:05:00")),
        ("1/2/2018 12:00 AM", MonthFirst, Some("2018-01-02T00:00:00")),
        ("1/2/2018 1:30:00 pm", MonthFirst, Some("2018-01-02T13:30:00")),
        ("1/2-2018", DayFirst, None),
        ("2018-13-01", Iso, None),
        ("300/1/2018", DayFirst, None),
        ("192.168.10.1", DayFirst, None),
        ("1/2/2018 25:00", DayFirst, None),
    ] {
        assert_eq!(date(cell, order).as_deref(), expected, "{cell}");
    }
}

#[test]
fn nothing_and_truth() {
    for cell in ["", "NA", "N/A", "NULL", "null", "NaN", "-"] {
        assert!(is_missing(cell.as_bytes()), "{cell}");
    }
    assert!(!is_missing(b"na") && !is_missing(b"0") && !is_missing(b"--"));
    for cell in ["sim", "Não", "NÃO", "true", "FALSE", "Verdadeiro", "falso"] {
        assert!(is_boolean(cell.as_bytes()), "{cell}");
    }
    assert!(is_boolean(b"n\xE3o") && !is_boolean(b"s") && !is_boolean(b"nada"));
}
