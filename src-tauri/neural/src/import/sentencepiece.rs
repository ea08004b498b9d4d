//! `tokenizer.json` out of the SentencePiece vocabulary of a GGUF file: pieces, their scores and types.

use serde_json::Value as Json;
use tokenizers::{AddedToken, Tokenizer};

use crate::error::Result;
use crate::tokens::slow::around::between;
use crate::tokens::slow::llama::bpe;
use crate::tokens::slow::merges::First;
use crate::tokens::slow::metaspace;
use crate::weights::gguf::{Metadata, Value};

use super::config::bad;
use super::tokenizer::{CONTROL, UNKNOWN, USER_DEFINED, special, texts};

/// A tokenizer whose pieces are merged by their scores. What the file does not say is as llama.cpp has it
/// (`src/llama-vocab.cpp`): a token before every text, none after it, and a space before every stretch of
/// text between special tokens.
///
/// # Errors
/// [`Error::BadField`](crate::Error::BadField) that names what is missing or does not fit.
pub(super) fn tokenizer(metadata: &Metadata) -> Result<Json> {
    const SCORES: &str = "tokenizer.ggml.scores";
    let broken = |error: tokenizers::Error| bad("tokenizer.ggml", error);
    let tokens = texts(metadata, "tokenizer.ggml.tokens")?;
    let scores = metadata.get(SCORES).and_then(Value::as_array).unwrap_or_default();
    let scores: Option<Vec<f64>> = scores.iter().map(Value::as_f64).collect();
    let scores = scores.filter(|scores| scores.len() == tokens.len());
    let scores = scores.ok_or_else(|| bad(SCORES, "no number for every token"))?;
    let token = |name: &str| -> Result<(String, u32)> {
        let id = special(metadata, name);
        let found = id.and_then(|id| Some((tokens.get(id)?, u32::try_from(id).ok()?)));
        let field = format!("tokenizer.ggml.{name}_token_id");
        let (&token, id) = found.ok_or_else(|| bad(&field, format!("{id:?}")))?;
        Ok((token.to_owned(), id))
    };
    let wanted = |name: &str, default| match metadata.get(&format!("tokenizer.ggml.{name}")) {
        Some(&Value::Bool(wanted)) => wanted,
        _ => default,
    };
    // SentencePiece has it first where it is not told otherwise.
    let unknown = special(metadata, "unknown").unwrap_or(0);
    if unknown >= tokens.len() {
        return Err(bad("tokenizer.ggml.unknown_token_id", unknown));
    }
    let mut tokenizer =
        Tokenizer::new(bpe(&tokens, First::Better(&scores), unknown).map_err(broken)?);
    metaspace::whole(&mut tokenizer, wanted("add_space_prefix", true), true).map_err(broken)?;
    let types = metadata.get("tokenizer.ggml.token_type").and_then(Value::as_array);
    let types = types.unwrap_or_default().iter().map(Value::as_count);
    let added = tokens.iter().zip(types).filter_map(|(&token, kind)| match kind? {
        UNKNOWN | CONTROL => Some(AddedToken::from(token, true)),
        USER_DEFINED => Some(AddedToken::from(token, false).normalized(false)),
        _ => None,
    });
    tokenizer.add_tokens(added.collect::<Vec<_>>()).map_err(broken)?;
    let begin = wanted("add_bos_token", true).then(|| token("bos")).transpose()?;
    let end = wanted("add_eos_token", false).then(|| token("eos")).transpose()?;
    tokenizer.with_post_processor(Some(between(begin.as_ref(), end.as_ref())?));
    serde_json::to_value(&tokenizer).map_err(|error| bad("tokenizer.ggml", error))
}
