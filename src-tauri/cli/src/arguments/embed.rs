//! `mirante embed`: a table into a file, or texts into JSON.

use std::io::Read;

use clap::{Args, ValueEnum};
use mirante_app::ops::embed::{
    DEFAULT_MODEL, EmbedRequest, EmbedSettings, EmbedTableRequest, TextRole, VectorFormat,
};
use mirante_app::{Error, Result};

use super::{DialectArguments, FileArguments};

#[derive(Debug, Args)]
pub(crate) struct EmbedArguments {
    /// The table: delimited text, Parquet, JSON Lines or XLSX; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    csv: Option<String>,
    #[command(flatten)]
    dialect: DialectArguments,
    /// A text; may be given more than once
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["csv", "stdin"])]
    text: Vec<String>,
    /// Read one text from standard input
    #[arg(long, conflicts_with = "csv", required_unless_present_any = ["csv", "text"])]
    stdin: bool,
    /// Each line of standard input is a text of its own
    #[arg(long, requires = "stdin")]
    lines: bool,
    /// Column with text; may be given more than once, the texts are joined by one space
    #[arg(long, value_name = "COLUMN", requires = "csv")]
    text_col: Vec<String>,
    /// Column that a row is known by [default: its place, from 0]
    #[arg(long, value_name = "COLUMN", requires = "csv")]
    id_col: Option<String>,
    /// Where to write the vectors of a table
    #[arg(long, value_name = "FILE", requires = "csv", required_unless_present_any = ["stdin", "text"])]
    out: Option<String>,
    /// How to write them [default: by the name of the file, else json]
    #[arg(long, value_enum, value_name = "FORMAT", requires = "csv")]
    format: Option<FormatArgument>,
    /// What the texts are, for models that want to be told
    #[arg(long, value_enum, default_value_t = RoleArgument::Document)]
    role: RoleArgument,
    #[command(flatten)]
    engine: EngineArguments,
    /// Print JSON: what was done with the table
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which model, and how it runs.
#[derive(Debug, Args)]
pub(crate) struct EngineArguments {
    /// Short name, repository of the hub, or folder of a model that is on this machine
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// Make every vector 1 long, also where the model does not
    #[arg(long)]
    normalize: bool,
    /// Most texts that go through the model together on one thread
    #[arg(long, default_value_t = 32, value_name = "N")]
    batch: u32,
    /// auto, cpu, cuda:N or metal
    #[arg(long, default_value = "auto", value_name = "DEVICE")]
    device: String,
    /// auto, f32, bf16 or int8; on a card f32, f16 or bf16
    #[arg(long, default_value = "auto", value_name = "NAME")]
    precision: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleArgument {
    Document,
    Query,
    Plain,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatArgument {
    Json,
    Jsonl,
    Npy,
    Parquet,
}

/// What is to be embedded.
pub(crate) enum EmbedCommand {
    Table(Box<EmbedTableRequest>),
    Texts(EmbedRequest),
}

impl EmbedArguments {
    pub(crate) fn command(self) -> Result<EmbedCommand> {
        let engine = EngineArguments {
            model: Some(self.engine.model.unwrap_or_else(|| DEFAULT_MODEL.to_owned())),
            ..self.engine
        };
        let settings =
            EmbedSettings { role: self.role.role(), ..engine.settings().unwrap_or_default() };
        let file = self.csv.map(|csv| FileArguments::of(csv, self.dialect));
        Ok(match (file, self.out) {
            (Some(file), out @ Some(_)) => EmbedCommand::Table(Box::new(EmbedTableRequest {
                source: file.source(),
                text_cols: self.text_col,
                id_col: self.id_col,
                settings,
                out,
                format: self.format.map(FormatArgument::format),
            })),
            _ if self.stdin => {
                EmbedCommand::Texts(EmbedRequest { texts: read_texts(self.lines)?, settings })
            }
            _ => EmbedCommand::Texts(EmbedRequest { texts: self.text, settings }),
        })
    }
}

/// Texts from standard input: one, or one a line.
pub(super) fn read_texts(lines: bool) -> Result<Vec<String>> {
    let mut text = String::new();
    let failed = |error| Error::reading("-".as_ref(), error);
    std::io::stdin().read_to_string(&mut text).map_err(failed)?;
    Ok(if lines {
        text.lines().map(str::to_owned).collect()
    } else {
        // The line end that `echo` adds is not part of the text.
        vec![text.strip_suffix('\n').unwrap_or(&text).trim_end_matches('\r').to_owned()]
    })
}

impl EngineArguments {
    /// What was asked of a model, if one was named.
    pub(crate) fn settings(self) -> Option<EmbedSettings> {
        Some(EmbedSettings {
            model: self.model?,
            normalize: self.normalize,
            batch: self.batch,
            device: self.device,
            precision: self.precision,
            ..EmbedSettings::default()
        })
    }
}

impl RoleArgument {
    fn role(self) -> TextRole {
        match self {
            Self::Document => TextRole::Document,
            Self::Query => TextRole::Query,
            Self::Plain => TextRole::Plain,
        }
    }
}

impl FormatArgument {
    fn format(self) -> VectorFormat {
        match self {
            Self::Json => VectorFormat::Json,
            Self::Jsonl => VectorFormat::Jsonl,
            Self::Npy => VectorFormat::Npy,
            Self::Parquet => VectorFormat::Parquet,
        }
    }
}
