//! `mirante classify`, `tag`, `answer`, `summarize` and `generate`: the texts, the model, and what is
//! wanted of it.

use clap::{Args, ValueEnum};
use mirante_app::Result;
use mirante_app::ops::answer::{AnswerChoice, AnswerRequest, AnswerTableRequest};
use mirante_app::ops::classify::{ClassifyRequest, ClassifyTableRequest};
use mirante_app::ops::generate::{GenerateRequest, GenerateTableRequest, Writing};
use mirante_app::ops::inference::{InferTable, ModelSettings};
use mirante_app::ops::summarize::{SummarizeRequest, SummarizeTableRequest, SummaryChoice};
use mirante_app::ops::tag::{TagJoin, TagRequest, TagTableRequest};

use super::embed::read_texts;
use super::{DialectArguments, FileArguments};

/// What a model is asked about: texts, or the rows of a table.
pub(crate) enum Asked<T, R> {
    Texts(T),
    Table(Box<R>),
}

#[derive(Debug, Args)]
pub(crate) struct TextsArguments {
    /// A table: delimited text, Parquet, JSON Lines or XLSX; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    csv: Option<String>,
    #[command(flatten)]
    dialect: DialectArguments,
    /// A text; may be given more than once
    #[arg(long, alias = "context", value_name = "TEXT", conflicts_with_all = ["csv", "stdin"])]
    text: Vec<String>,
    /// Read one text from standard input
    #[arg(long, conflicts_with = "csv", required_unless_present_any = ["csv", "text"])]
    stdin: bool,
    /// Each line of standard input is a text of its own
    #[arg(long, requires = "stdin")]
    lines: bool,
    #[command(flatten)]
    table: TableArguments,
}

/// What of a table is read and written.
#[derive(Debug, Args)]
struct TableArguments {
    /// Column with text; may be given more than once, the texts are joined by one space
    #[arg(long, value_name = "COLUMN", requires = "csv")]
    text_col: Vec<String>,
    /// Where to write every record of a table with what was found appended
    #[arg(long, value_name = "FILE", requires = "csv")]
    out: Option<String>,
    /// Name of the first appended column
    #[arg(long, value_name = "NAME", requires = "csv")]
    column: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ModelArguments {
    /// Short name, repository of the hub, or folder of a model that is on this machine
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// Folder of an adapter (LoRA) that changes it; without --model, that of the model it names
    #[arg(long, value_name = "FOLDER")]
    adapter: Option<String>,
    /// Most texts that go through the model together
    #[arg(long, value_name = "N")]
    batch: Option<u32>,
    /// auto, cpu, cuda:N or metal
    #[arg(long, default_value = "auto", value_name = "DEVICE")]
    device: String,
    /// auto, f32, f16 or bf16; those that read and do not write have f32, bf16 and int8
    #[arg(long, default_value = "auto", value_name = "NAME")]
    precision: String,
}

impl ModelArguments {
    fn settings(self, batch: u32) -> ModelSettings {
        ModelSettings {
            model: self.model,
            adapter: self.adapter,
            batch: self.batch.unwrap_or(batch),
            device: self.device,
            precision: self.precision,
        }
    }
}

impl TableArguments {
    fn table(self, file: FileArguments) -> InferTable {
        // Without a place of its own the copy lies beside the table.
        let source = file.source();
        let out = self.out.unwrap_or_else(|| beside(&source));
        InferTable { source, text_cols: self.text_col, out: Some(out), column: self.column }
    }
}

/// `dores.csv` → `dores-mirante.csv`.
fn beside(source: &mirante_app::ops::segment::Source) -> String {
    let mirante_app::ops::segment::Source::File { path, .. } = source else { return String::new() };
    let path = std::path::Path::new(path);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}-mirante.csv")).display().to_string()
}

impl TextsArguments {
    fn asked<T, R>(
        self,
        texts: impl FnOnce(Vec<String>) -> T,
        table: impl FnOnce(InferTable) -> R,
    ) -> Result<Asked<T, R>> {
        Ok(match self.csv {
            Some(csv) => {
                let file = FileArguments::of(csv, self.dialect);
                Asked::Table(Box::new(table(self.table.table(file))))
            }
            None if self.stdin => Asked::Texts(texts(read_texts(self.lines)?)),
            None => Asked::Texts(texts(self.text)),
        })
    }
}

#[derive(Debug, Args)]
pub(crate) struct ClassifyArguments {
    #[command(flatten)]
    texts: TextsArguments,
    #[command(flatten)]
    model: ModelArguments,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl ClassifyArguments {
    pub(crate) fn asked(self) -> Result<Asked<ClassifyRequest, ClassifyTableRequest>> {
        let settings = self.model.settings(32);
        let same = settings.clone();
        self.texts.asked(
            |texts| ClassifyRequest { texts, settings: same },
            |table| ClassifyTableRequest { table, settings },
        )
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum JoinArgument {
    /// A word has the type of its first part
    First,
    /// Part by part
    Simple,
}

#[derive(Debug, Args)]
pub(crate) struct TagArguments {
    #[command(flatten)]
    texts: TextsArguments,
    /// How parts of words that disagree are joined
    #[arg(long, value_enum, default_value_t = JoinArgument::First, value_name = "HOW")]
    join: JoinArgument,
    #[command(flatten)]
    model: ModelArguments,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl TagArguments {
    pub(crate) fn asked(self) -> Result<Asked<TagRequest, TagTableRequest>> {
        let settings = self.model.settings(32);
        let same = settings.clone();
        let join = match self.join {
            JoinArgument::First => TagJoin::First,
            JoinArgument::Simple => TagJoin::Simple,
        };
        self.texts.asked(
            |texts| TagRequest { texts, join, settings: same },
            |table| TagTableRequest { table, join, settings },
        )
    }
}

#[derive(Debug, Args)]
pub(crate) struct AnswerArguments {
    /// What is asked of every text
    #[arg(long, value_name = "TEXT")]
    question: String,
    #[command(flatten)]
    texts: TextsArguments,
    /// Candidates that are told
    #[arg(long, default_value_t = 3, value_name = "N")]
    best: u32,
    /// Most tokens of an answer
    #[arg(long, default_value_t = 30, value_name = "N")]
    longest: u32,
    /// By how much "no answer" must be the likelier to be given
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true, value_name = "X")]
    threshold: f32,
    /// There always is an answer
    #[arg(long)]
    must: bool,
    #[command(flatten)]
    model: ModelArguments,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl AnswerArguments {
    pub(crate) fn asked(self) -> Result<Asked<AnswerRequest, AnswerTableRequest>> {
        let settings = self.model.settings(32);
        let choice = AnswerChoice {
            most: self.best,
            longest: self.longest,
            threshold: self.threshold,
            must: self.must,
        };
        let (question, settings_too, choice_too) =
            (self.question.clone(), settings.clone(), choice.clone());
        self.texts.asked(
            |contexts| AnswerRequest { question, contexts, choice, settings },
            |table| AnswerTableRequest {
                question: self.question,
                table,
                choice: choice_too,
                settings: settings_too,
            },
        )
    }
}

#[derive(Debug, Args)]
pub(crate) struct SummarizeArguments {
    #[command(flatten)]
    texts: TextsArguments,
    /// Most tokens of a summary [default: the model's]
    #[arg(long, value_name = "N")]
    max_tokens: Option<u32>,
    /// Beginnings that are followed at once; 1 is fastest [default: the model's]
    #[arg(long, value_name = "N")]
    beams: Option<u32>,
    /// What the model wants before a text [default: what its card says]
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    #[command(flatten)]
    model: ModelArguments,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl SummarizeArguments {
    pub(crate) fn asked(self) -> Result<Asked<SummarizeRequest, SummarizeTableRequest>> {
        let settings = self.model.settings(8);
        let choice =
            SummaryChoice { max_tokens: self.max_tokens, beams: self.beams, prefix: self.prefix };
        let (settings_too, choice_too) = (settings.clone(), choice.clone());
        self.texts.asked(
            |texts| SummarizeRequest { texts, choice, settings },
            |table| SummarizeTableRequest { table, choice: choice_too, settings: settings_too },
        )
    }
}

#[derive(Debug, Args)]
pub(crate) struct GenerateArguments {
    /// A table to write a text for every row of; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    csv: Option<String>,
    #[command(flatten)]
    dialect: DialectArguments,
    /// What is said to the model; of a table, {texto} stands for a row's text
    #[arg(long, value_name = "TEXT", required_unless_present = "stdin")]
    prompt: Option<String>,
    /// Read the prompt from standard input
    #[arg(long, conflicts_with_all = ["prompt", "csv"])]
    stdin: bool,
    /// What the model is told beforehand
    #[arg(long, value_name = "TEXT")]
    system: Option<String>,
    #[command(flatten)]
    table: TableArguments,
    /// Most tokens of the text
    #[arg(long, default_value_t = 256, value_name = "N")]
    max_tokens: u32,
    /// How freely words are drawn; 0 takes the likeliest [default: the model's]
    #[arg(long, value_name = "X")]
    temperature: Option<f32>,
    /// Words are drawn among the likeliest that together have this share [default: the model's]
    #[arg(long, value_name = "SHARE")]
    top_p: Option<f32>,
    /// The same seed writes the same text
    #[arg(long, default_value_t = 42, value_name = "N")]
    seed: u64,
    #[command(flatten)]
    model: ModelArguments,
    /// Print JSON, when the text is whole
    #[arg(long)]
    pub(crate) json: bool,
}

impl GenerateArguments {
    pub(crate) fn asked(self) -> Result<Asked<GenerateRequest, GenerateTableRequest>> {
        let prompt = match self.prompt {
            Some(prompt) => prompt,
            None => read_texts(false)?.concat(),
        };
        let writing = Writing {
            max_tokens: self.max_tokens,
            temperature: self.temperature,
            top_p: self.top_p,
            seed: self.seed,
        };
        let (system, settings) = (self.system, self.model.settings(8));
        Ok(match self.csv {
            Some(csv) => {
                let table = self.table.table(FileArguments::of(csv, self.dialect));
                Asked::Table(Box::new(GenerateTableRequest {
                    prompt,
                    system,
                    table,
                    writing,
                    settings,
                }))
            }
            None => Asked::Texts(GenerateRequest {
                prompt,
                system,
                messages: Vec::new(),
                writing,
                settings,
            }),
        })
    }
}
