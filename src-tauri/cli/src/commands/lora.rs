//! `mirante lora`.

use mirante_app::locale::{Language, word};
use mirante_app::ops::train::{Training, TrainingRequest, TrainingsRequest};
use mirante_app::{App, Job, Result, ops};

use super::teach::{print_estimate, print_result};
use crate::arguments::{CancelArguments, LoraCommand, StatusArguments, TrainingCommand};
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
            print_result(&done, language);
            Ok(())
        }
        LoraCommand::Status(given) => status(app, job, given, language),
        LoraCommand::Cancel(given) => cancel(app, job, given, language),
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

/// `mirante training`.
pub(super) fn training(
    app: &App,
    job: &Job,
    command: TrainingCommand,
    language: Language,
) -> Result<()> {
    match command {
        TrainingCommand::Status(given) => status(app, job, given, language),
        TrainingCommand::Cancel(given) => cancel(app, job, given, language),
    }
}

fn status(app: &App, job: &Job, given: StatusArguments, language: Language) -> Result<()> {
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

fn cancel(app: &App, job: &Job, given: CancelArguments, language: Language) -> Result<()> {
    let stopped = ops::train::stop_training(app, job, given.request())?;
    print::line(&format!("{}: {}", word(language, "training", "ending"), stopped.output_dir));
    Ok(())
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
