//! From texts to vectors; see [`crate::ops::embed`].

use std::path::Path;
use std::time::Instant;

use mirante_data::export::{VectorFormat as Format, VectorWriter};
use mirante_data::progress::Progress;

use crate::app::App;
use crate::error::Result;
use crate::exporting::{export_error, export_path};
use crate::job::Job;
use crate::models::{FEW, Ready};
use crate::ops::embed::{
    EmbedRequest, EmbedResponse, EmbedSeconds, EmbedTableRequest, EmbedTableResponse, VectorFormat,
};
use crate::segmenting::From;

/// Rows read before they go through the model: enough to put texts of one length together.
const ROWS: usize = 1024;

/// Makes vectors of a few texts.
pub(crate) fn embed(app: &App, job: &Job, request: EmbedRequest) -> Result<EmbedResponse> {
    let EmbedRequest { texts, settings } = request;
    let model = Ready::open(app, &settings)?;
    let is_few = texts.len() < FEW;
    let texts = texts.iter().map(String::as_str);
    let (embeddings, cut) = if is_few {
        model.few_vectors(app, texts, settings.role)?
    } else {
        let vectors = model.vectors(texts, settings.role, &|| !job.is_cancelled())?;
        let numbers = vectors.numbers.chunks_exact(model.width());
        (numbers.map(<[f32]>::to_vec).collect(), vectors.cut)
    };
    let (space, ran_on) = (model.space(), model.ran_on());
    Ok(EmbedResponse { embeddings, space, ran_on, cut: cut as u64 })
}

/// Makes a vector of every row. Steps: `load`, `embed` (rows).
pub(crate) fn embed_table(
    app: &App,
    job: &Job,
    request: &EmbedTableRequest,
) -> Result<EmbedTableResponse> {
    Ready::find(app, &request.settings)?;
    let from = From::open(app, job, &request.source)?;
    let said = request.out.as_deref().map(Path::new);
    let (format, ending) = format_of(request.format, said);
    let path = &match said {
        Some(path) => path.to_owned(),
        None => export_path(app, &format!("{}-embedding", from.name()), ending)?,
    };
    let columns = from.columns_for(&request.text_cols, request.id_col.as_deref())?;

    job.step("load", None);
    let began = Instant::now();
    let model = Ready::open(app, &request.settings)?;
    let load = began.elapsed().as_secs_f64();

    let began = Instant::now();
    let rows = from.row_count(job)?;
    let failed = |error| export_error(path, error);
    let mut writer = VectorWriter::create(path, format, rows, model.width(), columns.numbered)
        .map_err(failed)?;
    job.step("embed", Some(rows));
    let (mut done, mut cut) = (0, 0);
    from.each_text(&columns, ROWS, job, |some| {
        let texts = some.iter().map(|row| row.text.as_str());
        let vectors = model.vectors(texts, request.settings.role, &|| job.check().is_ok())?;
        for (row, vector) in some.iter().zip(vectors.numbers.chunks_exact(model.width())) {
            writer.push(&row.id, &row.text, vector).map_err(failed)?;
        }
        done += some.len() as u64;
        cut += vectors.cut as u64;
        job.at(done);
        Ok(())
    })?;
    writer.finish().map_err(failed)?;
    Ok(EmbedTableResponse {
        rows,
        text_cols: columns.names,
        space: model.space(),
        ran_on: model.ran_on(),
        cut,
        seconds: EmbedSeconds { load, embed: began.elapsed().as_secs_f64() },
        out: path.display().to_string(),
    })
}

/// The format that was said, else that of the file's ending, else JSON; and its own ending.
fn format_of(said: Option<VectorFormat>, path: Option<&Path>) -> (Format, &'static str) {
    let ending = path.and_then(Path::extension).and_then(|ending| ending.to_str());
    match (said, ending.unwrap_or_default()) {
        (Some(VectorFormat::Jsonl), _) | (None, "jsonl") => (Format::Jsonl, "jsonl"),
        (Some(VectorFormat::Npy), _) | (None, "npy") => (Format::Npy, "npy"),
        (Some(VectorFormat::Parquet), _) | (None, "parquet") => (Format::Parquet, "parquet"),
        (Some(VectorFormat::Json) | None, _) => (Format::Json, "json"),
    }
}
