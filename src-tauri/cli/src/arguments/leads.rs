//! `mirante leads train` and `score`.

use std::io::Read;

use clap::{Args, Subcommand};
use mirante_app::locale::Language;
use mirante_app::ops::leads::{Lead, ScoreLeadsRequest, ScoreLeadsTableRequest, TrainLeadsRequest};
use mirante_app::{Error, Result};
use serde::Deserialize;

use super::{Asked, DialectArguments, FileArguments};

#[derive(Debug, Subcommand)]
pub(crate) enum LeadsCommand {
    /// Learn which leads convert from those of which it is known
    Train(TrainLeadsArguments),
    /// Say how likely leads are to convert, and why
    Score(ScoreLeadsArguments),
}

#[derive(Debug, Args)]
pub(crate) struct TrainLeadsArguments {
    #[command(flatten)]
    file: FileArguments,
    /// Column that says whether a lead converted
    #[arg(long, value_name = "COLUMN")]
    target: String,
    /// What stands there for a lead that did [default: 1, sim, yes, true and the like]
    #[arg(long, value_name = "VALUE")]
    positive: Option<String>,
    /// Column that is read word by word, besides those that look like text; may be given more than once
    #[arg(long, value_name = "COLUMN")]
    text_col: Vec<String>,
    /// Column that takes no part; may be given more than once
    #[arg(long, value_name = "COLUMN")]
    ignore: Vec<String>,
    /// Folder to write, for `leads score --model` [default: one of Mirante's own]
    #[arg(long, value_name = "FOLDER")]
    output_dir: Option<String>,
    /// Probability from which on a lead is hot [default: so that as many are hot as convert]
    #[arg(long, value_name = "P")]
    hot: Option<f64>,
    /// Probability from which on a lead is warm [default: the share that converts]
    #[arg(long, value_name = "P")]
    warm: Option<f64>,
    /// Decides which leads are held out together
    #[arg(long, default_value_t = 42, value_name = "N")]
    seed: u32,
    /// How little the model is held back from following single leads
    #[arg(long, default_value_t = 1.0, value_name = "X")]
    c: f64,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl TrainLeadsArguments {
    pub(crate) fn request(self, language: Language) -> TrainLeadsRequest {
        TrainLeadsRequest {
            source: self.file.source(),
            target: self.target,
            positive: self.positive,
            text_cols: self.text_col,
            ignore: self.ignore,
            output_dir: self.output_dir,
            hot: self.hot,
            warm: self.warm,
            seed: self.seed,
            c: self.c,
            language: Some(language),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ScoreLeadsArguments {
    /// Folder that `leads train` wrote [default: the one in the settings]
    #[arg(long, value_name = "FOLDER")]
    model: Option<String>,
    /// A table: delimited text, Parquet, JSON Lines or XLSX; `-` reads standard input
    #[arg(long, value_name = "FILE", requires = "out")]
    csv: Option<String>,
    #[command(flatten)]
    dialect: DialectArguments,
    /// Where to write every record of a table with its score appended
    #[arg(long, value_name = "FILE", requires = "csv")]
    out: Option<String>,
    /// Read a lead from standard input as JSON: an object of fields, or a list of them
    #[arg(long, conflicts_with = "csv", required_unless_present = "csv")]
    stdin: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    List(Vec<Lead>),
    One(Lead),
}

impl ScoreLeadsArguments {
    pub(crate) fn asked(
        self,
        language: Language,
    ) -> Result<Asked<ScoreLeadsRequest, ScoreLeadsTableRequest>> {
        let model = self.model;
        if let (Some(csv), Some(out)) = (self.csv, self.out) {
            let source = FileArguments::of(csv, self.dialect).source();
            let (out, language) = (Some(out), Some(language));
            let request = ScoreLeadsTableRequest { model, source, out, language };
            return Ok(Asked::Table(Box::new(request)));
        }
        let mut text = String::new();
        let failed = |error| Error::reading("-".as_ref(), error);
        std::io::stdin().read_to_string(&mut text).map_err(failed)?;
        let given = serde_json::from_str(&text)
            .map_err(|error| Error::BadRequest { reason: error.to_string() })?;
        let leads = match given {
            Given::List(leads) => leads,
            Given::One(lead) => vec![lead],
        };
        Ok(Asked::Texts(ScoreLeadsRequest { model, leads }))
    }
}
