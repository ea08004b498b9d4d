//! What teaching a decoder takes, before it starts.

use crate::decoder::config::Config;
use crate::error::Result;
use crate::folder::Folder;

use super::{can_be_taught, loss};
use crate::train::lora::{Lora, is_meant};

/// What the program itself and its threads take.
const PROGRAM: u64 = 40 << 20;

/// What a training takes of memory and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// Bytes of main memory, at most.
    pub memory: u64,
    /// Numbers that are learned.
    pub parameters: u64,
    /// Products and sums that one token costs.
    pub operations: u64,
    /// Bytes of what it leaves.
    pub written: u64,
}

/// What a decoder takes that learns at most `tokens` tokens at once, `learned` of which are to be foretold.
/// It follows [`Learner`](super::Learner) and is to be changed with it.
///
/// # Errors
/// [`Error::BadField`](crate::Error::BadField) for an architecture that cannot be taught here, and what is
/// missing or not known in the folder.
pub fn needs(
    folder: &Folder,
    lora: &Lora,
    thrifty: bool,
    (tokens, learned): (usize, usize),
) -> Result<Needs> {
    let (config, weights) = (Config::read(folder)?, folder.weights()?);
    can_be_taught(&config)?;
    let (width, inner, total) = (config.width, config.inner, config.heads.total());
    let kept = config.kept * config.heads.width;
    let stride = total + 2 * kept;
    let names = config.names;
    let maps = [
        (names.asked[0], total, width),
        (names.asked[1], kept, width),
        (names.asked[2], kept, width),
        (names.mixed, width, total),
        (names.inner[0], inner, width),
        (names.inner[1], inner, width),
        (names.outer, width, inner),
    ];
    let number = 4;
    let (mut layer, mut learns, mut layer_products) = (0, 0, 0);
    let prefix = |name: &str| {
        let of = |prefix: &&&str| weights.has(&format!("{prefix}{name}"));
        names.prefixes.iter().find(of).copied().unwrap_or_default()
    };
    let bytes_of = |name: &str| {
        let full = format!("{}{name}", prefix(name));
        weights.number(&full).map_or(number, |number| number.bytes().min(4))
    };
    for (name, outputs, inputs) in maps {
        layer += if lora.nf4 {
            // Half a byte, and an eighth of a bit for scales.
            outputs * inputs / 2 + outputs * inputs / 60
        } else {
            outputs * inputs * bytes_of(&format!("{}.0.{name}.weight", names.layer))
        };
        layer_products += outputs * inputs;
        let is_meant = lora.targets.iter().any(|target| is_meant(name, target));
        learns += usize::from(is_meant) * lora.rank * (outputs + inputs);
    }
    let head_name = if weights.has("lm_head.weight") && !config.tied {
        "lm_head.weight".to_owned()
    } else {
        format!("{}.weight", names.words)
    };
    let head = config.vocabulary * width * bytes_of(&head_name);
    let traced = width + stride + total + width + 2 * inner;
    let traces = if thrifty { config.layers * width + traced } else { config.layers * traced };
    // What one layer's way back holds beside that, and the panels of its widest product.
    let passing = 5 * inner + 10 * width + total + stride + inner.max(width) + config.heads.width;
    let some = loss::some(config.vocabulary).min(learned);
    let scores = 2 * some * config.vocabulary + 2 * learned * width;
    let parameters = config.layers * learns;
    let held = config.layers * layer + head + number * 4 * parameters;
    let working = number * (tokens * traces + (tokens * passing).max(scores + 4 * tokens * width));
    // While it is read, the head lies there twice.
    let memory = (held + working.max(head)) as u64 + PROGRAM;
    let way = 3 * config.layers * layer_products + config.layers * learns;
    let again = if thrifty { config.layers * layer_products } else { 0 };
    let operations = (way + again - config.layers * layer_products) as u64
        + 2 * (config.vocabulary * width * learned / tokens.max(1)) as u64;
    let written = (number * parameters) as u64;
    Ok(Needs { memory, parameters: parameters as u64, operations, written })
}
