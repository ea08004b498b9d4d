//! Sentences of words with labels, a word a line and an empty line between sentences, as the shared tasks of
//! CoNLL have them (Tjong Kim Sang and De Meulder 2003, <https://aclanthology.org/W03-0419/>).

/// A sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Its words.
    pub words: Vec<String>,
    /// The label of each: `O`, or `B-` or `I-` and a type.
    pub labels: Vec<String>,
}

/// A line that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct ConllError {
    /// From 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// Reads sentences. Of a line's columns, apart by spaces or tabs, the first is the word and the last its
/// label; lines that begin with `-DOCSTART-` are left out.
///
/// # Errors
/// [`ConllError`] for a line of one column, and for a label that is none.
pub fn read(text: &str) -> Result<Vec<Sentence>, ConllError> {
    let mut sentences = Vec::new();
    let (mut words, mut labels) = (Vec::new(), Vec::new());
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // The line that ends the last sentence may not be there.
    for (line, said) in (1..).zip(text.lines().chain([""])) {
        let mut columns = said.split_ascii_whitespace();
        let Some(word) = columns.next() else {
            if !words.is_empty() {
                let (words, labels) = (std::mem::take(&mut words), std::mem::take(&mut labels));
                sentences.push(Sentence { words, labels });
            }
            continue;
        };
        if word == "-DOCSTART-" {
            continue;
        }
        let failed = |reason: String| Err(ConllError { line, reason });
        let Some(label) = columns.next_back() else {
            return failed(format!("`{word}` has no label beside it"));
        };
        let is_label = label == "O"
            || ["B-", "I-"]
                .iter()
                .any(|part| label.strip_prefix(part).is_some_and(|kind| !kind.is_empty()));
        if !is_label {
            return failed(format!("`{label}` is neither O nor B- or I- and a type"));
        }
        words.push(word.to_owned());
        labels.push(label.to_owned());
    }
    Ok(sentences)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_apart_by_empty_lines() {
        let text =
            "-DOCSTART- -X- O\n\nAna\tNP\tB-PESSOA\r\nmora V O\n\n\nSão B-LOCAL\nPaulo I-LOCAL";
        let found = read(text).unwrap();
        let words: Vec<_> = found.iter().map(|one| one.words.join(" ")).collect();
        assert_eq!(words, ["Ana mora", "São Paulo"]);
        assert_eq!(found[0].labels, ["B-PESSOA", "O"]);
        assert_eq!(found[1].labels, ["B-LOCAL", "I-LOCAL"]);
        assert!(read("\n\n").unwrap().is_empty());
    }

    #[test]
    fn a_line_that_is_wrong_is_named() {
        assert_eq!(read("Ana O\nmora\n").unwrap_err().line, 2);
        let error = read("Ana O\n\nem PESSOA\n").unwrap_err();
        assert_eq!((error.line, error.reason.contains("PESSOA")), (3, true));
        assert!(read("Ana B-\n").is_err());
    }
}
