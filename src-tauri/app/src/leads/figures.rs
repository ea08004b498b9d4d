//! How good lead scores are, and from where on a lead is hot.

use mirante_data::leads::Forward;
use mirante_data::learn::{average_precision, brier, calibration, lift, roc_area};

use super::saved::temperature;
use super::table::LeadTable;
use crate::error::{Error, Result};
use crate::ops::leads::{
    ForwardFigures, LeadBin, LeadDecile, LeadFigures, Temperature, TemperatureFigures,
    TrainLeadsRequest,
};

/// Figures of probabilities, each of a lead that its model did not learn from.
pub(super) fn figures(
    table: &LeadTable,
    probabilities: &[f64],
    folds: u32,
    (hot, warm): (f64, f64),
    forward: Option<Forward>,
) -> LeadFigures {
    let is_positive = &table.is_positive;
    let positive = is_positive.iter().filter(|&&one| one).count() as u64;
    let base_rate = positive as f64 / is_positive.len() as f64;
    let of = |wanted: Temperature| {
        let all = probabilities.iter().zip(is_positive);
        let such = all.filter(|(p, _)| temperature(**p, hot, warm) == wanted);
        let (mut rows, mut positive) = (0, 0);
        for (_, &converted) in such {
            rows += 1;
            positive += u64::from(converted);
        }
        TemperatureFigures { temperature: wanted, rows, positive }
    };
    let lift = lift(probabilities, is_positive).into_iter().map(|tenth| LeadDecile {
        rows: tenth.rows,
        positive: tenth.positive,
        lift: tenth.lift,
        captured: tenth.captured,
    });
    let calibration = calibration(probabilities, is_positive).into_iter().map(|bin| LeadBin {
        said: bin.said,
        was: bin.was,
        rows: bin.rows,
    });
    LeadFigures {
        rows: is_positive.len() as u64,
        positive,
        base_rate,
        without_target: table.without_target,
        positive_value: table.positive.clone(),
        folds,
        auc: roc_area(probabilities, is_positive),
        forward: forward.map(|found| ForwardFigures {
            column: table.columns[found.column].name.clone(),
            earlier: found.earlier,
            later: found.later,
            auc: found.area,
        }),
        average_precision: average_precision(probabilities, is_positive),
        brier: brier(probabilities, is_positive),
        brier_of_base_rate: base_rate * (1.0 - base_rate),
        lift: lift.collect(),
        calibration: calibration.collect(),
        hot,
        warm,
        temperatures: [Temperature::Hot, Temperature::Warm, Temperature::Cold].map(of).into(),
        columns: table.uses.clone(),
    }
}

/// From where on a lead is hot and warm: as the person says; else as many are hot as convert, and those
/// above the mean are warm.
///
/// # Errors
/// [`Error::BadOption`] where they are no probabilities, or hot is not above warm.
pub(super) fn thresholds(
    request: &TrainLeadsRequest,
    probabilities: &[f64],
    is_positive: &[bool],
) -> Result<(f64, f64)> {
    let positive = is_positive.iter().filter(|&&one| one).count();
    let warm = request.warm.unwrap_or_else(|| down(positive as f64 / is_positive.len() as f64));
    let usual = || {
        let mut falling = probabilities.to_vec();
        falling.sort_by(|one, other| other.total_cmp(one));
        let hot = falling.get(positive.saturating_sub(1)).map_or(1.0, |&hot| down(hot));
        // Scores that hardly differ make no lead hot.
        if hot > warm { hot } else { f64::midpoint(1.0, warm) }
    };
    let hot = request.hot.unwrap_or_else(usual);
    check(hot, warm)?;
    Ok((hot, warm))
}

/// Whether both can be thresholds.
pub(super) fn check(hot: f64, warm: f64) -> Result<()> {
    let bad = |option, value: f64, allowed: String| {
        Err(Error::BadOption { option, value: value.to_string(), allowed })
    };
    if !(warm > 0.0 && warm < 1.0) {
        return bad("warm", warm, "0 < x < 1".to_owned());
    }
    if !(hot > warm && hot < 1.0) {
        return bad("hot", hot, format!("{warm} < x < 1"));
    }
    Ok(())
}

/// To four decimals that a person can say, downward, so that no lead falls out of its place.
fn down(probability: f64) -> f64 {
    (probability * 1e4).floor() / 1e4
}
