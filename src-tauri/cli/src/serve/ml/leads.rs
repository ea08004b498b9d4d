//! `POST /score-lead`: how likely a lead is to convert, and why.

use axum::extract::State;
use axum::response::Response;
use mirante_app::ops;
use mirante_app::ops::leads::{Lead, LeadScore, ScoreLeadsRequest, ScoreLeadsResponse};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::limits::answered;
use super::texts::{Answer, Body};
use crate::serve::Server;

/// One lead or several, with or without the folder of a model; without, the one in the settings scores.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub(super) enum ScoreBody {
    /// Several leads.
    List(Vec<Lead>),
    /// Several leads, and who scores them.
    Several {
        /// The folder.
        model: Option<String>,
        /// The leads.
        leads: Vec<Lead>,
    },
    /// One lead, and who scores it.
    One {
        /// The folder.
        model: Option<String>,
        /// The lead.
        lead: Lead,
    },
    /// The fields of one lead; `model` among them names who scores it.
    Fields(Lead),
}

/// The score of one lead.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ScoreOfOne {
    #[serde(flatten)]
    score: LeadScore,
    model: String,
}

impl ScoreBody {
    /// What is asked, and whether it is one lead.
    fn request(self) -> (ScoreLeadsRequest, bool) {
        let (model, leads, is_one) = match self {
            Self::List(leads) => (None, leads, false),
            Self::Several { model, leads } => (model, leads, false),
            Self::One { model, lead } => (model, vec![lead], true),
            Self::Fields(mut lead) => match lead.0.remove("model") {
                Some(Value::String(model)) => (Some(model), vec![lead], true),
                _ => (None, vec![lead], true),
            },
        };
        (ScoreLeadsRequest { model, leads }, is_one)
    }
}

pub(super) async fn score(State(server): State<Server>, Body(body): Body<ScoreBody>) -> Response {
    answered(&server, move |app, job| {
        let (request, is_one) = body.request();
        let mut found = ops::leads::score_leads(app, job, request)?;
        Ok(match found.results.pop() {
            Some(score) if is_one => Answer::One(ScoreOfOne { score, model: found.model }),
            last => {
                found.results.extend(last);
                Answer::Many::<ScoreOfOne, ScoreLeadsResponse>(found)
            }
        })
    })
    .await
}
