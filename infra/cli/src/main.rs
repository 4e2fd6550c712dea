//! `tributary`, the command line.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    tributary_cli::run(std::env::args_os()).await.into()
}
