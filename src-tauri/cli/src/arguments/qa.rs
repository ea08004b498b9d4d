//! `mirante qa`: examples out of documents, and how well a model answers.

use clap::{Args, Subcommand};
use mirante_app::ops::inference::ModelSettings;
use mirante_app::ops::labels::ExportQaLabelsRequest;
use mirante_app::ops::qa::{AskQaRequest, BuildQaRequest, EvalQaRequest, QaChoice};

use super::TrainAnswersArguments;

#[derive(Debug, Subcommand)]
pub(crate) enum QaCommand {
    /// Make examples of questions and answers of a folder of zip archives
    Build(BuildArguments),
    /// Look for fields in a text or an archive, by rules and by a model
    Ask(AskArguments),
    /// Teach a model to find answers
    Train(Box<TrainAnswersArguments>),
    /// Write what was judged in the window as examples
    Labels(LabelsArguments),
    /// Measure how well a model answers: exact match and F1, as SQuAD has them
    Eval(EvalArguments),
}

#[derive(Debug, Args)]
pub(crate) struct BuildArguments {
    /// Folder of zip archives of HTML, text and PDF
    #[arg(long, value_name = "FOLDER")]
    zip_dir: String,
    /// Where to write the examples: JSON Lines of {id, question, context, answers, metadata}
    #[arg(long, value_name = "FILE")]
    output: String,
    /// Fields to ask for, separated by commas [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    fields: Vec<String>,
    /// Rules in TOML [default: those for Brazilian processes]
    #[arg(long, value_name = "FILE")]
    questions: Option<String>,
    /// Characters of context on either side of an answer
    #[arg(long, default_value_t = 250, value_name = "N")]
    window: u32,
    /// Archives that are read at once
    #[arg(long, default_value_t = 8, value_name = "N")]
    workers: u32,
    /// Most archives [default: all]
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Write questions that a document does not answer too, without answers
    #[arg(long)]
    allow_empty: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl BuildArguments {
    pub(crate) fn request(self) -> BuildQaRequest {
        BuildQaRequest {
            zip_dir: self.zip_dir,
            out: self.output,
            fields: self.fields,
            questions: self.questions,
            window: self.window,
            workers: self.workers,
            limit: self.limit,
            allow_empty: self.allow_empty,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct AskArguments {
    /// Archive of documents
    #[arg(long, value_name = "FILE", required_unless_present = "text", conflicts_with = "text")]
    zip: Option<String>,
    /// A text
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// Fields to look for, separated by commas [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    fields: Vec<String>,
    /// Rules in TOML [default: those for Brazilian processes]
    #[arg(long, value_name = "FILE")]
    questions: Option<String>,
    /// A question of your own, for a model, in place of the rules
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["fields", "questions"])]
    question: Option<String>,
    /// Model that is asked too: short name, repository of the hub, or folder
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// auto, cpu, cuda:N or metal
    #[arg(long, default_value = "auto", value_name = "DEVICE")]
    device: String,
    /// What is printed has this score at least
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    min_score: f32,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl AskArguments {
    pub(crate) fn request(self) -> AskQaRequest {
        let is_asked = self.model.is_some() || self.question.is_some();
        let settings =
            ModelSettings { model: self.model, device: self.device, ..ModelSettings::default() };
        AskQaRequest {
            zip: self.zip,
            text: self.text,
            fields: self.fields,
            questions: self.questions,
            question: self.question,
            settings: is_asked.then_some(settings),
            min_score: self.min_score,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct LabelsArguments {
    /// Where to write the examples: JSON Lines of {id, question, context, answers, metadata}
    #[arg(long, value_name = "FILE")]
    out: String,
    /// Characters of context on either side of an answer
    #[arg(long, default_value_t = 250, value_name = "N")]
    window: u32,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl LabelsArguments {
    pub(crate) fn request(self) -> ExportQaLabelsRequest {
        ExportQaLabelsRequest { out: Some(self.out), window: self.window }
    }
}

#[derive(Debug, Args)]
pub(crate) struct EvalArguments {
    /// Questions with answers: SQuAD's JSON, or JSON Lines of {id, question, context, answers}
    #[arg(long, value_name = "FILE")]
    dataset: String,
    /// Short name, repository of the hub, or folder of a model that is on this machine
    #[arg(long, alias = "model", value_name = "MODEL")]
    model_name: Option<String>,
    /// auto, cpu, cuda:N or metal
    #[arg(long, default_value = "auto", value_name = "DEVICE")]
    device: String,
    /// auto, f32, bf16 or int8; on a card f32, f16 or bf16
    #[arg(long, default_value = "auto", value_name = "NAME")]
    precision: String,
    /// Most windows that go through the model together
    #[arg(long, default_value_t = 8, value_name = "N")]
    batch_size: u32,
    /// Most questions, the first ones [default: all]
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Candidates that are weighed
    #[arg(long, default_value_t = 20, value_name = "N")]
    n_best_size: u32,
    /// Most tokens of a window, question and context together
    #[arg(long, default_value_t = 384, value_name = "N")]
    max_length: u32,
    /// Tokens that a window shares with the one before
    #[arg(long, default_value_t = 128, value_name = "N")]
    doc_stride: u32,
    /// Most tokens of an answer
    #[arg(long, default_value_t = 80, value_name = "N")]
    max_answer_length: u32,
    /// By how much "no answer" must be the likelier to be given, where some question has none
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true, value_name = "X")]
    null_score_diff_threshold: f32,
    /// Where to write every prediction with its context, answers and scores, as JSON
    #[arg(long, value_name = "FILE")]
    predictions_out: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl EvalArguments {
    pub(crate) fn request(self) -> EvalQaRequest {
        EvalQaRequest {
            dataset: self.dataset,
            settings: ModelSettings {
                adapter: None,
                model: self.model_name,
                batch: self.batch_size,
                device: self.device,
                precision: self.precision,
            },
            choice: QaChoice {
                n_best_size: self.n_best_size,
                max_length: self.max_length,
                doc_stride: self.doc_stride,
                max_answer_length: self.max_answer_length,
                null_score_diff_threshold: self.null_score_diff_threshold,
            },
            limit: self.limit,
            predictions_out: self.predictions_out,
        }
    }
}
