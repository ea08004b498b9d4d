//! What teaching an encoder takes, before it starts.

use crate::encoder::Config;
use crate::error::Result;
use crate::folder::Folder;
use crate::target::Target;
use crate::train::lora::is_meant;
use crate::train::needs::{Needs, OnCard, PROGRAM, as_there, beside_card, is_card};

use super::{How, Kinds, can_be_taught};

/// What an encoder takes that learns at most so many tokens at once, the longest text of so many, where it is
/// to be taught. It follows [`Learner`](super::Learner) and is to be changed with it.
///
/// # Errors
/// [`Error::BadField`](crate::Error::BadField) for an architecture that cannot be taught here, and what is
/// missing or not known in the folder.
pub fn needs(
    folder: &Folder,
    how: &How,
    (tokens, longest): (usize, usize),
    target: Target,
) -> Result<Needs> {
    let config = Config::read(folder)?;
    can_be_taught(&config)?;
    let (width, inner, names) = (config.width, config.inner, config.names);
    let maps = [
        (names.query, width, width),
        (names.key, width, width),
        (names.value, width, width),
        (names.mixed, width, width),
        (names.inner, inner, width),
        (names.outer, width, inner),
    ];
    let (mut layer, mut products, mut changes) = (4 * width, 0, 0);
    for (name, outputs, inputs) in maps {
        layer += outputs * inputs + outputs;
        products += outputs * inputs;
        let meant = |lora: &crate::train::Lora| {
            let meant = lora.targets.iter().any(|target| is_meant(name, target));
            usize::from(meant) * lora.rank * (outputs + inputs)
        };
        changes += how.lora.as_ref().map_or(0, meant);
    }
    let positions = super::texts::longest(folder)? + config.first_position;
    let vectors = (positions + config.types) * width;
    let words = config.vocabulary * width;
    let labels = if how.kinds == Kinds::Spans { 2 } else { how.labels.len() };
    let before_sums = if how.kinds == Kinds::Classes { width * width + width } else { 0 };
    let head = before_sums + labels * width + labels;
    let body = config.layers * layer;
    let still = how.still_words || how.lora.is_some();
    let (learned, kept) = match &how.lora {
        Some(_) => (config.layers * changes + head, body + vectors),
        None if still => (body + 2 * width + head, vectors),
        None => (body + 2 * width + head + words + vectors, 0),
    };
    // What came in, queries, keys and values, heads, rows in the middle and at the end, and the wide ones.
    let traced = 7 * width + inner;
    let traces =
        if how.keeping.thrifty { config.layers * width + traced } else { config.layers * traced };
    // What one layer's way back holds beside that, and its widest product's panels.
    let passing = 3 * inner + 10 * width + inner.max(width);
    let working = 4 * tokens * (traces + passing + 3 * width);
    let on_card = OnCard {
        still: if how.lora.is_some() { body } else { 0 },
        four: (0, 0),
        taught: match &how.lora {
            Some(_) => (config.layers * changes, false),
            None => (body, true),
        },
        kept: if how.keeping.thrifty {
            (config.layers * width + 2 * width, 4 * width + inner)
        } else {
            (config.layers * 3 * width, config.layers * (4 * width + inner))
        },
        passing: (5 * inner + 12 * width, 2 * inner + 6 * width),
        beside: 0,
        attending: (config.heads, longest),
    };
    let held = (how.keeping.learned() * learned as f64) as u64;
    let (memory, card) = if is_card(target) {
        let rows = tokens * width;
        // The vectors of words, positions and kinds stay where they are.
        let words = if how.lora.is_some() { vectors } else { 0 };
        let main = beside_card(how.keeping, learned, layer, rows) + 4 * words as u64;
        as_there(target, (main, on_card.bytes(target, tokens)))
    } else {
        (held + (4 * kept + working) as u64 + PROGRAM, 0)
    };
    let taught = if how.lora.is_some() { changes } else { products };
    let again = if how.keeping.thrifty { products } else { 0 };
    let operations = (config.layers * (2 * products + taught + again)) as u64;
    let written = 4 * (body + vectors + words + 2 * width + head) as u64;
    Ok(Needs { memory, card, parameters: learned as u64, operations, written })
}
