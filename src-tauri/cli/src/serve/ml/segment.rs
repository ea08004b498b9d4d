//! A table in, the same table with its segments out, or how many rows each segment has.

use std::path::{Path, PathBuf};

use axum::RequestExt;
use axum::extract::{FromRequest, Multipart, Query, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use mirante_app::ops::open::ReadOptions;
use mirante_app::ops::segment::{
    SegmentRequest, SegmentSettings, Source, StopWords, segment as segment_rows,
};
use mirante_app::{Error, HALF_MADE, Result};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use utoipa::ToSchema;

use super::limits::done;
use crate::serve::Server;
use crate::serve::api::failed;
use crate::serve::files::body_of;

/// How the rows are put into segments: in the address, in a form's fields, or beside `path` in JSON.
#[derive(Debug, Default, Clone, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub(super) struct SegmentBody {
    /// A file on the server's machine, inside the folders that `--allow` names. JSON only.
    path: Option<String>,
    /// Columns with text, separated by commas.
    text_col: Option<String>,
    /// Segments; 8 unless said.
    clusters: Option<u32>,
    /// Words that are left out: `none`, `pt` or `en`.
    stop_words: Option<StopWords>,
    /// Seed of every random choice.
    seed: Option<u32>,
    /// Name of the appended column; `segmento` unless said.
    label_col: Option<String>,
    /// `csv`: the table with its segments. `counts`: how many rows each has, with terms and examples.
    answer: Option<Wanted>,
}

/// What is answered.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Wanted {
    /// The table.
    #[default]
    Csv,
    /// The segments.
    Counts,
}

/// A folder that goes when the request does.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(super) async fn segment(
    State(server): State<Server>,
    query: Query<SegmentBody>,
    request: Request,
) -> Response {
    match answer(&server, query.0, request).await {
        Ok(response) | Err(response) => response,
    }
}

async fn answer(
    server: &Server,
    query: SegmentBody,
    request: Request,
) -> std::result::Result<Response, Response> {
    let told = |error: Error| failed(&error);
    let name = format!("{HALF_MADE}{}", crate::serve::guard::new_token());
    let scratch = Scratch(server.app.folder(&["uploads", &name]).map_err(told)?);
    let (path, body) = taken(server, &scratch.0, query, request).await.map_err(told)?;
    let wanted = body.answer.unwrap_or_default();
    let out = scratch.0.join("out.csv");
    let target = (wanted == Wanted::Csv).then(|| out.display().to_string());
    let found =
        done(server, move |app, job| segment_rows(app, job, body.request(&path, target))).await?;
    if wanted == Wanted::Counts {
        return Ok(axum::Json(found).into_response());
    }
    let failed_to_read = |error| failed(&Error::reading(&out, error));
    let file = tokio::fs::File::open(&out).await.map_err(failed_to_read)?;
    // The file is open: what is left of the folder may go.
    drop(scratch);
    let headers = [
        (header::CONTENT_TYPE, "text/csv"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"segmentos.csv\""),
    ];
    Ok((headers, body_of(file)).into_response())
}

/// The table and what is wanted of it, by the kind of the body.
async fn taken(
    server: &Server,
    scratch: &Path,
    query: SegmentBody,
    request: Request,
) -> Result<(PathBuf, SegmentBody)> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    let bad = |reason: String| Error::BadRequest { reason };
    let path = scratch.join("table.csv");
    if kind.starts_with("application/json") {
        let bytes = axum::body::Bytes::from_request(request, server)
            .await
            .map_err(|error| bad(error.to_string()))?;
        let body: SegmentBody =
            serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))?;
        let named = body.path.as_deref().ok_or_else(|| bad("path".to_owned()))?;
        return Ok((server.allowed(Path::new(named))?, body));
    }
    if kind.starts_with("multipart/form-data") {
        let parts = Multipart::from_request(request, server)
            .await
            .map_err(|error| bad(error.to_string()))?;
        let body = from_parts(parts, &path, query).await?;
        return Ok((path, body));
    }
    // A body that is taken as it comes would else know no limit.
    store(&path, request.into_limited_body().into_data_stream()).await?;
    Ok((path, query))
}

/// Fields of a form that are numbers.
const NUMBERS: [&str; 2] = ["clusters", "seed"];

/// A form: one file, and fields by the names of [`SegmentBody`].
async fn from_parts(mut parts: Multipart, path: &Path, said: SegmentBody) -> Result<SegmentBody> {
    let bad = |reason: String| Error::BadRequest { reason };
    let mut fields = serde_json::Map::new();
    let mut has_file = false;
    while let Some(part) = parts.next_field().await.map_err(|error| bad(error.to_string()))? {
        if part.file_name().is_some() || part.name() == Some("file") {
            store(path, part).await?;
            has_file = true;
            continue;
        }
        let name = part.name().unwrap_or_default().to_owned();
        let text = part.text().await.map_err(|error| bad(error.to_string()))?;
        // Of a form all is text; a column may be called by a number.
        let number = text.parse::<u32>().ok().filter(|_| NUMBERS.contains(&name.as_str()));
        let value = number.map_or_else(|| text.into(), Into::into);
        fields.insert(name, value);
    }
    if !has_file {
        return Err(bad("file".to_owned()));
    }
    let body: SegmentBody = serde_json::from_value(serde_json::Value::Object(fields))
        .map_err(|error| bad(error.to_string()))?;
    Ok(SegmentBody {
        path: None,
        text_col: body.text_col.or(said.text_col),
        clusters: body.clusters.or(said.clusters),
        stop_words: body.stop_words.or(said.stop_words),
        seed: body.seed.or(said.seed),
        label_col: body.label_col.or(said.label_col),
        answer: body.answer.or(said.answer),
    })
}

async fn store<B, E>(
    path: &Path,
    bytes: impl futures_util::Stream<Item = std::result::Result<B, E>>,
) -> Result<()>
where
    B: AsRef<[u8]>,
    E: std::fmt::Display,
{
    let failed = |error| Error::writing(path, error);
    let mut file = tokio::fs::File::create(path).await.map_err(failed)?;
    let mut bytes = std::pin::pin!(bytes);
    while let Some(some) = bytes.next().await {
        let some = some.map_err(|error| Error::BadRequest { reason: error.to_string() })?;
        file.write_all(some.as_ref()).await.map_err(failed)?;
    }
    file.flush().await.map_err(failed)
}

impl SegmentBody {
    fn request(self, path: &Path, out: Option<String>) -> SegmentRequest {
        let usual = SegmentSettings::default();
        let columns = self.text_col.unwrap_or_default();
        let columns = columns.split(',').map(str::trim).filter(|column| !column.is_empty());
        SegmentRequest {
            source: Source::File {
                path: path.display().to_string(),
                options: ReadOptions::default(),
            },
            settings: SegmentSettings {
                text_cols: columns.map(str::to_owned).collect(),
                clusters: self.clusters.unwrap_or(usual.clusters),
                stop_words: self.stop_words.unwrap_or(usual.stop_words),
                seed: self.seed.unwrap_or(usual.seed),
                ..usual
            },
            out,
            label_col: self.label_col.unwrap_or_else(|| "segmento".to_owned()),
            save_model: None,
        }
    }
}
