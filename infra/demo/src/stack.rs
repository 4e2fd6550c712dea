//! A running local stack: `.local/<name>/stack.json`, written by `stack.py`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use tributary_aws::reconcile::{DynamoControl, DynamoFindings};
use tributary_aws::store::Tables;
use tributary_aws::{Aws, DynamoLedger, DynamoStore, S3Blobs};

/// Why there is no stack.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// The tool that deploys it could not be run.
    #[error("{tool} could not be run: {error}. `make venv` installs what it needs")]
    Tool {
        /// The command.
        tool: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// The tool failed; it said why on standard error.
    #[error("`stack.py {0}` failed")]
    Failed(String),
    /// Its description is missing or unreadable.
    #[error("{path}: {error}. `make up` writes it")]
    Description {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: String,
    },
    /// The stack lacks an output that the template promises.
    #[error("the stack has no output {0}")]
    Output(String),
}

/// What is known of a stack.
#[derive(Debug, Clone, Deserialize)]
pub struct Stack {
    /// Its name, which is the name of its folder.
    pub name: String,
    /// Where the emulator listens.
    pub endpoint_url: String,
    /// The region it plays.
    pub region: String,
    /// Where webhooks go, without the endpoint's name.
    pub webhook_url: String,
    /// The signing secret of each endpoint.
    pub signing_secrets: BTreeMap<String, String>,
    /// The key that the stack uses towards Stripe.
    pub api_key: String,
    /// The emulator's process.
    pub pid: u32,
    outputs: BTreeMap<String, String>,
}

/// The project's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn tool(arguments: &[&str]) -> Result<(), StackError> {
    let python = root().join(".venv/bin/python");
    let status = Command::new(&python)
        .arg(root().join("infra/local/stack.py"))
        .args(arguments)
        .stdout(std::process::Stdio::null())
        .status()
        .map_err(|error| StackError::Tool {
            tool: python.display().to_string(),
            error,
        })?;
    if status.success() {
        Ok(())
    } else {
        Err(StackError::Failed(arguments.join(" ")))
    }
}

impl Stack {
    /// Starts a fresh stack on a free port, whose fetches go to `stripe_api_base`.
    /// One of the same name that is still running is stopped first.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn up(name: &str, stripe_api_base: &str) -> Result<Self, StackError> {
        Self::start(name, &["--stripe-api-base", stripe_api_base])
    }

    /// The same, with a proxy between its functions and AWS, and parameters of the
    /// template (`NAME=VALUE`).
    ///
    /// # Errors
    /// When it does not come up.
    pub fn up_behind(
        proxy_url: &str,
        name: &str,
        stripe_api_base: &str,
        parameters: &[&str],
    ) -> Result<Self, StackError> {
        let proxy = ["--functions-endpoint-url", proxy_url];
        let stripe = ["--stripe-api-base", stripe_api_base];
        let parameters = parameters.iter().map(|pair| ["--parameter", pair]);
        let options: Vec<_> = [proxy, stripe].into_iter().chain(parameters).collect();
        Self::start(name, &options.concat())
    }

    fn start(name: &str, options: &[&str]) -> Result<Self, StackError> {
        tool(&["down", "--name", name])?;
        let up = ["up", "--name", name, "--port", "0"];
        tool(&[&up, options].concat())?;
        Self::read(name)
    }

    /// Reads the description of a running stack.
    ///
    /// # Errors
    /// When there is none.
    pub fn read(name: &str) -> Result<Self, StackError> {
        let path = root().join(".local").join(name).join("stack.json");
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string());
        text.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()))
            .map_err(|error| StackError::Description { path, error })
    }

    /// Stops it; its data goes with it.
    ///
    /// # Errors
    /// When it cannot be stopped.
    pub fn down(&self) -> Result<(), StackError> {
        tool(&["down", "--name", &self.name])
    }

    /// An output of the template.
    ///
    /// # Errors
    /// When there is no such output.
    pub fn output(&self, name: &str) -> Result<&str, StackError> {
        let value = self.outputs.get(name).map(String::as_str);
        value.ok_or_else(|| StackError::Output(name.to_owned()))
    }

    /// The way to its services.
    pub async fn aws(&self) -> Aws {
        Aws::at(&self.endpoint_url, &self.region).await
    }

    /// Its ledger.
    ///
    /// # Errors
    /// When an output is missing.
    pub fn ledger(&self, aws: &Aws) -> Result<DynamoLedger, StackError> {
        let table = self.output("LedgerTableName")?.to_owned();
        Ok(DynamoLedger::new(aws, table))
    }

    /// Its findings.
    ///
    /// # Errors
    /// When an output is missing.
    pub fn findings(&self, aws: &Aws) -> Result<DynamoFindings, StackError> {
        let table = self.output("FindingsTableName")?.to_owned();
        Ok(DynamoFindings::new(aws, table))
    }

    /// How far its reconciliation has come.
    ///
    /// # Errors
    /// When an output is missing.
    pub fn control(&self, aws: &Aws) -> Result<DynamoControl, StackError> {
        let control = self.output("ControlTableName")?.to_owned();
        let findings = self.output("FindingsTableName")?.to_owned();
        Ok(DynamoControl::new(aws, control, findings))
    }

    /// Its mirror and event log.
    ///
    /// # Errors
    /// When an output is missing.
    pub fn store(&self, aws: &Aws) -> Result<DynamoStore<S3Blobs>, StackError> {
        let tables = Tables {
            mirror: self.output("MirrorTableName")?.to_owned(),
            events: self.output("EventsTableName")?.to_owned(),
            retention_days: 35,
        };
        let blobs = S3Blobs::new(aws, self.output("ArchiveBucketName")?.to_owned());
        Ok(DynamoStore::new(aws, tables, blobs))
    }
}
