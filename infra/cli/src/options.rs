//! The command line as a whole.

use clap::{Args, Parser};

use crate::command::Command;
use crate::render::Format;

/// Looks after a running Tributary: what is stuck, where money went, what to mend.
///
/// Exit status: 0 done, 1 failed, 2 problems or differences found, 64 bad arguments,
/// 66 unknown id, 69 AWS or Stripe out of reach, 77 no credentials or permission,
/// 78 no such stack.
#[derive(Debug, Parser)]
#[command(name = "tributary", version, arg_required_else_help = true)]
pub struct Cli {
    /// What is the same for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The stack to look after; everything else is found from it.
    #[arg(
        long,
        global = true,
        env = "TRIBUTARY_STACK",
        default_value = "tributary"
    )]
    pub stack: String,
    /// Another address of AWS, such as the local stack's.
    #[arg(long, global = true, env = "AWS_ENDPOINT_URL", value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// A profile of ~/.aws/config.
    #[arg(long, global = true, env = "AWS_PROFILE", value_name = "NAME")]
    pub profile: Option<String>,
    /// The Region of the stack; else AWS_REGION, AWS_DEFAULT_REGION or the profile's.
    #[arg(long, global = true)]
    pub region: Option<String>,
    /// How to write the answer.
    #[arg(long, global = true, value_enum, default_value = "table")]
    pub format: Format,
}

/// An option of every command that changes something.
#[derive(Debug, Clone, Copy, Args)]
pub struct Change {
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
}
