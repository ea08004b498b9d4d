//! Numbers as a language writes them.

use crate::locale::Language;

impl Language {
    /// A count with its thousands apart: `4.109`.
    #[must_use]
    pub fn count(self, count: u64) -> String {
        let mark = if self == Self::PtBr { '.' } else { ',' };
        let digits = count.to_string();
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(mark);
            }
            text.push(digit);
        }
        text
    }

    /// A number with so many decimals: `0,283`.
    #[must_use]
    pub fn decimal(self, number: f64, decimals: usize) -> String {
        let text = format!("{number:.decimals$}");
        if self == Self::PtBr { text.replace('.', ",") } else { text }
    }

    /// A number of bytes in the largest unit that keeps it above one: `200 MB`, `200,5 MB`.
    #[must_use]
    pub fn bytes(self, bytes: u64) -> String {
        const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
        let tenth = |value: f64| (value * 10.0).round() / 10.0;
        let (mut value, mut unit) = (bytes as f64, 0);
        while tenth(value) >= 1000.0 && unit + 1 < UNITS.len() {
            value /= 1000.0;
            unit += 1;
        }
        let value = tenth(value);
        let decimals = usize::from(value.fract() != 0.0);
        format!("{} {}", self.decimal(value, decimals), UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(Language::PtBr.count(7), "7");
        assert_eq!(Language::PtBr.count(4_109), "4.109");
        assert_eq!(Language::En.count(1_234_567), "1,234,567");
    }

    #[test]
    fn bytes_are_said_in_the_unit_a_person_would_take() {
        let said = [0, 999, 1_000, 999_960, 200_000_000, 200_460_000, 80_000_000_000];
        assert_eq!(
            said.map(|bytes| Language::PtBr.bytes(bytes)),
            ["0 B", "999 B", "1 kB", "1 MB", "200 MB", "200,5 MB", "80 GB"]
        );
        assert_eq!(Language::En.bytes(200_460_000), "200.5 MB");
        assert_eq!(Language::En.bytes(u64::MAX), "18446.7 PB");
    }
}
