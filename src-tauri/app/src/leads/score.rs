//! Scores of leads, a few or a table of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use mirante_data::file::{Decimal, number_of};
use mirante_data::leads::{Cells, Encoder, Encoding, Reason, Scored};
use mirante_data::progress::Progress;
use serde::Serialize;
use serde_json::Value;

use super::saved::SavedLeads;
use crate::app::App;
use crate::error::{Error, Result};
use crate::exporting::export_path;
use crate::job::Job;
use crate::locale::{Language, word};
use crate::ops::leads::{
    Lead, LeadNote, LeadReason, LeadScore, ScoreLeadsRequest, ScoreLeadsResponse,
    ScoreLeadsTableRequest, ScoreLeadsTableResponse,
};
use crate::segmenting::{From, beside, commit, write_columns};
use crate::view::unknown_column;

/// Reasons that are told of a lead.
const REASONS: usize = 5;
/// Leads scored at once.
const ROWS: usize = 1024;
/// The appended columns.
const COLUMNS: [&str; 3] = ["chance", "temperatura", "motivos"];

/// Scores a few leads.
pub(crate) fn score(
    app: &App,
    job: &Job,
    request: &ScoreLeadsRequest,
) -> Result<ScoreLeadsResponse> {
    let (model, name) = SavedLeads::find(app, request.model.as_deref())?;
    let encoder = &model.scorer.encoder;
    let leads = request.leads.iter().map(|lead| cells_of(encoder, lead));
    let leads: Vec<(Cells, Vec<LeadNote>)> = leads.collect::<Result<_>>()?;
    let rows: Vec<&Cells> = leads.iter().map(|(cells, _)| cells).collect();
    let scored = model.scorer.score(&rows, REASONS, job)?;
    let results = scored.into_iter().zip(&leads).map(|(scored, (_, absent))| {
        let mut score = told(&model, scored);
        score.notes.extend_from_slice(absent);
        score
    });
    Ok(ScoreLeadsResponse { results: results.collect(), model: name })
}

/// Scores every row of a table. Steps: `score` (rows), `write`.
pub(crate) fn score_table(
    app: &App,
    job: &Job,
    request: &ScoreLeadsTableRequest,
) -> Result<ScoreLeadsTableResponse> {
    let (model, name) = SavedLeads::find(app, request.model.as_deref())?;
    let language = Language::asked(app, request.language)?;
    let from = From::open(app, job, &request.source)?;
    let path = match &request.out {
        Some(out) => PathBuf::from(out),
        None => export_path(app, &format!("{}-{}", from.name(), COLUMNS[0]), "csv")?,
    };
    let (mut out, path) = beside(&path)?;
    let names = from.column_names();
    let known = &model.scorer.encoder.columns;
    let places = known.iter().map(|(column, _)| {
        let place = names.iter().position(|name| name == column);
        place.ok_or_else(|| unknown_column(column, &names))
    });
    let places: Vec<usize> = places.collect::<Result<_>>()?;
    let decimal = decimal_of(&from)?;
    let columns = from.columns_for(&names[..1.min(names.len())], None)?.with_cells(&from);

    job.step("score", Some(from.row_count(job)?));
    let mut appended: Vec<[String; 3]> = Vec::new();
    let (mut temperatures, mut notes) = (BTreeMap::new(), BTreeMap::new());
    from.each_text(&columns, ROWS, job, |some| {
        let cells = some.iter().map(|row| -> Cells {
            let cells = places.iter().zip(known).map(|(&place, (_, encoding))| {
                let cell = row.cells.get(place).cloned().flatten()?;
                Some(as_learnt(encoding, decimal, cell))
            });
            cells.collect()
        });
        let cells: Vec<Cells> = cells.collect();
        let rows: Vec<&Cells> = cells.iter().collect();
        for scored in model.scorer.score(&rows, REASONS, job)? {
            let score = told(&model, scored);
            let temperature = score.temperature.name();
            *temperatures.entry(temperature.to_owned()).or_insert(0) += 1;
            let kinds: BTreeSet<&str> = score.notes.iter().map(|note| note.kind.as_str()).collect();
            for kind in kinds {
                *notes.entry(kind.to_owned()).or_insert(0) += 1;
            }
            let reasons: Vec<String> =
                score.reasons.iter().map(|reason| reason.said(language)).collect();
            appended.push([
                format!("{:.4}", score.probability),
                word(language, "leads", temperature),
                reasons.join("; "),
            ]);
        }
        job.at(appended.len() as u64);
        job.checkpoint()
    })?;
    let cell = |row: u64, at: usize| -> String {
        let cells = appended.get(row as usize).and_then(|cells| cells.get(at));
        cells.cloned().unwrap_or_default()
    };
    let warnings = write_columns(&from, &COLUMNS, &cell, &mut out, &path, job)?;
    commit(out, &path)?;
    Ok(ScoreLeadsTableResponse {
        rows: appended.len() as u64,
        temperatures,
        notes,
        columns: COLUMNS.map(str::to_owned).into(),
        model: name,
        out: path.display().to_string(),
        warnings,
    })
}

/// What stands before a fraction in a source.
fn decimal_of(from: &From) -> Result<Decimal> {
    Ok(match from {
        From::File(file) => file.reader.dialect().decimal,
        From::Table(dataset, _) => {
            crate::reading::dialect_of(&dataset.options, &dataset.line_end)?.decimal
        }
    })
}

/// A cell as the table that was learnt from would have written it: numbers with its decimal mark.
fn as_learnt(encoding: &Encoding, decimal: Decimal, cell: String) -> String {
    match encoding {
        Encoding::Number { decimal: learnt, .. } if *learnt != decimal => {
            let number = number_of(cell.trim().as_bytes(), decimal);
            number.map_or(cell, |number| plain(number.value, *learnt))
        }
        _ => cell,
    }
}

fn plain(number: f64, decimal: Decimal) -> String {
    let text = number.to_string();
    if decimal == Decimal::Comma { text.replace('.', ",") } else { text }
}

/// The cells of a lead in the order of the columns, and the columns that it does not have.
fn cells_of(encoder: &Encoder, lead: &Lead) -> Result<(Cells, Vec<LeadNote>)> {
    let mut absent = Vec::new();
    let cells = encoder.columns.iter().map(|(column, encoding)| {
        Ok(match (lead.0.get(column), encoding) {
            (None, _) => {
                let (column, kind) = (column.clone(), "absent".to_owned());
                absent.push(LeadNote { column, value: None, kind });
                None
            }
            (Some(Value::Null), _) => None,
            (Some(Value::String(text)), _) => Some(text.clone()),
            (Some(Value::Number(number)), Encoding::Number { decimal, .. }) => {
                number.as_f64().map(|number| plain(number, *decimal))
            }
            (Some(Value::Number(number)), _) => Some(number.to_string()),
            (Some(Value::Bool(truth)), _) => Some(truth.to_string()),
            (Some(Value::Array(_) | Value::Object(_)), _) => {
                return Err(Error::BadRequest { reason: format!("{column}: [] {{}}") });
            }
        })
    });
    let cells = cells.collect::<Result<_>>()?;
    Ok((cells, absent))
}

/// A score as it is told.
fn told(model: &SavedLeads, scored: Scored) -> LeadScore {
    let reason = |reason: Reason| LeadReason {
        column: reason.column,
        value: reason.value,
        part: name(&reason.part),
        effect: if reason.weight > 0.0 { "plus" } else { "minus" }.to_owned(),
        weight: reason.weight,
    };
    let notes = scored.notes.into_iter().map(|note| LeadNote {
        column: note.column,
        value: Some(note.value),
        kind: name(&note.kind),
    });
    LeadScore {
        probability: scored.probability,
        temperature: model.temperature(scored.probability),
        reasons: scored.reasons.into_iter().map(reason).collect(),
        notes: notes.collect(),
    }
}

/// What a part or a kind of note is called in JSON.
fn name(of: &impl Serialize) -> String {
    let value = serde_json::to_value(of).ok();
    value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
