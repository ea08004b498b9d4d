//! Personal data in texts, found by their form and their check digits, and masked.

use std::collections::BTreeMap;

/// A text whose personal data are masked, and how many of each kind there were: `cpf`, `cnpj`, `email`,
/// `telephone`.
#[must_use]
pub fn masked(text: &str) -> (String, BTreeMap<&'static str, u64>) {
    let (mut out, mut counts) = (String::with_capacity(text.len()), BTreeMap::new());
    let mut rest = text;
    let mut before = None;
    while let Some(first) = rest.chars().next() {
        let begins = before.is_none_or(|c: char| !c.is_alphanumeric());
        let found = begins.then(|| email(rest).or_else(|| number(rest))).flatten();
        let length = match found {
            Some((kind, length)) => {
                *counts.entry(kind).or_insert(0) += 1;
                out.push('[');
                out.push_str(kind);
                out.push(']');
                length
            }
            None => {
                out.push(first);
                first.len_utf8()
            }
        };
        before = rest[..length].chars().next_back();
        rest = &rest[length..];
    }
    (out, counts)
}

/// An address at the beginning of a text, and its bytes.
fn email(text: &str) -> Option<(&'static str, usize)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
    let name = text.find(|c: char| !is_part(c)).filter(|&end| end > 0)?;
    let host = text[name..].strip_prefix('@')?;
    let end = host.find(|c: char| !(c.is_ascii_alphanumeric() || ".-".contains(c)));
    let host = host[..end.unwrap_or(host.len())].trim_end_matches(['.', '-']);
    let (_, top) = host.rsplit_once('.')?;
    (top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic()))
        .then_some(("email", name + 1 + host.len()))
}

/// A number that belongs to somebody at the beginning of a text, and its bytes.
fn number(text: &str) -> Option<(&'static str, usize)> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '(' || c == '+') {
        return None;
    }
    let (mut digits, mut ends) = (Vec::new(), Vec::new());
    for (at, byte) in text.bytes().enumerate().take(24) {
        if byte.is_ascii_digit() {
            digits.push(byte - b'0');
            ends.push(at + 1);
        } else if !b".-/() +".contains(&byte) {
            break;
        }
    }
    let whole = |count: usize| {
        // A longer number is another number.
        let end = *ends.get(count - 1)?;
        let follows = text.as_bytes().get(end).is_some_and(u8::is_ascii_digit);
        (!follows).then_some(end)
    };
    let is_one = |count: usize| {
        ends.get(count - 1).is_some_and(|&end| !text[..end].contains([' ', '(', '+']))
    };
    if digits.len() >= 14 && is_one(14) && is_cnpj(&digits[..14]) {
        return Some(("cnpj", whole(14)?));
    }
    if digits.len() >= 11 && is_one(11) && is_cpf(&digits[..11]) {
        return Some(("cpf", whole(11)?));
    }
    let country = usize::from(text.starts_with("+55")) * 2;
    [11, 10].into_iter().map(|count| count + country).find_map(|count| {
        let end = whole(count)?;
        let own = &digits[country..count];
        let is_area = own[0] > 0 && own[1] > 0;
        let is_mobile = own.len() == 10 || own[2] == 9;
        let is_written = text[..end].contains(['(', '-', '+']) && !text[..end].contains(['.', '/']);
        let is_open = digits.len() == count;
        (is_area && is_mobile && is_written && is_open).then_some(("telephone", end))
    })
}

/// Whether eleven digits are a CPF: the last two check the others
/// (<https://www.gov.br/receitafederal>).
#[must_use]
pub fn is_cpf(digits: &[u8]) -> bool {
    let check = |count: usize| {
        let sum: u32 = digits[..count]
            .iter()
            .zip((2..=count as u32 + 1).rev())
            .map(|(&d, w)| u32::from(d) * w)
            .sum();
        (sum * 10 % 11 % 10) as u8
    };
    digits.len() == 11
        && digits.iter().any(|digit| *digit != digits[0])
        && check(9) == digits[9]
        && check(10) == digits[10]
}

/// Whether fourteen digits are a CNPJ: the last two check the others.
#[must_use]
pub fn is_cnpj(digits: &[u8]) -> bool {
    let check = |count: usize| {
        let weights = (2..=9).cycle();
        let sum: u32 =
            digits[..count].iter().rev().zip(weights).map(|(&d, w)| u32::from(d) * w).sum();
        let rest = sum % 11;
        if rest < 2 { 0 } else { (11 - rest) as u8 }
    };
    digits.len() == 14
        && digits.iter().any(|digit| *digit != digits[0])
        && check(12) == digits[12]
        && check(13) == digits[13]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_somebody_is_masked_and_nothing_else() {
        let all = [
            ("CPF 529.982.247-25, ok", "CPF [cpf], ok"),
            ("52998224725", "[cpf]"),
            ("529.982.247-24", "529.982.247-24"),
            ("CNPJ 11.222.333/0001-81.", "CNPJ [cnpj]."),
            ("escreva a ana.souza@loja.com.br.", "escreva a [email]."),
            ("ligue (11) 98765-4321 já", "ligue [telephone] já"),
            ("+55 21 3456-7890", "[telephone]"),
            ("pedido 1234567890 de 2024-01-15", "pedido 1234567890 de 2024-01-15"),
            ("R$ 1.234,56 em 10/02/2023", "R$ 1.234,56 em 10/02/2023"),
            ("0001234-56.2020.8.26.0100", "0001234-56.2020.8.26.0100"),
            ("a@b, 3@4", "a@b, 3@4"),
            ("ção 111.111.111-11", "ção 111.111.111-11"),
        ];
        for (text, wanted) in all {
            assert_eq!(masked(text).0, wanted, "{text}");
        }
        let counts = masked("a@b.co c@d.co 52998224725").1;
        assert_eq!((counts["email"], counts["cpf"]), (2, 1));
    }
}
