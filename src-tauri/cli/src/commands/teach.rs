//! Teaching models that read, for `qa train`, `tagger train` and `classifier train`.

use mirante_app::locale::{Language, word};
use mirante_app::ops::train::{
    Optimizer, Quant, TrainingEstimate, TrainingResult, TrainingSettings,
};
use mirante_app::ops::train_encoder::{TrainEncoderRequest, estimate_encoder, train_encoder};
use mirante_app::{App, Job, Result};

use crate::print;

/// Teaches a model, or says what that would need, and prints what came of it.
pub(super) fn teach(
    app: &App,
    job: &Job,
    request: TrainEncoderRequest,
    (estimate, json): (bool, bool),
    language: Language,
) -> Result<()> {
    if estimate {
        let found = estimate_encoder(app, job, request)?;
        if json {
            return print::json(&found);
        }
        print_estimate(&found, language);
        return Ok(());
    }
    let done = train_encoder(app, job, request)?;
    if json {
        return print::json(&done);
    }
    print_result(&done, language);
    Ok(())
}

pub(super) fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

/// What a training needs.
pub(super) fn print_estimate(found: &TrainingEstimate, language: Language) {
    let said = |name: &str| word(language, "training", name);
    let of = |limit: Option<u64>| limit.map(|limit| format!(" / {}", megabytes(limit)));
    let memory_limit = of(found.memory_limit).unwrap_or_default();
    print::line(&format!("{}  {}{memory_limit}", said("memory"), megabytes(found.memory)));
    if let Some(card) = found.card_memory {
        let card_limit = of(found.card_limit).unwrap_or_default();
        let device = &found.device;
        print::line(&format!("{}  {}{card_limit} ({device})", said("card"), megabytes(card)));
    }
    let disk = of(found.disk_free).unwrap_or_default();
    print::line(&format!("{}  {}{disk}", said("disk"), megabytes(found.disk)));
    print::line(&format!("{}  {:.0} s", said("time"), found.seconds));
    print::line(&format!(
        "{} {} · {} + {} {}",
        found.steps,
        said("steps"),
        found.taught,
        found.held,
        said("examples"),
    ));
    if let (Some(settings), Some(takes)) = (&found.would_fit, found.would_take) {
        let flags = flags(settings);
        print::line(&format!("{}: {flags} ({})", said("would_fit"), megabytes(takes)));
    }
}

/// Settings as they are given here, those that save memory.
fn flags(settings: &TrainingSettings) -> String {
    let (batch, accumulation, length, optimizer, more) = match settings {
        TrainingSettings::Lora(settings) => (
            settings.batch_size,
            settings.gradient_accumulation,
            settings.max_length,
            settings.optimizer,
            match settings.quant {
                Quant::Nf4 => " --quant nf4",
                Quant::None => "",
            },
        ),
        TrainingSettings::Encoder(settings) => (
            settings.batch_size,
            settings.gradient_accumulation,
            settings.max_length,
            settings.optimizer,
            match (settings.lora.is_some(), settings.freeze_embeddings) {
                (true, _) => " --lora",
                (false, true) => " --freeze-embeddings",
                (false, false) => "",
            },
        ),
    };
    let optimizer = match optimizer {
        Optimizer::AdamW => "",
        Optimizer::AdamW8Bit => " --optimizer adamw_8bit",
    };
    format!(
        "--batch-size {batch} --gradient-accumulation {accumulation} --max-length {length} \
         --gradient-checkpointing{optimizer}{more}"
    )
}

/// What a training came to.
pub(super) fn print_result(done: &TrainingResult, language: Language) {
    let said = |name: &str| word(language, "training", name);
    if !done.labels.is_empty() {
        print_labels(done, language);
    }
    for (name, figure) in &done.figures {
        print::line(&format!("{name:>12}  {figure:.4}"));
    }
    print::line(&format!(
        "{} {} · {:.0} s · {:.0} {} · {} ({} {}){}",
        done.steps,
        said("steps"),
        done.seconds,
        done.tokens_per_second,
        said("tokens_per_second"),
        done.peak_memory.map(megabytes).unwrap_or_default(),
        said("expected"),
        megabytes(done.estimate.memory),
        done.ran_on.as_ref().map(|on| format!(" · {on}")).unwrap_or_default(),
    ));
    let made = done.adapter.as_ref().or(done.model.as_ref());
    print::line(made.unwrap_or(&done.output_dir));
}

fn print_labels(done: &TrainingResult, language: Language) {
    let heads = ["precision", "recall", "rows"].map(|code| word(language, "learning", code));
    let width = done.labels.iter().map(|one| one.label.chars().count());
    let width = width.max().unwrap_or(0).clamp(6, 32);
    print::line(&format!(
        "{:width$} {:>10} {:>10} {:>8} {:>8}",
        "", heads[0], heads[1], "F1", heads[2]
    ));
    for one in &done.labels {
        print::line(&format!(
            "{:width$} {:>10.3} {:>10.3} {:>8.3} {:>8}",
            print::cut(&one.label, 32),
            one.precision,
            one.recall,
            one.f1,
            one.support,
        ));
    }
}
