//! `mirante classifier train`: a classifier of one's own.

use clap::{Args, Subcommand, ValueEnum};
use mirante_app::locale::Language;
use mirante_app::ops::classifier::{
    ClassWeights, ClassifierFeatures, ClassifierKind, TrainClassifierRequest,
};
use mirante_app::ops::embed::EmbedSettings;
use mirante_app::ops::train_encoder::{EncoderTask, TrainEncoderRequest};
use mirante_app::{Error, Result};

use super::{FileArguments, TeachArguments};

#[derive(Debug, Subcommand)]
pub(crate) enum ClassifierCommand {
    /// Train a classifier on a table's texts and classes
    Train(TrainClassifierArguments),
}

#[derive(Debug, Args)]
pub(crate) struct TrainClassifierArguments {
    #[command(flatten)]
    file: FileArguments,
    /// Column with text; may be given more than once, the texts are joined by one space
    #[arg(long, value_name = "COLUMN")]
    text_col: Vec<String>,
    /// Column with the classes
    #[arg(long, value_name = "COLUMN")]
    label_col: String,
    /// Folder to write, for `classify --model` [default: one of Mirante's own]
    #[arg(long, value_name = "FOLDER")]
    output_dir: Option<String>,
    /// What learns
    #[arg(long, value_enum, default_value_t = KindArgument::Linear)]
    kind: KindArgument,
    /// What it learns from: tfidf, or the vectors of a sentence model by its short name, repository or
    /// folder
    #[arg(long, default_value = "tfidf", value_name = "tfidf|MODEL")]
    features: String,
    /// Share of every class that is held out, to measure on
    #[arg(long, default_value_t = 0.2, value_name = "SHARE")]
    validation_split: f64,
    /// Decides which rows are held out
    #[arg(long, default_value_t = 42, value_name = "N")]
    seed: u32,
    /// Whether all classes weigh the same, or all rows
    #[arg(long, value_enum, default_value_t = WeightsArgument::Balanced)]
    class_weights: WeightsArgument,
    /// How little the model is held back from following single rows
    #[arg(long, default_value_t = 1.0, value_name = "X")]
    c: f64,
    #[command(flatten)]
    pub(crate) teach: TeachArguments,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum KindArgument {
    /// Multinomial logistic regression: seconds
    Linear,
    /// An encoder, all of it or by a small change: minutes to hours
    Transformer,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum WeightsArgument {
    /// All classes: rare ones are found more often
    Balanced,
    /// All rows
    None,
}

/// What is to learn.
pub(crate) enum Learns {
    Linear(Box<TrainClassifierRequest>),
    Encoder(Box<TrainEncoderRequest>),
}

fn weights(argument: WeightsArgument) -> ClassWeights {
    match argument {
        WeightsArgument::Balanced => ClassWeights::Balanced,
        WeightsArgument::None => ClassWeights::None,
    }
}

impl TrainClassifierArguments {
    /// What is asked for.
    ///
    /// # Errors
    /// [`Error::BadOption`] for an argument of the other kind.
    pub(crate) fn asked(self, language: Language) -> Result<Learns> {
        let other = |option: &'static str, value: &str, allowed: &str| {
            let (value, allowed) = (value.to_owned(), allowed.to_owned());
            Err(Error::BadOption { option, value, allowed })
        };
        match (self.kind, self.teach.any()) {
            (KindArgument::Linear, None) => Ok(Learns::Linear(Box::new(self.linear(language)))),
            (KindArgument::Linear, Some(option)) => other(option, "linear", "--kind transformer"),
            (KindArgument::Transformer, _) if self.features != "tfidf" => {
                other("features", &self.features, "--kind linear")
            }
            (KindArgument::Transformer, _) => Ok(Learns::Encoder(Box::new(self.encoder()))),
        }
    }

    fn encoder(self) -> TrainEncoderRequest {
        let task = EncoderTask::Classify {
            source: self.file.source(),
            text_cols: self.text_col,
            label_col: self.label_col,
            class_weights: weights(self.class_weights),
            validation_split: self.validation_split,
        };
        self.teach.request(task, self.output_dir, self.seed.into())
    }

    fn linear(self, language: Language) -> TrainClassifierRequest {
        TrainClassifierRequest {
            source: self.file.source(),
            text_cols: self.text_col,
            label_col: self.label_col,
            output_dir: self.output_dir,
            kind: ClassifierKind::Linear,
            features: match self.features.as_str() {
                "tfidf" => ClassifierFeatures::Tfidf,
                model => ClassifierFeatures::Embeddings(EmbedSettings {
                    model: model.to_owned(),
                    ..EmbedSettings::default()
                }),
            },
            validation_split: self.validation_split,
            seed: self.seed,
            class_weights: weights(self.class_weights),
            c: self.c,
            language: Some(language),
        }
    }
}
