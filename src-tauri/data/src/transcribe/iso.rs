//! Days and times as ISO 8601 text.

use std::fmt::{self, Write};

/// Year, month and day of a day counted from 1970-01-01 in the proleptic Gregorian calendar:
/// Howard Hinnant's `civil_from_days`.
pub(crate) fn civil(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u32;
    let month =
        (if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 }) as u32;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// `2024-01-31`.
pub(crate) fn push_date(out: &mut String, days: i64) -> fmt::Result {
    let (year, month, day) = civil(days);
    if (0..=9999).contains(&year) {
        write!(out, "{year:04}-{month:02}-{day:02}")
    } else {
        write!(out, "{year:+05}-{month:02}-{day:02}")
    }
}

/// `13:05:00`, with a fraction where there is one; `unit` parts make a second.
pub(crate) fn push_time(out: &mut String, of_day: i64, unit: i64) -> fmt::Result {
    let (seconds, fraction) = (of_day / unit, of_day % unit);
    write!(out, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
    if fraction > 0 {
        let digits = unit.ilog10() as usize;
        let text = format!("{fraction:0digits$}");
        write!(out, ".{}", text.trim_end_matches('0'))?;
    }
    Ok(())
}

/// `2024-01-31T13:05:00`; `stamp` counts parts of a second, `unit` to the second, from 1970-01-01.
pub(crate) fn push_stamp(out: &mut String, stamp: i64, unit: i64) -> fmt::Result {
    push_date(out, stamp.div_euclid(unit * 86_400))?;
    out.push('T');
    push_time(out, stamp.rem_euclid(unit * 86_400), unit)
}

/// A number with as few digits as give it back, in powers of ten where it would be very long.
pub(crate) fn push_float(out: &mut String, value: f64) -> fmt::Result {
    let size = value.abs();
    if value.is_finite() && size != 0.0 && !(1e-7..1e21).contains(&size) {
        write!(out, "{value:e}")
    } else {
        write!(out, "{value}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_those_of_the_calendar() {
        let date = |days| {
            let mut text = String::new();
            push_date(&mut text, days).unwrap();
            text
        };
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(-1), "1969-12-31");
        assert_eq!(date(11_016), "2000-02-29");
        assert_eq!(date(19_753), "2024-01-31");
        assert_eq!(date(-719_529), "-0001-12-31");
        let mut text = String::new();
        push_stamp(&mut text, -1, 1000).unwrap();
        assert_eq!(text, "1969-12-31T23:59:59.999");
    }

    #[test]
    fn long_numbers_are_short() {
        let mut text = String::new();
        push_float(&mut text, 1e300).unwrap();
        assert_eq!(text, "1e300");
        text.clear();
        push_float(&mut text, 0.1).unwrap();
        assert_eq!(text, "0.1");
    }
}
