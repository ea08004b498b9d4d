//! Short routes for workflows, such as n8n's: one text or several in, what a model says of them out.
//! They are the operations by other names, with limits on size, time and how many run at once.

mod generate;
mod jobs;
mod leads;
mod limits;
mod openapi;
mod segment;
mod texts;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};

use super::Server;
use super::api::MOST_BYTES;

pub(super) use limits::Limits;
pub(super) use openapi::paths;

/// The routes, without the token's guard.
pub(super) fn routes(server: &Server) -> Router<Server> {
    let texts = Router::new()
        .route("/ml/embed", post(texts::embed))
        .route("/ml/classificar", post(texts::classify))
        .route("/ml/entidades", post(texts::tag))
        .route("/ml/responder", post(texts::answer))
        .route("/ml/resumir", post(texts::summarize))
        .route("/ml/gerar", post(generate::generate))
        .route("/busca", post(texts::search))
        .route("/score-lead", post(leads::score))
        .layer(DefaultBodyLimit::max(MOST_BYTES));
    let tables = Router::new()
        .route("/ml/segmentar", post(segment::segment))
        .layer(DefaultBodyLimit::max(limits::MOST_TABLE));
    let limited =
        texts.merge(tables).layer(middleware::from_fn_with_state(server.clone(), limits::at_once));
    Router::new()
        .merge(limited)
        .route("/jobs", get(jobs::jobs))
        .route("/jobs/{job}", get(jobs::job).delete(jobs::cancel))
}
