//! Finding text without minding case or accents, at the speed of a scan over bytes.

use arrow_array::{Array, LargeStringArray};
use rayon::prelude::*;
use regex::bytes::Regex;

use super::{Bits, Table};

/// Letters that are looked for as a pattern; of a longer text these find the cells to look into.
const PATTERN: usize = 200;

/// A text to look for, ready to be found in any case and with any accents.
#[derive(Debug, Clone)]
pub struct Folded {
    pattern: Regex,
    /// The whole text, folded, where the pattern is only its beginning.
    whole: Option<String>,
}

/// Letters that a Portuguese, Spanish, French or German reader takes for one with accents.
const VARIANTS: &[(char, &str)] = &[
    ('a', "aàáâãäå"),
    ('c', "cç"),
    ('e', "eèéêë"),
    ('i', "iìíîï"),
    ('n', "nñ"),
    ('o', "oòóôõöø"),
    ('u', "uùúûü"),
    ('y', "yýÿ"),
];

/// A text in lower case without accents, as search and order compare it.
#[must_use]
pub fn fold(text: &str) -> String {
    letters(text).collect()
}

/// The letters of a text in lower case without accents, be they part of a letter or marks of their
/// own, as macOS writes them.
pub(super) fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars()
        .flat_map(char::to_lowercase)
        .filter(|letter| !('\u{300}'..='\u{36F}').contains(letter))
        .map(base_letter)
}

fn base_letter(letter: char) -> char {
    if letter.is_ascii() {
        return letter;
    }
    VARIANTS
        .iter()
        .find(|(_, variants)| variants.contains(letter))
        .map_or(letter, |&(base, _)| base)
}

impl Folded {
    /// Prepares `text`; `None` when there is nothing to look for.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let mut pattern = String::from("(?i)");
        let mut before = None;
        let text = fold(text.trim());
        for letter in text.chars().take(PATTERN) {
            // Between letters only: a mark behind the last one is not looked for, and must not be
            // sought in the next cell.
            if before.is_some_and(char::is_alphabetic) {
                pattern.push_str("[\u{300}-\u{36F}]*");
            }
            before = Some(letter);
            match VARIANTS.iter().find(|&&(base, _)| base == letter) {
                Some((_, variants)) => {
                    pattern.push('[');
                    pattern.push_str(variants);
                    pattern.push(']');
                }
                None => pattern.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4]))),
            }
        }
        before?;
        let pattern = Regex::new(&pattern).ok()?;
        let is_longer = text.chars().nth(PATTERN).is_some();
        Some(Self { pattern, whole: is_longer.then_some(text) })
    }

    /// Whether `text` holds it.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        self.pattern.is_match(text.as_bytes()) && self.whole_is_in(text)
    }

    fn whole_is_in(&self, cell: &str) -> bool {
        self.whole.as_ref().is_none_or(|whole| fold(cell).contains(whole))
    }

    /// Rows of `columns` that hold it in any of them.
    #[must_use]
    pub fn rows(&self, table: &Table, columns: &[usize]) -> Bits {
        let parts: Vec<(usize, &LargeStringArray)> =
            columns.iter().flat_map(|&column| table.batches(column)).collect();
        parts
            .par_iter()
            .fold(
                || Bits::none(table.rows()),
                |mut found, &(start, text)| {
                    self.scan(text, |at| found.insert(start + at));
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
    fn scan(&self, text: &LargeStringArray, mut found: impl FnMut(usize)) {
        let offsets = text.value_offsets();
        let bytes = text.value_data();
        let mut from = offsets[0] as usize;
        let end = offsets[text.len()] as usize;
        while let Some(hit) = self.pattern.find_at(&bytes[..end], from) {
            let row = offsets.partition_point(|&offset| offset as usize <= hit.start()) - 1;
            let cell_end = offsets[row + 1] as usize;
            if hit.end() <= cell_end {
                if self.whole_is_in(text.value(row)) {
                    found(row);
                }
                from = cell_end;
            } else {
                // It began in one cell and ended in another: no hit, but one may begin right after.
                from = hit.start() + 1;
            }
            if from >= end {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ColumnSpec, TableWriter};
    use super::*;

    #[test]
    fn case_and_accents_do_not_count() {
        let query = Folded::new(" nao É ").unwrap();
        assert!(query.is_in("Isso NÃO e bom"));
        assert!(!query.is_in("nada"));
        assert!(Folded::new("  ").is_none());
        assert!(Folded::new("a.b").unwrap().is_in("A.B"));
        assert!(!Folded::new("a.b").unwrap().is_in("axb"));
    }

    #[test]
    fn accents_written_as_marks_of_their_own_do_not_count() {
        let apart = "opc\u{327}a\u{303}o";
        for query in ["opcao", "opção", apart] {
            let query = Folded::new(query).unwrap();
            assert!(query.is_in(apart) && query.is_in("opção") && query.is_in("OPCAO"));
        }
        assert!(Folded::new("e").unwrap().is_in("e\u{301}"));
        assert!(Folded::new("\u{301}").is_none());
        assert_eq!(fold(apart), fold("Opção"));
    }

    #[test]
    fn a_text_longer_than_a_page_is_sought_whole() {
        let text = "não chegou ".repeat(3000);
        let query = Folded::new(&text).unwrap();
        assert!(query.is_in(&format!("x {} y", text.to_uppercase())));
        assert!(!query.is_in("chegou"));
        assert!(!query.is_in(&text[..text.len() - 20]));
    }

    #[test]
    fn a_hit_across_two_cells_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.arrow");
        let columns = vec![ColumnSpec { name: "a".into(), parse: None }];
        let mut writer = TableWriter::create(&path, columns).unwrap();
        for cell in ["pra", "zo", "prazo", "", "aprazo", "pr", "prazo"] {
            writer.push([Some(cell)]).unwrap();
        }
        writer.finish().unwrap();
        let table = Table::open(&path).unwrap();
        let rows = Folded::new("prazo").unwrap().rows(&table, &[0]);
        assert_eq!(rows.iter().collect::<Vec<_>>(), [2, 4, 6]);
    }
}
