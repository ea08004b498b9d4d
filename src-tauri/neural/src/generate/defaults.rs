//! What `generation_config.json` says of how a model is to write.

use serde::Deserialize;

use crate::decoder::Ends;
use crate::error::Result;
use crate::folder::Folder;

/// What a model's makers recommend.
#[derive(Debug, Clone, PartialEq)]
pub struct Defaults {
    /// How freely tokens are drawn; 0 takes the likeliest.
    pub temperature: f32,
    /// Tokens are drawn among the likeliest that together have this share.
    pub top_p: f32,
    /// Tokens are drawn among so many of the likeliest.
    pub top_k: usize,
    /// What scores of tokens are divided by that were there already.
    pub repetition: f32,
    /// Tokens that end a text, beside those of the model's configuration.
    pub ends: Vec<u32>,
}

#[derive(Deserialize, Default)]
struct Written {
    do_sample: Option<bool>,
    temperature: Option<f32>,
    top_p: Option<f32>,
    top_k: Option<usize>,
    repetition_penalty: Option<f32>,
    eos_token_id: Option<Ends>,
}

impl Defaults {
    pub(crate) fn read(folder: &Folder) -> Result<Self> {
        let written: Written = folder.json_if_any("generation_config.json")?.unwrap_or_default();
        let samples = written.do_sample.unwrap_or(false);
        let top_k = written.top_k.filter(|&top| samples && top > 0);
        Ok(Self {
            temperature: if samples { written.temperature.unwrap_or(1.0) } else { 0.0 },
            top_p: written.top_p.filter(|_| samples).unwrap_or(1.0),
            top_k: top_k.unwrap_or(usize::MAX),
            repetition: written.repetition_penalty.unwrap_or(1.0),
            ends: written.eos_token_id.map(Ends::all).unwrap_or_default(),
        })
    }
}
