//! Writing: one answer when the text is whole, or Server-Sent Events as it comes.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use mirante_app::Job;
use mirante_app::ops::generate::{GenerateRequest, Message, Writing, generate_streamed};
use mirante_app::ops::inference::ModelSettings;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::limits::{Watched, answered};
use super::texts::Body;
use crate::serve::Server;

/// What is to be written.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct GenerateBody {
    /// What the person says.
    #[serde(default)]
    prompt: String,
    /// What the model is told beforehand.
    system: Option<String>,
    /// What was said before the prompt.
    #[serde(default)]
    messages: Vec<Message>,
    /// Short name, repository or folder of a model.
    model: Option<String>,
    /// Most tokens.
    max_tokens: Option<u32>,
    /// How freely tokens are drawn; 0 takes the likeliest.
    temperature: Option<f32>,
    /// Tokens are drawn among the likeliest that together have this share.
    top_p: Option<f32>,
    /// The same seed writes the same text.
    seed: Option<u64>,
    /// Answer with Server-Sent Events: `text` for every piece, then `done` with the whole, or `error`.
    #[serde(default)]
    stream: bool,
}

impl GenerateBody {
    fn request(self) -> (GenerateRequest, bool) {
        let usual = Writing::default();
        let request = GenerateRequest {
            prompt: self.prompt,
            system: self.system,
            messages: self.messages,
            writing: Writing {
                max_tokens: self.max_tokens.unwrap_or(usual.max_tokens),
                temperature: self.temperature,
                top_p: self.top_p,
                seed: self.seed.unwrap_or(usual.seed),
            },
            settings: ModelSettings { model: self.model, ..ModelSettings::default() },
        };
        (request, self.stream)
    }
}

pub(super) async fn generate(
    State(server): State<Server>,
    Body(body): Body<GenerateBody>,
) -> Response {
    let (request, stream) = body.request();
    if !stream {
        return answered(&server, move |app, job| {
            generate_streamed(app, job, request, &mut |_| true)
        })
        .await;
    }
    let (app, job) = (Arc::clone(&server.app), Arc::new(Job::quiet()));
    let watched = Watched(Arc::clone(&job));
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel::<Event>();
    tokio::task::spawn_blocking(move || {
        let event = |name: &str, data: serde_json::Value| {
            Event::default().event(name).json_data(data).unwrap_or_default()
        };
        let mut listener =
            |added: &str| sender.send(event("text", json!({ "text": added }))).is_ok();
        let last = match generate_streamed(&app, &job, request, &mut listener) {
            Ok(done) => event("done", serde_json::to_value(done).unwrap_or_default()),
            Err(error) => event("error", serde_json::to_value(error.failure()).unwrap_or_default()),
        };
        let _ = sender.send(last);
    });
    // The job goes with the stream: who hangs up stops the writing.
    let events =
        futures_util::stream::unfold((receiver, watched), |(mut receiver, watched)| async {
            let event = receiver.recv().await?;
            Some((Ok::<_, Infallible>(event), (receiver, watched)))
        });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}
