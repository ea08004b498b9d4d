//! `mirante lora`: teaching a model that writes.

use clap::{Args, Subcommand, ValueEnum};
use mirante_app::ops::train::{
    BuildExamplesRequest, LoraSettings, MergeAdapterRequest, Quant, StopTrainingRequest,
    TrainLoraRequest,
};

use super::course::{OptimizerArgument, ScheduleArgument};
use super::{DialectArguments, FileArguments};

#[derive(Debug, Subcommand)]
pub(crate) enum LoraCommand {
    /// Make examples to learn from out of a table or of stored answers
    Build(BuildArguments),
    /// Say what a training would need: memory, disk, time
    Estimate(StartArguments),
    /// Teach a model: LoRA
    Start(StartArguments),
    /// Say how a training goes, or list all
    Status(StatusArguments),
    /// End the training at work, in whichever process it is
    Cancel(CancelArguments),
    /// Put an adapter's changes into the weights of its model
    Merge(MergeArguments),
}

/// Trainings of every kind.
#[derive(Debug, Subcommand)]
pub(crate) enum TrainingCommand {
    /// Say how a training goes, or list all
    Status(StatusArguments),
    /// End the training at work, in whichever process it is
    Cancel(CancelArguments),
}

#[derive(Debug, Args)]
pub(crate) struct BuildArguments {
    /// The table: delimited text, Parquet, JSON Lines or XLSX; `-` reads standard input
    #[arg(long, value_name = "FILE", requires_all = ["prompt_col", "reply_col"], required_unless_present = "events")]
    csv: Option<String>,
    #[command(flatten)]
    dialect: DialectArguments,
    /// Column with what was asked
    #[arg(long, value_name = "COLUMN", requires = "csv")]
    prompt_col: Option<String>,
    /// Column with the answers
    #[arg(long, value_name = "COLUMN", requires = "csv")]
    reply_col: Option<String>,
    /// In place of a table: JSON Lines of stored answers, of Alpaca's form or of conversations
    #[arg(long, value_name = "FILE", conflicts_with = "csv")]
    events: Option<String>,
    /// Where to write the examples, one a line
    #[arg(long, value_name = "FILE")]
    out: String,
    /// Most examples; among more they are drawn
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    max_samples: u32,
    /// Leave CPF, CNPJ, e-mail addresses and telephone numbers as they are
    #[arg(long)]
    keep_personal: bool,
    /// What chances are drawn from
    #[arg(long, default_value_t = 42, value_name = "N")]
    seed: u64,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl BuildArguments {
    pub(crate) fn request(self) -> BuildExamplesRequest {
        BuildExamplesRequest {
            source: self.csv.map(|csv| FileArguments::of(csv, self.dialect).source()),
            prompt_col: self.prompt_col,
            reply_col: self.reply_col,
            events: self.events,
            out: self.out,
            max_samples: self.max_samples,
            keep_personal: self.keep_personal,
            seed: self.seed,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum QuantArgument {
    None,
    Nf4,
}

#[derive(Debug, Args)]
pub(crate) struct StartArguments {
    /// Short name, repository of the hub, or folder of a model that is on this machine
    #[arg(long, value_name = "MODEL", required_unless_present = "resume")]
    base_model: Option<String>,
    /// Examples: JSON Lines of prompt and reply, of Alpaca's form or of conversations
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    train_file: Option<String>,
    /// Share of the examples that is measured on and not learned
    #[arg(long, default_value_t = 0.05, value_name = "SHARE")]
    validation_split: f64,
    /// Folder of the training [default: one of Mirante's own]
    #[arg(long, value_name = "FOLDER")]
    output_dir: Option<String>,
    /// What does the arithmetic: auto (a graphics card if there is one), cpu, cuda:N, metal
    #[arg(long, default_value = "auto", value_name = "DEVICE")]
    device: String,
    /// What products are worked in: auto, f32, and on a card f16 or bf16
    #[arg(long, default_value = "auto", value_name = "NAME")]
    precision: String,
    /// How the model's own weights are kept meanwhile: as in their file, or in four bits (QLoRA)
    #[arg(long, value_enum, default_value_t = QuantArgument::None)]
    quant: QuantArgument,
    /// Rank of the change
    #[arg(long, default_value_t = 16, value_name = "N")]
    r: u32,
    /// The change counts alpha / r times
    #[arg(long, default_value_t = 16.0, value_name = "N")]
    alpha: f64,
    /// Share of the inputs that a step leaves out
    #[arg(long, default_value_t = 0.05, value_name = "SHARE")]
    dropout: f64,
    /// Maps that are changed
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "q_proj,k_proj,v_proj,o_proj",
        value_name = "NAMES"
    )]
    targets: Vec<String>,
    /// Times that every example is seen
    #[arg(long, default_value_t = 2, value_name = "N")]
    epochs: u32,
    /// Highest learning rate
    #[arg(long, default_value_t = 2e-4, value_name = "RATE")]
    learning_rate: f64,
    /// Its course
    #[arg(long, value_enum, default_value_t = ScheduleArgument::Cosine)]
    schedule: ScheduleArgument,
    /// Share of the steps in which it grows
    #[arg(long, default_value_t = 0.03, value_name = "SHARE")]
    warmup_ratio: f64,
    /// Decay of what is learned, times the learning rate
    #[arg(long, default_value_t = 0.0, value_name = "N")]
    weight_decay: f64,
    /// Longest that the gradients may be; 0 lets them be
    #[arg(long, default_value_t = 1.0, value_name = "N")]
    max_grad_norm: f64,
    /// Examples at once
    #[arg(long, default_value_t = 2, value_name = "N")]
    batch_size: u32,
    /// Batches a step
    #[arg(long, default_value_t = 8, value_name = "N")]
    gradient_accumulation: u32,
    /// Tokens of an example after which it is cut off
    #[arg(long, default_value_t = 1024, value_name = "N")]
    max_length: u32,
    /// Learn what was asked as well, not the answers alone
    #[arg(long)]
    on_all: bool,
    /// Keep less for the way back: less memory, a third more time
    #[arg(long)]
    gradient_checkpointing: bool,
    /// What takes the steps
    #[arg(long, value_enum, default_value_t = OptimizerArgument::Adamw, value_name = "NAME")]
    optimizer: OptimizerArgument,
    /// End after so many evaluations without a better one
    #[arg(long, default_value_t = 0, value_name = "N")]
    early_stopping_patience: u32,
    /// Steps between evaluations, beside that after every epoch
    #[arg(long, default_value_t = 0, value_name = "N")]
    eval_steps: u32,
    /// Steps between checkpoints, beside that after every epoch
    #[arg(long, default_value_t = 50, value_name = "N")]
    save_steps: u32,
    /// Most steps
    #[arg(long, default_value_t = 0, value_name = "N")]
    max_steps: u32,
    /// What chances are drawn from
    #[arg(long, default_value_t = 42, value_name = "N")]
    seed: u64,
    /// Go on where the training in the folder was cut off, with the settings it was begun with
    #[arg(long)]
    resume: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl StartArguments {
    pub(crate) fn request(self) -> TrainLoraRequest {
        TrainLoraRequest {
            base_model: self.base_model.unwrap_or_default(),
            train_file: self.train_file.unwrap_or_default(),
            validation_split: self.validation_split,
            output_dir: self.output_dir,
            settings: LoraSettings {
                device: self.device,
                precision: self.precision,
                quant: match self.quant {
                    QuantArgument::None => Quant::None,
                    QuantArgument::Nf4 => Quant::Nf4,
                },
                r: self.r,
                alpha: self.alpha,
                dropout: self.dropout,
                targets: self.targets,
                epochs: self.epochs,
                learning_rate: self.learning_rate,
                schedule: self.schedule.into(),
                warmup_ratio: self.warmup_ratio,
                weight_decay: self.weight_decay,
                max_grad_norm: self.max_grad_norm,
                batch_size: self.batch_size,
                gradient_accumulation: self.gradient_accumulation,
                max_length: self.max_length,
                on_all: self.on_all,
                gradient_checkpointing: self.gradient_checkpointing,
                optimizer: self.optimizer.into(),
                early_stopping_patience: self.early_stopping_patience,
                eval_steps: self.eval_steps,
                save_steps: self.save_steps,
                max_steps: self.max_steps,
                seed: self.seed,
            },
            resume: self.resume,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct StatusArguments {
    /// Folder of a training [default: all that this machine knows of]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) output_dir: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CancelArguments {
    /// Folder of the training [default: the one at work]
    #[arg(long, value_name = "FOLDER")]
    output_dir: Option<String>,
    /// Keep what it has learned
    #[arg(long)]
    keep: bool,
}

impl CancelArguments {
    pub(crate) fn request(self) -> StopTrainingRequest {
        StopTrainingRequest { output_dir: self.output_dir, keep: self.keep }
    }
}

#[derive(Debug, Args)]
pub(crate) struct MergeArguments {
    /// Folder of the adapter
    #[arg(long, value_name = "FOLDER")]
    adapter: String,
    /// Its model [default: the one that it names]
    #[arg(long, value_name = "MODEL")]
    base_model: Option<String>,
    /// Folder to write
    #[arg(long, value_name = "FOLDER")]
    out: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl MergeArguments {
    pub(crate) fn request(self) -> MergeAdapterRequest {
        MergeAdapterRequest { adapter: self.adapter, base_model: self.base_model, out: self.out }
    }
}
