//! `mirante models`: which there are, fetching, checking and removing them.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// List well-known models and those on this machine
    List(ListArguments),
    /// Say what is known of a model
    Show(ModelArguments),
    /// Fetch a model from the hub; what was cut off goes on where it stopped
    Pull(PullArguments),
    /// Compare every file of a model with its hash
    Verify(ModelArguments),
    /// Remove a model from Mirante's folder
    Remove(ModelArguments),
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ModelArguments {
    /// Short name, or repository of the hub
    #[arg(value_name = "MODEL")]
    pub(crate) model: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PullArguments {
    #[command(flatten)]
    pub(crate) model: ModelArguments,
    /// Branch, tag or revision
    #[arg(long, default_value = "main", value_name = "NAME")]
    pub(crate) revision: String,
}
