//! docs/CLI.md says what clap says. `UPDATE=1 cargo test -p tributary-cli --test reference`
//! writes the page anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write;
use std::path::PathBuf;

use clap::{Arg, Command, CommandFactory};
use tributary_cli::options::Cli;

const BEGIN: &str = "<!-- written by `UPDATE=1 cargo test -p tributary-cli --test reference` -->\n";

#[test]
fn the_page_says_what_clap_says() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/CLI.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (prose, _) = page
        .split_once(BEGIN)
        .expect("docs/CLI.md has lost its mark");
    let expected = format!("{prose}{BEGIN}{}", reference());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, expected).unwrap();
    } else {
        assert!(
            page == expected,
            "docs/CLI.md is out of date: UPDATE=1 cargo test -p tributary-cli --test reference"
        );
    }
}

fn reference() -> String {
    let mut cli = Cli::command().disable_help_subcommand(true);
    cli.build();
    let mut text = String::new();
    let globals = cli.get_arguments().filter(|option| option.is_global_set());
    options(&mut text, globals);
    for command in cli.get_subcommands() {
        write!(
            text,
            "\n### {}\n\n{}.\n",
            command.get_name(),
            about(command)
        )
        .unwrap();
        match command.has_subcommands() {
            true => command
                .get_subcommands()
                .for_each(|command| one(&mut text, command)),
            false => one(&mut text, command),
        }
    }
    text
}

fn one(text: &mut String, command: &Command) {
    let positionals = command.get_positionals().map(|p| format!(" {p}"));
    let usage: String = positionals.collect();
    let name = command.get_bin_name().unwrap_or_default();
    write!(text, "\n`{name}{usage}`: {}.\n\n", about(command)).unwrap();
    let own = command
        .get_arguments()
        .filter(|a| !a.is_global_set() && a.get_id() != "help" && a.get_id() != "version");
    options(text, own);
}

fn options<'a>(text: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    for argument in arguments {
        let help = argument
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let help = help.trim_end_matches('.');
        let defaults = argument.get_default_values().first();
        let default = defaults
            .filter(|_| argument.get_action().takes_values())
            .map(|value| format!(" (`{}`)", value.to_string_lossy()));
        writeln!(
            text,
            "- `{argument}`: {help}{}.",
            default.unwrap_or_default()
        )
        .unwrap();
    }
}

fn about(command: &Command) -> String {
    let about = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    about.trim_end_matches('.').to_owned()
}
