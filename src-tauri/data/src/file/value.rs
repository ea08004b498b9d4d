//! What a cell's characters mean: nothing, a number, a truth, a date.
//!
//! All of these take the bytes of a trimmed cell in any encoding that writes ASCII as ASCII.

use super::{DateOrder, Decimal};

/// Whether a cell stands for nothing: empty, or one of the signs that spreadsheets, databases and
/// people write for it.
#[must_use]
pub fn is_missing(cell: &[u8]) -> bool {
    const SIGNS: [&[u8]; 9] =
        [b"NA", b"N/A", b"n/a", b"NULL", b"null", b"NaN", b"nan", b"#N/A", b"#N/D"];
    match cell {
        [] | [b'-'] => true,
        // What spreadsheets show for nothing where money stands.
        [b'R', b'$', rest @ ..] => rest.trim_ascii() == b"-",
        [b'N' | b'n' | b'#', ..] if cell.len() <= 4 => SIGNS.contains(&cell),
        _ => false,
    }
}

/// A number as it stands in a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// Its value, correctly rounded.
    pub value: f64,
    /// Whether it is written without a fraction or an exponent.
    pub integer: bool,
    /// What it counts, where the cell says so.
    pub unit: Option<Unit>,
}

/// What the number in a cell counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Hundredths; the value is as it is written: `12%` is 12.
    Percent,
    /// `R$`.
    Real,
    /// `US$`.
    AmericanDollar,
    /// `$`.
    Dollar,
    /// `€`.
    Euro,
    /// `£`.
    Pound,
}

/// The signs of money that stand before a number, in UTF-8 and in Windows-1252.
const MONEY: [(&[u8], Unit); 7] = [
    (b"R$", Unit::Real),
    (b"US$", Unit::AmericanDollar),
    (b"$", Unit::Dollar),
    ("€".as_bytes(), Unit::Euro),
    (b"\x80", Unit::Euro),
    ("£".as_bytes(), Unit::Pound),
    (b"\xA3", Unit::Pound),
];

/// A cell without its sign, minus or plus, and whether that is a minus.
fn signed(cell: &[u8]) -> (Option<bool>, &[u8]) {
    match cell {
        [b'-', rest @ ..] => (Some(true), rest),
        [b'+', rest @ ..] => (Some(false), rest),
        _ => (None, cell),
    }
}

/// A cell without the sign of money before its number, and the spaces after that.
fn money(cell: &[u8]) -> (Option<Unit>, &[u8]) {
    if cell.first().is_none_or(u8::is_ascii_digit) {
        return (None, cell);
    }
    let found = MONEY.iter().find_map(|&(sign, unit)| Some((unit, cell.strip_prefix(sign)?)));
    let Some((unit, mut rest)) = found else { return (None, cell) };
    // Spaces that do not break a line are what spreadsheets write there.
    while let [b' ' | 0xA0, after @ ..] | [0xC2, 0xA0, after @ ..] = rest {
        rest = after;
    }
    (Some(unit), rest)
}

/// Whether a cell's number is negative, what it counts, and the rest of it. The minus stands before
/// or after the sign of money.
fn apart(cell: &[u8]) -> (bool, Option<Unit>, &[u8]) {
    let (outer, rest) = signed(cell);
    let (unit, rest) = money(rest);
    let (inner, rest) = match (outer, unit) {
        (None, Some(_)) => signed(rest),
        _ => (None, rest),
    };
    let negative = outer.or(inner).unwrap_or(false);
    match (unit, rest.strip_suffix(b"%")) {
        (None, Some(number)) => (negative, Some(Unit::Percent), number.trim_ascii_end()),
        _ => (negative, unit, rest),
    }
}

/// Reads a number: an optional sign, digits with or without groups of thousands, an optional
/// fraction, an optional exponent; before it a sign of money or after it one of percent. `007` is
/// none, because its zeros would be lost.
#[must_use]
pub fn number_of(cell: &[u8], decimal: Decimal) -> Option<Number> {
    let (point, group) = match decimal {
        Decimal::Point => (b'.', b','),
        Decimal::Comma => (b',', b'.'),
    };
    let (negative, unit, digits) = apart(cell);
    if !digits.first()?.is_ascii_digit() || digits.len() > 60 {
        return None;
    }
    let is_digit = |byte: &&u8| byte.is_ascii_digit();
    let mut at = digits.iter().take_while(is_digit).count();
    if at > 1 && digits[0] == b'0' {
        return None;
    }
    let mut plain = [0u8; 64];
    let mut len = 0;
    let mut put = |bytes: &[u8]| {
        plain[len..len + bytes.len()].copy_from_slice(bytes);
        len += bytes.len();
    };
    put(&digits[..at]);
    // A nought does not open a group: 0.123 under a decimal comma is no 123.
    if at <= 3 && digits[0] != b'0' && digits.get(at) == Some(&group) {
        while digits.get(at) == Some(&group) {
            let three = digits.get(at + 1..at + 4)?;
            if !three.iter().all(u8::is_ascii_digit) {
                return None;
            }
            put(three);
            at += 4;
        }
    }
    let mut integer = true;
    if digits.get(at) == Some(&point) {
        let fraction = digits[at + 1..].iter().take_while(is_digit).count();
        if fraction == 0 {
            return None;
        }
        put(b".");
        put(&digits[at + 1..at + 1 + fraction]);
        at += 1 + fraction;
        integer = false;
    }
    if let Some(b'e' | b'E') = digits.get(at) {
        let exponent = &digits[at + 1..];
        let figures = exponent.strip_prefix(b"-").or(exponent.strip_prefix(b"+"));
        let figures = figures.unwrap_or(exponent);
        if figures.is_empty() || !figures.iter().all(u8::is_ascii_digit) {
            return None;
        }
        put(&digits[at..]);
        at = digits.len();
        integer = false;
    }
    if at < digits.len() {
        return None;
    }
    let value = parse(&plain[..len])?;
    let value = if negative { -value } else { value };
    value.is_finite().then_some(Number { value, integer, unit })
}

/// Digits and at most one point whose mantissa is below 2^53: one exact division gives the
/// nearest number. All else goes the long way.
fn parse(plain: &[u8]) -> Option<f64> {
    if plain.len() <= 16 && plain.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') {
        let (mut mantissa, mut scale) = (0u64, 1u64);
        let mut fraction = false;
        for &byte in plain {
            if byte == b'.' {
                fraction = true;
                continue;
            }
            mantissa = mantissa * 10 + u64::from(byte - b'0');
            scale *= if fraction { 10 } else { 1 };
        }
        if mantissa < 1 << 53 {
            return Some(mantissa as f64 / scale as f64);
        }
    }
    std::str::from_utf8(plain).ok()?.parse().ok()
}

/// Whether a cell is a truth value in words, English or Portuguese.
#[must_use]
pub fn is_boolean(cell: &[u8]) -> bool {
    const WORDS: [&[u8]; 10] = [
        b"true",
        b"false",
        b"sim",
        b"nao",
        "não".as_bytes(),
        "nÃo".as_bytes(),
        b"yes",
        b"no",
        b"verdadeiro",
        b"falso",
    ];
    // The same word in Windows-1252, whose letters ASCII case does not reach.
    const LATIN: [&[u8]; 2] = [b"n\xE3o", b"n\xC3o"];
    let likely = matches!(
        cell.first(),
        Some(b'T' | b't' | b'F' | b'f' | b'S' | b's' | b'N' | b'n' | b'Y' | b'y' | b'V' | b'v')
    );
    likely
        && cell.len() <= 10
        && WORDS.iter().chain(&LATIN).any(|word| cell.eq_ignore_ascii_case(word))
}

/// A day of the Gregorian calendar, with the time of day where the cell has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Year, 0 to 9999.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
    /// Seconds since midnight, fractions cut, the zone as written.
    pub second: Option<u32>,
}

impl Date {
    /// Days since 1970-01-01, with the time of day as a fraction (Hinnant's `days_from_civil`,
    /// <https://howardhinnant.github.io/date_algorithms.html>).
    #[must_use]
    pub fn days(self) -> f64 {
        let (year, month, day) = (i64::from(self.year), i64::from(self.month), i64::from(self.day));
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
        let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
        days as f64 + f64::from(self.second.unwrap_or(0)) / 86_400.0
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{:04}-{:02}-{:02}", self.year, self.month, self.day)?;
        match self.second {
            Some(at) => write!(to, "T{:02}:{:02}:{:02}", at / 3600, at / 60 % 60, at % 60),
            None => Ok(()),
        }
    }
}

/// Reads a date: ISO (`yyyy-mm-dd`, also with `/`) under every order, else the three numbers in
/// `order`; two-digit years are 1970 to 2069. A time of day may follow after a space or `T`.
#[must_use]
pub fn date_of(cell: &[u8], order: DateOrder) -> Option<Date> {
    match (written(cell)?, order) {
        (Written::Iso(date), _) => Some(date),
        (Written::Short(short), DateOrder::DayFirst) => short.day_first(),
        (Written::Short(short), DateOrder::MonthFirst) => short.month_first(),
        (Written::Short(_), DateOrder::Iso) => None,
    }
}

/// A date before its order is known.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Written {
    Iso(Date),
    Short(Short),
}

/// Day and month in an order that is not known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Short {
    first: u8,
    second: u8,
    year: u16,
    time: Option<u32>,
}

impl Short {
    pub(crate) fn day_first(self) -> Option<Date> {
        valid(self.year, self.second, self.first, self.time)
    }

    pub(crate) fn month_first(self) -> Option<Date> {
        valid(self.year, self.first, self.second, self.time)
    }
}

/// Takes the date in a cell apart.
pub(crate) fn written(cell: &[u8]) -> Option<Written> {
    if cell.len() < 6 || cell.len() > 40 || !cell[0].is_ascii_digit() {
        return None;
    }
    let (first, digits, rest) = leading(cell)?;
    let (&mark, rest) = rest.split_first()?;
    if !matches!(mark, b'-' | b'/' | b'.') {
        return None;
    }
    let (second, middle, rest) = leading(rest)?;
    let (&again, rest) = rest.split_first()?;
    if again != mark || middle > 2 {
        return None;
    }
    let (third, last, rest) = leading(rest)?;
    let time = match rest {
        [] => None,
        [b' ' | b'T', time @ ..] => Some(time_of(time)?),
        _ => return None,
    };
    let second = u8::try_from(second).ok()?;
    if digits == 4 && last <= 2 && mark != b'.' {
        let day = u8::try_from(third).ok()?;
        return valid(first, second, day, time).map(Written::Iso);
    }
    let year = match last {
        4 => third,
        2 if third < 70 => 2000 + third,
        2 => 1900 + third,
        _ => return None,
    };
    let first = u8::try_from(first).ok().filter(|_| digits <= 2)?;
    Some(Written::Short(Short { first, second, year, time }))
}

/// The number at the start of `bytes`, its digits (1 to 4), and the rest.
fn leading(bytes: &[u8]) -> Option<(u16, usize, &[u8])> {
    let count = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 || count > 4 {
        return None;
    }
    let number = bytes[..count].iter().fold(0, |number, byte| number * 10 + u16::from(byte - b'0'));
    Some((number, count, &bytes[count..]))
}

fn valid(year: u16, month: u8, day: u8, second: Option<u32>) -> Option<Date> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u8::from(leap),
        _ => return None,
    };
    (1..=days).contains(&day).then_some(Date { year, month, day, second })
}

/// `hh:mm[:ss[.fff]]`, then `Z`, `±hh:mm` or AM/PM.
fn time_of(time: &[u8]) -> Option<u32> {
    let (mut hour, digits, rest) = leading(time)?;
    let (minute, two, mut rest) = leading(rest.strip_prefix(b":")?)?;
    if digits > 2 || two != 2 {
        return None;
    }
    let mut second = 0;
    if let Some(more) = rest.strip_prefix(b":") {
        (second, _, rest) = leading(more)?;
        if let [b'.' | b',', fraction @ ..] = rest {
            let figures = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            rest = &fraction[figures..];
        }
    }
    match rest.trim_ascii() {
        [] | b"Z" | b"UTC" => {}
        [b'a' | b'A', b'm' | b'M'] if (1..=12).contains(&hour) => hour %= 12,
        [b'p' | b'P', b'm' | b'M'] if (1..=12).contains(&hour) => hour = hour % 12 + 12,
        [b'+' | b'-', zone @ ..]
            if zone.len() <= 5
                && zone.iter().all(|byte| byte.is_ascii_digit() || *byte == b':') => {}
        _ => return None,
    }
    (hour < 24 && minute < 60 && second < 61)
        .then(|| u32::from(hour) * 3600 + u32::from(minute) * 60 + u32::from(second))
}

#[cfg(test)]
#[path = "value_tests.rs"]
mod tests;
