//! Finding text without minding case or accents, at the speed of a scan over bytes.

use std::ops::Range;

use arrow_array::{Array, LargeStringArray};
use rayon::prelude::*;

use super::fold::{folded, letters};
use super::trigram::Trigram;
use super::{Bits, Table};

/// Bytes of a column by which the rarest letters of a text are told.
const SAMPLE: usize = 8 << 10;

/// A text to look for, ready to be found in any case and with any accents.
#[derive(Debug, Clone)]
pub struct Folded {
    letters: Vec<char>,
}

impl Folded {
    /// Prepares `text`; `None` when there is nothing to look for.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let letters: Vec<_> = letters(text.trim()).collect();
        (!letters.is_empty()).then_some(Self { letters })
    }

    /// Rows of `columns` that hold it in any of them: those where `fold(cell)` contains `fold(text)`.
    #[must_use]
    pub fn rows(&self, table: &Table, columns: &[usize]) -> Bits {
        let columns: Vec<Vec<_>> =
            columns.iter().map(|&column| table.batches(column).collect()).collect();
        let batches = columns.first().map_or(0, Vec::len);
        (0..batches)
            .into_par_iter()
            .fold(
                || Bits::none(table.rows()),
                |mut found, batch| {
                    // What one column holds is not sought in the next.
                    for (start, text) in columns.iter().map(|column| column[batch]) {
                        self.scan(start, text, &mut found);
                    }
                    found
                },
            )
            .reduce(
                || Bits::none(table.rows()),
                |mut left, right| {
                    left.unite(&right);
                    left
                },
            )
    }

    /// One pass over the bytes of many cells at once: most cells are skipped without being looked
    /// at one by one, which is what makes a search of a million rows quick.
    fn scan(&self, start: usize, text: &LargeStringArray, found: &mut Bits) {
        let offsets = text.value_offsets();
        let (from, end) = (offsets[0] as usize, offsets[text.len()] as usize);
        let bytes = &text.value_data()[..end];
        let sample = &bytes[from..end.min(from + SAMPLE)];
        let Some(rarest) = Trigram::rarest(&self.letters, sample) else { return };
        let mut row = 0;
        rarest.each(bytes, from, |at| {
            let Some(hit) = self.hit(bytes, rarest.place, at) else { return at + 1 };
            row = row_of(offsets, row, at);
            // It may begin in one cell and end in another.
            if hit.start < offsets[row] as usize || hit.end > offsets[row + 1] as usize {
                return at + 1;
            }
            found.insert(start + row);
            let next = (row + 1..text.len()).find(|next| !found.contains(start + next));
            next.map_or(end, |next| offsets[next] as usize)
        });
    }

    /// Where the whole text stands, if its letter `place` ends with the byte `last`.
    fn hit(&self, bytes: &[u8], place: usize, last: usize) -> Option<Range<usize>> {
        let (before, after) = self.letters.split_at(place + 1);
        let mut start = last + 1;
        for &wanted in before.iter().rev() {
            start = next_is(wanted, start, |at| letter_before(bytes, at))?;
        }
        let mut end = last + 1;
        for &wanted in after {
            end = next_is(wanted, end, |at| letter_after(bytes, at))?;
        }
        Some(start..end)
    }
}

/// Where a letter that is the `wanted` one leads to; accents that are marks of their own are passed.
fn next_is(
    wanted: char,
    mut at: usize,
    read: impl Fn(usize) -> Option<(char, usize)>,
) -> Option<usize> {
    loop {
        let (letter, to) = read(at)?;
        at = to;
        match folded(letter) {
            Some(letter) => return (letter == wanted).then_some(at),
            None => continue,
        }
    }
}

/// The letter that begins at `at`, and where it ends.
fn letter_after(bytes: &[u8], at: usize) -> Option<(char, usize)> {
    let first = *bytes.get(at)?;
    if first.is_ascii() {
        return Some((first.into(), at + 1));
    }
    let end = at + first.leading_ones() as usize;
    letter_in(bytes.get(at..end)?).map(|letter| (letter, end))
}

/// The letter that ends before `at`, and where it begins.
fn letter_before(bytes: &[u8], at: usize) -> Option<(char, usize)> {
    let last = *bytes.get(at.checked_sub(1)?)?;
    if last.is_ascii() {
        return Some((last.into(), at - 1));
    }
    let continues = |byte: &&u8| **byte & 0xC0 == 0x80;
    let more = bytes[..at].iter().rev().take_while(continues).take(3).count();
    let start = (at - 1).checked_sub(more)?;
    letter_in(&bytes[start..at]).map(|letter| (letter, start))
}

fn letter_in(bytes: &[u8]) -> Option<char> {
    std::str::from_utf8(bytes).ok()?.chars().next()
}

/// The row whose cell holds the byte `at`, at or after the row `from`.
fn row_of(offsets: &[i64], from: usize, at: usize) -> usize {
    // Mostly a near one: the stride doubles until it is passed.
    let ahead = &offsets[from + 1..];
    let mut stride = 1;
    while ahead.get(stride).is_some_and(|&offset| offset as usize <= at) {
        stride *= 2;
    }
    let near = &ahead[..ahead.len().min(stride + 1)];
    from + near.partition_point(|&offset| offset as usize <= at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fold;
    use super::super::tests::one_column;
    use super::*;

    fn rows(cells: &[&str], text: &str) -> Vec<u32> {
        let (_folder, table) = one_column(cells.iter().copied().map(Some), None);
        Folded::new(text).map_or_else(Vec::new, |text| text.rows(&table, &[0]).iter().collect())
    }

    #[test]
    fn case_and_accents_do_not_count() {
        let cells = ["Isso NÃO e bom", "nada", "A.B", "axb", "10 \u{212A}m", "İstambul"];
        assert_eq!(rows(&cells, " nao É "), [0]);
        assert_eq!(rows(&cells, "a.b"), [2]);
        assert_eq!(rows(&cells, "KM"), [4]);
        assert_eq!(rows(&cells, "istambul"), [5]);
        assert!(Folded::new("  ").is_none() && Folded::new("\u{301}").is_none());
    }

    #[test]
    fn accents_written_as_marks_of_their_own_do_not_count() {
        let apart = "opc\u{327}a\u{303}o";
        for query in ["opcao", "opção", apart, "ão"] {
            assert_eq!(rows(&[apart, "opção", "OPCAO", "opera"], query), [0, 1, 2]);
        }
        assert_eq!(rows(&["e\u{301}", "\u{301}", "f"], "e"), [0]);
    }

    #[test]
    fn a_text_longer_than_a_page_is_sought_whole() {
        let text = "não chegou ".repeat(3000);
        let cells = [format!("x {} y", text.to_uppercase()), text[..text.len() - 20].to_owned()];
        assert_eq!(rows(&cells.each_ref().map(String::as_str), &text), [0]);
    }

    #[test]
    fn a_hit_across_two_cells_is_none() {
        let cells = ["pra", "zo", "prazo", "", "aprazo", "pr", "prazo"];
        assert_eq!(rows(&cells, "prazo"), [2, 4, 6]);
        assert_eq!(rows(&cells, "o"), [1, 2, 4, 6]);
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_the_folded_cell_contains(
            cells in prop::collection::vec("[aAáÃbBçn0 .λ\u{301}\u{303}Kİß語]{0,90}", 1..20),
            text in "[aAáÃbBçn0 .λ\u{301}\u{303}Kİß語]{1,4}",
        ) {
            let cells: Vec<_> = cells.iter().map(String::as_str).collect();
            let wanted = fold(text.trim());
            let expected: Vec<_> = (0_u32..)
                .zip(&cells)
                .filter(|(_, cell)| !wanted.is_empty() && fold(cell).contains(&wanted))
                .map(|(row, _)| row)
                .collect();
            prop_assert_eq!(rows(&cells, &text), expected);
        }
    }
}
