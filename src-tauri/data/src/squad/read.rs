//! Both forms that such files have: one JSON of `data`, `paragraphs` and `qas`, or a question a line.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::{Answer, AnswerIssue, Dataset, Placed, Question, place};

/// A file that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct SquadError {
    /// From 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

#[derive(Deserialize)]
struct Whole {
    data: Vec<Article>,
}

#[derive(Deserialize)]
struct Article {
    paragraphs: Vec<Paragraph>,
}

#[derive(Deserialize)]
struct Paragraph {
    context: String,
    qas: Vec<Asked>,
}

#[derive(Deserialize)]
struct Line {
    context: String,
    #[serde(flatten)]
    asked: Asked,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    id: Value,
    question: String,
    answers: Said,
    #[serde(default)]
    is_impossible: bool,
}

/// Answers, each with its place, or texts beside places.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "answers are {text: […], answer_start: […]} or a list of {text, start}"
)]
enum Said {
    Each(Vec<One>),
    Columns { text: Vec<String>, answer_start: Vec<i64> },
}

#[derive(Deserialize)]
struct One {
    text: String,
    #[serde(alias = "answer_start")]
    start: i64,
}

impl Said {
    fn pairs(self) -> Option<Vec<(String, i64)>> {
        match self {
            Self::Each(all) => Some(all.into_iter().map(|one| (one.text, one.start)).collect()),
            Self::Columns { text, answer_start } => (text.len() == answer_start.len())
                .then(|| text.into_iter().zip(answer_start).collect()),
        }
    }
}

/// Reads a file's text: SQuAD's JSON (`{"data": [{"paragraphs": [{"context", "qas"}]}]}`), or JSON Lines of
/// `{id, question, context, answers}`. Answers without any text are no answers.
///
/// # Errors
/// [`SquadError`] with the line.
pub fn read(text: &str) -> Result<Dataset, SquadError> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut dataset = Dataset::default();
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    // A line that is JSON of itself and no whole file is one of many.
    let is_lines = serde_json::from_str::<Value>(first)
        .is_ok_and(|value| value.is_object() && value.get("data").is_none());
    if is_lines {
        for (line, number) in text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()) {
            let read: Line = serde_json::from_str(line)
                .map_err(|error| SquadError { line: number, reason: error.to_string() })?;
            dataset.take(read.asked, read.context.into(), number)?;
        }
    } else {
        let whole: Whole = serde_json::from_str(text)
            .map_err(|error| SquadError { line: error.line() as u64, reason: error.to_string() })?;
        for paragraph in whole.data.into_iter().flat_map(|article| article.paragraphs) {
            let context: Arc<str> = paragraph.context.into();
            for asked in paragraph.qas {
                dataset.take(asked, Arc::clone(&context), 1)?;
            }
        }
    }
    Ok(dataset)
}

impl Dataset {
    fn take(&mut self, asked: Asked, context: Arc<str>, line: u64) -> Result<(), SquadError> {
        let id = match asked.id {
            Value::String(id) => id,
            Value::Null => (self.questions.len() + 1).to_string(),
            other => other.to_string(),
        };
        let mut said = asked.answers.pairs().ok_or_else(|| SquadError {
            line,
            reason: format!("{id}: `text` and `answer_start` are not of one length"),
        })?;
        said.retain(|(text, _)| !text.trim().is_empty());
        if asked.is_impossible {
            said.clear();
        }
        let (mut answers, before) = (Vec::new(), self.issues.len());
        let is_answered = !said.is_empty();
        for (text, start) in said {
            let found = match place(&context, &text, start) {
                Placed::There => {
                    answers.push(Answer { text, start: start.unsigned_abs() as usize });
                    continue;
                }
                Placed::Elsewhere(found) => Some(found),
                Placed::Nowhere => None,
            };
            let issue = AnswerIssue { id: id.clone(), text, start, found, is_question_lost: false };
            answers.extend(found.map(|start| Answer { text: issue.text.clone(), start }));
            self.issues.push(issue);
        }
        // Without its answers it would pass for one that its text does not answer.
        if is_answered && answers.is_empty() {
            self.issues[before..].iter_mut().for_each(|issue| issue.is_question_lost = true);
        } else {
            self.questions.push(Question { id, question: asked.question, context, answers });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_the_same_questions() {
        let squad = r#"{"version": "v2.0", "data": [{"title": "T", "paragraphs": [{"context": "É o João.",
            "qas": [{"id": "a", "question": "Quem?", "answers": [{"text": "João", "answer_start": 4}]},
            {"id": "b", "question": "Onde?", "answers": [], "is_impossible": true}]}]}]}"#;
        let lines = "{\"id\": \"a\", \"question\": \"Quem?\", \"context\": \"É o João.\", \
            \"answers\": {\"text\": [\"João\"], \"answer_start\": [4]}, \"metadata\": {}}\n\n\
            {\"id\": \"b\", \"question\": \"Onde?\", \"context\": \"É o João.\", \"answers\": []}\n";
        let read_of = |text: &str| read(text).unwrap();
        assert_eq!(read_of(squad), read_of(lines));
        let listed = lines.replace(
            "{\"text\": [\"João\"], \"answer_start\": [4]}",
            "[{\"text\": \"João\", \"start\": 4}]",
        );
        assert_eq!(read_of(squad), read_of(&listed));
        assert_eq!(read_of(squad).questions[1].answers, []);
        assert_eq!(read_of(&squad.replace('\n', "")), read_of(squad));
    }

    #[test]
    fn an_answer_is_found_again_or_told_and_never_taken_for_none() {
        let line = |text: &str, start: i64| {
            let line = serde_json::json!({ "id": 7, "question": "?", "context": "um dois um três",
                "answers": { "text": [text], "answer_start": [start] } });
            read(&line.to_string()).unwrap()
        };
        let moved = line("um", 6);
        assert_eq!(moved.questions[0].answers, [Answer { text: "um".into(), start: 8 }]);
        assert_eq!((moved.issues[0].found, moved.issues[0].id.as_str()), (Some(8), "7"));
        let lost = line("quatro", 0);
        assert_eq!(lost.questions, []);
        assert!(lost.issues[0].is_question_lost && lost.issues[0].found.is_none());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let error =
            read("{\"question\": \"?\", \"context\": \"x\", \"answers\": []}\n{\"question\": 3}");
        assert_eq!(error.unwrap_err().line, 2);
        let uneven = r#"{"question":"?","context":"x","answers":{"text":["x"],"answer_start":[]}}"#;
        assert!(read(uneven).unwrap_err().reason.contains("answer_start"));
        let missing = r#"{"question":"?","context":"x"}"#;
        assert!(read(missing).unwrap_err().reason.contains("answers"));
        assert!(read("").is_err());
    }
}
