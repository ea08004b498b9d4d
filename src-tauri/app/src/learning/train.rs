//! From a table with texts and classes to a folder that classifies others.

use std::time::Instant;

use mirante_data::learn::{Logistic, LogisticParams, Matrix, Report, hold_out, report};
use mirante_data::progress::{Progress, Within};
use serde_json::json;

use super::features::{self, embed, refuse_too_large, weigh};
use super::output::{Output, hash_of, write_json};
use super::rows::Labelled;
use super::saved::{MODEL, SavedClassifier, SavedFeatures};
use super::{card, picture};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::locale::Language;
use crate::models::Ready;
use crate::ops::classifier::{
    ClassWeights, ClassifierFeatures, ClassifierFigures, LabelFigures, LearningPoint,
    TrainClassifierRequest, TrainClassifierResponse,
};
use crate::ops::segment::Warning;
use crate::segmenting::From;
use crate::training::own;

/// Shares of the rows that the learning curve stops at.
const CURVE: [f64; 3] = [0.1, 0.25, 0.5];

/// Trains a classifier. Steps: `read` (rows), those of the features, `learn` (fits), `write`.
pub(crate) fn train(
    app: &App,
    job: &Job,
    request: &TrainClassifierRequest,
) -> Result<TrainClassifierResponse> {
    let began = Instant::now();
    check(request)?;
    if let ClassifierFeatures::Embeddings(settings) = &request.features {
        Ready::find(app, settings)?;
    }
    let folder = match &request.output_dir {
        Some(folder) => folder.clone(),
        None => own(app, "classifier")?.display().to_string(),
    };
    let request = &TrainClassifierRequest { output_dir: Some(folder.clone()), ..request.clone() };
    let out = Output::create(&folder)?;
    let from = From::open(app, job, &request.source)?;
    let table = Labelled::read(&from, &request.text_cols, &request.label_col, job)?;
    let (kept, held) = hold_out(&table.labels, request.validation_split, request.seed.into());
    let texts = |rows: &[u32]| -> Vec<&str> {
        rows.iter().map(|&row| table.texts[row as usize].as_str()).collect()
    };
    let classes =
        |rows: &[u32]| -> Vec<u32> { rows.iter().map(|&row| table.labels[row as usize]).collect() };
    let known = features::learn(app, job, &request.features, &texts(&kept))?;
    refuse_too_large(known.features.width(), table.names.len())?;
    let (measured, cut) = match &known.features {
        SavedFeatures::Tfidf(vocabulary) => (weigh(vocabulary, &texts(&held), job)?, 0),
        SavedFeatures::Embeddings { settings, .. } => {
            embed(&Ready::open(app, settings)?, settings, &texts(&held), job)?
        }
    };

    let (right, of_held) = (classes(&kept), classes(&held));
    let params =
        LogisticParams { c: request.c, balanced: request.class_weights == ClassWeights::Balanced };
    let measure = |rows: &Matrix, labels: &[u32]| -> Result<(Logistic, Report)> {
        let model = Logistic::fit(rows, labels, table.names.len(), params, &Within(job))?;
        let found: Vec<u32> =
            (0..measured.rows()).map(|row| likeliest(&model, &measured, row)).collect();
        Ok((model, report(&of_held, &found, table.names.len())))
    };
    job.step("learn", Some(CURVE.len() as u64 + 1));
    let mut curve = Vec::new();
    for share in CURVE {
        // The part that is held out of a split is as the whole, only smaller.
        let (_, part) = hold_out(&right, share, request.seed.into());
        let labels: Vec<u32> = part.iter().map(|&row| right[row as usize]).collect();
        let (_, report) = measure(&known.rows.select(&part), &labels)?;
        curve.push(point(part.len(), &report));
        job.at(curve.len() as u64);
    }
    let (model, report) = measure(&known.rows, &right)?;
    curve.push(point(kept.len(), &report));
    job.at(curve.len() as u64);

    let figures = figures(&table, &report, kept.len(), known.rows.width(), &model, curve);
    let warnings = warnings(&figures, known.cut + cut);
    job.step("write", None);
    let language = Language::asked(app, request.language)?;
    let hash = hash_of(&request.source, job)?;
    let (text_cols, label_col) = (table.text_cols, request.label_col.clone());
    let card = card::write(language, request, &text_cols, hash.as_deref(), &figures);
    let saved = SavedClassifier::new(text_cols, label_col, table.names, known.features, model);
    out.write(MODEL, &serde_json::to_vec(&saved)?)?;
    write_json(&out, "metrics-final.json", &figures)?;
    // As `mirante run` takes it, to do all this again.
    let again = json!({ "operation": "train_classifier", "request": request });
    write_json(&out, "request.json", &again)?;
    let (classes, counts) = (&figures.classes, &figures.confusion);
    let picture = picture::confusion(language, classes, counts, figures.macro_f1)?;
    out.write("confusion.svg", &picture)?;
    out.write("README.md", card.as_bytes())?;
    job.checkpoint()?;
    out.commit()?;
    Ok(TrainClassifierResponse {
        output_dir: folder,
        figures,
        warnings,
        seconds: began.elapsed().as_secs_f64(),
    })
}

fn check(request: &TrainClassifierRequest) -> Result<()> {
    let bad = |option, value: f64, allowed: &str| {
        Err(Error::BadOption { option, value: value.to_string(), allowed: allowed.to_owned() })
    };
    let share = request.validation_split;
    if !(share > 0.0 && share < 1.0) {
        return bad("validation_split", share, "0 < x < 1");
    }
    if !(request.c > 0.0 && request.c.is_finite()) {
        return bad("c", request.c, "> 0");
    }
    Ok(())
}

fn likeliest(model: &Logistic, rows: &Matrix, row: usize) -> u32 {
    let probabilities = model.probabilities(rows.row(row));
    let best = (0..).zip(&probabilities).max_by(|one, other| {
        // Of equal ones the first.
        one.1.total_cmp(other.1).then(u32::cmp(&other.0, &one.0))
    });
    best.map_or(0, |(class, _)| class)
}

fn point(rows: usize, report: &Report) -> LearningPoint {
    let (accuracy, macro_f1) = (report.accuracy, report.macro_f1);
    LearningPoint { rows: rows as u64, accuracy, macro_f1 }
}

fn figures(
    table: &Labelled,
    report: &Report,
    trained: usize,
    width: usize,
    model: &Logistic,
    learning_curve: Vec<LearningPoint>,
) -> ClassifierFigures {
    let validated: u64 = report.classes.iter().map(|class| class.support).sum();
    let most = report.classes.iter().map(|class| class.support).max().unwrap_or(0);
    let of_class = |(label, figures): (&String, &mirante_data::learn::ClassFigures)| LabelFigures {
        label: label.clone(),
        precision: figures.precision,
        recall: figures.recall,
        f1: figures.f1,
        support: figures.support,
    };
    ClassifierFigures {
        rows: table.rows,
        trained: trained as u64,
        validated,
        without_text: table.without_text,
        without_label: table.without_label,
        features: width as u32,
        iterations: model.iterations as u32,
        converged: model.converged,
        accuracy: report.accuracy,
        macro_f1: report.macro_f1,
        baseline: most as f64 / validated.max(1) as f64,
        classes: table.names.iter().zip(&report.classes).map(of_class).collect(),
        confusion: report.confusion.clone(),
        learning_curve,
    }
}

fn warnings(figures: &ClassifierFigures, cut: u64) -> Vec<Warning> {
    let stopped = if figures.converged { 0 } else { u64::from(figures.iterations) };
    [
        ("rows_without_text", figures.without_text),
        ("rows_without_label", figures.without_label),
        ("texts_cut", cut),
        ("solver_stopped", stopped),
    ]
    .into_iter()
    .filter(|&(_, count)| count > 0)
    .map(|(code, count)| Warning { code: code.to_owned(), count })
    .collect()
}
