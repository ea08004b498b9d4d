//! How good classes are that were found, against those that are right; equal to scikit-learn's
//! `classification_report` and `confusion_matrix`.

use serde::{Deserialize, Serialize};

/// How well one class is found. A figure without anything to divide by is 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClassFigures {
    /// Of the rows put into the class, the share that belongs there.
    pub precision: f64,
    /// Of the rows that belong to the class, the share that was put there.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
    /// Rows that belong to it.
    pub support: u64,
}

/// How well all classes are found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The share of rows in their right class.
    pub accuracy: f64,
    /// The mean of the classes' F1.
    pub macro_f1: f64,
    /// By class.
    pub classes: Vec<ClassFigures>,
    /// By right class, in it by the class that was found: rows.
    pub confusion: Vec<Vec<u64>>,
}

/// Compares what was found with what is right, row by row.
#[must_use]
pub fn report(right: &[u32], found: &[u32], classes: usize) -> Report {
    let mut confusion = vec![vec![0_u64; classes]; classes];
    for (&right, &found) in right.iter().zip(found) {
        confusion[right as usize][found as usize] += 1;
    }
    let over = |part: u64, all: u64| if all == 0 { 0.0 } else { part as f64 / all as f64 };
    let figures: Vec<ClassFigures> = (0..classes)
        .map(|class| {
            let hits = confusion[class][class];
            let support = confusion[class].iter().sum();
            let taken = confusion.iter().map(|row| row[class]).sum::<u64>();
            ClassFigures {
                precision: over(hits, taken),
                recall: over(hits, support),
                f1: over(2 * hits, support + taken),
                support,
            }
        })
        .collect();
    let hits = (0..classes).map(|class| confusion[class][class]).sum();
    Report {
        accuracy: over(hits, right.len() as u64),
        macro_f1: figures.iter().map(|one| one.f1).sum::<f64>() / classes.max(1) as f64,
        classes: figures,
        confusion,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_small_table() {
        // sklearn.metrics.classification_report([0, 0, 1, 1, 2, 2], [0, 1, 1, 1, 2, 0])
        let report = report(&[0, 0, 1, 1, 2, 2], &[0, 1, 1, 1, 2, 0], 3);
        assert_eq!(report.confusion, [[1, 1, 0], [0, 2, 0], [1, 0, 1]]);
        assert!((report.accuracy - 4.0 / 6.0).abs() < 1e-12);
        let f1: Vec<f64> = report.classes.iter().map(|one| one.f1).collect();
        assert!((f1[0] - 0.5).abs() < 1e-12 && (f1[1] - 0.8).abs() < 1e-12);
        assert!((report.macro_f1 - (0.5 + 0.8 + 2.0 / 3.0) / 3.0).abs() < 1e-12);
    }
}
