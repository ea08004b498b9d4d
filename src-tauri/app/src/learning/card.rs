//! The card of a trained classifier: `README.md` in its folder, in the person's language.

use crate::locale::{Language, filled};
use crate::ops::classifier::{
    ClassWeights, ClassifierFeatures, ClassifierFigures, TrainClassifierRequest,
};
use crate::ops::segment::Source;

/// What a source is called in a card.
pub(crate) fn source_name(source: &Source) -> String {
    match source {
        Source::File { path, .. } => {
            let name = std::path::Path::new(path).file_name().unwrap_or_default();
            name.to_string_lossy().into_owned()
        }
        Source::Dataset { dataset } => format!("#{dataset}"),
    }
}

/// Text that is not to be taken for a table's bars.
pub(crate) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

pub(super) fn write(
    language: Language,
    request: &TrainClassifierRequest,
    text_cols: &[String],
    hash: Option<&str>,
    figures: &ClassifierFigures,
) -> String {
    let share = |value: f64| language.decimal(value, 3);
    let classes = figures.classes.iter().map(|class| {
        let (label, support) = (cell(&class.label), language.count(class.support));
        let (precision, recall, f1) =
            (share(class.precision), share(class.recall), share(class.f1));
        format!("| {label} | {precision} | {recall} | {f1} | {support} |")
    });
    let curve = figures.learning_curve.iter().map(|point| {
        let (accuracy, macro_f1) = (share(point.accuracy), share(point.macro_f1));
        format!("| {} | {accuracy} | {macro_f1} |", language.count(point.rows))
    });
    let features = match &request.features {
        ClassifierFeatures::Tfidf => "TF-IDF".to_owned(),
        ClassifierFeatures::Embeddings(settings) => settings.model.clone(),
    };
    let weights = match request.class_weights {
        ClassWeights::Balanced => "balanced",
        ClassWeights::None => "none",
    };
    let values = [
        ("mirante", env!("CARGO_PKG_VERSION").to_owned()),
        ("data", source_name(&request.source)),
        ("hash", hash.unwrap_or("–").to_owned()),
        ("text_cols", text_cols.join(", ")),
        ("label_col", request.label_col.clone()),
        ("rows", language.count(figures.rows)),
        ("trained", language.count(figures.trained)),
        ("validated", language.count(figures.validated)),
        ("without_text", language.count(figures.without_text)),
        ("without_label", language.count(figures.without_label)),
        ("features", features),
        ("width", language.count(figures.features.into())),
        ("c", language.decimal(request.c, 3)),
        ("weights", weights.to_owned()),
        ("seed", request.seed.to_string()),
        ("accuracy", share(figures.accuracy)),
        ("macro_f1", share(figures.macro_f1)),
        ("baseline", share(figures.baseline)),
        ("classes", classes.collect::<Vec<_>>().join("\n")),
        ("curve", curve.collect::<Vec<_>>().join("\n")),
    ];
    filled(language, "cards", "classifier", &values)
}
