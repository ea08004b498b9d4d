//! Exact match and F1, as the official scripts of SQuAD 1.1 and 2.0 give them
//! (<https://rajpurkar.github.io/SQuAD-explorer/>).

use std::collections::HashMap;

use super::normalize::{normalize, words};

/// Whose rules count. They differ in answers of which nothing is left once they are normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// Every question has an answer; two answers without words have nothing in common, F1 0.
    V1,
    /// A question may have none; two answers without words are the same, F1 1.
    V2,
}

/// How right a prediction is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Score {
    /// 1 where it is an answer, 0 where not.
    pub exact: f64,
    /// The harmonic mean of precision and recall over words.
    pub f1: f64,
}

/// Compares a prediction, empty for "there is none", with the right answers; each figure is that of the
/// answer that suits it best.
pub fn score<'a>(
    edition: Edition,
    prediction: &str,
    answers: impl IntoIterator<Item = &'a str>,
) -> Score {
    let mut answers: Vec<String> = answers.into_iter().map(normalize).collect();
    if edition == Edition::V2 {
        answers.retain(|answer| !answer.is_empty());
        if answers.is_empty() {
            answers.push(String::new());
        }
    }
    let prediction = normalize(prediction);
    answers.iter().fold(Score::default(), |best, answer| Score {
        exact: best.exact.max(f64::from(u8::from(prediction == *answer))),
        f1: best.f1.max(f1(edition, &prediction, answer)),
    })
}

fn f1(edition: Edition, prediction: &str, answer: &str) -> f64 {
    let mut left: HashMap<&str, usize> = HashMap::new();
    let (mut predicted, mut right, mut same) = (0, 0, 0);
    for word in words(answer) {
        *left.entry(word).or_default() += 1;
        right += 1;
    }
    for word in words(prediction) {
        predicted += 1;
        if let Some(count) = left.get_mut(word).filter(|count| **count > 0) {
            *count -= 1;
            same += 1;
        }
    }
    if edition == Edition::V2 && (predicted == 0 || right == 0) {
        return f64::from(u8::from(predicted == right));
    }
    if same == 0 {
        return 0.0;
    }
    let (precision, recall) =
        (f64::from(same) / f64::from(predicted), f64::from(same) / f64::from(right));
    (2.0 * precision * recall) / (precision + recall)
}

/// Adds up scores.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tally {
    sum: Score,
    count: u64,
}

/// Means over questions, in percent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Totals {
    /// Share of exact matches.
    pub exact: f64,
    /// Mean F1.
    pub f1: f64,
    /// Questions.
    pub count: u64,
}

impl Tally {
    /// Adds a question's score.
    pub fn add(&mut self, score: Score) {
        self.sum.exact += score.exact;
        self.sum.f1 += score.f1;
        self.count += 1;
    }

    /// The means; none of nothing.
    #[must_use]
    pub fn totals(&self) -> Option<Totals> {
        let mean = |sum: f64| 100.0 * sum / self.count as f64;
        (self.count > 0).then(|| Totals {
            exact: mean(self.sum.exact),
            f1: mean(self.sum.f1),
            count: self.count,
        })
    }
}
