//! `mirante index`, `mirante search`, `mirante eval-retrieval`.

use std::io::Read;

use clap::{Args, ValueEnum};
use mirante_app::ops::search::{
    EvalRetrievalRequest, IndexRow, IndexTableRequest, SearchMode, SearchRequest,
    UpdateIndexRequest,
};
use mirante_app::{Error, Result};

use super::embed::EngineArguments;
use super::{DialectArguments, FileArguments};

#[derive(Debug, Args)]
pub(crate) struct IndexArguments {
    #[command(flatten)]
    file: FileArguments,
    /// Column with text; may be given more than once, the texts are joined by one space
    #[arg(long, value_name = "COLUMN")]
    text_col: Vec<String>,
    /// What the index is called [default: the file's name]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Column that rows are known by, to change and delete them [default: their place, from 0]
    #[arg(long, value_name = "COLUMN")]
    id_col: Option<String>,
    /// Vectors of the rows, made elsewhere: .npy, Parquet or JSON, in their order or with their ids;
    /// --model then names what made them
    #[arg(long, value_name = "FILE")]
    vectors: Option<String>,
    #[command(flatten)]
    engine: EngineArguments,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl IndexArguments {
    pub(crate) fn request(self) -> IndexTableRequest {
        IndexTableRequest {
            source: self.file.source(),
            text_cols: self.text_col,
            name: self.name,
            id_col: self.id_col,
            settings: self.engine.settings(),
            vectors: self.vectors,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct UpdateIndexArguments {
    /// The index
    #[arg(long, value_name = "NAME")]
    index: String,
    /// The table as it is now: rows that are not in it go, new texts come
    #[arg(long, value_name = "FILE")]
    csv: Option<String>,
    #[command(flatten)]
    dialect: DialectArguments,
    /// Rows that come, or take the place of those with their ids: JSON Lines of {id, fields, vector?}; -
    /// reads standard input
    #[arg(long, value_name = "FILE", required_unless_present_any = ["csv", "delete"])]
    put: Option<String>,
    /// Ids of rows that go
    #[arg(long, value_name = "ID")]
    delete: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl UpdateIndexArguments {
    pub(crate) fn request(self) -> Result<UpdateIndexRequest> {
        Ok(UpdateIndexRequest {
            index: self.index,
            source: self.csv.map(|csv| FileArguments::of(csv, self.dialect).source()),
            put: self.put.as_deref().map(rows).transpose()?.unwrap_or_default(),
            delete: self.delete,
        })
    }
}

fn rows(path: &str) -> Result<Vec<IndexRow>> {
    let failed = |error| Error::reading(path.as_ref(), error);
    let text = match path {
        "-" => std::io::read_to_string(std::io::stdin()).map_err(failed)?,
        path => std::fs::read_to_string(path).map_err(failed)?,
    };
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let row = |(text, line)| {
        serde_json::from_str(text).map_err(|error: serde_json::Error| Error::BadRecord {
            path: path.into(),
            line,
            reason: error.to_string(),
        })
    };
    lines.map(row).collect()
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ModeArgument {
    Hybrid,
    Vector,
    Words,
}

impl ModeArgument {
    fn mode(self) -> SearchMode {
        match self {
            Self::Hybrid => SearchMode::Hybrid,
            Self::Vector => SearchMode::Vector,
            Self::Words => SearchMode::Words,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct SearchArguments {
    /// The index
    #[arg(long, value_name = "NAME")]
    index: String,
    /// What is looked for
    #[arg(long, value_name = "TEXT", required_unless_present_any = ["stdin", "like", "vector"])]
    query: Option<String>,
    /// Look for the like of a row, by its place from 0
    #[arg(long, value_name = "ROW", conflicts_with_all = ["query", "stdin", "mode"])]
    like: Option<u64>,
    /// The query's vector, made elsewhere: a JSON array in a file
    #[arg(long, value_name = "FILE")]
    vector: Option<String>,
    /// Read what is looked for from standard input
    #[arg(long, conflicts_with = "query")]
    stdin: bool,
    /// Most results
    #[arg(long, default_value_t = 5, value_name = "N")]
    top: u32,
    /// How to look [default: hybrid]
    #[arg(long, value_enum, value_name = "MODE")]
    mode: Option<ModeArgument>,
    /// Which rows count, such as "nicho = 'Contabilidade' and valor >= 100"; ~ means contains
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl SearchArguments {
    pub(crate) fn request(self) -> Result<SearchRequest> {
        let query = match self.query {
            Some(query) => query,
            None if self.like.is_some() || (self.vector.is_some() && !self.stdin) => String::new(),
            None => {
                let mut text = String::new();
                let failed = |error| Error::reading("-".as_ref(), error);
                std::io::stdin().read_to_string(&mut text).map_err(failed)?;
                text
            }
        };
        Ok(SearchRequest {
            index: self.index,
            query,
            like: self.like,
            vector: self.vector.as_deref().map(vector).transpose()?,
            top: self.top,
            mode: self.mode.map(ModeArgument::mode),
            filter: self.filter,
        })
    }
}

fn vector(path: &str) -> Result<Vec<f32>> {
    let bytes = std::fs::read(path).map_err(|error| Error::reading(path.as_ref(), error))?;
    serde_json::from_slice(&bytes).map_err(|error| Error::BadVectors {
        path: path.into(),
        vector: 1,
        reason: error.to_string(),
    })
}

#[derive(Debug, Args)]
pub(crate) struct EvalRetrievalArguments {
    /// Documents: JSON Lines of _id, title, text
    #[arg(long, value_name = "FILE")]
    corpus: String,
    /// Queries: JSON Lines of _id, text
    #[arg(long, value_name = "FILE")]
    queries: String,
    /// Judgements: query, document, relevance, separated by tabs
    #[arg(long, value_name = "FILE")]
    qrels: String,
    /// How to look [default: hybrid]
    #[arg(long, value_enum, value_name = "MODE")]
    mode: Option<ModeArgument>,
    #[command(flatten)]
    engine: EngineArguments,
    /// Where to write every result, in TREC's format
    #[arg(long, value_name = "FILE")]
    run_out: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl EvalRetrievalArguments {
    pub(crate) fn request(self) -> EvalRetrievalRequest {
        EvalRetrievalRequest {
            corpus: self.corpus,
            queries: self.queries,
            qrels: self.qrels,
            mode: self.mode.map(ModeArgument::mode),
            settings: self.engine.settings(),
            run_out: self.run_out,
        }
    }
}
