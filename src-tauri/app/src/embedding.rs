//! From texts to vectors; see [`crate::ops::embed`].

use std::path::Path;
use std::time::Instant;

use mirante_data::export::{VectorFormat as Format, VectorWriter};
use mirante_data::progress::Progress;
use mirante_neural::embed::{Embedder, How};

use crate::app::App;
use crate::error::{Error, Result};
use crate::exporting::export_error;
use crate::job::Job;
use crate::models::Located;
use crate::ops::embed::{
    EmbedRequest, EmbedResponse, EmbedSeconds, EmbedSettings, EmbedTableRequest,
    EmbedTableResponse, RanOn, Space, VectorFormat,
};
use crate::segmenting::From;
use crate::texts::count_rows;

/// Rows read before they go through the model: enough to put texts of one length together.
const ROWS: usize = 1024;

/// Makes vectors of a few texts.
pub(crate) fn embed(app: &App, job: &Job, request: EmbedRequest) -> Result<EmbedResponse> {
    let settings = &request.settings;
    check(settings)?;
    let located = app.locate(&settings.model)?;
    let embedder = app.embedder(&located)?;
    let prompt = located.prompt(&embedder, settings.role);
    let texts = request.texts.iter().map(|text| format!("{prompt}{text}")).collect();
    let vectors = embedder.embed(texts, &how(settings, &|| !job.is_cancelled()))?;
    Ok(EmbedResponse {
        embeddings: vectors.numbers.chunks_exact(embedder.width()).map(<[f32]>::to_vec).collect(),
        space: space(&located, &embedder),
        ran_on: ran_on(&embedder),
        cut: vectors.cut as u64,
    })
}

/// Makes a vector of every row. Steps: `load`, `embed` (rows).
pub(crate) fn embed_table(
    app: &App,
    job: &Job,
    request: &EmbedTableRequest,
) -> Result<EmbedTableResponse> {
    let settings = &request.settings;
    check(settings)?;
    let path = Path::new(&request.out);
    let format = format_of(request.format, path);
    let located = app.locate(&settings.model)?;
    let from = From::open(app, job, &request.source)?;
    let columns = from.columns_for(&request.text_cols, request.id_col.as_deref())?;

    job.step("load", None);
    let began = Instant::now();
    let embedder = app.embedder(&located)?;
    let load = began.elapsed().as_secs_f64();

    let began = Instant::now();
    let rows = count_rows(&from, job)?;
    let failed = |error| export_error(path, error);
    let mut writer = VectorWriter::create(path, format, rows, embedder.width(), columns.numbered)
        .map_err(failed)?;
    job.step("embed", Some(rows));
    let prompt = located.prompt(&embedder, settings.role);
    let (mut done, mut cut) = (0, 0);
    from.each_text(&columns, ROWS, job, |some| {
        let texts = some.iter().map(|row| format!("{prompt}{}", row.text)).collect();
        let going = || job.check().is_ok();
        let vectors = embedder.embed(texts, &how(settings, &going))?;
        for (row, vector) in some.iter().zip(vectors.numbers.chunks_exact(embedder.width())) {
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
        space: space(&located, &embedder),
        ran_on: ran_on(&embedder),
        cut,
        seconds: EmbedSeconds { load, embed: began.elapsed().as_secs_f64() },
        out: request.out.clone(),
    })
}

pub(crate) fn check(settings: &EmbedSettings) -> Result<()> {
    let one_of = |option: &'static str, value: &str, allowed: &[&str]| {
        if allowed.contains(&value) {
            return Ok(());
        }
        Err(Error::BadOption { option, value: value.to_owned(), allowed: allowed.join(", ") })
    };
    one_of("device", &settings.device, &["auto", "cpu"])?;
    one_of("precision", &settings.precision, &["auto", "f32"])?;
    if settings.batch == 0 {
        let allowed = "≥ 1".to_owned();
        return Err(Error::BadOption { option: "batch", value: "0".to_owned(), allowed });
    }
    Ok(())
}

pub(crate) fn how<'a>(settings: &EmbedSettings, go_on: &'a (dyn Fn() -> bool + Sync)) -> How<'a> {
    How { normalize: settings.normalize, batch: settings.batch as usize, go_on }
}

pub(crate) fn space(located: &Located, embedder: &Embedder) -> Space {
    Space {
        model: located.name.clone(),
        revision: located.revision.clone(),
        pooling: embedder.pooling(),
        dimension: embedder.width() as u32,
    }
}

pub(crate) fn ran_on(embedder: &Embedder) -> RanOn {
    RanOn {
        device: "cpu".to_owned(),
        precision: "f32".to_owned(),
        instructions: embedder.isa().name().to_owned(),
    }
}

fn format_of(said: Option<VectorFormat>, path: &Path) -> Format {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    match (said, ending) {
        (Some(VectorFormat::Jsonl), _) | (None, "jsonl") => Format::Jsonl,
        (Some(VectorFormat::Npy), _) | (None, "npy") => Format::Npy,
        (Some(VectorFormat::Parquet), _) | (None, "parquet") => Format::Parquet,
        (Some(VectorFormat::Json) | None, _) => Format::Json,
    }
}
