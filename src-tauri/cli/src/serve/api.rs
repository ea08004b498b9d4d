//! `POST /api/{operation}` and the stream of what jobs do.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use mirante_app::ops::jobs::{JobState, JobStatus};
use mirante_app::ops::{self, Answer, Operation, Reply};
use mirante_app::{App, Error, Failure, Fault};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::Server;

/// Bytes of the largest request: a lasso or a list of rows fits many times over.
pub(super) const MOST_BYTES: usize = 32 << 20;

/// How a job is answered.
#[derive(Deserialize)]
pub(super) struct Waiting {
    /// Answer with the job's result once it is there, not with the job.
    #[serde(default)]
    wait: bool,
}

/// Answers a query, or starts a job: 202 with the job, or with `?wait=true` its result.
pub(super) async fn call(
    State(server): State<Server>,
    Path(operation): Path<String>,
    Query(Waiting { wait }): Query<Waiting>,
    body: Bytes,
) -> Response {
    let is_private = |known: Operation| known.answer() == Answer::Private;
    if Operation::named(&operation).is_some_and(is_private) {
        return failed(&Error::Unknown { what: "operation", id: operation });
    }
    let request = if body.is_empty() {
        Ok(Value::Object(serde_json::Map::new()))
    } else {
        serde_json::from_slice(&body)
    };
    let request = match request {
        Ok(request) => request,
        Err(error) => return failed(&Error::BadRequest { reason: error.to_string() }),
    };
    let updates = server.app.watch_jobs();
    let app = Arc::clone(&server.app);
    let reply = tokio::task::spawn_blocking(move || ops::call(&app, &operation, request)).await;
    match reply {
        Ok(Ok(Reply::Json(value))) => Json(value).into_response(),
        Ok(Ok(Reply::Bytes(bytes))) => {
            ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response()
        }
        Ok(Ok(Reply::Started(status))) if wait => ended(&server.app, updates, status).await,
        Ok(Ok(Reply::Started(status))) => (StatusCode::ACCEPTED, Json(status)).into_response(),
        Ok(Err(error)) => failed(&error),
        Err(error) => failed(&Error::Internal { reason: error.to_string() }),
    }
}

async fn ended(
    app: &Arc<App>,
    mut updates: Receiver<JobStatus>,
    mut status: JobStatus,
) -> Response {
    while matches!(status.state, JobState::Queued | JobState::Running | JobState::Paused) {
        status = match updates.recv().await {
            Ok(update) if update.id == status.id => update,
            Ok(_) => continue,
            // Some updates were missed, perhaps the last one: ask.
            Err(RecvError::Lagged(_)) => match app.job(status.id) {
                Ok(status) => status,
                Err(error) => return failed(&error),
            },
            Err(RecvError::Closed) => break,
        };
    }
    match (status.state, status.failure) {
        (JobState::Done, _) => Json(status.response).into_response(),
        (_, Some(failure)) => (StatusCode::UNPROCESSABLE_ENTITY, Json(failure)).into_response(),
        _ => failed(&Error::Cancelled),
    }
}

/// Every change of every job, as Server-Sent Events named `job`.
pub(super) async fn events(
    State(server): State<Server>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(stream(server.app.watch_jobs())).keep_alive(KeepAlive::default())
}

/// Ends when updates were missed, perhaps a job's last one: who listens opens it anew, and reads
/// then how all jobs stand.
fn stream<T: Serialize + Clone>(
    updates: Receiver<T>,
) -> impl Stream<Item = Result<Event, Infallible>> {
    futures_util::stream::unfold(updates, |mut updates| async {
        let update = updates.recv().await.ok()?;
        let event = Event::default().event("job").json_data(&update);
        Some((Ok(event.unwrap_or_default()), updates))
    })
}

/// An error as HTTP carries it.
pub(super) fn failed(error: &Error) -> Response {
    let status = match error.fault() {
        Fault::Request => StatusCode::UNPROCESSABLE_ENTITY,
        Fault::Absent => StatusCode::NOT_FOUND,
        Fault::Stopped | Fault::Busy => StatusCode::CONFLICT,
        Fault::Machine => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let failure: Failure = error.failure();
    (status, Json(failure)).into_response()
}

/// The limit of a request's size.
pub(super) fn body_limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(MOST_BYTES)
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;

    #[tokio::test]
    async fn a_stream_that_missed_updates_ends_and_another_goes_on() {
        let (sender, updates) = tokio::sync::broadcast::channel(2);
        let mut behind = Box::pin(stream(updates));
        let mut beside = Box::pin(stream(sender.subscribe()));
        sender.send(1).unwrap();
        assert!(behind.next().await.is_some() && beside.next().await.is_some());
        for update in 2..6 {
            sender.send(update).unwrap();
            assert!(beside.next().await.is_some());
        }
        assert!(behind.next().await.is_none());
    }
}
