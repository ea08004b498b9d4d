//! How good a ranking is, by what people judged.

/// Gains of the first `top` of a ranking, discounted by their place and compared with the best there
/// could be. `gains` are those of the ranking, `all` those of everything that was judged.
pub(super) fn ndcg(gains: &[f64], all: &[f64], top: usize) -> f64 {
    let discounted = |gains: &[f64]| -> f64 {
        gains.iter().take(top).enumerate().map(|(at, gain)| gain / (at as f64 + 2.0).log2()).sum()
    };
    let mut best = all.to_vec();
    best.sort_by(|one, other| other.total_cmp(one));
    let best = discounted(&best);
    if best > 0.0 { discounted(gains) / best } else { 0.0 }
}

/// One over the place of the first right one among the first `top`; 0 without one.
pub(super) fn reciprocal_rank(gains: &[f64], top: usize) -> f64 {
    let first = gains.iter().take(top).position(|&gain| gain > 0.0);
    first.map_or(0.0, |at| 1.0 / (at as f64 + 1.0))
}

/// The share of the right ones that stand among the first `top`.
pub(super) fn recall(gains: &[f64], all: &[f64], top: usize) -> f64 {
    let right = all.iter().filter(|&&gain| gain > 0.0).count();
    let found = gains.iter().take(top).filter(|&&gain| gain > 0.0).count();
    if right > 0 { found as f64 / right as f64 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_trec_eval() {
        // Ranking: wrong, 2, wrong, 1; judged besides: 3.
        let (gains, all) = ([0.0, 2.0, 0.0, 1.0], [2.0, 1.0, 3.0]);
        let log = |x: f64| x.log2();
        let best = 3.0 + 2.0 / log(3.0) + 1.0 / 2.0;
        let given = 2.0 / log(3.0) + 1.0 / log(5.0);
        assert!((ndcg(&gains, &all, 10) - given / best).abs() < 1e-12);
        assert!((ndcg(&gains, &all, 2) - 2.0 / log(3.0) / (3.0 + 2.0 / log(3.0))).abs() < 1e-12);
        assert_eq!((reciprocal_rank(&gains, 10), reciprocal_rank(&gains, 1)), (0.5, 0.0));
        assert_eq!((recall(&gains, &all, 2), recall(&gains, &all, 10)), (1.0 / 3.0, 2.0 / 3.0));
        assert_eq!((ndcg(&[], &[0.0], 10), recall(&[], &[], 10)), (0.0, 0.0));
    }
}
