//! Which tokenizer a folder's files are of.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::folder::Folder;

use super::{Settings, missing};

/// A tokenizer, by the model that had it first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bert,
    Mpnet,
    Roberta,
    Gpt2,
    Qwen2,
    XlmRoberta,
    Camembert,
    T5,
    Llama,
}

/// The classes that are the same tokenizer, and the models that have it where no class is named.
const NAMES: [(Kind, &[&str], &[&str]); 9] = [
    (
        Kind::Bert,
        &[
            "BertTokenizer",
            "ConvBertTokenizer",
            "DPRContextEncoderTokenizer",
            "DPRQuestionEncoderTokenizer",
            "DPRReaderTokenizer",
            "DistilBertTokenizer",
            "ElectraTokenizer",
            "LayoutLMTokenizer",
            "LxmertTokenizer",
            "MobileBertTokenizer",
            "SqueezeBertTokenizer",
        ],
        &[
            "bert",
            "convbert",
            "distilbert",
            "dpr",
            "electra",
            "layoutlm",
            "lxmert",
            "mobilebert",
            "squeezebert",
        ],
    ),
    (Kind::Mpnet, &["MPNetTokenizer"], &["mpnet"]),
    (
        Kind::Roberta,
        &[
            "BartTokenizer",
            "LEDTokenizer",
            "LongformerTokenizer",
            "MvpTokenizer",
            "RobertaTokenizer",
        ],
        &["bart", "led", "longformer", "mvp", "roberta"],
    ),
    (Kind::Gpt2, &["CodeGenTokenizer", "GPT2Tokenizer"], &["codegen", "gpt2", "phi"]),
    (Kind::Qwen2, &["Qwen2Tokenizer"], &["qwen2"]),
    (Kind::XlmRoberta, &["XLMRobertaTokenizer"], &["xlm-roberta", "xlm-roberta-xl"]),
    (Kind::Camembert, &["CamembertTokenizer"], &["camembert"]),
    (Kind::T5, &["MT5Tokenizer", "T5Tokenizer"], &["longt5", "mt5", "t5", "umt5"]),
    (Kind::Llama, &["LlamaTokenizer"], &["llama", "mistral", "mixtral"]),
];

/// Classes that say nothing of how a tokenizer works.
const ANY: [&str; 3] = ["PreTrainedTokenizer", "TokenizersBackend", "PythonBackend"];

#[derive(Deserialize)]
struct Config {
    tokenizer_class: Option<String>,
    model_type: Option<String>,
}

impl Kind {
    /// The kind by the class that the tokenizer's settings name, else by the model's, else by which
    /// files there are.
    pub(super) fn of(folder: &Folder, settings: &Settings) -> Result<Self> {
        const CLASS: &str = "tokenizer_class";
        let config: Option<Config> = folder.json_if_any("config.json")?;
        let (class, model) =
            config.map_or((None, None), |config| (config.tokenizer_class, config.model_type));
        let said = settings.text(CLASS)?.map(|class| ("tokenizer_config.json", class.to_owned()));
        let classes = [said, class.map(|class| ("config.json", class))].into_iter().flatten();
        for (file, class) in classes {
            let slow = class.strip_suffix("Fast").unwrap_or(&class);
            if ANY.contains(&slow) {
                continue;
            }
            let known = NAMES.iter().find(|(_, classes, _)| classes.contains(&slow));
            let unknown =
                || Error::BadField { file, field: CLASS.to_owned(), value: class.clone() };
            return known.map(|&(kind, ..)| kind).ok_or_else(unknown);
        }
        if let Some(model) = model.filter(|model| !model.is_empty()) {
            let known = NAMES.iter().find(|(.., models)| models.contains(&model.as_str()));
            let field = "model_type".to_owned();
            return known.map(|&(kind, ..)| kind).ok_or_else(|| {
                // Another's tokenizer would do, but would give tokens that the model does not know.
                let value =
                    format!("{model}, whose tokenizer is made only of a {}", super::super::FILE);
                Error::BadField { file: "config.json", field, value }
            });
        }
        Self::of_files(folder)
    }

    fn of_files(folder: &Folder) -> Result<Self> {
        const EACH: [Kind; 5] = [Kind::Bert, Kind::Gpt2, Kind::XlmRoberta, Kind::T5, Kind::Llama];
        let has = |kind: &Kind| kind.files().iter().all(|file| folder.file(file).is_ok());
        EACH.into_iter().find(has).ok_or_else(|| {
            let files: Vec<String> = EACH.iter().map(|kind| kind.files().join(" with ")).collect();
            missing(folder, &[&files.join(", ")])
        })
    }

    /// The files it is made of.
    pub(super) fn files(self) -> &'static [&'static str] {
        match self {
            Self::Bert | Self::Mpnet => &["vocab.txt"],
            Self::Roberta | Self::Gpt2 | Self::Qwen2 => &["vocab.json", "merges.txt"],
            Self::XlmRoberta | Self::Camembert => &["sentencepiece.bpe.model"],
            Self::T5 => &["spiece.model"],
            Self::Llama => &["tokenizer.model"],
        }
    }
}
