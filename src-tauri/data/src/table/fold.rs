//! Text as search and order compare it: in lower case, without accents.

/// A text in lower case without accents.
#[must_use]
pub fn fold(text: &str) -> String {
    letters(text).collect()
}

/// The letters of a text in lower case without accents, be they part of a letter or marks of their
/// own, as macOS writes them.
pub(super) fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter_map(folded)
}

/// A letter in lower case without its accent; `None` for an accent by itself.
pub(super) fn folded(letter: char) -> Option<char> {
    match letter {
        'À'..='Ö' | 'Ø'..='Þ' => char::from_u32(u32::from(letter) + 0x20).map(without_accent),
        'ß'..='ÿ' => Some(without_accent(letter)),
        _ if letter.is_ascii() => Some(letter.to_ascii_lowercase()),
        _ => letter.to_lowercase().find(|letter| !is_mark(*letter)).map(without_accent),
    }
}

/// The letter that a Portuguese, Spanish, French or German reader takes for one with its accent.
fn without_accent(letter: char) -> char {
    match letter {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' | 'ø' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        other => other,
    }
}

/// Whether letters beyond ASCII are folded to this one.
pub(super) fn has_variants(letter: char) -> bool {
    // The sign of kelvin is a K.
    matches!(letter, 'a' | 'c' | 'e' | 'i' | 'k' | 'n' | 'o' | 'u' | 'y') || !letter.is_ascii()
}

fn is_mark(letter: char) -> bool {
    ('\u{300}'..='\u{36F}').contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_is_folded_to_one_at_most() {
        for letter in (char::MIN..=char::MAX).filter(|letter| !letter.is_ascii()) {
            let lower: Vec<_> = letter.to_lowercase().filter(|letter| !is_mark(*letter)).collect();
            assert!(lower.len() <= 1, "{letter}");
            let folded = folded(letter);
            assert_eq!(folded, lower.first().copied().map(without_accent));
            assert!(folded.is_none_or(has_variants), "{letter}");
        }
    }

    #[test]
    fn accents_written_as_marks_of_their_own_do_not_count() {
        assert_eq!(fold("opc\u{327}a\u{303}o"), fold("Opção"));
        assert_eq!(fold("ÀÉÎÕÜÇÑ"), "aeioucn");
    }
}
