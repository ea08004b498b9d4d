//! Teaching models that read: what `qa train`, `tagger train` and `classifier train` share.

use clap::{Args, Subcommand};
use mirante_app::ops::embed::DEFAULT_MODEL;
use mirante_app::ops::train_encoder::{
    AnswerReading, EncoderLora, EncoderSettings, EncoderTask, TrainEncoderRequest,
};

use super::course::{OptimizerArgument, ScheduleArgument};

#[derive(Debug, Subcommand)]
pub(crate) enum TaggerCommand {
    /// Teach a model to find entities, from sentences of words with their labels (CoNLL, BIO)
    Train(TrainTaggerArguments),
}

/// How, whatever is taught. What is not said is usual for the task.
#[derive(Debug, Args)]
pub(crate) struct TeachArguments {
    /// Short name, repository of the hub, or folder of an encoder that is on this machine
    #[arg(long, visible_alias = "base-model", value_name = "MODEL")]
    model_name: Option<String>,
    /// Times that every example is seen [default: 3]
    #[arg(long, visible_alias = "epochs", value_name = "N")]
    num_epochs: Option<u32>,
    /// Examples at once [default: 16, for answers 4]
    #[arg(long, value_name = "N")]
    batch_size: Option<u32>,
    /// Examples at once where nothing is learned [default: 32, for answers 8]
    #[arg(long, value_name = "N")]
    eval_batch_size: Option<u32>,
    /// Highest learning rate [default: 5e-5, for answers 3e-5, with --lora 3e-4]
    #[arg(long, value_name = "RATE")]
    learning_rate: Option<f64>,
    /// Its course [default: linear]
    #[arg(long, value_enum, value_name = "COURSE")]
    schedule: Option<ScheduleArgument>,
    /// Decay of what is learned but biases and norms, times the learning rate [default: 0.01]
    #[arg(long, value_name = "N")]
    weight_decay: Option<f64>,
    /// Share of the steps in which the learning rate grows [default: 0]
    #[arg(long, value_name = "SHARE")]
    warmup_ratio: Option<f64>,
    /// Longest that the gradients may be; 0 lets them be [default: 1]
    #[arg(long, value_name = "N")]
    max_grad_norm: Option<f64>,
    /// Batches a step [default: 1]
    #[arg(long, value_name = "N")]
    gradient_accumulation: Option<u32>,
    /// Most tokens of a text, or of a window of it [default: 256, for answers 384]
    #[arg(long, value_name = "N")]
    max_length: Option<u32>,
    /// End after so many evaluations without a better one [default: never]
    #[arg(long, value_name = "N")]
    early_stopping_patience: Option<u32>,
    /// Steps between evaluations, beside that after every epoch
    #[arg(long, value_name = "N")]
    eval_steps: Option<u32>,
    /// Steps between checkpoints, beside that after every epoch [default: 200]
    #[arg(long, value_name = "N")]
    save_steps: Option<u32>,
    /// Most steps
    #[arg(long, value_name = "N")]
    max_steps: Option<u32>,
    /// Learn a small change in place of the whole model; it is added to the weights at the end
    #[arg(long)]
    lora: bool,
    /// Rank of the change [default: 16]
    #[arg(long, value_name = "N", requires = "lora")]
    lora_r: Option<u32>,
    /// The change counts alpha / r times [default: 32]
    #[arg(long, value_name = "N", requires = "lora")]
    lora_alpha: Option<f64>,
    /// Share of the inputs that a step leaves out [default: 0.1]
    #[arg(long, value_name = "SHARE", requires = "lora")]
    lora_dropout: Option<f64>,
    /// Maps that are changed [default: those of queries and values]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "lora")]
    lora_targets: Vec<String>,
    /// Leave the vectors of words as they are: less memory, nearly as good
    #[arg(long)]
    freeze_embeddings: bool,
    /// Keep less for the way back: less memory, a third more time
    #[arg(long)]
    gradient_checkpointing: bool,
    /// What takes the steps [default: adamw]
    #[arg(long, value_enum, value_name = "NAME")]
    optimizer: Option<OptimizerArgument>,
    /// What does the arithmetic: auto (a graphics card if there is one), cpu, cuda:N, metal [default: auto]
    #[arg(long, value_name = "DEVICE")]
    device: Option<String>,
    /// What products are worked in: auto, f32, and on a card f16 or bf16 [default: auto]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["fp16", "bf16"])]
    precision: Option<String>,
    /// Work in half precision, which takes a graphics card
    #[arg(long, conflicts_with = "bf16")]
    fp16: bool,
    /// Work in bf16, which takes a graphics card that has it
    #[arg(long)]
    bf16: bool,
    /// Go on where the training in the folder was cut off, with the settings it was begun with
    #[arg(long)]
    resume: bool,
    /// Only say what it would need: memory, disk, time
    #[arg(long)]
    pub(crate) estimate: bool,
}

/// What is usual for a task.
struct Usual {
    model: &'static str,
    settings: EncoderSettings,
}

impl TeachArguments {
    /// One that was given, by its name: those that learn by other means have no use for them.
    pub(crate) fn any(&self) -> Option<&'static str> {
        let given = [
            ("model_name", self.model_name.is_some()),
            ("num_epochs", self.num_epochs.is_some()),
            ("batch_size", self.batch_size.is_some()),
            ("eval_batch_size", self.eval_batch_size.is_some()),
            ("learning_rate", self.learning_rate.is_some()),
            ("schedule", self.schedule.is_some()),
            ("weight_decay", self.weight_decay.is_some()),
            ("warmup_ratio", self.warmup_ratio.is_some()),
            ("max_grad_norm", self.max_grad_norm.is_some()),
            ("gradient_accumulation", self.gradient_accumulation.is_some()),
            ("max_length", self.max_length.is_some()),
            ("early_stopping_patience", self.early_stopping_patience.is_some()),
            ("eval_steps", self.eval_steps.is_some()),
            ("save_steps", self.save_steps.is_some()),
            ("max_steps", self.max_steps.is_some()),
            ("lora", self.lora),
            ("freeze_embeddings", self.freeze_embeddings),
            ("gradient_checkpointing", self.gradient_checkpointing),
            ("optimizer", self.optimizer.is_some()),
            ("device", self.device.is_some()),
            ("precision", self.precision.is_some()),
            ("fp16", self.fp16),
            ("bf16", self.bf16),
            ("resume", self.resume),
            ("estimate", self.estimate),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(name, _)| name)
    }

    fn usual(&self, task: &EncoderTask) -> Usual {
        let mut settings = EncoderSettings::default();
        if self.lora {
            settings.learning_rate = 3e-4;
        }
        match task {
            EncoderTask::Classify { .. } | EncoderTask::Tag { .. } => {
                Usual { model: DEFAULT_MODEL, settings }
            }
            EncoderTask::Answer { .. } => Usual {
                model: "deepset/xlm-roberta-large-squad2",
                settings: EncoderSettings {
                    batch_size: 4,
                    eval_batch_size: 8,
                    max_length: 384,
                    learning_rate: if self.lora { settings.learning_rate } else { 3e-5 },
                    ..settings
                },
            },
        }
    }

    /// The request to teach `task`.
    pub(crate) fn request(
        self,
        task: EncoderTask,
        output_dir: Option<String>,
        seed: u64,
    ) -> TrainEncoderRequest {
        let Usual { model, settings: usual } = self.usual(&task);
        let lora = self.lora.then(|| {
            let usual = EncoderLora::default();
            EncoderLora {
                r: self.lora_r.unwrap_or(usual.r),
                alpha: self.lora_alpha.unwrap_or(usual.alpha),
                dropout: self.lora_dropout.unwrap_or(usual.dropout),
                targets: self.lora_targets,
            }
        });
        let precision = match (self.fp16, self.bf16) {
            (true, _) => "f16".to_owned(),
            (_, true) => "bf16".to_owned(),
            _ => self.precision.unwrap_or(usual.precision),
        };
        TrainEncoderRequest {
            base_model: self.model_name.unwrap_or_else(|| model.to_owned()),
            task,
            output_dir,
            settings: EncoderSettings {
                lora,
                device: self.device.unwrap_or(usual.device),
                precision,
                freeze_embeddings: self.freeze_embeddings,
                epochs: self.num_epochs.unwrap_or(usual.epochs),
                learning_rate: self.learning_rate.unwrap_or(usual.learning_rate),
                schedule: self.schedule.map_or(usual.schedule, Into::into),
                warmup_ratio: self.warmup_ratio.unwrap_or(usual.warmup_ratio),
                weight_decay: self.weight_decay.unwrap_or(usual.weight_decay),
                max_grad_norm: self.max_grad_norm.unwrap_or(usual.max_grad_norm),
                batch_size: self.batch_size.unwrap_or(usual.batch_size),
                eval_batch_size: self.eval_batch_size.unwrap_or(usual.eval_batch_size),
                gradient_accumulation: self
                    .gradient_accumulation
                    .unwrap_or(usual.gradient_accumulation),
                max_length: self.max_length.unwrap_or(usual.max_length),
                gradient_checkpointing: self.gradient_checkpointing,
                optimizer: self.optimizer.map_or(usual.optimizer, Into::into),
                early_stopping_patience: self
                    .early_stopping_patience
                    .unwrap_or(usual.early_stopping_patience),
                eval_steps: self.eval_steps.unwrap_or(usual.eval_steps),
                save_steps: self.save_steps.unwrap_or(usual.save_steps),
                max_steps: self.max_steps.unwrap_or(usual.max_steps),
                seed,
            },
            resume: self.resume,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct TrainTaggerArguments {
    /// Sentences, a word and its label a line, an empty line between them
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    train_file: Option<String>,
    /// Sentences to measure on
    #[arg(long, value_name = "FILE")]
    validation_file: Option<String>,
    /// Without such a file, share of the sentences that is measured on and not learned
    #[arg(long, default_value_t = 0.1, value_name = "SHARE", conflicts_with = "validation_file")]
    validation_split: f64,
    /// Folder of the training, and of the model that comes of it [default: one of Mirante's own]
    #[arg(long, value_name = "FOLDER")]
    output_dir: Option<String>,
    /// What chances are drawn from
    #[arg(long, default_value_t = 42, value_name = "N")]
    seed: u64,
    #[command(flatten)]
    pub(crate) teach: TeachArguments,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl TrainTaggerArguments {
    pub(crate) fn request(self) -> TrainEncoderRequest {
        let task = EncoderTask::Tag {
            train_file: self.train_file.unwrap_or_default(),
            validation_file: self.validation_file,
            validation_split: self.validation_split,
        };
        self.teach.request(task, self.output_dir, self.seed)
    }
}

#[derive(Debug, Args)]
pub(crate) struct TrainAnswersArguments {
    /// Questions with their answers: SQuAD's JSON, or JSON Lines of {id, question, context, answers}
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    train_file: Option<String>,
    /// Questions to measure on
    #[arg(long, value_name = "FILE")]
    validation_file: Option<String>,
    /// Without such a file, share of the contexts that is measured on and not learned
    #[arg(long, default_value_t = 0.1, value_name = "SHARE", conflicts_with = "validation_file")]
    validation_split: f64,
    /// Folder of the training, and of the model that comes of it [default: one of Mirante's own]
    #[arg(long, value_name = "FOLDER")]
    output_dir: Option<String>,
    /// Tokens that a window shares with the one before
    #[arg(long, default_value_t = 128, value_name = "N")]
    doc_stride: u32,
    /// Most tokens of an answer
    #[arg(long, default_value_t = 80, value_name = "N")]
    max_answer_length: u32,
    /// Candidates that are weighed
    #[arg(long, default_value_t = 20, value_name = "N")]
    n_best_size: u32,
    /// By how much "no answer" must be the likelier to be given, where some question has none
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true, value_name = "X")]
    null_score_diff_threshold: f32,
    /// Most questions that are learned, the first ones [default: all]
    #[arg(long, value_name = "N")]
    max_train_samples: Option<u32>,
    /// Most questions that are measured on, the first ones [default: all]
    #[arg(long, value_name = "N")]
    max_eval_samples: Option<u32>,
    /// What chances are drawn from
    #[arg(long, default_value_t = 42, value_name = "N")]
    seed: u64,
    #[command(flatten)]
    pub(crate) teach: TeachArguments,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl TrainAnswersArguments {
    pub(crate) fn request(self) -> TrainEncoderRequest {
        let task = EncoderTask::Answer {
            train_file: self.train_file.unwrap_or_default(),
            validation_file: self.validation_file,
            validation_split: self.validation_split,
            reading: AnswerReading {
                doc_stride: self.doc_stride,
                max_answer_length: self.max_answer_length,
                n_best_size: self.n_best_size,
                null_score_diff_threshold: self.null_score_diff_threshold,
            },
            max_train_samples: self.max_train_samples,
            max_eval_samples: self.max_eval_samples,
        };
        self.teach.request(task, self.output_dir, self.seed)
    }
}
