//! From when on "there is no answer" is best believed: `find_best_thresh` of SQuAD 2.0's official script.

/// What is known of a question once it was asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighed {
    /// By how much "no answer" is the likelier than the best answer.
    pub margin: f64,
    /// What the best answer would score, were it given.
    pub score: f64,
    /// Whether an answer was found at all.
    pub is_found: bool,
    /// Whether the text answers.
    pub is_answered: bool,
}

/// The threshold above which a margin should count as "no answer", and the mean score in percent that it
/// gives; 0 where nothing is better than to answer never. None of nothing.
#[must_use]
pub fn best_threshold(all: &[Weighed]) -> Option<(f64, f64)> {
    let mut score = all.iter().filter(|one| !one.is_answered).count() as f64;
    let (mut best, mut threshold) = (score, 0.0);
    let mut order: Vec<&Weighed> = all.iter().collect();
    // Stable, as Python's: of equal margins the file's order.
    order.sort_by(|one, other| one.margin.total_cmp(&other.margin));
    for one in order {
        score += match (one.is_answered, one.is_found) {
            (true, _) => one.score,
            (false, true) => -1.0,
            (false, false) => 0.0,
        };
        if score > best {
            (best, threshold) = (score, one.margin);
        }
    }
    (!all.is_empty()).then(|| (threshold, 100.0 * best / all.len() as f64))
}
