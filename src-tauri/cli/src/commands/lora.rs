//! `mirante lora`.

use mirante_app::locale::{Language, word};
use mirante_app::ops::train::{Training, TrainingEstimate, TrainingRequest, TrainingsRequest};
use mirante_app::{App, Job, Result, ops};

use crate::arguments::LoraCommand;
use crate::print;

pub(super) fn lora(app: &App, job: &Job, command: LoraCommand, language: Language) -> Result<()> {
    let said = |name: &str| word(language, "training", name);
    match command {
        LoraCommand::Build(given) => {
            let json = given.json;
            let made = ops::train::build_examples(app, job, given.request())?;
            if json {
                return print::json(&made);
            }
            print::line(&format!("{}: {} {}", made.out, made.written, said("examples")));
            let left =
                [("duplicates", made.duplicates), ("empty", made.empty), ("beyond", made.beyond)];
            for (name, count) in left.into_iter().filter(|(_, count)| *count > 0) {
                print::line(&format!("{count:>9}  {}", said(name)));
            }
            for (kind, count) in &made.masked {
                print::line(&format!("{count:>9}  {} ({kind})", said("masked")));
            }
            Ok(())
        }
        LoraCommand::Estimate(given) => {
            let json = given.json;
            let found = ops::train::estimate_training(app, job, given.request())?;
            if json {
                return print::json(&found);
            }
            print_estimate(&found, language);
            Ok(())
        }
        LoraCommand::Start(given) => {
            let json = given.json;
            let done = ops::train::train_lora(app, job, given.request())?;
            if json {
                return print::json(&done);
            }
            print::line(&format!("{}  {}", said("adapter"), done.adapter));
            for (name, figure) in &done.figures {
                print::line(&format!("{name:>12}  {figure:.4}"));
            }
            print::line(&format!(
                "{} {} · {:.0} s · {:.0} {} · {} ({} {})",
                done.steps,
                said("steps"),
                done.seconds,
                done.tokens_per_second,
                said("tokens_per_second"),
                done.peak_memory.map(megabytes).unwrap_or_default(),
                said("expected"),
                megabytes(done.estimate.memory),
            ));
            Ok(())
        }
        LoraCommand::Status(given) => {
            let all = match given.output_dir {
                Some(folder) => {
                    let request = TrainingRequest { output_dir: Some(folder) };
                    vec![ops::train::training(app, job, request)?]
                }
                None => ops::train::trainings(app, job, TrainingsRequest {})?.trainings,
            };
            if given.json {
                return print::json(&all);
            }
            for one in &all {
                print_training(one, language);
            }
            Ok(())
        }
        LoraCommand::Cancel(given) => {
            let stopped = ops::train::stop_training(app, job, given.request())?;
            print::line(&format!("{}: {}", said("ending"), stopped.output_dir));
            Ok(())
        }
        LoraCommand::Merge(given) => {
            let json = given.json;
            let made = ops::train::merge_adapter(app, job, given.request())?;
            if json {
                return print::json(&made);
            }
            print::line(&format!("{}: {} {}", made.out, made.changed, said("changed")));
            Ok(())
        }
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

fn print_estimate(found: &TrainingEstimate, language: Language) {
    let said = |name: &str| word(language, "training", name);
    let of = |limit: Option<u64>| limit.map(|limit| format!(" / {}", megabytes(limit)));
    let memory_limit = of(found.memory_limit).unwrap_or_default();
    print::line(&format!("{}  {}{memory_limit}", said("memory"), megabytes(found.memory)));
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
        print::line(&format!(
            "{}: --batch-size {} --gradient-accumulation {} --max-length {} --gradient-checkpointing ({})",
            said("would_fit"),
            settings.batch_size,
            settings.gradient_accumulation,
            settings.max_length,
            megabytes(takes),
        ));
    }
}

fn print_training(one: &Training, language: Language) {
    let said = |name: &str| word(language, "training", name);
    let state = said(match one.state {
        ops::train::TrainingState::Running => "running",
        ops::train::TrainingState::Done => "done",
        ops::train::TrainingState::Interrupted => "interrupted",
    });
    let step = one.step.max(one.result.as_ref().map_or(0, |result| result.steps));
    let left = one.seconds_left.map(|left| format!(" · {left:.0} s")).unwrap_or_default();
    let loss = one.curve.last().map(|step| format!(" · {:.4}", step.loss)).unwrap_or_default();
    let figures = one.result.iter().flat_map(|result| &result.figures);
    let figures: String = figures.map(|(name, figure)| format!(" · {name} {figure:.4}")).collect();
    print::line(&format!(
        "{state:12} {step:>6} / {:<6}{left}{loss}{figures}  {}",
        one.steps, one.output_dir
    ));
}
