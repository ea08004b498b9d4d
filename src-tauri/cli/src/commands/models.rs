//! `mirante models`.

use std::io::IsTerminal;

use mirante_app::locale::{Language, word};
use mirante_app::ops::models::{
    ImportModelRequest, ModelEntry, ModelRequest, ModelsRequest, PullModelRequest,
};
use mirante_app::ops::token::{HubTokenRequest, SetHubTokenRequest, TokenPlace};
use mirante_app::{App, Error, Job, Result, ops};

use crate::arguments::{ModelsCommand, TokenCommand};
use crate::print;

pub(super) fn models(
    app: &App,
    job: &Job,
    command: ModelsCommand,
    language: Language,
) -> Result<()> {
    match command {
        ModelsCommand::List(list) => {
            let all = ops::models::models(app, job, ModelsRequest {})?;
            if list.json {
                return print::json(&all.models);
            }
            for model in &all.models {
                print_line(model, language);
            }
            Ok(())
        }
        ModelsCommand::Show(show) => {
            let model = ops::models::model(app, job, ModelRequest { model: show.model })?;
            print_model(&model, show.json, language)
        }
        ModelsCommand::Pull(pull) => {
            let request = PullModelRequest { model: pull.model.model, revision: pull.revision };
            let model = ops::models::pull_model(app, job, request)?;
            print_model(&model, pull.model.json, language)
        }
        ModelsCommand::Import(import) => {
            let request = ImportModelRequest { path: import.path, name: import.name };
            let model = ops::models::import_model(app, job, request)?;
            print_model(&model, import.json, language)
        }
        ModelsCommand::Remove(remove) => {
            let model = ops::models::remove_model(app, job, ModelRequest { model: remove.model })?;
            print_model(&model, remove.json, language)
        }
        ModelsCommand::Use(given) => {
            let json = given.json;
            let made = ops::usual::set_usual_model(app, job, given.request())?;
            if json {
                return print::json(&made);
            }
            for (task, usual) in &made.usual {
                let adapter = usual.adapter.iter().map(|adapter| format!(" + {adapter}"));
                let model = usual.model.as_deref().unwrap_or_default();
                print::line(&format!("{:10} {model}{}", task.name(), adapter.collect::<String>()));
            }
            Ok(())
        }
        ModelsCommand::Verify(verify) => {
            let json = verify.json;
            let found = ops::models::verify_model(app, job, ModelRequest { model: verify.model })?;
            if json {
                return print::json(&found);
            }
            for file in &found.broken {
                print::line(&format!("{}: {file}", word(language, "cli", "broken")));
            }
            let whole = found.files - found.broken.len() as u64;
            print::line(&format!("{whole} / {} {}", found.files, word(language, "cli", "whole")));
            Ok(())
        }
        ModelsCommand::Token(command) => token(app, job, command, language),
    }
}

fn token(app: &App, job: &Job, command: TokenCommand, language: Language) -> Result<()> {
    let request = HubTokenRequest {};
    let found = match command {
        TokenCommand::Set => {
            let token = read_token(language)?;
            ops::token::set_hub_token(app, job, SetHubTokenRequest { token })?
        }
        TokenCommand::Clear => ops::token::clear_hub_token(app, job, request)?,
        TokenCommand::Status => ops::token::hub_token(app, job, request)?,
    };
    let said = match found.place {
        None => "none",
        Some(TokenPlace::Environment) => "environment",
        Some(TokenPlace::Keyring) => "keyring",
        Some(TokenPlace::File) => "file",
        Some(TokenPlace::Hub) => "hub",
    };
    let path = found.path.unwrap_or_default();
    print::line(&word(language, "token", said).replace("{path}", &path));
    Ok(())
}

/// The token as the person types it, unseen; or the first line that another program sends.
fn read_token(language: Language) -> Result<String> {
    let failed = |error| Error::reading("-".as_ref(), error);
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password(word(language, "token", "ask")).map_err(failed);
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(failed)?;
    Ok(line)
}

fn print_line(model: &ModelEntry, language: Language) {
    let place = if model.here { "here" } else { "absent" };
    let fits = match model.fits {
        Some(false) => word(language, "cli", "too_large"),
        _ => String::new(),
    };
    print::line(&format!(
        "{:38} {:8} {:>5} {:>9}  {:12} {:10} {fits}",
        model.id,
        model.task.as_deref().unwrap_or("-"),
        model.dimension.map(|dimension| dimension.to_string()).unwrap_or_default(),
        size(model.bytes_here.or(model.bytes)),
        model.licence.as_deref().unwrap_or("-"),
        word(language, "cli", place),
    ));
}

fn print_model(model: &ModelEntry, json: bool, language: Language) -> Result<()> {
    if json {
        return print::json(model);
    }
    print_line(model, language);
    print::line(&format!("  {}", model.repository));
    if !model.languages.is_empty() {
        print::line(&format!("  {}", model.languages.join(", ")));
    }
    if let Some(memory) = model.memory {
        print::line(&format!("  {} {}", word(language, "cli", "memory"), size(Some(memory))));
    }
    if let (Some(folder), Some(revision)) = (&model.folder, &model.revision) {
        print::line(&format!("  {revision}\n  {folder}"));
    }
    Ok(())
}

fn size(bytes: Option<u64>) -> String {
    bytes.map(|bytes| format!("{}B", print::short(bytes as f64))).unwrap_or_default()
}
