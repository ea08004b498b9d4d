//! `mirante classifier` and `mirante leads`.

use mirante_app::locale::{Language, word};
use mirante_app::ops::leads::{LeadFigures, LeadScore};
use mirante_app::ops::segment::Warning;
use mirante_app::{App, Job, Result, ops};

use super::teach::teach;
use crate::arguments::{
    Asked, ClassifierCommand, LeadsCommand, Learns, ScoreLeadsArguments, TrainClassifierArguments,
    TrainLeadsArguments,
};
use crate::print;

pub(super) fn classifier(
    app: &App,
    job: &Job,
    command: ClassifierCommand,
    language: Language,
) -> Result<()> {
    let ClassifierCommand::Train(given) = command;
    train_classifier(app, job, given, language)
}

fn train_classifier(
    app: &App,
    job: &Job,
    given: TrainClassifierArguments,
    language: Language,
) -> Result<()> {
    let (json, estimate) = (given.json, given.teach.estimate);
    let request = match given.asked(language)? {
        Learns::Linear(request) => *request,
        Learns::Encoder(request) => {
            return teach(app, job, *request, (estimate, json), language);
        }
    };
    let done = ops::classifier::train_classifier(app, job, request)?;
    if json {
        return print::json(&done);
    }
    let figures = &done.figures;
    let word = |code: &str| word(language, "learning", code);
    let heads = ["precision", "recall"].map(word);
    let width = figures.classes.iter().map(|class| class.label.chars().count());
    let width = width.max().unwrap_or(0).clamp(6, 32);
    print::line(&format!(
        "{:width$} {:>10} {:>10} {:>8} {:>8}",
        "",
        heads[0],
        heads[1],
        "F1",
        word("rows")
    ));
    for class in &figures.classes {
        print::line(&format!(
            "{:width$} {:>10.3} {:>10.3} {:>8.3} {:>8}",
            print::cut(&class.label, 32),
            class.precision,
            class.recall,
            class.f1,
            class.support,
        ));
    }
    print::line(&format!(
        "{} {:.3} ({} {:.3}) · macro-F1 {:.3}",
        word("accuracy"),
        figures.accuracy,
        word("baseline"),
        figures.baseline,
        figures.macro_f1,
    ));
    say(&done.warnings, language);
    print::line(&done.output_dir);
    Ok(())
}

pub(super) fn leads(app: &App, job: &Job, command: LeadsCommand, language: Language) -> Result<()> {
    match command {
        LeadsCommand::Train(given) => train_leads(app, job, given, language),
        LeadsCommand::Score(given) => score_leads(app, job, given, language),
    }
}

fn train_leads(app: &App, job: &Job, given: TrainLeadsArguments, language: Language) -> Result<()> {
    let json = given.json;
    let done = ops::leads::train_leads(app, job, given.request(language))?;
    if json {
        return print::json(&done);
    }
    print_leads(&done.figures, language);
    say(&done.warnings, language);
    print::line(&done.output_dir);
    Ok(())
}

fn print_leads(figures: &LeadFigures, language: Language) {
    let word = |code: &str| word(language, "leads", code);
    for column in &figures.columns {
        let read = word(column.why.as_deref().unwrap_or(&column.read_as));
        let alone = column.auc_alone.map(|area| format!("AUC {area:.3}")).unwrap_or_default();
        let leak = if column.may_leak { word("may_leak") } else { String::new() };
        let name = print::cut(&column.column, 32);
        print::line(format!("{name:32}  {read:24} {alone} {leak}").trim_end());
    }
    print::line(&format!(
        "AUC {:.3} · AP {:.3} ({:.3}) · Brier {:.4} ({:.4})",
        figures.auc,
        figures.average_precision,
        figures.base_rate,
        figures.brier,
        figures.brier_of_base_rate,
    ));
    if let Some(found) = &figures.forward {
        print::line(&format!("AUC {:.3} · {} ({})", found.auc, word("later"), found.column));
    }
    for one in &figures.temperatures {
        let share = 100.0 * one.positive as f64 / one.rows.max(1) as f64;
        print::line(&format!("{:10} {:>9} {share:>6.1}%", word(one.temperature.name()), one.rows));
    }
}

fn score_leads(app: &App, job: &Job, given: ScoreLeadsArguments, language: Language) -> Result<()> {
    let json = given.json;
    match given.asked(language)? {
        Asked::Texts(request) => {
            let done = ops::leads::score_leads(app, job, request)?;
            if json {
                return print::json(&done.results);
            }
            done.results.iter().for_each(|score| print_score(score, language));
        }
        Asked::Table(request) => {
            let done = ops::leads::score_leads_table(app, job, *request)?;
            if json {
                return print::json(&done);
            }
            for (temperature, count) in &done.temperatures {
                print::line(&format!("{count:>9}  {}", word(language, "leads", temperature)));
            }
            for (kind, count) in &done.notes {
                print::to_stderr(&format!("{count:>9}  {}", word(language, "leads", kind)));
            }
            print::line(&done.out);
        }
    }
    Ok(())
}

fn print_score(score: &LeadScore, language: Language) {
    let word = |code: &str| word(language, "leads", code);
    let temperature = word(score.temperature.name());
    print::line(&format!("{:.4}  {temperature}", score.probability));
    for reason in &score.reasons {
        print::line(&format!("    {}", reason.said(language)));
    }
    for note in &score.notes {
        let value = note.value.as_deref().unwrap_or_default();
        print::to_stderr(&format!("    {} {value}: {}", note.column, word(&note.kind)));
    }
}

fn say(warnings: &[Warning], language: Language) {
    for warning in warnings {
        let text = word(language, "warnings", &warning.code);
        print::to_stderr(&text.replace("{count}", &warning.count.to_string()));
    }
}
