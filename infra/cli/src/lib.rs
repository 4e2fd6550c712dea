//! What people ask of a running stack, and do with it.
//!
//! One module for each command in `command`, each a few arguments and a function from
//! [`context::Context`] to [`render::Report`]; nothing there writes to the terminal or
//! knows a format. What is asked of AWS is in `tributary_aws::operate`.

pub mod accounts;
pub mod command;
pub mod context;
pub mod doctor;
pub mod door;
pub mod exit;
pub mod failure;
pub mod kinds;
pub mod letters;
pub mod options;
pub mod render;
pub mod replay;
pub mod stack_queues;
pub mod trace;

use std::ffi::OsString;

use clap::Parser;
use clap::error::ErrorKind;

use context::Context;
use exit::Exit;
use failure::Failure;
use options::Cli;

/// Runs one command line.
pub async fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return not_parsed(&error),
    };
    let context = Context::new(cli.global);
    match cli.command.run(&context).await {
        Ok(report) => {
            context.print(&report);
            report.exit()
        }
        Err(failure) => complain(&failure),
    }
}

#[allow(clippy::print_stderr)]
fn complain(failure: &Failure) -> Exit {
    eprintln!("tributary: {failure}");
    failure.exit()
}

/// Help and version are no failures; the rest is told in one line.
fn not_parsed(error: &clap::Error) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // Nobody is left to tell when that cannot be written.
            let _ = error.print();
            Exit::Done
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            Exit::Usage
        }
        _ => complain(&bad_arguments(&error.render().to_string())),
    }
}

/// The first paragraph of what clap says, in one line.
fn bad_arguments(rendered: &str) -> Failure {
    let first = rendered.split("\n\n").next().unwrap_or_default();
    let sentence: Vec<&str> = first.split_whitespace().collect();
    let sentence = sentence.join(" ");
    let sentence = sentence.strip_prefix("error: ").unwrap_or(&sentence);
    let usage = rendered
        .lines()
        .find_map(|line| line.strip_prefix("Usage: "));
    // clap lists what was given, and not what there is: that says the command's help.
    let words = usage.unwrap_or("tributary").split(' ');
    let command = words.take_while(|word| word.starts_with(|c: char| c.is_ascii_lowercase()));
    let command: Vec<&str> = command.collect();
    Failure::usage(sentence, format!("See `{} --help`.", command.join(" ")))
}
