//! Pictures of how good a model is, in the person's language.

use mirante_data::plot::{self, ConfusionPicture, Image, Numbers, PlotError, Style};

use crate::error::{Error, Result};
use crate::locale::{Language, word};
use crate::ops::classifier::LabelFigures;

/// Pixels of a picture that goes into a report.
const WIDTH: u32 = 600;
const HEIGHT: u32 = 640;

/// Hands over how numbers are written in a language.
pub(crate) fn numbers<T>(language: Language, draw: impl FnOnce(Numbers) -> T) -> T {
    draw(Numbers {
        count: &|count| language.count(count),
        share: &|share| format!("{}%", language.decimal(100.0 * share, 1)),
        measure: &|measure| language.decimal(measure, 2),
    })
}

/// A picture as an SVG file's bytes, by what draws it.
pub(crate) fn drawn(
    title: &str,
    subtitle: &str,
    draw: impl FnOnce(&mut Vec<u8>, Image, &Style) -> std::result::Result<(), PlotError>,
) -> Result<Vec<u8>> {
    let style = Style { width: WIDTH, height: HEIGHT, dark: false, title, subtitle };
    let mut bytes = Vec::new();
    draw(&mut bytes, Image::Svg, &style)
        .map_err(|error| Error::Internal { reason: error.to_string() })?;
    Ok(bytes)
}

/// Which classes are taken for which.
pub(crate) fn confusion(
    language: Language,
    classes: &[LabelFigures],
    counts: &[Vec<u64>],
    macro_f1: f64,
) -> Result<Vec<u8>> {
    let word = |key: &str| word(language, "learning", key);
    let labels: Vec<String> = classes.iter().map(|class| class.label.clone()).collect();
    let subtitle = format!(
        "{} {} · F1 {}",
        language.count(classes.iter().map(|class| class.support).sum()),
        word("held_out_rows"),
        language.decimal(macro_f1, 3),
    );
    let (found, right) = (word("found"), word("right"));
    drawn(&word("confusion"), &subtitle, |out, image, style| {
        numbers(language, |numbers| {
            let axes = [found.as_str(), right.as_str()];
            let picture = ConfusionPicture { labels: &labels, counts, axes, numbers };
            plot::confusion(out, image, &picture, style)
        })
    })
}
