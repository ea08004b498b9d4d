//! `mirante`: the same operations as the window, from the command line and over HTTP.

mod arguments;
mod commands;
mod print;
mod progress;
mod serve;

use std::process::ExitCode;

use clap::Parser;
use mirante_app::{Error, Fault};

fn main() -> ExitCode {
    let arguments = arguments::Arguments::parse();
    let language = arguments.language();
    match commands::carry_out(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let failure = error.failure();
            let (sentence, next) = mirante_app::locale::sentence(language, &failure);
            print::to_stderr(&format!("mirante: {sentence}"));
            if let Some(next) = next {
                print::to_stderr(&format!("         {next}"));
            }
            exit_code(&error)
        }
    }
}

/// 2: the request cannot be; 3: what was named is not there; 130: stopped, as a shell says it;
/// 4: something else is in its way, for now; 1: Mirante or the machine failed.
fn exit_code(error: &Error) -> ExitCode {
    ExitCode::from(match error.fault() {
        Fault::Request => 2,
        Fault::Absent => 3,
        Fault::Stopped => 130,
        Fault::Busy => 4,
        Fault::Machine => 1,
    })
}
