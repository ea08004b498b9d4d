//! Rows for learning and rows for measuring, each class in the same share of both.

use crate::project2d::random::shuffled;

/// The rows of every class, shuffled by the seed.
fn shuffled_classes(labels: &[u32], seed: u64) -> Vec<Vec<u32>> {
    let classes = labels.iter().max().map_or(0, |&most| most as usize + 1);
    let mut rows = vec![Vec::new(); classes];
    for (row, &label) in (0..).zip(labels) {
        rows[label as usize].push(row);
    }
    let place = |(class, rows): (u64, Vec<u32>)| {
        let order = shuffled(rows.len() as u32, seed.wrapping_add(class << 32));
        order.into_iter().map(|place| rows[place as usize]).collect()
    };
    (0..).zip(rows).map(place).collect()
}

/// Rows to learn from and rows that are held out: of every class `share` of its rows, rounded, but at
/// least one and not all. Both in the table's order.
#[must_use]
pub fn hold_out(labels: &[u32], share: f64, seed: u64) -> (Vec<u32>, Vec<u32>) {
    let (mut kept, mut held) = (Vec::new(), Vec::new());
    for rows in shuffled_classes(labels, seed) {
        let most = rows.len().saturating_sub(1);
        let count = ((rows.len() as f64 * share).round() as usize).clamp(most.min(1), most);
        held.extend_from_slice(&rows[..count]);
        kept.extend_from_slice(&rows[count..]);
    }
    kept.sort_unstable();
    held.sort_unstable();
    (kept, held)
}

/// The fold of every row, from 0: of every class as many in each, one more or less.
#[must_use]
pub fn folds(labels: &[u32], count: u32, seed: u64) -> Vec<u32> {
    let mut folds = vec![0; labels.len()];
    let mut next = 0;
    for row in shuffled_classes(labels, seed).into_iter().flatten() {
        folds[row as usize] = next;
        next = (next + 1) % count;
    }
    folds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_held_out_in_its_share() {
        let labels: Vec<u32> = (0..100).map(|row| u32::from(row % 10 == 0)).chain([2, 2]).collect();
        let (kept, held) = hold_out(&labels, 0.2, 42);
        let of =
            |rows: &[u32], class| rows.iter().filter(|&&row| labels[row as usize] == class).count();
        assert_eq!([of(&held, 0), of(&held, 1), of(&held, 2)], [18, 2, 1]);
        let mut all = [kept.clone(), held.clone()].concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..102));
        assert_ne!(held, hold_out(&labels, 0.2, 43).1);
        assert_eq!(held, hold_out(&labels, 0.2, 42).1);

        let folds = folds(&labels, 5, 42);
        for fold in 0..5 {
            let of = |class| {
                let is_of = |row: &usize| folds[*row] == fold && labels[*row] == class;
                (0..100).filter(is_of).count()
            };
            assert_eq!((of(0), of(1)), (18, 2));
        }
    }
}
