//! The token that the hub gives out gated models for. It is taken in and never given out again: no answer,
//! no log and no record of a job holds it, and none of this is answered over HTTP.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::app::App;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::job::Job;
use crate::models::token;

/// Asks whether there is a token.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HubTokenRequest {}

/// A token to keep.
#[derive(Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetHubTokenRequest {
    /// The token, as the hub's settings show it once.
    pub token: String,
}

/// Which token the hub is asked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct HubToken {
    /// Where it is; none is sent where this is null.
    pub place: Option<TokenPlace>,
    /// Its file, where it is kept in the home.
    pub path: Option<String>,
}

/// Where a token is, the first of these that has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenPlace {
    /// In `HF_TOKEN`.
    Environment,
    /// In the system's keyring.
    Keyring,
    /// In the home, on a system without a keyring.
    File,
    /// Where the hub's own program left it.
    Hub,
}

/// Says whether there is a token.
///
/// # Errors
/// None today.
pub fn hub_token(app: &App, _job: &Job, _request: HubTokenRequest) -> Result<HubToken> {
    let place = token::find(app).map(|found| found.place);
    let path = (place == Some(TokenPlace::File)).then(|| token::file(app).display().to_string());
    Ok(HubToken { place, path })
}

/// Keeps a token in the system's keyring, or where there is none in a file that only the person can read.
///
/// # Errors
/// [`Error::BadOption`] for what cannot be a token, [`Error::Keyring`], [`Error::Unwritable`].
pub fn set_hub_token(app: &App, job: &Job, request: SetHubTokenRequest) -> Result<HubToken> {
    token::keep(app, &request.token)?;
    hub_token(app, job, HubTokenRequest {})
}

/// Forgets the token that was kept.
///
/// # Errors
/// [`Error::Keyring`], [`Error::Unwritable`].
pub fn clear_hub_token(app: &App, job: &Job, request: HubTokenRequest) -> Result<HubToken> {
    token::forget(app)?;
    hub_token(app, job, request)
}
