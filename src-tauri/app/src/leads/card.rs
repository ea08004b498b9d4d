//! The card of a lead model: `README.md` in its folder, in the person's language.

use crate::learning::{cell, source_name};
use crate::locale::{Language, filled, word};
use crate::ops::leads::{LeadFigures, TrainLeadsRequest};

pub(super) fn write(
    language: Language,
    request: &TrainLeadsRequest,
    hash: Option<&str>,
    figures: &LeadFigures,
) -> String {
    let said = |value: f64| language.decimal(value, 3);
    let share = |value: f64| format!("{}%", language.decimal(100.0 * value, 1));
    let word = |code: &str| word(language, "leads", code);
    let columns = figures.columns.iter().map(|column| {
        let read = word(column.why.as_deref().unwrap_or(&column.read_as));
        let alone = column.auc_alone.map_or_else(|| "–".to_owned(), said);
        let leak =
            if column.may_leak { format!(" **{}**", word("may_leak")) } else { String::new() };
        format!("| {} | {read}{leak} | {alone} |", cell(&column.column))
    });
    let lift = (1..).zip(&figures.lift).map(|(number, tenth)| {
        let (rows, positive) = (language.count(tenth.rows), language.count(tenth.positive));
        let (lift, captured) = (language.decimal(tenth.lift, 2), share(tenth.captured));
        format!("| {number} | {rows} | {positive} | {lift} | {captured} |")
    });
    let calibration = figures.calibration.iter().map(|bin| {
        format!("| {} | {} | {} |", share(bin.said), share(bin.was), language.count(bin.rows))
    });
    let temperatures = figures.temperatures.iter().map(|one| {
        let converted = if one.rows == 0 { 0.0 } else { one.positive as f64 / one.rows as f64 };
        let (rows, converted) = (language.count(one.rows), share(converted));
        format!("| {} | {rows} | {converted} |", word(one.temperature.name()))
    });
    let forward = figures.forward.as_ref().map(|found| {
        let values = [
            ("column", found.column.clone()),
            ("earlier", language.count(found.earlier)),
            ("later", language.count(found.later)),
            ("auc", said(found.auc)),
        ];
        filled(language, "cards", "forward", &values)
    });
    let forward = forward.unwrap_or_else(|| word("no_forward"));
    let values = [
        ("mirante", env!("CARGO_PKG_VERSION").to_owned()),
        ("data", source_name(&request.source)),
        ("hash", hash.unwrap_or("–").to_owned()),
        ("target", request.target.clone()),
        ("positive", figures.positive_value.clone()),
        ("rows", language.count(figures.rows)),
        ("converted", language.count(figures.positive)),
        ("base_rate", share(figures.base_rate)),
        ("without_target", language.count(figures.without_target)),
        ("c", said(request.c)),
        ("seed", request.seed.to_string()),
        ("folds", figures.folds.to_string()),
        ("auc", said(figures.auc)),
        ("forward", forward),
        ("average_precision", said(figures.average_precision)),
        ("brier", language.decimal(figures.brier, 4)),
        ("brier_of_base_rate", language.decimal(figures.brier_of_base_rate, 4)),
        ("hot", share(figures.hot)),
        ("warm", share(figures.warm)),
        ("columns", columns.collect::<Vec<_>>().join("\n")),
        ("lift", lift.collect::<Vec<_>>().join("\n")),
        ("calibration", calibration.collect::<Vec<_>>().join("\n")),
        ("temperatures", temperatures.collect::<Vec<_>>().join("\n")),
    ];
    filled(language, "cards", "leads", &values)
}
