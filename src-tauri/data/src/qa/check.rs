//! What holds of the digits of Brazilian numbers.

use serde::Deserialize;

/// What must hold of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The two last digits of a person's number, weighted sums modulo 11.
    Cpf,
    /// Those of a company's, which may hold letters since July 2026 (IN RFB 2.229/2024): a character
    /// counts its ASCII code less 48.
    Cnpj,
    /// Digits 8 and 9 of a court's process number, modulo 97 (ISO 7064; Resolution CNJ 65/2008).
    Cnj,
    /// A day that there is: `dd/mm/yyyy`; dates in words pass.
    Date,
}

impl Check {
    /// Whether it holds; what separates digits does not matter.
    #[must_use]
    pub fn holds(self, answer: &str) -> bool {
        match self {
            Self::Cpf => cpf(answer),
            Self::Cnpj => cnpj(answer),
            Self::Cnj => cnj(answer),
            Self::Date => date(answer),
        }
    }
}

fn digits(text: &str) -> Vec<u32> {
    text.chars().filter_map(|c| c.to_digit(10)).collect()
}

/// What a digit must be: 11 less the sum modulo 11, and 0 above 9.
fn modulo_11(values: &[u32], weights: impl Iterator<Item = u32>) -> u32 {
    let sum: u32 = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    }
}

fn cpf(answer: &str) -> bool {
    let digits = digits(answer);
    // The sums of equal digits hold too, but nobody has such a number.
    digits.len() == 11
        && digits.iter().any(|digit| *digit != digits[0])
        && modulo_11(&digits[..9], (2..=10).rev()) == digits[9]
        && modulo_11(&digits[..10], (2..=11).rev()) == digits[10]
}

fn cnpj(answer: &str) -> bool {
    let letters = answer.chars().filter(char::is_ascii_alphanumeric);
    let values: Vec<u32> =
        letters.map(|c| u32::from(c.to_ascii_uppercase()).saturating_sub(48)).collect();
    let weights = |from: u32| (2..=from).rev().chain((2..=9).rev());
    values.len() == 14
        && values[12..].iter().all(|value| *value < 10)
        && values.iter().any(|value| *value != values[0])
        && modulo_11(&values[..12], weights(5)) == values[12]
        && modulo_11(&values[..13], weights(6)) == values[13]
}

fn cnj(answer: &str) -> bool {
    let digits = digits(answer);
    if digits.len() != 20 {
        return false;
    }
    let given = digits[7] * 10 + digits[8];
    let rest = digits[..7].iter().chain(&digits[9..]).chain(&[0, 0]);
    98 - rest.fold(0, |rest, digit| (rest * 10 + digit) % 97) == given
}

fn date(answer: &str) -> bool {
    let parts: Vec<Option<u32>> =
        answer.split(['/', '.', '-']).map(|part| part.trim().parse().ok()).collect();
    let [Some(day), Some(month), Some(year)] = parts[..] else {
        return answer.chars().any(char::is_alphabetic);
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_checked_as_their_issuers_do() {
        for (check, good, bad) in [
            (Check::Cpf, "529.982.247-25", "529.982.247-26"),
            (Check::Cpf, "52998224725", "111.111.111-11"),
            (Check::Cnpj, "11.222.333/0001-81", "11.222.333/0001-82"),
            (Check::Cnpj, "12.ABC.345/01DE-35", "12.ABC.345/01DE-36"),
            (Check::Cnj, "0001327-64.2018.8.26.0158", "0001327-65.2018.8.26.0158"),
            (Check::Date, "29/02/2020", "29/02/2019"),
            (Check::Date, "1º de maio de 2020", "31/04/2020"),
            (Check::Date, "1.1.2020", "01/13/2020"),
        ] {
            assert!(check.holds(good), "{good}");
            assert!(!check.holds(bad), "{bad}");
            assert!(!check.holds(""), "{check:?}");
        }
    }
}
