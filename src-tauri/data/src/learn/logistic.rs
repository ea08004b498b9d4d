//! Logistic regression, equal to scikit-learn's `LogisticRegression`.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Matrix;
use super::lbfgs::minimise;
use crate::progress::{Cancelled, Progress};

/// Rows, and columns, that one task takes.
const TASK: usize = 256;
/// No part of the gradient of the mean loss may be larger at the end.
const TOLERANCE: f64 = 1e-8;
const MOST_ITERATIONS: usize = 2_000;

/// What a person may choose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogisticParams {
    /// How little coefficients are held back: scikit-learn's `C`.
    pub c: f64,
    /// Rows of rare classes weigh more, so that all classes weigh the same: `class_weight="balanced"`.
    pub balanced: bool,
}

/// A fitted logistic regression. With two classes there is one score a row, for the second of them;
/// with more there is one for every class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Logistic {
    /// Classes, at least two.
    pub classes: usize,
    /// By column, in it by score.
    pub coefficients: Vec<f64>,
    /// By score.
    pub intercepts: Vec<f64>,
    /// Steps that the solver took.
    pub iterations: usize,
    /// Whether it came to rest.
    pub converged: bool,
}

/// The weight of a row of each class that makes all classes weigh the same:
/// `rows / (classes * rows of the class)`.
#[must_use]
pub fn balanced(labels: &[u32], classes: usize) -> Vec<f64> {
    let mut counts = vec![0_u32; classes];
    labels.iter().for_each(|&label| counts[label as usize] += 1);
    let share = labels.len() as f64 / classes as f64;
    counts.into_iter().map(|count| share / f64::from(count.max(1))).collect()
}

impl Logistic {
    /// Minimises the mean weighted log loss plus the squares of the coefficients over twice `C` and the
    /// rows' weight; the intercepts are free. `labels` has a class for every row. The result does not
    /// depend on the number of threads.
    ///
    /// # Errors
    /// [`Cancelled`] once the caller wants to stop.
    pub fn fit(
        rows: &Matrix,
        labels: &[u32],
        classes: usize,
        params: LogisticParams,
        progress: &dyn Progress,
    ) -> Result<Self, Cancelled> {
        let heads = if classes > 2 { classes } else { 1 };
        let weights = if params.balanced { balanced(labels, classes) } else { vec![1.0; classes] };
        let total: f64 = labels.iter().map(|&label| weights[label as usize]).sum();
        let columns = rows.turned();
        let width = rows.width();
        let mut wrong = vec![0.0; rows.rows() * heads];
        let mut losses = vec![0.0; rows.rows()];
        let objective = |point: &[f64], gradient: &mut [f64]| {
            progress.check()?;
            let (coefficients, intercepts) = point.split_at(width * heads);
            wrong
                .par_chunks_mut(TASK * heads)
                .zip(losses.par_chunks_mut(TASK))
                .enumerate()
                .for_each(|(task, (wrong, losses))| {
                    let places = wrong.chunks_exact_mut(heads).zip(losses);
                    for (row, (wrong, loss)) in (task * TASK..).zip(places) {
                        score(coefficients, intercepts, rows.row(row), wrong);
                        let label = labels[row] as usize;
                        *loss = weights[label] * lose(wrong, label);
                        wrong.iter_mut().for_each(|part| *part *= weights[label] / total);
                    }
                });
            // One after the other, so that the sum is the same on any number of threads.
            let loss = losses.iter().sum::<f64>() / total;
            let hold = 1.0 / (params.c * total);
            let (by_column, free) = gradient.split_at_mut(width * heads);
            by_column.par_chunks_mut(TASK * heads).enumerate().for_each(|(task, gradient)| {
                for (column, gradient) in (task * TASK..).zip(gradient.chunks_exact_mut(heads)) {
                    for (head, part) in gradient.iter_mut().enumerate() {
                        *part = hold * coefficients[column * heads + head];
                    }
                    for &(row, value) in columns.row(column) {
                        let wrong = &wrong[row as usize * heads..][..heads];
                        gradient.iter_mut().zip(wrong).for_each(|(to, part)| *to += value * part);
                    }
                }
            });
            free.fill(0.0);
            for wrong in wrong.chunks_exact(heads) {
                free.iter_mut().zip(wrong).for_each(|(to, part)| *to += part);
            }
            let squares: f64 = coefficients.iter().map(|part| part * part).sum();
            Ok(loss + 0.5 * hold * squares)
        };
        let start = vec![0.0; (width + 1) * heads];
        let found = minimise(start, TOLERANCE, MOST_ITERATIONS, objective)?;
        let mut coefficients = found.point;
        let intercepts = coefficients.split_off(width * heads);
        let (iterations, converged) = (found.iterations, found.converged);
        Ok(Self { classes, coefficients, intercepts, iterations, converged })
    }

    /// Scores of a row: the logarithm of the odds of the second of two classes, or one number a class.
    #[must_use]
    pub fn decision(&self, row: &[(u32, f64)]) -> Vec<f64> {
        let mut scores = vec![0.0; self.intercepts.len()];
        score(&self.coefficients, &self.intercepts, row, &mut scores);
        scores
    }

    /// The probability of every class.
    #[must_use]
    pub fn probabilities(&self, row: &[(u32, f64)]) -> Vec<f64> {
        let mut scores = self.decision(row);
        if let [score] = scores[..] {
            let second = sigmoid(score);
            return vec![1.0 - second, second];
        }
        soften(&mut scores);
        scores
    }

    /// Columns that it knows.
    #[must_use]
    pub fn width(&self) -> usize {
        self.coefficients.len() / self.intercepts.len().max(1)
    }
}

/// One over one plus `exp(-score)`, without overflow.
pub(super) fn sigmoid(score: f64) -> f64 {
    if score >= 0.0 { 1.0 / (1.0 + (-score).exp()) } else { score.exp() / (1.0 + score.exp()) }
}

fn score(coefficients: &[f64], intercepts: &[f64], row: &[(u32, f64)], scores: &mut [f64]) {
    let heads = intercepts.len();
    scores.copy_from_slice(intercepts);
    for &(column, value) in row {
        let weights = &coefficients[column as usize * heads..][..heads];
        scores.iter_mut().zip(weights).for_each(|(to, weight)| *to += value * weight);
    }
}

/// Scores into probabilities; answers the logarithm of the sum of their exponentials.
fn soften(scores: &mut [f64]) -> f64 {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    scores.iter_mut().for_each(|score| *score = (*score - most).exp());
    let sum: f64 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= sum);
    most + sum.ln()
}

/// The log loss of a row; its scores become what they should be changed by, against the gradient.
fn lose(scores: &mut [f64], label: usize) -> f64 {
    if let [score] = scores {
        let (given, second) = (*score, label as f64);
        *score = sigmoid(given) - second;
        return given.max(0.0) - given * second + (-given.abs()).exp().ln_1p();
    }
    let given = scores[label];
    let all = soften(scores);
    scores[label] -= 1.0;
    all - given
}
