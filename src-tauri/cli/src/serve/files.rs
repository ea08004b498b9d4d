//! Files between a browser and this machine: a browser can name no path, so it sends the bytes.

use std::path::{Path, PathBuf};

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use mirante_app::{Error, HALF_MADE, Result};
use serde::Deserialize;
use tokio::io::AsyncWriteExt;

use super::Server;
use super::api::failed;

/// A file's name as the browser knows it.
#[derive(Deserialize)]
pub(super) struct Named {
    name: String,
}

/// Takes a file's bytes as they come and answers the path to use in requests.
pub(super) async fn upload(
    State(server): State<Server>,
    Query(Named { name }): Query<Named>,
    request: Request,
) -> Response {
    match take(&server, &name, request).await {
        Ok(path) => Json(serde_json::json!({ "path": path.display().to_string() })).into_response(),
        Err(error) => failed(&error),
    }
}

async fn take(server: &Server, name: &str, request: Request) -> Result<PathBuf> {
    // Only the last part of whatever was sent, so that nothing is written anywhere else.
    let name = Path::new(name).file_name().unwrap_or_else(|| "upload.csv".as_ref());
    let token = super::guard::new_token();
    let part = server.app.folder(&["uploads", &format!("{HALF_MADE}{token}")])?;
    let folder = part.with_file_name(token);
    let path = folder.join(name);
    let stored = match store(&part.join(name), request.into_body()).await {
        Ok(()) => tokio::fs::rename(&part, &folder).await,
        Err(error) => Err(error),
    };
    if let Err(error) = stored {
        let _ = tokio::fs::remove_dir_all(&part).await;
        return Err(Error::writing(&path, error));
    }
    Ok(path)
}

async fn store(path: &Path, body: Body) -> std::io::Result<()> {
    let mut file = tokio::io::BufWriter::new(tokio::fs::File::create(path).await?);
    let mut stream = body.into_data_stream();
    while let Some(bytes) = stream.next().await {
        file.write_all(&bytes.map_err(std::io::Error::other)?).await?;
    }
    file.flush().await
}

/// An exported file.
#[derive(Deserialize)]
pub(super) struct Wanted {
    path: PathBuf,
}

/// Gives an exported file to the browser; nothing outside the exports folder.
pub(super) async fn download(
    State(server): State<Server>,
    Query(Wanted { path }): Query<Wanted>,
) -> Response {
    match find(&server, &path).await {
        Ok((file, name)) => {
            let attachment = format!("attachment; filename*=UTF-8''{}", percent(&name));
            let headers = [
                (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
                (header::CONTENT_DISPOSITION, attachment),
            ];
            (headers, body_of(file)).into_response()
        }
        Err(error) => failed(&error),
    }
}

/// A file's bytes, read as they are sent.
pub(super) fn body_of(file: tokio::fs::File) -> Body {
    Body::from_stream(futures_util::stream::try_unfold(file, |mut file| async {
        use tokio::io::AsyncReadExt;
        let mut bytes = vec![0; 1 << 16];
        let read = file.read(&mut bytes).await?;
        bytes.truncate(read);
        Ok::<_, std::io::Error>((read > 0).then_some((bytes, file)))
    }))
}

async fn find(server: &Server, path: &Path) -> Result<(tokio::fs::File, String)> {
    let absent = || Error::NotFound { path: path.to_owned() };
    let folder = server.app.folder(&["exports"])?.canonicalize().map_err(|_| absent())?;
    let real = path.canonicalize().map_err(|_| absent())?;
    if !real.starts_with(&folder) {
        return Err(absent());
    }
    let name = real.file_name().map(|name| name.to_string_lossy().into_owned());
    let file = tokio::fs::File::open(&real).await.map_err(|error| Error::reading(path, error))?;
    Ok((file, name.ok_or_else(absent)?))
}

/// A name as RFC 5987 writes it into a header.
fn percent(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
