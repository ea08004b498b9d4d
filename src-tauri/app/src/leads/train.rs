//! From leads of which is known whether they converted to a folder that scores others.

use std::time::Instant;

use mirante_data::leads::{LeadParams, alone, forward, learn};
use mirante_data::progress::Progress;
use serde_json::json;

use super::figures::{check, figures, thresholds};
use super::saved::SavedLeads;
use super::table::LeadTable;
use super::{card, pictures};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::learning::{MODEL, Output, hash_of, write_json};
use crate::locale::Language;
use crate::ops::leads::{LeadFigures, TrainLeadsRequest, TrainLeadsResponse};
use crate::ops::segment::Warning;
use crate::training::own;

/// Parts that the leads are cut into.
const FOLDS: u32 = 5;
/// A column that alone tells more than this knows what came afterwards.
const LEAK: f64 = 0.97;

/// Learns from leads. Steps: `profile` (bytes), `read` (rows), `leaks` (columns), `folds` (parts), `learn`,
/// `write`.
pub(crate) fn train(
    app: &App,
    job: &Job,
    request: &TrainLeadsRequest,
) -> Result<TrainLeadsResponse> {
    let began = Instant::now();
    if !(request.c > 0.0 && request.c.is_finite()) {
        let (value, allowed) = (request.c.to_string(), "> 0".to_owned());
        return Err(Error::BadOption { option: "c", value, allowed });
    }
    if let (Some(hot), Some(warm)) = (request.hot, request.warm) {
        check(hot, warm)?;
    }
    let folder = match &request.output_dir {
        Some(folder) => folder.clone(),
        None => own(app, "leads")?.display().to_string(),
    };
    let request = &TrainLeadsRequest { output_dir: Some(folder.clone()), ..request.clone() };
    let out = Output::create(&folder)?;
    let mut table = LeadTable::read(app, job, request)?;
    let params = LeadParams { c: request.c, folds: FOLDS, seed: request.seed.into() };
    look_for_leaks(&mut table, params, job)?;
    let LeadTable { columns, rows, is_positive, .. } = &table;
    let learnt = learn(columns, rows, is_positive, params, job)?;
    let probabilities = &learnt.out_of_fold;
    let limits = thresholds(request, probabilities, is_positive)?;
    let later = forward(columns, rows, is_positive, params, job)?;
    let figures = figures(&table, probabilities, FOLDS, limits, later);
    let warnings = warnings(&figures, &learnt.scorer.model);

    job.step("write", None);
    let language = Language::asked(app, request.language)?;
    let hash = hash_of(&request.source, job)?;
    let card = card::write(language, request, hash.as_deref(), &figures);
    let [roc, lift, calibration] =
        pictures::all(language, &figures, probabilities, &table.is_positive)?;
    let saved = SavedLeads::new(request.target.clone(), table.positive, limits, learnt.scorer);
    out.write(MODEL, &serde_json::to_vec(&saved)?)?;
    write_json(&out, "metrics-final.json", &figures)?;
    // As `mirante run` takes it, to do all this again.
    write_json(&out, "request.json", &json!({ "operation": "train_leads", "request": request }))?;
    out.write("roc.svg", &roc)?;
    out.write("lift.svg", &lift)?;
    out.write("calibration.svg", &calibration)?;
    out.write("README.md", card.as_bytes())?;
    job.checkpoint()?;
    out.commit()?;
    Ok(TrainLeadsResponse {
        output_dir: folder,
        figures,
        warnings,
        seconds: began.elapsed().as_secs_f64(),
    })
}

/// Looks at what every column tells on its own.
fn look_for_leaks(table: &mut LeadTable, params: LeadParams, job: &Job) -> Result<()> {
    let LeadTable { columns, rows, is_positive, uses, .. } = table;
    job.step("leaks", Some(columns.len() as u64));
    for (at, column) in columns.iter().enumerate() {
        let area = alone(columns, rows, is_positive, at, params, job)?;
        if let Some(found) = uses.iter_mut().find(|found| found.column == column.name) {
            (found.auc_alone, found.may_leak) = (Some(area), area > LEAK);
        }
        job.at(at as u64 + 1);
    }
    Ok(())
}

fn warnings(figures: &LeadFigures, model: &mirante_data::learn::Logistic) -> Vec<Warning> {
    let count = |is: &dyn Fn(&crate::ops::leads::LeadColumnUse) -> bool| {
        figures.columns.iter().filter(|column| is(column)).count() as u64
    };
    let left_out = |why: &Option<String>| why.as_deref().is_some_and(|why| why != "ignored");
    let stopped = if model.converged { 0 } else { model.iterations as u64 };
    [
        ("lead_leaks", count(&|column| column.may_leak)),
        ("lead_columns_left_out", count(&|column| left_out(&column.why))),
        ("rows_without_target", figures.without_target),
        ("solver_stopped", stopped),
    ]
    .into_iter()
    .filter(|&(_, count)| count > 0)
    .map(|(code, count)| Warning { code: code.to_owned(), count })
    .collect()
}
