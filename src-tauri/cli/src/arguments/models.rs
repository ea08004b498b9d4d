//! `mirante models`: which there are, fetching, checking and removing them.

use clap::{Args, Subcommand, ValueEnum};
use mirante_app::ops::usual::{SetUsualModelRequest, UsualModel, UsualTask};

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// List well-known models and those on this machine
    List(ListArguments),
    /// Say what is known of a model
    Show(ModelArguments),
    /// Fetch a model from the hub; what was cut off goes on where it stopped
    Pull(PullArguments),
    /// Take in a model of PyTorch, TensorFlow, JAX or GGUF, its weights as safetensors
    Import(ImportArguments),
    /// Compare every file of a model with its hash
    Verify(ModelArguments),
    /// Remove a model from Mirante's folder
    Remove(ModelArguments),
    /// Make a model the one that a task takes where none is named
    Use(UseArguments),
    /// The token that gated models are fetched with
    #[command(subcommand)]
    Token(TokenCommand),
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum TokenCommand {
    /// Keep a token in the system's keyring: asked for unseen, or read from standard input
    Set,
    /// Forget the token that was kept
    Clear,
    /// Say where a token is found: HF_TOKEN, the keyring, a file of its own, or the hub's own file
    Status,
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ModelArguments {
    /// Short name, or repository of the hub; OWNER/NAME:Q8_0 is its GGUF file of that kind
    #[arg(value_name = "MODEL")]
    pub(crate) model: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TaskArgument {
    Classify,
    Tag,
    Answer,
    Summarize,
    Generate,
}

#[derive(Debug, Args)]
pub(crate) struct UseArguments {
    /// Short name, repository of the hub, or folder of a model that is on this machine
    #[arg(value_name = "MODEL", required_unless_present_any = ["none", "adapter"])]
    model: Option<String>,
    /// The task
    #[arg(long, value_enum, value_name = "TASK")]
    task: TaskArgument,
    /// Folder of an adapter, as `lora start` makes it
    #[arg(long, value_name = "FOLDER")]
    adapter: Option<String>,
    /// Take the model again that Mirante comes with
    #[arg(long, conflicts_with_all = ["model", "adapter"])]
    none: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl UseArguments {
    pub(crate) fn request(self) -> SetUsualModelRequest {
        let task = match self.task {
            TaskArgument::Classify => UsualTask::Classify,
            TaskArgument::Tag => UsualTask::Tag,
            TaskArgument::Answer => UsualTask::Answer,
            TaskArgument::Summarize => UsualTask::Summarize,
            TaskArgument::Generate => UsualTask::Generate,
        };
        // Found again from wherever one stands.
        let whole = |path: String| match std::path::Path::new(&path).canonicalize() {
            Ok(whole) if whole.is_dir() => whole.display().to_string(),
            _ => path,
        };
        let usual = UsualModel { model: self.model.map(whole), adapter: self.adapter.map(whole) };
        SetUsualModelRequest { task, usual: (!self.none).then_some(usual) }
    }
}

#[derive(Debug, Args)]
pub(crate) struct PullArguments {
    #[command(flatten)]
    pub(crate) model: ModelArguments,
    /// Branch, tag or revision
    #[arg(long, default_value = "main", value_name = "NAME")]
    pub(crate) revision: String,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// Folder of a model, or a single file of weights
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
    /// What it is called, after `local/` [default: as its folder or file]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
