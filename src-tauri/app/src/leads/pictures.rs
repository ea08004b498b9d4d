//! Pictures of how good lead scores are.

use mirante_data::learn::roc;
use mirante_data::plot::{self, BarsPicture, CurvePicture};

use crate::error::Result;
use crate::learning::{drawn, numbers};
use crate::locale::{Language, word};
use crate::ops::leads::LeadFigures;

/// The ROC curve, lift by decile, calibration.
pub(super) fn all(
    language: Language,
    figures: &LeadFigures,
    probabilities: &[f64],
    is_positive: &[bool],
) -> Result<[Vec<u8>; 3]> {
    let word = |code: &str| word(language, "leads", code);
    let rows = format!("{} {}", language.count(figures.rows), word("out_of_fold"));
    let curve = |title: &str, subtitle: &str, axes: [&str; 2], points: &[(f64, f64)], most: f64| {
        drawn(title, subtitle, |out, image, style| {
            numbers(language, |numbers| {
                let dots = points.len() <= 10;
                let picture = CurvePicture { points, dots, most, axes, numbers };
                plot::curve(out, image, &picture, style)
            })
        })
    };
    let points = roc(probabilities, is_positive);
    let subtitle = format!("AUC {} · {rows}", language.decimal(figures.auc, 3));
    let axes = [word("false_positives"), word("true_positives")];
    let roc = curve(&word("roc"), &subtitle, [&axes[0], &axes[1]], &points, 1.0)?;

    let points: Vec<(f64, f64)> =
        figures.calibration.iter().map(|bin| (bin.said, bin.was)).collect();
    let most = points.iter().fold(0.0, |most: f64, point| most.max(point.0).max(point.1));
    // To the next tenth, so that the axes have round numbers.
    let most = ((most * 10.0).ceil() / 10.0).clamp(0.1, 1.0);
    let subtitle = format!("Brier {} · {rows}", language.decimal(figures.brier, 4));
    let axes = [word("said"), word("was")];
    let calibration = curve(&word("calibration"), &subtitle, [&axes[0], &axes[1]], &points, most)?;

    let values: Vec<f64> = figures.lift.iter().map(|tenth| tenth.lift).collect();
    let axes = [word("decile"), word("lift_axis")];
    let lift = drawn(&word("lift"), &rows, |out, image, style| {
        numbers(language, |numbers| {
            let axes = [axes[0].as_str(), axes[1].as_str()];
            let picture = BarsPicture { values: &values, line: 1.0, axes, numbers };
            plot::bars(out, image, &picture, style)
        })
    })?;
    Ok([roc, lift, calibration])
}
