//! What the person set, and what this Mirante is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::usual::{UsualModel, UsualTask};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;

/// Everything that can be set. An absent field keeps its default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `pt-BR`, `en`, or `system`.
    pub language: String,
    /// `light`, `dark`, or `system`.
    pub theme: String,
    /// Forbid every network call.
    pub offline: bool,
    /// Worker threads; 0 is one a core.
    pub threads: u32,
    /// Bytes of main memory a job may plan for; 0 is three quarters of what the machine has.
    pub memory_limit: u64,
    /// The folder of the lead model that scores when none is named.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_model: Option<String>,
    /// The models that were made usual, by task.
    #[ts(as = "Option<BTreeMap<UsualTask, UsualModel>>", optional)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub usual_models: BTreeMap<UsualTask, UsualModel>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: "system".to_owned(),
            theme: "system".to_owned(),
            offline: false,
            threads: 0,
            memory_limit: 0,
            lead_model: None,
            usual_models: BTreeMap::new(),
        }
    }
}

/// Asks for the settings.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsRequest {}

/// Asks what this Mirante is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AboutRequest {}

/// What this Mirante is and runs on.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct AboutResponse {
    /// Its version.
    pub version: String,
    /// Where it keeps its data.
    pub home: String,
    /// Worker threads.
    pub threads: u32,
    /// Main memory of the machine in bytes.
    pub memory: u64,
    /// What computes: `cpu`.
    pub device: String,
    /// In which precision.
    pub precision: String,
    /// The widest vector instructions in use: `avx512`, `avx2` or `scalar`.
    pub simd: String,
}

const NAME: &str = "settings";

/// Answers the settings.
///
/// # Errors
/// [`Error::Storage`].
pub fn settings(app: &App, _job: &Job, _request: SettingsRequest) -> Result<Settings> {
    let kept: Option<String> = app.store()?.with(async |pool| {
        sqlx::query_scalar("select value from settings where name = ?")
            .bind(NAME)
            .fetch_optional(&pool)
            .await
    })?;
    // A setting of a later version is no reason to refuse to start.
    Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Keeps the settings and answers them.
///
/// # Errors
/// [`Error::BadOption`] for a value that is not one; [`Error::Storage`].
pub fn save_settings(app: &App, _job: &Job, request: Settings) -> Result<Settings> {
    one_of("language", &request.language, &["system", "pt-BR", "en"])?;
    one_of("theme", &request.theme, &["system", "light", "dark"])?;
    let text = serde_json::to_string(&request)?;
    app.store()?.with(async |pool| {
        sqlx::query(
            "insert into settings values (?, ?) on conflict do update set value = excluded.value",
        )
        .bind(NAME)
        .bind(text)
        .execute(&pool)
        .await
    })?;
    Ok(request)
}

fn one_of(option: &'static str, value: &str, allowed: &[&str]) -> Result<()> {
    if allowed.contains(&value) {
        return Ok(());
    }
    Err(Error::BadOption { option, value: value.to_owned(), allowed: allowed.join(", ") })
}

/// Answers what this Mirante is.
///
/// # Errors
/// None today.
pub fn about(app: &App, _job: &Job, _request: AboutRequest) -> Result<AboutResponse> {
    Ok(AboutResponse {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        home: app.home().display().to_string(),
        threads: rayon::current_num_threads() as u32,
        memory: crate::memory::total(),
        device: "cpu".to_owned(),
        precision: "f64".to_owned(),
        simd: simd().to_owned(),
    })
}

fn simd() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            return "avx512";
        }
        if is_x86_feature_detected!("avx2") {
            return "avx2";
        }
    }
    "scalar"
}
