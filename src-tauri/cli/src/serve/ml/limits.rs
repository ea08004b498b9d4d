//! How many requests run at once, and for how long.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use mirante_app::{App, Error, Failure, Job, Result};
use serde::Serialize;
use tokio::sync::Semaphore;

use crate::serve::Server;
use crate::serve::api::failed;

/// Bytes of the largest table in a request.
pub(super) const MOST_TABLE: usize = 1 << 30;
/// Requests that wait or run at once.
pub(super) const AT_ONCE: usize = 256;
/// Seconds after which one asks again when there are too many.
const AGAIN: &str = "1";

/// The limits of a server.
#[derive(Clone)]
pub(in crate::serve) struct Limits {
    /// The longest that a request may take.
    pub(in crate::serve) time: Duration,
    places: Arc<Semaphore>,
}

impl Limits {
    pub(in crate::serve) fn new(time: Duration) -> Self {
        Self { time, places: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

/// Lets through as many as may run at once; the others hear when to come again.
pub(super) async fn at_once(
    State(server): State<Server>,
    request: Request,
    next: Next,
) -> Response {
    match Arc::clone(&server.limits.places).try_acquire_owned() {
        Ok(_place) => next.run(request).await,
        Err(_) => {
            let failure = refusal("busy", [("limit", AT_ONCE.to_string())]);
            let headers = [(header::RETRY_AFTER, AGAIN)];
            (StatusCode::SERVICE_UNAVAILABLE, headers, Json(failure)).into_response()
        }
    }
}

fn refusal<const N: usize>(code: &str, fields: [(&str, String); N]) -> Failure {
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Failure { code: code.to_owned(), fields }
}

/// Cancels its job when nobody waits for it any more: the caller has gone, or the time is over.
pub(super) struct Watched(pub(super) Arc<Job>);

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Does `work` on a thread of its own and answers what comes of it.
pub(super) async fn answered<T: Serialize + Send + 'static>(
    server: &Server,
    work: impl FnOnce(&App, &Job) -> Result<T> + Send + 'static,
) -> Response {
    match done(server, work).await {
        Ok(value) => Json(value).into_response(),
        Err(response) => response,
    }
}

/// The same, with the value itself; or the answer that says what went wrong.
pub(super) async fn done<T: Send + 'static>(
    server: &Server,
    work: impl FnOnce(&App, &Job) -> Result<T> + Send + 'static,
) -> std::result::Result<T, Response> {
    let (app, job) = (Arc::clone(&server.app), Arc::new(Job::quiet()));
    let watched = Watched(Arc::clone(&job));
    let work = tokio::task::spawn_blocking(move || work(&app, &job));
    let ended = tokio::time::timeout(server.limits.time, work).await;
    drop(watched);
    match ended {
        Ok(Ok(Ok(value))) => Ok(value),
        Ok(Ok(Err(error))) => Err(failed(&error)),
        Ok(Err(error)) => Err(failed(&Error::Internal { reason: error.to_string() })),
        Err(_) => {
            let seconds = server.limits.time.as_secs().to_string();
            let failure = refusal("timed_out", [("seconds", seconds)]);
            Err((StatusCode::GATEWAY_TIMEOUT, Json(failure)).into_response())
        }
    }
}
