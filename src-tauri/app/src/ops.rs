//! The operations: one list, three doors.
//!
//! An operation is one plain function `op(&App, &Job, Request) -> Result<Response>` with its types
//! beside it, in a file of its subject. This list is the only place that names them all: the
//! window, HTTP and `mirante run` carry whatever stands here, and the generated TypeScript and
//! OpenAPI come from it.
//!
//! To add one: write its types and its function in `ops/<subject>.rs`, add its line below, run
//! `make types`.

pub mod answer;
pub mod classifier;
pub mod classify;
pub mod datasets;
pub mod embed;
pub mod export;
pub mod generate;
pub mod inference;
pub mod jobs;
pub mod labels;
pub mod leads;
pub mod map;
pub mod models;
pub mod open;
pub mod qa;
pub mod rows;
pub mod runs;
pub mod search;
pub mod segment;
pub mod settings;
pub mod summarize;
pub mod tag;
pub mod token;
pub mod train;
pub mod train_encoder;
pub mod usual;

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;

/// What an operation gave.
#[derive(Debug)]
pub enum Output {
    /// Its response as JSON.
    Json(Value),
    /// Its response as it is.
    Bytes(Vec<u8>),
}

/// What a door is told.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one a call; handed on at once")]
pub enum Reply {
    /// A query's response.
    Json(Value),
    /// A query's bytes.
    Bytes(Vec<u8>),
    /// The job that was started.
    Started(jobs::JobStatus),
}

/// What every door calls: a query is answered, a job is started.
///
/// # Errors
/// [`Error::Unknown`] for an operation that does not exist, [`Error::BadRequest`], or what a query
/// fails with.
pub fn call(app: &Arc<App>, name: &str, request: Value) -> Result<Reply> {
    let operation = Operation::named(name)
        .ok_or_else(|| Error::Unknown { what: "operation", id: name.to_owned() })?;
    if matches!(operation, Operation::TrainLora | Operation::TrainEncoder) {
        crate::training::make_sure_of_turn(app)?;
    }
    if operation.answer() == Answer::Job {
        return app.start(operation, request).map(Reply::Started);
    }
    Ok(match carry_out(app, &Job::quiet(), operation, request)? {
        Output::Json(value) => Reply::Json(value),
        Output::Bytes(bytes) => Reply::Bytes(bytes),
    })
}

fn parse<Q: DeserializeOwned>(request: Value) -> Result<Q> {
    serde_json::from_value(request).map_err(|error| Error::BadRequest { reason: error.to_string() })
}

/// How an operation answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// At once.
    Query,
    /// As a job that reports on the way.
    Job,
    /// At once, with raw bytes.
    Bytes,
    /// At once, to the person at this machine: in the window and on the command line, never over HTTP.
    Private,
}

macro_rules! output {
    (Bytes, $response:expr) => {
        Output::Bytes($response)
    };
    ($answer:ident, $response:expr) => {
        Output::Json(serde_json::to_value($response)?)
    };
}

macro_rules! operations {
    ($($answer:ident $variant:ident $name:ident = $module:ident($request:ident) -> $response:ty;)*) => {
        /// Every operation there is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation {
            $(#[doc = concat!("`", stringify!($name), "`")] $variant,)*
        }

        impl Operation {
            /// All of them, in the list's order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name that requests use.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($name),)* }
            }

            /// The operation of that name.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                match name { $(stringify!($name) => Some(Self::$variant),)* _ => None }
            }

            /// How it answers.
            #[must_use]
            pub fn answer(self) -> Answer {
                match self { $(Self::$variant => Answer::$answer,)* }
            }
        }

        /// Whether a request is of its operation's form.
        ///
        /// # Errors
        /// [`Error::BadRequest`] that names the field.
        pub fn check_request(operation: Operation, request: &Value) -> Result<()> {
            match operation {
                $(Operation::$variant => { parse::<$module::$request>(request.clone())?; })*
            }
            Ok(())
        }

        /// Carries out an operation to its end on this thread.
        ///
        /// # Errors
        /// [`Error::BadRequest`], or what the operation fails with.
        pub fn carry_out(
            app: &App,
            job: &Job,
            operation: Operation,
            request: Value,
        ) -> Result<Output> {
            match operation {
                $(Operation::$variant => {
                    let response = $module::$name(app, job, parse(request)?)?;
                    Ok(output!($answer, response))
                })*
            }
        }

        /// Hands every operation's name, answer, request and response type to `visitor`.
        pub fn visit<V: Visitor>(visitor: &mut V) {
            $(visitor.operation::<$module::$request, $response>(Operation::$variant);)*
        }
    };
}

/// A type that crosses a door: it can be described in TypeScript and in OpenAPI.
pub trait Contract: ts_rs::TS + utoipa::ToSchema + 'static {}

impl<T: ts_rs::TS + utoipa::ToSchema + 'static> Contract for T {}

/// Walks the list with its types in hand: what generates TypeScript and OpenAPI.
pub trait Visitor {
    /// Called once an operation, in the list's order.
    fn operation<Q, A>(&mut self, operation: Operation)
    where
        Q: Contract,
        A: Contract;
}

operations! {
    Query Preview preview = open(PreviewRequest) -> open::OpenResponse;
    Job Open open = open(OpenRequest) -> open::OpenResponse;
    Job Import import = datasets(ImportRequest) -> datasets::Dataset;
    Job ImportSample import_sample = datasets(ImportSampleRequest) -> datasets::Dataset;
    Query Datasets datasets = datasets(DatasetsRequest) -> datasets::DatasetsResponse;
    Query Dataset dataset = datasets(DatasetRequest) -> datasets::Dataset;
    Query RenameDataset rename_dataset = datasets(RenameDatasetRequest) -> datasets::Dataset;
    Query RemoveDataset remove_dataset = datasets(RemoveDatasetRequest) -> datasets::Done;
    Query Issues issues = datasets(IssuesRequest) -> datasets::IssuesResponse;
    Job ExportIssues export_issues = datasets(ExportIssuesRequest) -> export::ExportResponse;
    Query Rows rows = rows(RowsRequest) -> rows::RowsResponse;
    Query Row row = rows(RowRequest) -> rows::Row;
    Bytes Matches matches = rows(MatchesRequest) -> Vec<u8>;
    Query ColumnStats column_stats = rows(ColumnStatsRequest) -> rows::ColumnStatsResponse;
    Job Segment segment = segment(SegmentRequest) -> segment::SegmentResponse;
    Query Runs runs = runs(RunsRequest) -> runs::RunsResponse;
    Query Run run = runs(RunRequest) -> runs::Run;
    Query ChooseRun choose_run = runs(ChooseRunRequest) -> runs::Run;
    Query RenameSegment rename_segment = runs(RenameSegmentRequest) -> runs::Run;
    Query Undo undo = runs(UndoRequest) -> runs::UndoResponse;
    Job Assign assign = segment(AssignRequest) -> segment::AssignResponse;
    Job SuggestK suggest_k = segment(SuggestKRequest) -> segment::SuggestKResponse;
    Query Models models = models(ModelsRequest) -> models::ModelsResponse;
    Query Model model = models(ModelRequest) -> models::ModelEntry;
    Query ModelCard model_card = models(ModelRequest) -> models::ModelCard;
    Job PullModel pull_model = models(PullModelRequest) -> models::ModelEntry;
    Job ImportModel import_model = models(ImportModelRequest) -> models::ModelEntry;
    Job VerifyModel verify_model = models(ModelRequest) -> models::VerifyModelResponse;
    Query RemoveModel remove_model = models(ModelRequest) -> models::ModelEntry;
    Query SetUsualModel set_usual_model = usual(SetUsualModelRequest) -> usual::SetUsualModelResponse;
    Private HubToken hub_token = token(HubTokenRequest) -> token::HubToken;
    Private SetHubToken set_hub_token = token(SetHubTokenRequest) -> token::HubToken;
    Private ClearHubToken clear_hub_token = token(HubTokenRequest) -> token::HubToken;
    Query Embed embed = embed(EmbedRequest) -> embed::EmbedResponse;
    Query Classify classify = classify(ClassifyRequest) -> classify::ClassifyResponse;
    Job ClassifyTable classify_table = classify(ClassifyTableRequest) -> inference::InferredTable;
    Job TrainClassifier train_classifier = classifier(TrainClassifierRequest) -> classifier::TrainClassifierResponse;
    Job TrainLeads train_leads = leads(TrainLeadsRequest) -> leads::TrainLeadsResponse;
    Query ScoreLeads score_leads = leads(ScoreLeadsRequest) -> leads::ScoreLeadsResponse;
    Job ScoreLeadsTable score_leads_table = leads(ScoreLeadsTableRequest) -> leads::ScoreLeadsTableResponse;
    Query Tag tag = tag(TagRequest) -> tag::TagResponse;
    Job TagTable tag_table = tag(TagTableRequest) -> inference::InferredTable;
    Query Answer answer = answer(AnswerRequest) -> answer::AnswerResponse;
    Job AnswerTable answer_table = answer(AnswerTableRequest) -> inference::InferredTable;
    Query QaFields qa_fields = qa(QaFieldsRequest) -> qa::QaFieldsResponse;
    Job BuildQa build_qa = qa(BuildQaRequest) -> qa::BuildQaResponse;
    Job AskQa ask_qa = qa(AskQaRequest) -> qa::AskQaResponse;
    Job EvalQa eval_qa = qa(EvalQaRequest) -> qa::EvalQaResponse;
    Query QaDocument qa_document = labels(QaDocumentRequest) -> labels::QaDocumentResponse;
    Query JudgeQa judge_qa = labels(JudgeQaRequest) -> labels::JudgeQaResponse;
    Query QaJudgements qa_judgements = labels(QaJudgementsRequest) -> labels::QaJudgementsResponse;
    Job ExportQaLabels export_qa_labels = labels(ExportQaLabelsRequest) -> labels::ExportQaLabelsResponse;
    Job Summarize summarize = summarize(SummarizeRequest) -> summarize::SummarizeResponse;
    Job SummarizeTable summarize_table = summarize(SummarizeTableRequest) -> inference::InferredTable;
    Job Generate generate = generate(GenerateRequest) -> generate::GenerateResponse;
    Job GenerateTable generate_table = generate(GenerateTableRequest) -> inference::InferredTable;
    Job BuildExamples build_examples = train(BuildExamplesRequest) -> train::BuildExamplesResponse;
    Job EstimateTraining estimate_training = train(TrainLoraRequest) -> train::TrainingEstimate;
    Job TrainLora train_lora = train(TrainLoraRequest) -> train::TrainingResult;
    Job EstimateEncoder estimate_encoder = train_encoder(TrainEncoderRequest) -> train::TrainingEstimate;
    Job TrainEncoder train_encoder = train_encoder(TrainEncoderRequest) -> train::TrainingResult;
    Query Training training = train(TrainingRequest) -> train::Training;
    Query Trainings trainings = train(TrainingsRequest) -> train::TrainingsResponse;
    Query StopTraining stop_training = train(StopTrainingRequest) -> train::Training;
    Job MergeAdapter merge_adapter = train(MergeAdapterRequest) -> train::MergeAdapterResponse;
    Job IndexTable index_table = search(IndexTableRequest) -> search::Index;
    Job UpdateIndex update_index = search(UpdateIndexRequest) -> search::UpdateIndexResponse;
    Query Search search = search(SearchRequest) -> search::SearchResponse;
    Query Indexes indexes = search(IndexesRequest) -> search::IndexesResponse;
    Query RemoveIndex remove_index = search(IndexRequest) -> search::IndexesResponse;
    Job EvalRetrieval eval_retrieval = search(EvalRetrievalRequest) -> search::EvalRetrievalResponse;
    Job EmbedTable embed_table = embed(EmbedTableRequest) -> embed::EmbedTableResponse;
    Job LayOutMap lay_out_map = map(LayOutMapRequest) -> map::LayOutMapResponse;
    Bytes MapPoints map_points = map(MapPointsRequest) -> Vec<u8>;
    Job Export export = export(ExportRequest) -> export::ExportResponse;
    Job Plot plot = export(PlotRequest) -> export::ExportResponse;
    Query Jobs jobs = jobs(JobsRequest) -> jobs::JobsResponse;
    Query Job job = jobs(JobRequest) -> jobs::JobStatus;
    Query Cancel cancel = jobs(JobRequest) -> jobs::JobStatus;
    Query Pause pause = jobs(JobRequest) -> jobs::JobStatus;
    Query Resume resume = jobs(JobRequest) -> jobs::JobStatus;
    Query Settings settings = settings(SettingsRequest) -> settings::Settings;
    Query SaveSettings save_settings = settings(Settings) -> settings::Settings;
    Query About about = settings(AboutRequest) -> settings::AboutResponse;
}
