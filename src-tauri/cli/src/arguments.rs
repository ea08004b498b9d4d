//! What can be asked on the command line.

mod classifier;
mod course;
mod embed;
mod infer;
mod leads;
mod lora;
mod models;
mod plot;
mod qa;
mod search;
mod teach;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use mirante_app::locale::Language;
use mirante_app::ops::open::ReadOptions;
use mirante_app::ops::segment::{SegmentBy, SegmentSettings, Source, StopWords, SuggestKRequest};

pub(crate) use classifier::{ClassifierCommand, Learns, TrainClassifierArguments};
pub(crate) use embed::{EmbedArguments, EmbedCommand};
pub(crate) use infer::{
    AnswerArguments, Asked, ClassifyArguments, GenerateArguments, SummarizeArguments, TagArguments,
};
pub(crate) use leads::{LeadsCommand, ScoreLeadsArguments, TrainLeadsArguments};
pub(crate) use lora::{CancelArguments, LoraCommand, StatusArguments, TrainingCommand};
pub(crate) use models::{ModelsCommand, TokenCommand};
pub(crate) use plot::PlotCommand;
pub(crate) use qa::QaCommand;
pub(crate) use search::{
    EvalRetrievalArguments, IndexArguments, SearchArguments, UpdateIndexArguments,
};
pub(crate) use teach::{TaggerCommand, TeachArguments, TrainAnswersArguments};

/// Machine learning on your own table, on your own machine.
#[derive(Debug, Parser)]
#[command(name = "mirante", version, propagate_version = true)]
pub(crate) struct Arguments {
    /// Folder that holds Mirante's data [default: MIRANTE_HOME, or the system's data folder]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) home: Option<PathBuf>,
    /// Language of messages [default: the system's]
    #[arg(long, global = true, value_enum, value_name = "LANGUAGE")]
    lang: Option<LanguageArgument>,
    /// Worker threads [default: one a core]
    #[arg(long, global = true, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// No progress on standard error
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Make no network call at all
    #[arg(long, global = true)]
    pub(crate) offline: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LanguageArgument {
    #[value(name = "pt-BR", alias = "pt")]
    PtBr,
    En,
}

impl Arguments {
    /// The language that was asked for, or the system's.
    pub(crate) fn language(&self) -> Language {
        match self.lang {
            Some(LanguageArgument::PtBr) => Language::PtBr,
            Some(LanguageArgument::En) => Language::En,
            None => Language::of_system(),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say what a file is and holds: encoding, separator, columns, rows that are wrong
    Open(OpenArguments),
    /// Put the rows of a table into segments by what their text says
    Segment(SegmentArguments),
    /// Put new rows into the segments of a saved model
    Assign(AssignArguments),
    /// Try several numbers of segments and recommend one
    SuggestK(SuggestKArguments),
    /// Make vectors of texts, by a model on this machine
    Embed(EmbedArguments),
    /// Put texts into classes, such as sentiments
    Classify(ClassifyArguments),
    /// A classifier of your own: train it on your table
    #[command(subcommand)]
    Classifier(ClassifierCommand),
    /// Lead scoring: learn which leads convert, and score others
    #[command(subcommand)]
    Leads(LeadsCommand),
    /// Find persons, places, organisations and the like in texts
    Tag(TagArguments),
    /// A tagger of your own: teach a model to find entities
    #[command(subcommand)]
    Tagger(TaggerCommand),
    /// Answer a question out of texts
    Answer(AnswerArguments),
    /// Summarise texts
    Summarize(SummarizeArguments),
    /// Write a text
    Generate(GenerateArguments),
    /// Teach a model that writes, by a small change of its maps
    #[command(subcommand)]
    Lora(LoraCommand),
    /// Trainings of every kind: how they go, ending one
    #[command(subcommand)]
    Training(TrainingCommand),
    /// Make a table searchable
    Index(IndexArguments),
    /// Change rows of an index: only new texts get vectors
    UpdateIndex(UpdateIndexArguments),
    /// Look something up in a searchable table
    Search(SearchArguments),
    /// Measure how well searching finds what people judged to be right
    EvalRetrieval(EvalRetrievalArguments),
    /// Questions about documents: make examples, teach and measure a model
    #[command(subcommand)]
    Qa(QaCommand),
    /// Models: list, fetch, check, remove
    #[command(subcommand)]
    Models(ModelsCommand),
    /// Draw a picture to an SVG or PNG file
    #[command(subcommand)]
    Plot(PlotCommand),
    /// Carry out any operation from a saved request
    Run(RunArguments),
    /// Answer the same operations over HTTP and serve the same screen to a browser
    Serve(ServeArguments),
}

/// A file and how to read it. What is not said is found out.
#[derive(Debug, Args)]
pub(crate) struct FileArguments {
    /// The table: delimited text, Parquet, JSON Lines or XLSX; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    csv: String,
    #[command(flatten)]
    dialect: DialectArguments,
}

/// How a file is read.
#[derive(Debug, Args)]
pub(crate) struct DialectArguments {
    /// utf-8, utf-8-bom, utf-16le, utf-16be or windows-1252
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Separator: , ; | or tab
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<String>,
    /// Quote character; empty for none
    #[arg(long, value_name = "CHARACTER")]
    quote: Option<String>,
    /// Whether the first row names the columns
    #[arg(long, value_name = "true|false")]
    header: Option<bool>,
    /// Decimal mark: . or ,
    #[arg(long, value_name = "CHARACTER")]
    decimal: Option<String>,
    /// Sheet of a workbook
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
}

impl FileArguments {
    /// A file that was named elsewhere, read as these say.
    pub(crate) fn of(csv: String, dialect: DialectArguments) -> Self {
        Self { csv, dialect }
    }

    pub(crate) fn split(self) -> (String, ReadOptions) {
        let DialectArguments { encoding, delimiter, quote, header, decimal, sheet } = self.dialect;
        let delimiter = delimiter.map(|given| match given.as_str() {
            "tab" | "\\t" => "\t".to_owned(),
            _ => given,
        });
        let options = ReadOptions {
            encoding,
            delimiter,
            quote,
            has_header: header,
            decimal,
            sheet,
            ..ReadOptions::default()
        };
        (self.csv, options)
    }

    pub(crate) fn source(self) -> Source {
        let (path, options) = self.split();
        Source::File { path, options }
    }
}

/// How text becomes features and features become segments.
#[derive(Debug, Args)]
pub(crate) struct SettingsArguments {
    /// Column with text; may be given more than once, the texts are joined by one space
    #[arg(long, value_name = "COLUMN")]
    text_col: Vec<String>,
    /// Most terms kept, the most frequent first
    #[arg(long, default_value_t = 500, value_name = "N")]
    max_features: u32,
    /// Rows a term must stand in; below 1, the share of rows
    #[arg(long, default_value_t = 2.0, value_name = "N")]
    min_df: f64,
    /// Share of rows a term may stand in; above 1, the number of rows
    #[arg(long, default_value_t = 0.95, value_name = "SHARE")]
    max_df: f64,
    /// Starts to try, the best is kept; `auto` is one
    #[arg(long, default_value = "10", value_parser = n_init, value_name = "N|auto")]
    n_init: u32,
    /// Seed of every random choice
    #[arg(long, default_value_t = 42, value_name = "N")]
    seed: u32,
    /// The same segments whatever the order of the rows
    #[arg(long)]
    stable: bool,
    /// Leave out words that carry little meaning
    #[arg(long, value_enum, default_value_t = StopWordsArgument::None)]
    stop_words: StopWordsArgument,
    /// Put rows together by the words they share, or by what a model makes of their texts
    #[arg(long, value_enum, default_value_t = ByArgument::Words)]
    by: ByArgument,
    /// Model for `--by meaning`: short name, repository of the hub, or folder
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ByArgument {
    Words,
    Meaning,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum StopWordsArgument {
    None,
    Pt,
    En,
}

fn n_init(text: &str) -> Result<u32, String> {
    if text == "auto" {
        return Ok(0);
    }
    text.parse().ok().filter(|&n| n > 0).ok_or_else(|| "a number from 1, or auto".to_owned())
}

impl SettingsArguments {
    pub(crate) fn settings(self, clusters: u32) -> SegmentSettings {
        SegmentSettings {
            text_cols: self.text_col,
            clusters,
            max_features: self.max_features,
            min_df: self.min_df,
            max_df: self.max_df,
            n_init: self.n_init,
            seed: self.seed,
            stable: self.stable,
            stop_words: match self.stop_words {
                StopWordsArgument::None => StopWords::None,
                StopWordsArgument::Pt => StopWords::Pt,
                StopWordsArgument::En => StopWords::En,
            },
            by: match self.by {
                ByArgument::Words => SegmentBy::Words,
                ByArgument::Meaning => SegmentBy::Meaning,
            },
            model: self.model,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct OpenArguments {
    #[command(flatten)]
    pub(crate) file: FileArguments,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SegmentArguments {
    #[command(flatten)]
    pub(crate) file: FileArguments,
    /// Where to write every record with its segment appended
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<String>,
    /// Segments
    #[arg(long, default_value_t = 8, value_name = "K")]
    pub(crate) clusters: u32,
    #[command(flatten)]
    pub(crate) settings: SettingsArguments,
    /// Name of the appended column
    #[arg(long, default_value = "segmento", value_name = "NAME")]
    pub(crate) label_col: String,
    /// Where to write the model, for `assign` and `plot`
    #[arg(long, value_name = "FILE")]
    pub(crate) save_model: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AssignArguments {
    /// Model that `segment --save-model` wrote
    #[arg(long, value_name = "FILE")]
    pub(crate) model: String,
    #[command(flatten)]
    pub(crate) file: FileArguments,
    /// Where to write every record with its segment appended
    #[arg(long, value_name = "FILE")]
    pub(crate) out: String,
    /// Name of the appended column
    #[arg(long, default_value = "segmento", value_name = "NAME")]
    pub(crate) label_col: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which numbers of segments to try, on what.
#[derive(Debug, Args)]
pub(crate) struct TryArguments {
    #[command(flatten)]
    file: FileArguments,
    /// Fewest segments tried
    #[arg(long, default_value_t = 2, value_name = "K")]
    min: u32,
    /// Most segments tried
    #[arg(long, default_value_t = 20, value_name = "K")]
    max: u32,
    #[command(flatten)]
    settings: SettingsArguments,
}

impl TryArguments {
    pub(crate) fn request(self) -> SuggestKRequest {
        SuggestKRequest {
            source: self.file.source(),
            settings: self.settings.settings(0),
            min: self.min,
            max: self.max,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct SuggestKArguments {
    #[command(flatten)]
    pub(crate) tries: TryArguments,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// `{"operation": …, "request": …}`; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub(crate) request: String,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8674)]
    pub(crate) port: u16,
    /// Token that callers must send [default: MIRANTE_TOKEN, or a new one at every start]
    #[arg(long, env = "MIRANTE_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// Folder whose files workflows may name in `/ml/segmentar`; may be given more than once
    #[arg(long, value_name = "FOLDER")]
    pub(crate) allow: Vec<PathBuf>,
    /// Seconds after which a request of `/ml` is stopped
    #[arg(long, default_value_t = 300, value_name = "SECONDS")]
    pub(crate) time_limit: u64,
    /// Open the screen in the system's browser
    #[arg(long)]
    pub(crate) open: bool,
}
