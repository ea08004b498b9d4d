//! Every row of a table through a model, and what it says appended to the records.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use mirante_data::progress::Progress;

use super::Asked;
use crate::app::App;
use crate::error::Result;
use crate::exporting::export_path;
use crate::job::Job;
use crate::models::Engine;
use crate::ops::embed::RanOn;
use crate::ops::inference::{InferSeconds, InferTable, InferredTable, ModelSettings};
use crate::segmenting::{From, beside, commit, write_columns};

/// Rows read before they go through the model: enough to put texts of one length together.
const ROWS: usize = 256;

/// What a model says of some texts.
#[derive(Default)]
pub(super) struct Said {
    /// For every text the cells of the appended columns.
    pub(super) cells: Vec<Vec<String>>,
    /// Classes or types that were found.
    pub(super) found: Vec<String>,
    /// Texts that were cut off.
    pub(super) cut: usize,
}

/// Which model, and what it is called.
pub(super) struct Task<'a> {
    pub(super) table: &'a InferTable,
    pub(super) settings: &'a ModelSettings,
    /// The model that is taken unless another is named.
    pub(super) usual: &'static str,
    /// The appended columns: the first as the person wants it, the others after it.
    pub(super) columns: &'a [&'static str],
}

/// A model that is read, by what is asked of it.
pub(super) struct Asker<F> {
    /// What it is called.
    pub(super) model: String,
    pub(super) ran_on: RanOn,
    /// Answers some texts.
    pub(super) ask: F,
}

/// Asks a model of that kind about all rows. Steps: `load`, `infer` (rows), `write`.
pub(super) fn infer<E: Engine>(
    app: &App,
    job: &Job,
    task: &Task,
    ran_on: impl Fn(&E) -> RanOn,
    mut ask: impl FnMut(&Asked<E>, Vec<String>) -> Result<Said>,
) -> Result<InferredTable> {
    Asked::<E>::find(app, task.settings, task.usual)?;
    infer_by(app, job, task, || {
        let model = Asked::<E>::open(app, task.settings, task.usual)?;
        let (name, ran_on) = (model.model(), ran_on(&model.engine));
        Ok(Asker { model: name, ran_on, ask: move |texts| ask(&model, texts) })
    })
}

/// Asks what `open` gives about all rows. Steps: `load`, `infer` (rows), `write`.
pub(super) fn infer_by<F: FnMut(Vec<String>) -> Result<Said>>(
    app: &App,
    job: &Job,
    task: &Task,
    open: impl FnOnce() -> Result<Asker<F>>,
) -> Result<InferredTable> {
    let Task { table, columns, .. } = *task;
    let from = From::open(app, job, &table.source)?;
    let names = names(columns, table.column.as_deref());
    let path = match &table.out {
        Some(out) => PathBuf::from(out),
        None => export_path(app, &format!("{}-{}", from.name(), names[0]), "csv")?,
    };
    let (mut out, path) = beside(&path)?;
    let texts = from.columns_for(&table.text_cols, None)?;

    job.step("load", None);
    let began = Instant::now();
    let mut model = open()?;
    let load = began.elapsed().as_secs_f64();

    let began = Instant::now();
    let rows = from.row_count(job)?;
    job.step("infer", Some(rows));
    let (mut cells, mut counts, mut cut) = (Vec::new(), BTreeMap::new(), 0);
    from.each_text(&texts, ROWS, job, |some| {
        let said = (model.ask)(some.into_iter().map(|row| row.text).collect())?;
        said.found.into_iter().for_each(|found| *counts.entry(found).or_insert(0) += 1);
        cut += said.cut as u64;
        cells.extend(said.cells);
        job.at(cells.len() as u64);
        job.checkpoint()
    })?;
    let cell = |row: u64, at: usize| -> String {
        let row = cells.get(row as usize);
        row.and_then(|row| row.get(at)).cloned().unwrap_or_default()
    };
    let borrowed: Vec<&str> = names.iter().map(String::as_str).collect();
    let warnings = write_columns(&from, &borrowed, &cell, &mut out, &path, job)?;
    commit(out, &path)?;
    Ok(InferredTable {
        rows,
        text_cols: texts.names,
        columns: names,
        counts,
        model: model.model,
        ran_on: model.ran_on,
        cut,
        seconds: InferSeconds { load, infer: began.elapsed().as_secs_f64() },
        out: path.display().to_string(),
        warnings,
    })
}

/// The appended columns: where the first has another name, the others follow it.
fn names(usual: &[&str], first: Option<&str>) -> Vec<String> {
    let Some(first) = first else { return usual.iter().map(|&name| name.to_owned()).collect() };
    let rest = usual.iter().skip(1).map(|name| match name.rsplit_once('_') {
        Some((_, ending)) => format!("{first}_{ending}"),
        None => (*name).to_owned(),
    });
    std::iter::once(first.to_owned()).chain(rest).collect()
}

/// A score as it stands in a cell.
pub(super) fn score(score: f32) -> String {
    format!("{score:.4}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appended_columns_follow_the_name_of_the_first() {
        assert_eq!(names(&["classe", "classe_score"], None), ["classe", "classe_score"]);
        assert_eq!(names(&["classe", "classe_score"], Some("tom")), ["tom", "tom_score"]);
        assert_eq!(names(&["resumo"], Some("x")), ["x"]);
    }
}
