//! Questions about texts with the answers that stand in them, as SQuAD has them (Rajpurkar et al. 2016,
//! <https://arxiv.org/abs/1606.05250>; 2018, <https://arxiv.org/abs/1806.03822>): read from its own JSON or
//! from JSON Lines, each answer held to its place, predictions scored as the official scripts do.

mod normalize;
mod place;
mod read;
mod score;
mod threshold;

use std::sync::Arc;

pub use normalize::normalize;
pub use place::{Placed, place};
pub use read::{SquadError, read};
pub use score::{Edition, Score, Tally, Totals, score};
pub use threshold::{Weighed, best_threshold};

/// A question about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What it is known by; the place of a question without any, from 1.
    pub id: String,
    /// What is asked.
    pub question: String,
    /// The text, shared by all of its questions.
    pub context: Arc<str>,
    /// The right answers, each standing at its place; none where the text does not answer.
    pub answers: Vec<Answer>,
}

/// A right answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// As it stands in the context.
    pub text: String,
    /// Its first character in the context, from 0.
    pub start: usize,
}

/// Questions, and what was wrong with answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dataset {
    /// Those that can be scored and learnt from, in the file's order.
    pub questions: Vec<Question>,
    /// Answers that did not stand where the file says.
    pub issues: Vec<AnswerIssue>,
}

/// An answer that does not stand where the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerIssue {
    /// The question's id.
    pub id: String,
    /// The answer.
    pub text: String,
    /// Where the file says it begins.
    pub start: i64,
    /// Where it stands nearest to that; none where the context does not hold it, and it is left out.
    pub found: Option<usize>,
    /// Whether its question has no other answer and is left out too.
    pub is_question_lost: bool,
}
