//! Which bytes separate and quote: by how evenly each candidate cuts the sample.

use std::collections::HashMap;

use super::Encoding;
use super::records::{Form, Records};
use super::scan::Syntax;

/// Candidates, the likelier first: the first wins a draw.
const DELIMITERS: [u8; 4] = *b";\t|,";

/// Records looked at.
const RECORDS: usize = 2_000;

/// How one candidate cuts the sample.
struct Cuts {
    syntax: Syntax,
    /// Fields in the first record, and in most.
    first: usize,
    most: usize,
    /// Share of the records that have as many fields as most.
    even: f64,
    records: usize,
    quoted: usize,
    odd: usize,
    /// Shares of the separators that a space follows, and that stand between two digits.
    spaced: f64,
    in_digits: f64,
}

fn measure(sample: &[u8], syntax: Syntax) -> Cuts {
    let mut records = Records::over(sample, syntax, Encoding::Windows1252, 1, 0);
    let mut counts: HashMap<usize, usize> = HashMap::new();
    let (mut first, mut number) = (0, 0);
    let (mut quoted, mut odd, mut separators, mut spaced, mut in_digits) = (0, 0, 0, 0, 0);
    while let Some(record) = records.next() {
        if number == 0 {
            first = record.len();
        }
        number += 1;
        *counts.entry(record.len()).or_default() += 1;
        let mut before: Option<u8> = None;
        for (index, field) in record.fields().enumerate() {
            match field.form {
                Form::Quoted | Form::Escaped => quoted += 1,
                Form::Stray | Form::Unclosed => odd += 1,
                Form::Plain => {}
            }
            if index > 0 {
                separators += 1;
                let digit = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_digit());
                let next = field.raw.first().copied();
                spaced += usize::from(next == Some(b' '));
                in_digits += usize::from(digit(before) && digit(next));
            }
            before = field.raw.last().copied();
        }
        if number == RECORDS {
            break;
        }
    }
    // Among equals the wider, so that the answer does not hang on the map's order.
    let (most, times) = counts
        .into_iter()
        .max_by_key(|&(fields, times)| (times, fields))
        .unwrap_or((first, number));
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    Cuts {
        syntax,
        first,
        most,
        even: share(times, number),
        records: number,
        quoted,
        odd,
        spaced: share(spaced, separators),
        in_digits: share(in_digits, separators),
    }
}

impl Cuts {
    /// How likely this is the file's own syntax; 0 if it is not.
    fn score(&self) -> f64 {
        // Where no width prevails, the first record's, which is most often the header.
        let width = if self.even < 0.5 { self.first } else { self.most };
        if width < 2 {
            return 0.0;
        }
        if self.first < 2 && (self.even < 0.9 || self.records < 3 || self.in_digits > 0.8) {
            // A first line in one piece: a name over decimal commas, or prose.
            return 0.0;
        }
        if self.spaced > 0.7 && (self.even < 0.9 || self.records < 3) {
            // Commas of prose have a space behind them.
            return 0.0;
        }
        let decimals = self.syntax.delimiter == b',' && self.in_digits > 0.8;
        let doubt = if decimals { 0.5 } else { 1.0 };
        self.even * self.even * (1.0 - 1.0 / (width as f64 + 1.0)) * doubt
    }
}

/// Delimiter and quote of `sample`, whole records of text. What is given is kept. A file of one
/// column gets `,`, and one without any quoted field gets `"`.
pub(crate) fn guess(
    sample: &[u8],
    delimiter: Option<u8>,
    quote: Option<Option<u8>>,
) -> (u8, Option<u8>) {
    let mut delimiters = delimiter.map_or_else(|| DELIMITERS.to_vec(), |given| vec![given]);
    if delimiter.is_none() {
        delimiters.retain(|&candidate| quote != Some(Some(candidate)));
    }
    let mut best: Option<(f64, u8, Option<u8>)> = None;
    for delimiter in delimiters {
        let (cuts, quote) = with_quote(sample, delimiter, quote);
        let score = cuts.score();
        if best.is_none_or(|(other, ..)| score > other) {
            best = Some((score, delimiter, quote));
        }
    }
    match best {
        Some((score, found, quote)) if score > 0.0 || delimiter.is_some() => (found, quote),
        _ => {
            let comma = if quote == Some(Some(b',')) { b';' } else { b',' };
            (comma, with_quote(sample, comma, quote).1)
        }
    }
}

/// The quote that goes with a delimiter: `'` only where it quotes and `"` does not.
fn with_quote(sample: &[u8], delimiter: u8, quote: Option<Option<u8>>) -> (Cuts, Option<u8>) {
    if let Some(quote) = quote {
        return (measure(sample, Syntax::new(delimiter, quote)), quote);
    }
    let double = measure(sample, Syntax::new(delimiter, Some(b'"')));
    if double.quoted == 0 && delimiter != b'\'' {
        let single = measure(sample, Syntax::new(delimiter, Some(b'\'')));
        if single.quoted >= 2 && single.odd * 10 <= single.quoted && single.even >= double.even {
            return (single, Some(b'\''));
        }
    }
    (double, Some(b'"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sample: &str) -> (char, Option<char>) {
        let (delimiter, quote) = guess(sample.as_bytes(), None, None);
        (char::from(delimiter), quote.map(char::from))
    }

    #[test]
    fn each_separator() {
        assert_eq!(found("a,b\n1,2\n3,4\n"), (',', Some('"')));
        assert_eq!(found("a;b\n1;2\n3;4\n"), (';', Some('"')));
        assert_eq!(found("a\tb\n1\t2\n3\t4\n"), ('\t', Some('"')));
        assert_eq!(found("a|b\n1|2\n3|4\n"), ('|', Some('"')));
    }

    #[test]
    fn decimal_commas_do_not_separate() {
        assert_eq!(found("nome;valor\nana;1,5\nbia;2,25\n").0, ';');
        assert_eq!(found("ana;1,5\nbia;2,25\ncaio;3,5\n").0, ';');
        assert_eq!(found("valor\n1,5\n2,25\n3,75\n").0, ',');
        let one_column = measure(b"valor\n1,5\n2,25\n3,75\n", Syntax::new(b',', Some(b'"')));
        assert!(one_column.score() <= 0.0);
    }

    #[test]
    fn commas_of_prose_do_not_separate() {
        assert_eq!(found("id;texto\n1;bom, rápido, barato\n2;ruim\n3;caro, lento\n").0, ';');
        assert_eq!(found("1|bom, rápido\n2|ruim, lento\n3|caro, feio\n").0, '|');
        assert_eq!(found("texto\nbom; mas caro\nruim\nlento; feio; caro\n").0, ',');
    }

    #[test]
    fn rows_of_other_width_do_not_hide_the_separator() {
        assert_eq!(found("a;b;c\n1;2\n1;2;3;4\n").0, ';');
        assert_eq!(found("a;b;c\n1;2;3;4\n1;2\n1\n").0, ';');
    }

    #[test]
    fn quotes_hide_separators_and_line_ends() {
        assert_eq!(found("a,b\n\"x;y;z\n;;\",2\n\"p;q\",4\n"), (',', Some('"')));
        assert_eq!(found("a,b\n'x, y',2\n'z',3\n"), (',', Some('\'')));
        assert_eq!(found("a,b\nd'água,2\n'til,3\n"), (',', Some('"')));
    }
}
