//! Texts in, answers out.

use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use mirante_app::ops;
use mirante_app::ops::answer::{AnswerChoice, AnswerRequest, Answered};
use mirante_app::ops::classify::{Classified, ClassifyRequest};
use mirante_app::ops::embed::{EmbedRequest, EmbedSettings, RanOn, Space, TextRole};
use mirante_app::ops::inference::ModelSettings;
use mirante_app::ops::search::SearchRequest;
use mirante_app::ops::summarize::{SummarizeRequest, SummaryChoice};
use mirante_app::ops::tag::{TagJoin, TagRequest, TaggedEntity};
use mirante_app::{Error, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::limits::answered;
use crate::serve::Server;
use crate::serve::api::failed;

/// A JSON body; what is wrong with it is said as everywhere.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Server> for Body<T> {
    type Rejection = Response;

    async fn from_request(
        request: Request,
        state: &Server,
    ) -> std::result::Result<Self, Self::Rejection> {
        let bad = |reason: String| failed(&Error::BadRequest { reason });
        let bytes = axum::body::Bytes::from_request(request, state)
            .await
            .map_err(|error| bad(error.to_string()))?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| bad(error.to_string()))
    }
}

/// One text, or several.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct Texts {
    /// One text; the answer is then of one.
    text: Option<String>,
    /// Several; the answer is then a list.
    texts: Option<Vec<String>>,
}

impl Texts {
    /// The texts, and whether it was one.
    fn all(self) -> Result<(Vec<String>, bool)> {
        match (self.text, self.texts) {
            (Some(text), None) => Ok((vec![text], true)),
            (None, Some(texts)) => Ok((texts, false)),
            _ => Err(Error::BadRequest { reason: "text or texts".to_owned() }),
        }
    }
}

/// One answer, or several.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Answer<One, Many> {
    /// Of one text.
    One(One),
    /// Of several.
    Many(Many),
}

/// Texts for vectors.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct EmbedBody {
    #[serde(flatten)]
    texts: Texts,
    /// Short name, repository or folder of a model.
    model: Option<String>,
    /// `document`, `query` or `plain`.
    role: Option<TextRole>,
    /// Make vectors 1 long.
    #[serde(default)]
    normalize: bool,
}

/// A vector.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Embedding {
    embedding: Vec<f32>,
    space: Space,
    ran_on: RanOn,
}

/// Vectors.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Embeddings {
    embeddings: Vec<Vec<f32>>,
    space: Space,
    ran_on: RanOn,
}

pub(super) async fn embed(State(server): State<Server>, Body(body): Body<EmbedBody>) -> Response {
    answered(&server, move |app, job| {
        let (texts, is_one) = body.texts.all()?;
        let usual = EmbedSettings::default();
        let settings = EmbedSettings {
            model: body.model.unwrap_or(usual.model),
            role: body.role.unwrap_or_default(),
            normalize: body.normalize,
            ..EmbedSettings::default()
        };
        let found = ops::embed::embed(app, job, EmbedRequest { texts, settings })?;
        let (space, ran_on, mut embeddings) = (found.space, found.ran_on, found.embeddings);
        Ok(if is_one {
            let embedding = embeddings.pop().unwrap_or_default();
            Answer::One(Embedding { embedding, space, ran_on })
        } else {
            Answer::Many(Embeddings { embeddings, space, ran_on })
        })
    })
    .await
}

/// Texts for classes.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ClassifyBody {
    #[serde(flatten)]
    texts: Texts,
    /// Short name, repository or folder of a model.
    model: Option<String>,
}

/// A class.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Class {
    #[serde(flatten)]
    class: Classified,
    model: String,
    ran_on: RanOn,
}

/// Classes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Classes {
    results: Vec<Classified>,
    model: String,
    ran_on: RanOn,
}

pub(super) async fn classify(
    State(server): State<Server>,
    Body(body): Body<ClassifyBody>,
) -> Response {
    answered(&server, move |app, job| {
        let (texts, is_one) = body.texts.all()?;
        let request = ClassifyRequest { texts, settings: named(body.model) };
        let found = ops::classify::classify(app, job, request)?;
        let (model, ran_on, mut results) = (found.model, found.ran_on, found.results);
        Ok(match results.pop() {
            Some(class) if is_one => Answer::One(Class { class, model, ran_on }),
            last => {
                results.extend(last);
                Answer::Many(Classes { results, model, ran_on })
            }
        })
    })
    .await
}

fn named(model: Option<String>) -> ModelSettings {
    ModelSettings { model, ..ModelSettings::default() }
}

/// Texts for entities.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct TagBody {
    #[serde(flatten)]
    texts: Texts,
    /// Short name, repository or folder of a model.
    model: Option<String>,
    /// How parts of words that disagree are joined: `first` or `simple`.
    join: Option<TagJoin>,
}

/// The entities of a text.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Entities {
    entities: Vec<TaggedEntity>,
    model: String,
    ran_on: RanOn,
}

/// The entities of every text.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AllEntities {
    entities: Vec<Vec<TaggedEntity>>,
    model: String,
    ran_on: RanOn,
}

pub(super) async fn tag(State(server): State<Server>, Body(body): Body<TagBody>) -> Response {
    answered(&server, move |app, job| {
        let (texts, is_one) = body.texts.all()?;
        let join = body.join.unwrap_or_default();
        let request = TagRequest { texts, join, settings: named(body.model) };
        let found = ops::tag::tag(app, job, request)?;
        let (model, ran_on, mut entities) = (found.model, found.ran_on, found.entities);
        Ok(if is_one {
            let entities = entities.pop().unwrap_or_default();
            Answer::One(Entities { entities, model, ran_on })
        } else {
            Answer::Many(AllEntities { entities, model, ran_on })
        })
    })
    .await
}

/// A question and what it is asked of.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct AnswerBody {
    /// The question.
    question: String,
    /// One text; the answer is then of one.
    context: Option<String>,
    /// Several; the answer is then a list.
    contexts: Option<Vec<String>>,
    /// Short name, repository or folder of a model.
    model: Option<String>,
    #[serde(flatten)]
    choice: AnswerChoiceBody,
}

/// What is taken for an answer.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct AnswerChoiceBody {
    /// Candidates that are told.
    most: Option<u32>,
    /// By how much "no answer" must be the likelier to be given.
    threshold: Option<f32>,
    /// Whether there always is an answer.
    must: Option<bool>,
}

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AnswerOfOne {
    #[serde(flatten)]
    answer: Answered,
    model: String,
    ran_on: RanOn,
}

/// Answers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Answers {
    answers: Vec<Answered>,
    model: String,
    ran_on: RanOn,
}

pub(super) async fn answer(State(server): State<Server>, Body(body): Body<AnswerBody>) -> Response {
    answered(&server, move |app, job| {
        let (contexts, is_one) = match (body.context, body.contexts) {
            (Some(context), None) => (vec![context], true),
            (None, Some(contexts)) => (contexts, false),
            _ => return Err(Error::BadRequest { reason: "context or contexts".to_owned() }),
        };
        let usual = AnswerChoice::default();
        let choice = AnswerChoice {
            most: body.choice.most.unwrap_or(usual.most),
            threshold: body.choice.threshold.unwrap_or(usual.threshold),
            must: body.choice.must.unwrap_or(usual.must),
            ..usual
        };
        let request = AnswerRequest {
            question: body.question,
            contexts,
            choice,
            settings: named(body.model),
        };
        let found = ops::answer::answer(app, job, request)?;
        let (model, ran_on, mut answers) = (found.model, found.ran_on, found.answers);
        Ok(match answers.pop() {
            Some(answer) if is_one => Answer::One(AnswerOfOne { answer, model, ran_on }),
            last => {
                answers.extend(last);
                Answer::Many(Answers { answers, model, ran_on })
            }
        })
    })
    .await
}

/// Texts to summarise.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct SummarizeBody {
    #[serde(flatten)]
    texts: Texts,
    /// Short name, repository or folder of a model.
    model: Option<String>,
    /// Most tokens.
    max_tokens: Option<u32>,
    /// Beginnings that are followed at once; 1 is fastest.
    beams: Option<u32>,
}

/// A summary.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Summary {
    summary: String,
    model: String,
    ran_on: RanOn,
}

/// Summaries.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Summaries {
    summaries: Vec<String>,
    model: String,
    ran_on: RanOn,
}

pub(super) async fn summarize(
    State(server): State<Server>,
    Body(body): Body<SummarizeBody>,
) -> Response {
    answered(&server, move |app, job| {
        let (texts, is_one) = body.texts.all()?;
        let choice = SummaryChoice { max_tokens: body.max_tokens, beams: body.beams, prefix: None };
        let request = SummarizeRequest { texts, choice, settings: named(body.model) };
        let found = ops::summarize::summarize(app, job, request)?;
        let (model, ran_on, mut summaries) = (found.model, found.ran_on, found.summaries);
        Ok(if is_one {
            let summary = summaries.pop().unwrap_or_default();
            Answer::One(Summary { summary, model, ran_on })
        } else {
            Answer::Many(Summaries { summaries, model, ran_on })
        })
    })
    .await
}

pub(super) async fn search(
    State(server): State<Server>,
    Body(body): Body<SearchRequest>,
) -> Response {
    answered(&server, move |app, job| ops::search::search(app, job, body)).await
}
