//! The dialect of a file from its beginning.

use super::guess::{certain, is_binary, other_format, weigh};
use super::reader::separator_line;
use super::records::Records;
use super::scan::{Step, Syntax, step};
use super::text::endian_of;
use super::utf::from_utf16;
use super::value::{Written, is_missing, number_of, written};
use super::{
    DateOrder, Decimal, Dialect, Encoding, FileError, LineEnd, Overrides, is_boolean, separator,
};

/// Records whose cells are looked at.
const RECORDS: usize = 1_000;

/// Finds the dialect of a file that begins with `sample`; `complete` says that nothing follows.
/// What `overrides` says is kept. The encoding is decided from the sample alone: for a whole file
/// take [`super::detect`].
///
/// # Errors
/// [`FileError::Empty`] without any text, [`FileError::NotText`] for other formats and binary
/// data, [`FileError::Contradiction`] for overrides that cannot be.
pub fn sniff(sample: &[u8], complete: bool, overrides: &Overrides) -> Result<Dialect, FileError> {
    if let Some(what) = other_format(sample) {
        return Err(FileError::NotText { what });
    }
    let encoding = overrides
        .encoding
        .or_else(|| certain(sample))
        .unwrap_or_else(|| weigh(sample, complete).encoding());
    let text = text_of(sample, complete, encoding);
    let marked =
        text.strip_prefix(Encoding::Utf8.mark()).filter(|_| encoding != Encoding::Windows1252);
    let mut text = marked.unwrap_or(&text);
    if text.trim_ascii().is_empty() && complete {
        return Err(FileError::Empty);
    }
    if is_binary(text) {
        return Err(FileError::NotText { what: "binary data" });
    }
    let line_end = line_end_of(text);
    let mut delimiter = overrides.delimiter;
    if let Some((separator, len)) = separator_line(text) {
        let is_quote = overrides.quote == Some(Some(separator));
        delimiter = delimiter.or((!is_quote).then_some(separator));
        text = &text[len..];
    }
    let (delimiter, quote) =
        separator::guess(whole_records(text, complete), delimiter, overrides.quote);
    let cells = cells_of(text, complete, Syntax::new(delimiter, quote), encoding);
    let decimal = overrides.decimal.unwrap_or_else(|| decimal_of(&cells, delimiter));
    let dialect = Dialect {
        encoding,
        delimiter,
        quote,
        has_header: overrides.has_header.unwrap_or_else(|| has_header(&cells, decimal)),
        line_end,
        decimal,
        date_order: overrides.date_order.unwrap_or_else(|| date_order_of(&cells, decimal)),
    };
    dialect.check()?;
    Ok(dialect)
}

fn text_of(sample: &[u8], complete: bool, encoding: Encoding) -> Vec<u8> {
    let Some(endian) = endian_of(encoding) else { return sample.to_vec() };
    let mut text = Vec::new();
    from_utf16(sample, endian, complete, &mut text);
    text
}

/// The sample without a record cut at its end, unless that is all there is. Where an open quote
/// hides the rest, it is the last line that is left out.
fn whole_records(text: &[u8], complete: bool) -> &[u8] {
    if complete {
        return text;
    }
    match memchr::memrchr2(b'\n', b'\r', text) {
        Some(end) => &text[..=end],
        None => text,
    }
}

fn cells_of(text: &[u8], complete: bool, syntax: Syntax, encoding: Encoding) -> Vec<Vec<String>> {
    let (mut end, mut count) = (0, 0);
    while count <= RECORDS {
        match step(text, end, complete, syntax) {
            Step::Record { next, .. } => (end, count) = (next, count + 1),
            Step::Blank { next } => end = next,
            Step::NeedMore | Step::Done => break,
        }
    }
    let whole = if count == 0 { whole_records(text, complete) } else { &text[..end] };
    let mut records = Records::over(whole, syntax, encoding, 1, 0);
    let mut rows = Vec::with_capacity(count);
    while let Some(record) = records.next() {
        let cell = |field: super::Field<'_>| {
            let mut cell = String::new();
            field.decode(&mut cell);
            cell.trim().to_owned()
        };
        rows.push(record.fields().map(cell).collect());
    }
    rows
}

fn line_end_of(text: &[u8]) -> LineEnd {
    let pairs = memchr::memmem::find_iter(text, b"\r\n").count();
    let feeds = memchr::memchr_iter(b'\n', text).count() - pairs;
    let returns = memchr::memchr_iter(b'\r', text).count() - pairs;
    if pairs > 0 && pairs >= feeds.max(returns) {
        LineEnd::CrLf
    } else if returns > feeds {
        LineEnd::Cr
    } else {
        LineEnd::Lf
    }
}

/// By votes of the numbers that can only be read one way. `1.234` alone decides nothing: then it is
/// what those use who write files like this one, so that in a file of semicolons it is a thousand.
fn decimal_of(rows: &[Vec<String>], delimiter: u8) -> Decimal {
    let (mut comma, mut point) = (0u32, 0u32);
    for cell in rows.iter().flatten() {
        let reads = |decimal| number_of(cell.as_bytes(), decimal).is_some();
        match (reads(Decimal::Comma), reads(Decimal::Point)) {
            (true, false) => comma += 1,
            (false, true) => point += 1,
            _ => {}
        }
    }
    let header = rows.first().map_or(&[][..], Vec::as_slice);
    let custom = match delimiter {
        b';' => Decimal::Comma,
        b',' => Decimal::Point,
        _ if header.iter().any(|name| portuguese(name)) => Decimal::Comma,
        _ => Decimal::Point,
    };
    match comma.cmp(&point) {
        std::cmp::Ordering::Greater => Decimal::Comma,
        std::cmp::Ordering::Less => Decimal::Point,
        std::cmp::Ordering::Equal => custom,
    }
}

/// By the first evidence of each date; undecided, day first where the decimals or the header
/// are Brazilian, and ISO where no other date is seen.
fn date_order_of(rows: &[Vec<String>], decimal: Decimal) -> DateOrder {
    let (mut day, mut month, mut short) = (0, 0, 0);
    for cell in rows.iter().flatten() {
        if let Some(Written::Short(date)) = written(cell.as_bytes()) {
            match (date.day_first(), date.month_first()) {
                (Some(_), None) => day += 1,
                (None, Some(_)) => month += 1,
                (Some(_), Some(_)) => short += 1,
                (None, None) => {}
            }
        }
    }
    match (day, month, short) {
        (0, 0, 0) => DateOrder::Iso,
        (day, month, _) if day > month => DateOrder::DayFirst,
        (day, month, _) if month > day => DateOrder::MonthFirst,
        _ => usual_order(decimal, rows.first().map_or(&[], Vec::as_slice)).0,
    }
}

/// The order to take where no date decides, and whether there was a reason.
pub(crate) fn usual_order(decimal: Decimal, header: &[String]) -> (DateOrder, bool) {
    (DateOrder::DayFirst, decimal == Decimal::Comma || header.iter().any(|name| portuguese(name)))
}

fn portuguese(name: &str) -> bool {
    const WORDS: [&str; 28] = [
        "data",
        "nome",
        "valor",
        "codigo",
        "código",
        "cidade",
        "estado",
        "uf",
        "cpf",
        "cnpj",
        "preco",
        "preço",
        "descricao",
        "cliente",
        "endereco",
        "idade",
        "nota",
        "comentario",
        "situacao",
        "mes",
        "ano",
        "categoria",
        "pedido",
        "produto",
        "titulo",
        "texto",
        "dia",
        "telefone",
    ];
    let name = name.to_lowercase();
    name.contains(['ç', 'ã', 'õ'])
        || name.split(|sign: char| !sign.is_alphanumeric()).any(|word| WORDS.contains(&word))
}

/// What a cell looks like, to tell a name from a value.
#[derive(PartialEq, Clone, Copy)]
enum Look {
    Nothing,
    Number,
    Date,
    Truth,
    Words,
}

fn look(cell: &str, decimal: Decimal) -> Look {
    let bytes = cell.as_bytes();
    if is_missing(bytes) {
        Look::Nothing
    } else if number_of(bytes, decimal).is_some() || bytes.iter().all(u8::is_ascii_digit) {
        Look::Number
    } else if written(bytes).is_some() {
        Look::Date
    } else if is_boolean(bytes) {
        Look::Truth
    } else {
        Look::Words
    }
}

/// Whether the first record names the columns. A value in it speaks against (a number, a date);
/// columns of values under a word, and words that do not come again below, speak for it. A file
/// of words alone has a header unless its first row looks just like the others.
fn has_header(rows: &[Vec<String>], decimal: Decimal) -> bool {
    let Some((first, body)) = rows.split_first() else { return false };
    let looks: Vec<Look> = first.iter().map(|cell| look(cell, decimal)).collect();
    let values = looks.iter().filter(|look| !matches!(look, Look::Words | Look::Nothing)).count();
    if body.is_empty() {
        return values == 0 && looks.contains(&Look::Words);
    }
    let (mut supporting, mut opposing) = (0usize, 0usize);
    for (index, cell) in first.iter().enumerate() {
        let below: Vec<&str> = body
            .iter()
            .filter_map(|row| row.get(index).map(String::as_str))
            .filter(|cell| look(cell, decimal) != Look::Nothing)
            .collect();
        let words = below.iter().filter(|cell| look(cell, decimal) == Look::Words).count();
        let valued = !below.is_empty() && words * 5 <= below.len();
        match looks[index] {
            Look::Words if valued => supporting += 3,
            Look::Words if below.contains(&cell.as_str()) => opposing += 3,
            Look::Words if is_identifier(cell) => {
                let alike = below.iter().filter(|cell| is_identifier(cell)).count();
                supporting += if alike * 5 >= below.len() * 4 { 1 } else { 3 };
            }
            Look::Words if is_sentence(cell) => opposing += 2,
            Look::Words if !below.is_empty() && same_shape(cell, &below) => opposing += 1,
            Look::Words => supporting += 1,
            Look::Number | Look::Date if valued => opposing += 4,
            Look::Number | Look::Date | Look::Truth => opposing += 1,
            Look::Nothing => {}
        }
    }
    supporting >= opposing && looks.contains(&Look::Words)
}

/// `nome_da_coluna`, as programs name columns.
fn is_identifier(cell: &str) -> bool {
    cell.starts_with(|first: char| first.is_ascii_lowercase())
        && cell.chars().all(|sign| {
            sign.is_ascii_lowercase() || sign.is_ascii_digit() || matches!(sign, '_' | '.' | '-')
        })
}

fn is_sentence(cell: &str) -> bool {
    cell.chars().count() > 60 || cell.ends_with(['.', '!', '?']) || cell.split(' ').count() > 6
}

/// Whether nearly all cells below are written like `cell`: its letters' case and its words.
fn same_shape(cell: &str, below: &[&str]) -> bool {
    let shape = |cell: &str| {
        let first = cell.chars().next().is_some_and(char::is_uppercase);
        let rest = cell.chars().skip(1).any(char::is_lowercase);
        (first, rest, cell.split(' ').count())
    };
    let own = shape(cell);
    let alike = below.iter().filter(|other| shape(other) == own).count();
    alike * 5 >= below.len() * 4
}
