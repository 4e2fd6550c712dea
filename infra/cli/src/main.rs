//! `tributary`, the command line.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tributary_aws::operate::create_like;
use tributary_aws::store::Tables;
use tributary_aws::{Aws, DynamoStore, S3Blobs};
use tributary_cli::replay::{ReplayError, compare, rebuild, take_over};

/// Looks after a running Tributary. Region and credentials are read as the AWS CLI
/// reads them.
#[derive(Debug, Parser)]
#[command(name = "tributary", version, arg_required_else_help = true)]
struct Cli {
    /// Another address of AWS, such as the local stack's.
    #[arg(long, global = true)]
    endpoint_url: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes the mirror again from the event log, beside the one in use.
    #[command(subcommand)]
    Replay(Replay),
}

#[derive(Debug, Subcommand)]
enum Replay {
    /// Makes the shadow tables and applies the whole event log to them.
    Rebuild(Names),
    /// Compares the shadow with what is in use. Exit status 2 if they differ.
    Diff(Names),
    /// Puts the shadow's rows in place of those in use that the log proves wrong.
    Swap(Names),
}

/// The outputs of the stack, and what the shadow is to be called.
#[derive(Debug, Args)]
struct Names {
    /// The stack's MirrorTableName.
    #[arg(long)]
    mirror_table: String,
    /// The stack's EventsTableName.
    #[arg(long)]
    events_table: String,
    /// The stack's ArchiveBucketName.
    #[arg(long)]
    bucket: String,
    /// What the shadow's tables begin with.
    #[arg(long, default_value = "tributary-replay")]
    shadow: String,
}

impl Names {
    fn shadow_mirror(&self) -> String {
        format!("{}-mirror", self.shadow)
    }

    fn shadow_events(&self) -> String {
        format!("{}-events", self.shadow)
    }

    fn store(&self, aws: &Aws, mirror: &str, events: &str) -> DynamoStore<S3Blobs> {
        let tables = Tables {
            mirror: mirror.to_owned(),
            events: events.to_owned(),
            retention_days: RETENTION_DAYS,
        };
        DynamoStore::new(aws, tables, self.blobs(aws))
    }

    fn blobs(&self, aws: &Aws) -> S3Blobs {
        S3Blobs::new(aws, self.bucket.clone())
    }

    fn live(&self, aws: &Aws) -> DynamoStore<S3Blobs> {
        self.store(aws, &self.mirror_table, &self.events_table)
    }

    fn shadow(&self, aws: &Aws) -> DynamoStore<S3Blobs> {
        self.store(aws, &self.shadow_mirror(), &self.shadow_events())
    }
}

/// Of the shadow's receipts, which nobody needs for longer than a comparison.
const RETENTION_DAYS: i64 = 35;
/// What was compared differs.
const DIFFERENT: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let aws = match &cli.endpoint_url {
        Some(url) => Aws::at(url, &region()).await,
        None => Aws::from_env().await,
    };
    let Command::Replay(command) = &cli.command;
    run(&aws, command).await.unwrap_or_else(|error| {
        eprintln!("tributary: {error}");
        ExitCode::FAILURE
    })
}

fn region() -> String {
    std::env::var("AWS_REGION").unwrap_or_else(|_| "us-east-1".to_owned())
}

async fn run(aws: &Aws, command: &Replay) -> Result<ExitCode, ReplayError> {
    match command {
        Replay::Rebuild(names) => {
            create_like(aws, &names.mirror_table, &names.shadow_mirror()).await?;
            create_like(aws, &names.events_table, &names.shadow_events()).await?;
            let rebuilt = rebuild(&names.live(aws), &names.shadow(aws), names.blobs(aws)).await?;
            println!("{rebuilt}");
        }
        Replay::Diff(names) => {
            let differences = compare(&names.live(aws), &names.shadow(aws)).await?;
            println!("{differences}");
            if differences.faults() > 0 {
                return Ok(ExitCode::from(DIFFERENT));
            }
        }
        Replay::Swap(names) => {
            let live = names.live(aws);
            let differences = compare(&live, &names.shadow(aws)).await?;
            println!("{differences}");
            let put = take_over(&live, &differences).await?;
            println!("{put} rows taken over");
        }
    }
    Ok(ExitCode::SUCCESS)
}
