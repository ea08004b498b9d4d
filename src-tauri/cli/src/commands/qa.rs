//! `mirante qa`.

use mirante_app::locale::{Language, word};
use mirante_app::ops::labels::ExportQaLabelsResponse;
use mirante_app::ops::qa::{
    BuildQaResponse, EvalQaResponse, QaScores, QaThreshold, RefusedDocument,
};
use mirante_app::{App, Job, Result, ops};

use super::teach::teach;
use crate::arguments::QaCommand;
use crate::print;

pub(super) fn qa(app: &App, job: &Job, command: QaCommand, language: Language) -> Result<()> {
    match command {
        QaCommand::Build(given) => {
            let json = given.json;
            let made = ops::qa::build_qa(app, job, given.request())?;
            if json {
                return print::json(&made);
            }
            print_made(&made, language);
        }
        QaCommand::Ask(given) => {
            let json = given.json;
            let found = ops::qa::ask_qa(app, job, given.request())?;
            if json {
                return print::json(&found);
            }
            for one in &found.found {
                let source = one.source.as_deref().unwrap_or("-");
                let field = one.field.as_deref().unwrap_or("-");
                let text = print::cut(&one.text, 100);
                print::line(&format!("{:.3}  {source}:{}  {field}  {text}", one.score, one.start));
            }
            say_refused(&found.refused, language);
        }
        QaCommand::Train(given) => {
            let how = (given.teach.estimate, given.json);
            teach(app, job, given.request(), how, language)?;
        }
        QaCommand::Labels(given) => {
            let json = given.json;
            let made = ops::labels::export_qa_labels(app, job, given.request())?;
            if json {
                return print::json(&made);
            }
            print_labels(&made, language);
        }
        QaCommand::Eval(given) => {
            let json = given.json;
            let found = ops::qa::eval_qa(app, job, given.request())?;
            if json {
                return print::json(&found);
            }
            print_figures(&found, language);
        }
    }
    Ok(())
}

fn print_made(made: &BuildQaResponse, language: Language) {
    let word_of = |key: &str| word(language, "cli", key);
    print::line(&format!(
        "{} {} · {} {} · {} {} · {} {}",
        made.zips,
        word_of("zips"),
        made.documents,
        word_of("documents"),
        made.examples,
        word_of("examples"),
        made.unanswered,
        word_of("unanswered"),
    ));
    for (field, count) in &made.fields {
        print::line(&format!("{count:>9}  {field}"));
    }
    say_refused(&made.refused, language);
    print::line(&made.out);
}

fn print_labels(made: &ExportQaLabelsResponse, language: Language) {
    let word_of = |key: &str| word(language, "cli", key);
    print::line(&format!(
        "{} {} · {} {} · {} {}",
        made.documents,
        word_of("documents"),
        made.examples,
        word_of("examples"),
        made.unanswered,
        word_of("unanswered"),
    ));
    for (field, count) in &made.fields {
        print::line(&format!("{count:>9}  {}", print::cut(field, 100)));
    }
    if made.left_out > 0 {
        print::to_stderr(&format!("{} {}", made.left_out, word_of("answers_lost")));
    }
    print::line(&made.out);
}

fn say_refused(refused: &[RefusedDocument], language: Language) {
    for one in refused {
        let entry = one.entry.as_ref().map(|entry| format!("/{entry}")).unwrap_or_default();
        let why = word(language, "refusals", &one.code);
        print::to_stderr(&format!("{}{entry}: {why} ({})", one.zip, one.reason));
    }
}

fn print_figures(found: &EvalQaResponse, language: Language) {
    let word_of = |key: &str| word(language, "cli", key);
    let scores = |scores: &QaScores, what: &str| {
        print::line(&format!(
            "exact match {:7.3}   F1 {:7.3}   {} {}",
            scores.exact,
            scores.f1,
            scores.questions,
            word_of(what),
        ));
    };
    print::line(&format!("SQuAD {} · {} · {}", found.squad, found.model, found.ran_on));
    scores(&found.all, "questions");
    if let Some(part) = &found.has_answer {
        scores(part, "answered");
    }
    if let Some(part) = &found.no_answer {
        scores(part, "unanswered");
    }
    let threshold = |name: &str, best: &Option<QaThreshold>| {
        if let Some(best) = best {
            let with = word_of("best_threshold");
            print::line(&format!("{name} {:7.3}   {with} {:.4}", best.score, best.threshold));
        }
    };
    threshold("exact match", &found.best_exact);
    threshold("F1", &found.best_f1);
    let moved = found.issues.iter().filter(|one| one.found.is_some()).count() as u64;
    let lost = found.issues.len() as u64 - moved;
    for (count, what) in [
        (moved, "answers_moved"),
        (lost, "answers_lost"),
        (found.left_out, "questions_lost"),
        (found.too_long.len() as u64, "questions_too_long"),
    ] {
        if count > 0 {
            print::to_stderr(&format!("{count} {}", word_of(what)));
        }
    }
    if let Some(out) = &found.predictions_out {
        print::line(out);
    }
}
