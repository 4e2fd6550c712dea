//! `completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::options::Cli;
use crate::render::Report;

/// A script for a shell.
#[derive(Debug, Args)]
pub struct Completions {
    /// Which shell; for bash: source <(tributary completions bash)
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> Report {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "tributary", &mut script);
        Report::text(String::from_utf8_lossy(&script))
    }
}
