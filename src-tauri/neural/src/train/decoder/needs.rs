//! What teaching a decoder takes, before it starts.

use crate::decoder::config::Config;
use crate::error::Result;
use crate::folder::Folder;

use super::{can_be_taught, loss};
use crate::target::Target;
use crate::train::lora::{Lora, is_meant};
use crate::train::needs::{Keeping, Needs, OnCard, PROGRAM, as_there, beside_card, is_card};

/// A batch, as far as memory depends on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size {
    /// Its tokens.
    pub tokens: usize,
    /// Those of them that are learned.
    pub learned: usize,
    /// The tokens of its longest sequence.
    pub longest: usize,
}

/// What a decoder takes whose largest batch is of that size, where it is to be taught. It follows [`Learner`](super::Learner) and is to be changed with it.
///
/// # Errors
/// [`Error::BadField`](crate::Error::BadField) for an architecture that cannot be taught here, and what is
/// missing or not known in the folder.
pub fn needs(
    folder: &Folder,
    lora: &Lora,
    keeping: Keeping,
    size: Size,
    target: Target,
) -> Result<Needs> {
    let Size { tokens, learned, longest } = size;
    let thrifty = keeping.thrifty;
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
    let (mut layer, mut learns, mut layer_products, mut largest) = (0, 0, 0, 0);
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
        largest = largest.max(outputs * inputs);
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
    let held = config.layers * layer + head + (keeping.learned() * parameters as f64) as usize;
    let working = number * (tokens * traces + (tokens * passing).max(scores + 4 * tokens * width));
    // While it is read, the head lies there twice.
    let on_card = OnCard {
        still: config.vocabulary * width
            + if lora.nf4 { 0 } else { config.layers * layer_products },
        four: if lora.nf4 { (config.layers * layer, largest) } else { (0, 0) },
        taught: (parameters, false),
        kept: if thrifty {
            (config.layers * width + width, stride + total + 2 * inner)
        } else {
            (config.layers * 2 * width, config.layers * (stride + total + 2 * inner))
        },
        // The gate's numbers and what they get, and the rows beside them.
        passing: (8 * inner + 10 * width + 2 * stride, 2 * inner + stride + 4 * width),
        beside: 5 * some * config.vocabulary + 4 * learned * width,
        attending: (config.heads.count, longest),
    };
    let (memory, card) = if is_card(target) {
        let rows = tokens * width;
        let main =
            beside_card(keeping, parameters, layer_products.max(config.vocabulary * width), rows);
        as_there(target, (main, on_card.bytes(target, tokens)))
    } else {
        ((held + working.max(head)) as u64 + PROGRAM, 0)
    };
    let way = 3 * config.layers * layer_products + config.layers * learns;
    let again = if thrifty { config.layers * layer_products } else { 0 };
    let operations = (way + again - config.layers * layer_products) as u64
        + 2 * (config.vocabulary * width * learned / tokens.max(1)) as u64;
    let written = (number * parameters) as u64;
    Ok(Needs { memory, card, parameters: parameters as u64, operations, written })
}
