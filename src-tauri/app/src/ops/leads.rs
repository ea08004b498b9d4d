//! Lead scoring: which leads will convert, how likely, and why.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;
use utoipa::ToSchema;

use super::classifier::{one, seed};
use super::segment::{Source, Warning};
use crate::app::App;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::job::Job;
use crate::leads;
use crate::locale::{Language, word};

/// Learns from leads of which is known whether they converted, and writes what scores others into a
/// folder. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainLeadsRequest {
    /// The leads.
    pub source: Source,
    /// The column that says whether a lead converted.
    pub target: String,
    /// What stands there for a lead that did; found out for 1, sim, yes, true and the like.
    #[serde(default)]
    #[ts(optional)]
    pub positive: Option<String>,
    /// Columns that are read word by word, besides those that look like text.
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub text_cols: Vec<String>,
    /// Columns that take no part.
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub ignore: Vec<String>,
    /// The folder to write, in a folder that is there; one of Mirante's own unless said. One that holds
    /// another such model is replaced.
    #[serde(default)]
    #[ts(optional)]
    pub output_dir: Option<String>,
    /// From which probability on a lead is hot. Unless said, so that as many leads are hot as convert.
    #[serde(default)]
    #[ts(optional)]
    pub hot: Option<f64>,
    /// From which probability on a lead is warm. Unless said, the share of all leads that convert.
    #[serde(default)]
    #[ts(optional)]
    pub warm: Option<f64>,
    /// Decides which leads are held out together.
    #[serde(default = "seed")]
    #[ts(as = "Option<u32>", optional)]
    pub seed: u32,
    /// How little the model is held back from following single leads: scikit-learn's `C`, above 0.
    #[serde(default = "one")]
    #[ts(as = "Option<f64>", optional)]
    pub c: f64,
    /// Language of the card and the pictures; the person's unless said.
    #[serde(default)]
    #[ts(optional)]
    pub language: Option<Language>,
}

/// What was learnt of leads.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct TrainLeadsResponse {
    /// The folder.
    pub output_dir: String,
    /// How good it is; in `metrics-final.json` too.
    pub figures: LeadFigures,
    /// Cautions, by code: `rows_without_target`, `lead_leaks`, `lead_columns_left_out`, `solver_stopped`.
    pub warnings: Vec<Warning>,
    /// Wall-clock seconds of it all.
    pub seconds: f64,
}

/// How good lead scores are, each made by a model that did not learn from its lead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct LeadFigures {
    /// Leads learnt from.
    pub rows: u64,
    /// Of them, those that converted.
    pub positive: u64,
    /// The share that converted.
    pub base_rate: f64,
    /// Rows without a target, left out.
    pub without_target: u64,
    /// What stands in the target for a lead that converted.
    pub positive_value: String,
    /// Parts the leads were cut into.
    pub folds: u32,
    /// Area under the ROC curve: how often a lead that converts has a higher score than one that does not.
    pub auc: f64,
    /// The same for later leads by what was learnt from earlier ones; null without a column of dates, or
    /// with too few leads that converted.
    pub forward: Option<ForwardFigures>,
    /// Average precision; the base rate for scores that say nothing.
    pub average_precision: f64,
    /// Mean squared distance of the probabilities from what came (Brier 1950).
    pub brier: f64,
    /// The same for saying the base rate of every lead.
    pub brier_of_base_rate: f64,
    /// Tenths of the leads, the likeliest first.
    pub lift: Vec<LeadDecile>,
    /// What was said and what came, of tenths of the leads, the least likely first.
    pub calibration: Vec<LeadBin>,
    /// From which probability on a lead is hot.
    pub hot: f64,
    /// From which probability on a lead is warm.
    pub warm: f64,
    /// How many leads are hot, warm and cold, and what came of them.
    pub temperatures: Vec<TemperatureFigures>,
    /// What became of every column.
    pub columns: Vec<LeadColumnUse>,
}

/// What was learnt from earlier leads, measured on later ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct ForwardFigures {
    /// The column of the dates.
    pub column: String,
    /// Leads it was learnt from.
    pub earlier: u64,
    /// Leads it was measured on.
    pub later: u64,
    /// Area under the ROC curve.
    pub auc: f64,
}

/// A tenth of the leads.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct LeadDecile {
    /// Leads.
    pub rows: u64,
    /// Of them, those that converted.
    pub positive: u64,
    /// The share that converted over that of all leads.
    pub lift: f64,
    /// The share of all conversions that this tenth and those before it hold.
    pub captured: f64,
}

/// Leads of about the same probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct LeadBin {
    /// The mean of their probabilities.
    pub said: f64,
    /// The share that converted.
    pub was: f64,
    /// Leads.
    pub rows: u64,
}

/// How likely a lead is, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Temperature {
    /// Among the likeliest.
    Hot,
    /// Likelier than most.
    Warm,
    /// Neither.
    Cold,
}

impl Temperature {
    /// Names its word in the locale files, and itself in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hot => "hot",
            Self::Warm => "warm",
            Self::Cold => "cold",
        }
    }
}

/// What came of the leads of a temperature.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct TemperatureFigures {
    /// Which.
    pub temperature: Temperature,
    /// Leads.
    pub rows: u64,
    /// Of them, those that converted.
    pub positive: u64,
}

/// What became of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct LeadColumnUse {
    /// Its name.
    pub column: String,
    /// `number`, `category`, `date`, `text` or `left_out`.
    pub read_as: String,
    /// Why it was left out: `ignored`, `identifier`, `empty` or `constant`.
    pub why: Option<String>,
    /// The area under the ROC curve of this column alone, on leads it was not learnt from.
    pub auc_alone: Option<f64>,
    /// Whether it alone tells nearly all: it may hold what is only known after a lead converted.
    pub may_leak: bool,
}

/// A lead: values by column, as texts, numbers, booleans or null.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[ts(type = "Record<string, unknown>")]
pub struct Lead(pub BTreeMap<String, Value>);

/// Scores a few leads.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoreLeadsRequest {
    /// The folder of a lead model; the one in the settings unless said.
    #[serde(default)]
    #[ts(optional)]
    pub model: Option<String>,
    /// The leads.
    pub leads: Vec<Lead>,
}

/// The scores of some leads.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct ScoreLeadsResponse {
    /// One for every lead, in their order.
    pub results: Vec<LeadScore>,
    /// The model.
    pub model: String,
}

/// The score of a lead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct LeadScore {
    /// The probability that it converts.
    pub probability: f64,
    /// In one word.
    pub temperature: Temperature,
    /// What moves it away from the mean lead, the weightiest first.
    pub reasons: Vec<LeadReason>,
    /// What is odd about the lead.
    pub notes: Vec<LeadNote>,
}

/// Something about a lead that moves its score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct LeadReason {
    /// The column.
    pub column: String,
    /// What stands in it, or a word of it; null where nothing does.
    pub value: Option<String>,
    /// What about it: `value`, `missing`, `trend`, `month`, `weekday` or `term`.
    pub part: String,
    /// `plus` or `minus`.
    pub effect: String,
    /// What it adds to the logarithm of the odds.
    pub weight: f64,
}

impl LeadReason {
    /// The reason in words: `+ origem: indicação`.
    #[must_use]
    pub fn said(&self, language: Language) -> String {
        let sign = if self.effect == "plus" { "+" } else { "−" };
        let word = |code: &str| word(language, "leads", code);
        let value = self.value.clone().unwrap_or_else(|| word("missing"));
        match self.part.as_str() {
            "value" | "missing" => format!("{sign} {}: {value}", self.column),
            part => format!("{sign} {} ({}): {value}", self.column, word(part)),
        }
    }
}

/// Something odd about a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct LeadNote {
    /// The column.
    pub column: String,
    /// What stands there; null for a column that the lead does not have.
    pub value: Option<String>,
    /// `unseen`, `not_a_number`, `not_a_date` or `absent`.
    pub kind: String,
}

/// Scores every row of a table; appends the probability, the temperature and the reasons. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoreLeadsTableRequest {
    /// The folder of a lead model; the one in the settings unless said.
    #[serde(default)]
    #[ts(optional)]
    pub model: Option<String>,
    /// The leads.
    pub source: Source,
    /// Where to write every record with its score appended; into the exports folder unless said.
    #[serde(default)]
    #[ts(optional)]
    pub out: Option<String>,
    /// Language of the temperatures and the reasons; the person's unless said.
    #[serde(default)]
    #[ts(optional)]
    pub language: Option<Language>,
}

/// What was written of a table of leads.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct ScoreLeadsTableResponse {
    /// Leads.
    pub rows: u64,
    /// How many of each temperature.
    pub temperatures: BTreeMap<String, u64>,
    /// How many leads have something odd, by kind of note.
    pub notes: BTreeMap<String, u64>,
    /// The columns that were appended.
    pub columns: Vec<String>,
    /// The model.
    pub model: String,
    /// The file.
    pub out: String,
    /// What was left out of it.
    pub warnings: Vec<Warning>,
}

/// Learns from leads.
///
/// # Errors
/// [`Error::OneClass`], [`Error::TooFewOfClass`], [`Error::WhichPositive`], [`Error::NoLeadColumns`],
/// [`Error::FolderTaken`], [`Error::BadOption`], those of reading the source and of writing the folder.
pub fn train_leads(app: &App, job: &Job, request: TrainLeadsRequest) -> Result<TrainLeadsResponse> {
    leads::train(app, job, &request)
}

/// Scores a few leads.
///
/// # Errors
/// [`Error::Unknown`] for a model that is not here, [`Error::ModelUnreadable`], [`Error::BadRequest`] for a
/// value that is a list or an object.
pub fn score_leads(app: &App, job: &Job, request: ScoreLeadsRequest) -> Result<ScoreLeadsResponse> {
    leads::score(app, job, &request)
}

/// Scores a table of leads.
///
/// # Errors
/// As [`score_leads`]; [`Error::UnknownColumn`] for a column that the model knows and the table lacks; those
/// of reading the source and of writing the result.
pub fn score_leads_table(
    app: &App,
    job: &Job,
    request: ScoreLeadsTableRequest,
) -> Result<ScoreLeadsTableResponse> {
    leads::score_table(app, job, &request)
}
