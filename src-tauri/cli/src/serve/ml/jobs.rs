//! Jobs, for workflows that come back for them.

use axum::extract::{Path, State};
use axum::response::Response;
use mirante_app::ops;
use mirante_app::ops::jobs::{JobRequest, JobsRequest};

use super::limits::answered;
use crate::serve::Server;

pub(super) async fn jobs(State(server): State<Server>) -> Response {
    answered(&server, move |app, job| ops::jobs::jobs(app, job, JobsRequest { limit: 50 })).await
}

pub(super) async fn job(State(server): State<Server>, Path(id): Path<i64>) -> Response {
    answered(&server, move |app, job| ops::jobs::job(app, job, JobRequest { job: id })).await
}

pub(super) async fn cancel(State(server): State<Server>, Path(id): Path<i64>) -> Response {
    answered(&server, move |app, job| ops::jobs::cancel(app, job, JobRequest { job: id })).await
}
