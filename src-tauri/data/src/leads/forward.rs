//! How well yesterday's leads tell tomorrow's.

use super::encode::{Cells, LeadColumn, LeadKind};
use super::scorer::{LeadParams, fit};
use crate::file::{DateOrder, date_of};
use crate::learn::roc_area;
use crate::progress::{Cancelled, Progress, Within};

/// The share of the leads that counts as yesterday's.
const EARLIER: f64 = 0.8;
/// Leads of each kind that must be in both parts: fewer say nothing.
const LEAST: usize = 10;

/// What was learnt from the earlier leads, measured on the later ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forward {
    /// The column of the dates.
    pub column: usize,
    /// Leads it was learnt from.
    pub earlier: u64,
    /// Leads it was measured on.
    pub later: u64,
    /// The area under their ROC curve.
    pub area: f64,
}

/// Learns from the earlier four fifths by the first column of dates, and measures on the rest; a mixed
/// cut flatters where leads change with time. Nothing where there is no such column, or one of both parts
/// has too few of a kind.
///
/// # Errors
/// [`Cancelled`] once the caller wants to stop.
pub fn forward(
    columns: &[LeadColumn],
    rows: &[Cells],
    is_positive: &[bool],
    params: LeadParams,
    progress: &dyn Progress,
) -> Result<Option<Forward>, Cancelled> {
    let dates = columns.iter().enumerate().find_map(|(at, column)| match column.kind {
        LeadKind::Date(order) => Some((at, order)),
        _ => None,
    });
    let Some((column, order)) = dates else { return Ok(None) };
    let mut dated: Vec<(f64, usize)> =
        (0..rows.len()).filter_map(|row| Some((day(&rows[row], column, order)?, row))).collect();
    dated.sort_by(|one, other| one.0.total_cmp(&other.0));
    // Leads of one day stay together.
    let wanted = (dated.len() as f64 * EARLIER) as usize;
    let cut = dated.get(wanted).map_or(0, |&(day, _)| dated.partition_point(|one| one.0 < day));
    let numbers: Vec<usize> = dated.into_iter().map(|(_, row)| row).collect();
    let (earlier, later) = numbers.split_at(cut);
    let few = |part: &[usize]| {
        let positive = part.iter().filter(|&&row| is_positive[row]).count();
        positive.min(part.len() - positive) < LEAST
    };
    if few(earlier) || few(later) {
        return Ok(None);
    }
    let of = |part: &[usize]| part.iter().map(|&row| &rows[row]).collect::<Vec<_>>();
    let came = |part: &[usize]| part.iter().map(|&row| is_positive[row]).collect::<Vec<_>>();
    let within = Within(progress);
    let (encoder, _, model) = fit(columns, &of(earlier), &came(earlier), params.c, &within)?;
    let (matrix, _) = encoder.encode(&of(later), &within)?;
    let scores: Vec<f64> = (0..later.len()).map(|row| model.decision(matrix.row(row))[0]).collect();
    let area = roc_area(&scores, &came(later));
    let (earlier, later) = (earlier.len() as u64, later.len() as u64);
    Ok(Some(Forward { column, earlier, later, area }))
}

fn day(cells: &Cells, column: usize, order: DateOrder) -> Option<f64> {
    let cell = cells.get(column)?.as_deref()?;
    Some(date_of(cell.trim().as_bytes(), order)?.days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leads::learn;
    use crate::progress::Unwatched;

    #[test]
    fn what_turns_with_time_is_told_by_mixed_leads_and_not_by_earlier_ones() {
        let column = |name: &str, kind| LeadColumn { name: name.to_owned(), kind };
        let columns =
            [column("origem", LeadKind::Category), column("dia", LeadKind::Date(DateOrder::Iso))];
        // Until June one origin converts, then the other.
        let lead = |n: usize| {
            let (month, by_site) = (n / 50 + 1, n.is_multiple_of(2));
            let cells = vec![
                Some(if by_site { "site" } else { "feira" }.to_owned()),
                Some(format!("2025-{month:02}-{:02}", n % 28 + 1)),
            ];
            (cells, n.is_multiple_of(5) != (by_site == (month <= 7)))
        };
        let (rows, is_positive): (Vec<Cells>, Vec<bool>) = (0..500).map(lead).unzip();
        let params = LeadParams { c: 1.0, folds: 5, seed: 1 };
        let found = forward(&columns, &rows, &is_positive, params, &Unwatched).unwrap().unwrap();
        assert!((395..=405).contains(&found.earlier), "{found:?}");
        assert_eq!((found.column, found.earlier + found.later), (1, 500));
        let mixed = learn(&columns, &rows, &is_positive, params, &Unwatched).unwrap();
        assert!(found.area < 0.4, "{found:?}");
        assert!(roc_area(&mixed.out_of_fold, &is_positive) > 0.55);
        let timeless = &columns[..1];
        assert_eq!(forward(timeless, &rows, &is_positive, params, &Unwatched), Ok(None));
        let few = forward(&columns, &rows[..40], &is_positive[..40], params, &Unwatched);
        assert_eq!(few, Ok(None));
    }
}
