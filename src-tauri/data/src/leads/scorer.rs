//! Learning which leads convert, and scoring others with reasons.

use serde::{Deserialize, Serialize};

use super::encode::{Cells, Encoder, Encoding, LeadColumn, Note, Part};
use crate::learn::{Logistic, LogisticParams, Matrix, Platt, folds, roc_area};
use crate::progress::{Cancelled, Progress, Within};

/// What a person may choose.
#[derive(Debug, Clone, Copy)]
pub struct LeadParams {
    /// How little coefficients are held back: scikit-learn's `C`.
    pub c: f64,
    /// Parts that the rows are cut into; each is scored by what was learnt from the others.
    pub folds: u32,
    /// Decides which row is in which part.
    pub seed: u64,
}

/// All that scores a lead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scorer {
    /// How cells become numbers.
    pub encoder: Encoder,
    /// What the numbers weigh.
    pub model: Logistic,
    /// The mean of each number over the rows learnt from: a reason is what differs from it. Noughts for
    /// words, most of which a text does not have.
    pub means: Vec<f64>,
    /// Scores into probabilities.
    pub platt: Platt,
}

/// What was learnt, and how it did on rows that it was not learnt from.
#[derive(Debug)]
pub struct Learnt {
    /// Learnt from all rows.
    pub scorer: Scorer,
    /// The probability of every row, by what was learnt without its part.
    pub out_of_fold: Vec<f64>,
}

/// A lead's score.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// That it converts.
    pub probability: f64,
    /// What speaks for and against it, the weightiest first.
    pub reasons: Vec<Reason>,
    /// What is with its cells.
    pub notes: Vec<Note>,
}

/// Something about a lead that moves its score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The column.
    pub column: String,
    /// What stands in it, or the word; nothing where nothing does.
    pub value: Option<String>,
    /// What about it.
    pub part: Part,
    /// What it adds to the logarithm of the odds, against the mean lead.
    pub weight: f64,
}

/// Learns from rows of which is known whether they converted. Steps: `folds` (parts), `learn`.
///
/// # Errors
/// [`Cancelled`] once the caller wants to stop.
pub fn learn(
    columns: &[LeadColumn],
    rows: &[Cells],
    is_positive: &[bool],
    params: LeadParams,
    progress: &dyn Progress,
) -> Result<Learnt, Cancelled> {
    let fold = folds(&labels(is_positive), params.folds, params.seed);
    progress.step("folds", Some(u64::from(params.folds)));
    let scores = out_of_fold(columns, rows, is_positive, &fold, params, progress)?;
    // A probability must not know of its own row either: each part's sigmoid is fitted to the others.
    let mut probabilities = vec![0.0; rows.len()];
    for part in 0..params.folds {
        let others = |of: &usize| fold[*of] != part;
        let known: Vec<usize> = (0..rows.len()).filter(others).collect();
        let platt = Platt::fit(
            &known.iter().map(|&row| scores[row]).collect::<Vec<_>>(),
            &known.iter().map(|&row| is_positive[row]).collect::<Vec<_>>(),
        );
        for row in (0..rows.len()).filter(|row| !others(row)) {
            probabilities[row] = platt.probability(scores[row]);
        }
    }
    progress.step("learn", None);
    let all: Vec<&Cells> = rows.iter().collect();
    let (encoder, matrix, model) = fit(columns, &all, is_positive, params.c, progress)?;
    let means = means(&encoder, &matrix);
    let platt = Platt::fit(&scores, is_positive);
    let scorer = Scorer { encoder, model, means, platt };
    Ok(Learnt { scorer, out_of_fold: probabilities })
}

/// How well one column alone tells which rows convert: the area under the ROC curve, on rows that were
/// not learnt from. Close to 1, the column knows what it should not.
///
/// # Errors
/// [`Cancelled`] once the caller wants to stop.
pub fn alone(
    columns: &[LeadColumn],
    rows: &[Cells],
    is_positive: &[bool],
    at: usize,
    params: LeadParams,
    progress: &dyn Progress,
) -> Result<f64, Cancelled> {
    let one = |cells: &Cells| vec![cells.get(at).cloned().flatten()];
    let rows: Vec<Cells> = rows.iter().map(one).collect();
    let params = LeadParams { folds: 2, ..params };
    let fold = folds(&labels(is_positive), params.folds, params.seed);
    let columns = &columns[at..=at];
    let scores = out_of_fold(columns, &rows, is_positive, &fold, params, &Within(progress))?;
    // Each half was scored on a scale of its own.
    let area = |part: u32| {
        let of: Vec<usize> = (0..rows.len()).filter(|&row| fold[row] == part).collect();
        let scores: Vec<f64> = of.iter().map(|&row| scores[row]).collect();
        let is_positive: Vec<bool> = of.iter().map(|&row| is_positive[row]).collect();
        roc_area(&scores, &is_positive)
    };
    Ok(f64::midpoint(area(0), area(1)))
}

pub(super) fn labels(is_positive: &[bool]) -> Vec<u32> {
    is_positive.iter().map(|&one| u32::from(one)).collect()
}

/// The score of every row, by what was learnt from the parts that it is not in.
fn out_of_fold(
    columns: &[LeadColumn],
    rows: &[Cells],
    is_positive: &[bool],
    fold: &[u32],
    params: LeadParams,
    progress: &dyn Progress,
) -> Result<Vec<f64>, Cancelled> {
    let mut scores = vec![0.0; rows.len()];
    for part in 0..params.folds {
        let (held, known): (Vec<usize>, Vec<usize>) =
            (0..rows.len()).partition(|&row| fold[row] == part);
        let of = |numbers: &[usize]| numbers.iter().map(|&row| &rows[row]).collect::<Vec<_>>();
        let positive: Vec<bool> = known.iter().map(|&row| is_positive[row]).collect();
        let (encoder, _, model) = fit(columns, &of(&known), &positive, params.c, progress)?;
        let (matrix, _) = encoder.encode(&of(&held), progress)?;
        for (place, row) in held.into_iter().enumerate() {
            scores[row] = model.decision(matrix.row(place))[0];
        }
        progress.at(u64::from(part) + 1);
    }
    Ok(scores)
}

pub(super) fn fit(
    columns: &[LeadColumn],
    rows: &[&Cells],
    is_positive: &[bool],
    c: f64,
    progress: &dyn Progress,
) -> Result<(Encoder, Matrix, Logistic), Cancelled> {
    let encoder = Encoder::fit(columns, rows, progress)?;
    let (matrix, _) = encoder.encode(rows, progress)?;
    // Few leads convert: those that do weigh as much as the others, and the sigmoid sets it right.
    let params = LogisticParams { c, balanced: true };
    let model = Logistic::fit(&matrix, &labels(is_positive), 2, params, progress)?;
    Ok((encoder, matrix, model))
}

fn means(encoder: &Encoder, matrix: &Matrix) -> Vec<f64> {
    let mut means = vec![0.0; matrix.width()];
    for row in 0..matrix.rows() {
        matrix.row(row).iter().for_each(|&(column, value)| means[column as usize] += value);
    }
    let rows = matrix.rows().max(1) as f64;
    means.iter_mut().for_each(|mean| *mean /= rows);
    for ((_, encoding), place) in encoder.columns.iter().zip(encoder.places()) {
        if matches!(encoding, Encoding::Text { .. }) {
            means[place].fill(0.0);
        }
    }
    means
}

impl Scorer {
    /// Scores leads, each with its `most` weightiest reasons.
    ///
    /// # Errors
    /// [`Cancelled`] once the caller wants to stop.
    pub fn score(
        &self,
        rows: &[&Cells],
        most: usize,
        progress: &dyn Progress,
    ) -> Result<Vec<Scored>, Cancelled> {
        let (matrix, notes) = self.encoder.encode(rows, progress)?;
        let score = |(row, notes): (usize, Vec<Note>)| {
            let numbers = matrix.row(row);
            let probability = self.platt.probability(self.model.decision(numbers)[0]);
            let mut reasons = self.reasons(numbers, rows[row], &notes);
            reasons.sort_by(|one, other| other.weight.abs().total_cmp(&one.weight.abs()));
            reasons.truncate(most);
            Scored { probability, reasons, notes }
        };
        Ok(notes.into_iter().enumerate().map(score).collect())
    }

    fn reasons(&self, numbers: &[(u32, f64)], cells: &Cells, notes: &[Note]) -> Vec<Reason> {
        let mut dense = vec![0.0; self.means.len()];
        numbers.iter().for_each(|&(column, value)| dense[column as usize] = value);
        let weigh = |at: usize| {
            self.platt.slope * self.model.coefficients[at] * (dense[at] - self.means[at])
        };
        let mut reasons = Vec::new();
        let columns = self.encoder.columns.iter().zip(self.encoder.places());
        for (at, ((name, encoding), place)) in columns.enumerate() {
            if let Encoding::Text { vocabulary } = encoding {
                for number in place.clone().filter(|&number| dense[number] != 0.0) {
                    reasons.push(Reason {
                        column: name.clone(),
                        value: Some(vocabulary.terms[number - place.start].clone()),
                        part: Part::Term,
                        weight: weigh(number),
                    });
                }
                continue;
            }
            let value = cells.get(at).cloned().flatten();
            let last = encoding.width() - 1;
            let is_there = dense[place.start + last] == 0.0;
            for (part, numbers) in encoding.parts(is_there) {
                let weight = numbers.map(|number| weigh(place.start + number)).sum();
                // What stands there although it counts as missing is said in a note.
                let odd = notes.iter().any(|note| note.column == *name);
                let value = value.clone().filter(|_| is_there || odd);
                reasons.push(Reason { column: name.clone(), value, part, weight });
            }
        }
        reasons.retain(|reason| reason.weight != 0.0);
        reasons
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::Decimal;
    use crate::leads::LeadKind;
    use crate::progress::Unwatched;

    #[test]
    fn what_converts_is_learnt_with_its_reasons_and_a_leak_stands_out() {
        let column = |name: &str, kind| LeadColumn { name: name.to_owned(), kind };
        let columns = [
            column("origem", LeadKind::Category),
            column("valor", LeadKind::Number(Decimal::Point)),
            column("contrato", LeadKind::Category),
        ];
        // Three of four that were recommended convert, one of four others.
        let is_positive: Vec<bool> = (0..400).map(|n| (n % 4 == 0) != (n % 2 == n / 200)).collect();
        let rows: Vec<Cells> = (0..400)
            .map(|n| {
                let origin = if n % 2 == n / 200 { "indicação" } else { "site" };
                let signed = if is_positive[n] { Some("assinado".to_owned()) } else { None };
                vec![Some(origin.to_owned()), Some(format!("{}", n * 7 % 31)), signed]
            })
            .collect();
        let params = LeadParams { c: 1.0, folds: 5, seed: 42 };
        let alone = |at| alone(&columns, &rows, &is_positive, at, params, &Unwatched).unwrap();
        assert!(alone(2) > 0.99 && (0.6..0.9).contains(&alone(0)) && alone(1) < 0.7);

        let learnt = learn(&columns[..2], &rows, &is_positive, params, &Unwatched).unwrap();
        let area = roc_area(&learnt.out_of_fold, &is_positive);
        assert!((0.65..0.9).contains(&area), "{area}");
        let mean = learnt.out_of_fold.iter().sum::<f64>() / 400.0;
        let share = is_positive.iter().filter(|&&one| one).count() as f64 / 400.0;
        assert!((mean - share).abs() < 0.02, "{mean} {share}");
        let told = learnt.scorer.score(&[&rows[0], &rows[1]], 3, &Unwatched).unwrap();
        assert!((told[0].probability - told[1].probability).abs() > 0.2);
        for scored in &told {
            assert_eq!(scored.reasons[0].column, "origem");
            assert_eq!(scored.reasons[0].weight > 0.0, scored.probability > 0.5);
        }
    }
}
