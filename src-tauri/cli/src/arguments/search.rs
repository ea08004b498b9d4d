//! `mirante index`, `mirante search`, `mirante eval-retrieval`.

use std::io::Read;

use clap::{Args, ValueEnum};
use mirante_app::ops::search::{
    EvalRetrievalRequest, IndexTableRequest, SearchMode, SearchRequest,
};
use mirante_app::{Error, Result};

use super::FileArguments;
use super::embed::EngineArguments;

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
            settings: self.engine.settings(),
        }
    }
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
    #[arg(long, value_name = "TEXT", required_unless_present_any = ["stdin", "like"])]
    query: Option<String>,
    /// Look for the like of a row, by its place from 0
    #[arg(long, value_name = "ROW", conflicts_with_all = ["query", "stdin", "mode"])]
    like: Option<u64>,
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
            None if self.like.is_some() => String::new(),
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
            top: self.top,
            mode: self.mode.map(ModeArgument::mode),
            filter: self.filter,
        })
    }
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
