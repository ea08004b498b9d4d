//! What people judged of a document's answers, as parts of it with the answers that stand in them.

use std::ops::Range;

use super::{Answers, window};

/// A part of a document, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// The part, in bytes of the document.
    pub context: Range<usize>,
    /// Every right answer in it, by place; none of a document that has no answer.
    pub answers: Answers,
}

/// The parts of `text`, `radius` characters on either side, around each of its right answers (bytes); where
/// there is none, around the places of which somebody said that they answer nothing, and that nothing does.
/// What stands in a part before it has no other of its own.
#[must_use]
pub fn labelled(
    text: &str,
    right: &[Range<usize>],
    absent: &[Range<usize>],
    radius: usize,
) -> Vec<Labelled> {
    let mut right = right.to_vec();
    right.sort_by_key(|at| (at.start, at.end));
    right.dedup();
    // An answer that stands there is the stronger word.
    let mut around = if right.is_empty() { absent.to_vec() } else { right.clone() };
    around.sort_by_key(|at| (at.start, at.end));
    let mut parts: Vec<Labelled> = Vec::new();
    for at in around {
        if parts.last().is_some_and(|last| at.end <= last.context.end) {
            continue;
        }
        let context = window(text, at, radius);
        let mut answers = Answers::default();
        let within = |at: &&Range<usize>| context.start <= at.start && at.end <= context.end;
        for at in right.iter().filter(within) {
            answers.text.push(text[at.clone()].to_owned());
            answers.answer_start.push(text[context.start..at.start].chars().count());
        }
        parts.push(Labelled { context, answers });
    }
    parts
}

/// A span of characters as bytes of `text`; none where the text ends before it.
#[must_use]
pub fn span(text: &str, chars: Range<usize>) -> Option<Range<usize>> {
    let length = chars.end.checked_sub(chars.start)?;
    let byte = |text: &str, chars: usize| {
        text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(chars)
    };
    let start = byte(text, chars.start)?;
    Some(start..start + byte(&text[start..], length)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Não é São João, nem São José; é São Pedro de Alcântara.";

    fn at(word: &str) -> Range<usize> {
        let start = TEXT.find(word).unwrap();
        start..start + word.len()
    }

    fn told(parts: &[Labelled]) -> Vec<(&str, Vec<&str>, Vec<usize>)> {
        let one = |part: &Labelled| {
            let text = TEXT[part.context.clone()].chars().collect::<Vec<_>>();
            for (answer, start) in part.answers.text.iter().zip(&part.answers.answer_start) {
                let stands: String = text[*start..].iter().take(answer.chars().count()).collect();
                assert_eq!(&stands, answer);
            }
        };
        parts.iter().for_each(one);
        let of = |part: &Labelled| {
            let answers = &part.answers;
            let texts = answers.text.iter().map(|text| &TEXT[at(text)]).collect();
            (&TEXT[part.context.clone()], texts, answers.answer_start.clone())
        };
        parts.iter().map(of).collect()
    }

    #[test]
    fn answers_that_stand_together_are_one_example_and_others_have_their_own() {
        let right = [at("Pedro"), at("João"), at("José"), at("João")];
        let wide = labelled(TEXT, &right, &[], 900);
        assert_eq!(told(&wide), [(TEXT, vec!["João", "José", "Pedro"], vec![10, 24, 36])]);
        let narrow = labelled(TEXT, &right, &[], 5);
        assert_eq!(
            told(&narrow),
            [
                ("São João, nem", vec!["João"], vec![4]),
                ("São José; é", vec!["José"], vec![4]),
                ("São Pedro de", vec!["Pedro"], vec![4]),
            ]
        );
    }

    #[test]
    fn a_document_without_an_answer_is_told_by_what_looked_like_one() {
        let absent = [at("José"), at("Pedro")];
        let none = labelled(TEXT, &[], &absent, 4);
        assert_eq!(
            told(&none),
            [("São José; é", vec![], vec![]), ("São Pedro de", vec![], vec![])]
        );
        assert_eq!(told(&labelled(TEXT, &[], &absent, 20)).len(), 1);
        // Said of one place, while another was found to answer.
        assert_eq!(told(&labelled(TEXT, &[at("João")], &absent, 5)).len(), 1);
        assert_eq!(labelled(TEXT, &[], &[], 5), []);
    }

    #[test]
    fn spans_are_counted_in_characters_and_end_with_the_text() {
        assert_eq!(span(TEXT, 10..14), Some(at("João")));
        let chars = TEXT.chars().count();
        assert_eq!(span(TEXT, 0..chars), Some(0..TEXT.len()));
        assert_eq!(span(TEXT, chars..chars), Some(TEXT.len()..TEXT.len()));
        for wrong in [3..chars + 1, chars + 1..chars + 1, Range { start: 4, end: 3 }] {
            assert_eq!(span(TEXT, wrong), None);
        }
    }
}
