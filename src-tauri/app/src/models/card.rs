//! What is known of well-known models before they are fetched: `models/*.toml`.

use std::sync::OnceLock;

use mirante_neural::Precision;
use serde::Deserialize;

use crate::memory;

/// A well-known model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Card {
    /// Its short name.
    pub(crate) id: String,
    /// Its repository on the hub.
    pub(crate) repository: String,
    /// What it does: `embed`, `classify`, `tag`, `answer`, `summarize` or `generate`.
    pub(crate) task: String,
    /// `model_type` in its configuration.
    pub(crate) architecture: String,
    /// Languages by code; `multilingual` for many more.
    pub(crate) languages: Vec<String>,
    /// The licence of its weights, where its makers say one.
    #[serde(default)]
    pub(crate) licence: Option<String>,
    /// Numbers of a vector, where it makes vectors.
    #[serde(default)]
    pub(crate) dimension: Option<u32>,
    /// Tokens after which a text is cut off.
    pub(crate) tokens: u32,
    /// Numbers of the whole model.
    pub(crate) parameters: u64,
    /// Of these, the rows of the vocabulary.
    pub(crate) vocabulary: u64,
    /// Size of what is fetched.
    pub(crate) bytes: u64,
    /// What stands before every text.
    #[serde(default)]
    pub(crate) prefix: Option<String>,
    /// What stands before a text that is looked for.
    #[serde(default)]
    pub(crate) query: Option<String>,
    /// What stands before a text that is found.
    #[serde(default)]
    pub(crate) document: Option<String>,
}

const FILES: [&str; 25] = [
    include_str!("../../../../models/paraphrase-multilingual-minilm-l12-v2.toml"),
    include_str!("../../../../models/multilingual-e5-small.toml"),
    include_str!("../../../../models/multilingual-e5-base.toml"),
    include_str!("../../../../models/all-minilm-l6-v2.toml"),
    include_str!("../../../../models/bge-m3.toml"),
    include_str!("../../../../models/ner-lenerbr.toml"),
    include_str!("../../../../models/xlm-roberta-base-ner-hrl.toml"),
    include_str!("../../../../models/twitter-xlm-roberta-base-sentiment.toml"),
    include_str!("../../../../models/twitter-roberta-base-sentiment.toml"),
    include_str!("../../../../models/distilbert-sst-2.toml"),
    include_str!("../../../../models/xlm-roberta-base-squad2.toml"),
    include_str!("../../../../models/xlm-roberta-large-squad2.toml"),
    include_str!("../../../../models/mt5-xlsum.toml"),
    include_str!("../../../../models/flan-t5-small.toml"),
    include_str!("../../../../models/qwen2.5-0.5b.toml"),
    include_str!("../../../../models/qwen2.5-1.5b.toml"),
    include_str!("../../../../models/qwen2.5-3b.toml"),
    include_str!("../../../../models/qwen2.5-7b.toml"),
    include_str!("../../../../models/llama-3.2-1b.toml"),
    include_str!("../../../../models/llama-3.2-3b.toml"),
    include_str!("../../../../models/mistral-7b.toml"),
    include_str!("../../../../models/phi-1.5.toml"),
    include_str!("../../../../models/codeparrot-small.toml"),
    include_str!("../../../../models/smollm2-135m.toml"),
    include_str!("../../../../models/smollm2-360m.toml"),
];

/// All cards, the default model's first.
pub(crate) fn cards() -> &'static [Card] {
    static CARDS: OnceLock<Vec<Card>> = OnceLock::new();
    CARDS.get_or_init(|| FILES.iter().filter_map(|text| toml::from_str(text).ok()).collect())
}

/// The card of a model, by short name or repository, whatever the case.
pub(crate) fn card(model: &str) -> Option<&'static Card> {
    cards().iter().find(|card| {
        card.id.eq_ignore_ascii_case(model) || card.repository.eq_ignore_ascii_case(model)
    })
}

/// Bytes of main memory that are worked in.
pub(super) const WORKING: u64 = 64 << 20;

impl Card {
    /// Bytes of main memory it needs on the processor, with room to work: in that precision, else in the
    /// one that it gets there. Models that write keep their weights as they are in the file; the others
    /// have them in single precision, but for the rows of the vocabulary, which stay on the disk.
    pub(crate) fn memory(&self, precision: Option<Precision>) -> u64 {
        let writes = ["summarize", "generate"].contains(&self.task.as_str());
        let weights = match (precision, writes) {
            (None | Some(Precision::Quantised), true) => self.bytes,
            (Some(precision), true) => self.parameters * bits(precision) / 8,
            (precision, false) => {
                let bits = bits(precision.unwrap_or(Precision::F32));
                (self.parameters - self.vocabulary) * bits / 8
            }
        };
        weights + WORKING
    }

    /// Whether this machine has that much to spare.
    pub(crate) fn fits(&self) -> bool {
        memory::usual_limit().is_none_or(|limit| self.memory(None) <= limit)
    }
}

/// Bits of a weight, the scales of its group counted in.
const fn bits(precision: Precision) -> u64 {
    match precision {
        Precision::F32 => 32,
        Precision::F16 | Precision::Bf16 => 16,
        Precision::Int8 | Precision::Quantised => 9,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_bits_need_less_memory() {
        let reads = card("multilingual-e5-base").unwrap();
        let by_default = reads.memory(None) - WORKING;
        assert_eq!(by_default, reads.memory(Some(Precision::F32)) - WORKING);
        assert_eq!(by_default, 2 * (reads.memory(Some(Precision::Bf16)) - WORKING));
        assert!(reads.memory(Some(Precision::Int8)) < reads.memory(Some(Precision::Bf16)));
        let writes = card("qwen2.5-0.5b").unwrap();
        assert!(writes.memory(Some(Precision::F32)) > 19 * writes.memory(None) / 10);
    }

    #[test]
    fn every_card_is_read_and_found_by_both_names() {
        assert_eq!(cards().len(), FILES.len());
        for one in cards() {
            assert_eq!(card(&one.id), Some(one));
            assert_eq!(card(&one.repository.to_uppercase()), Some(one));
            assert!(one.vocabulary < one.parameters && one.bytes >= 2 * one.parameters);
        }
        assert_eq!(cards()[0].repository, crate::ops::embed::DEFAULT_MODEL);
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
        let files = std::fs::read_dir(folder).unwrap().count();
        assert_eq!(files, FILES.len(), "a card lies there that is not listed here");
    }
}
