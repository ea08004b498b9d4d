//! What is put around texts.

use serde_json::{Map, json};
use tokenizers::processors::PostProcessorWrapper;

use crate::error::Result;

use super::settings::bad;

/// A part of what a text or a pair of texts becomes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part<'a> {
    /// The first text.
    A,
    /// The second text.
    B,
    /// A token.
    Token(&'a (String, u32)),
}

/// Every text between two tokens, where they are wanted, and the second of a pair of another type.
pub(crate) fn between(
    begin: Option<&(String, u32)>,
    end: Option<&(String, u32)>,
) -> Result<PostProcessorWrapper> {
    let around = |text, kind| {
        let (begin, end) = (begin.map(Part::Token), end.map(Part::Token));
        [begin, Some(text), end].into_iter().flatten().map(move |part| (part, kind))
    };
    let single: Vec<_> = around(Part::A, 0).collect();
    let pair: Vec<_> = around(Part::A, 0).chain(around(Part::B, 1)).collect();
    template(&single, &pair)
}

/// A template for single texts and one for pairs; every part goes with the type of its tokens.
pub(super) fn template(
    single: &[(Part, u32)],
    pair: &[(Part, u32)],
) -> Result<PostProcessorWrapper> {
    let mut named = Map::new();
    let mut pieces = |parts: &[(Part, u32)]| -> Vec<_> {
        let piece = |&(part, kind): &(Part, u32)| match part {
            Part::A => json!({ "Sequence": { "id": "A", "type_id": kind } }),
            Part::B => json!({ "Sequence": { "id": "B", "type_id": kind } }),
            Part::Token((token, id)) => {
                named.insert(token.clone(), json!({ "id": token, "ids": [id], "tokens": [token] }));
                json!({ "SpecialToken": { "id": token, "type_id": kind } })
            }
        };
        parts.iter().map(piece).collect()
    };
    let (single, pair) = (pieces(single), pieces(pair));
    let template = json!({
        "type": "TemplateProcessing",
        "single": single,
        "pair": pair,
        "special_tokens": named,
    });
    serde_json::from_value(template).map_err(|error| bad("tokenizer_config.json", "tokens", error))
}
