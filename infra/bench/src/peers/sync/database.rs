//! A stand-in for DynamoDB as a process of its own, so that its work can be counted
//! apart from this program's: this program, started once more.

use std::io::Write;
use std::process::Stdio;

use dynoxide::Database;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::error::BenchError;

/// The argument that makes this program the database.
pub const ARGUMENT: &str = "serve-dynamodb";
/// The tables, as ours are told them.
pub const TABLES: [&str; 2] = ["mirror", "events"];

/// Serves empty tables on a free port of the loopback interface, and prints the port.
///
/// # Errors
/// When there is no port or no table.
pub async fn serve() -> Result<(), BenchError> {
    let broken = |error: dynoxide::errors::DynoxideError| BenchError::Unexpected(error.to_string());
    let database = Database::memory().map_err(broken)?;
    for table in TABLES {
        let request = json!({
            "TableName": table,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
            "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
        });
        let request = serde_json::from_value(request)?;
        database.create_table(request).map_err(broken)?;
    }
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", listener.local_addr()?.port())?;
    out.flush()?;
    dynoxide::server::serve_on(listener, database).await;
    Ok(())
}

/// The running process. It is killed when it is dropped.
#[derive(Debug)]
pub struct DynamoDb {
    process: Child,
    url: String,
}

impl DynamoDb {
    /// Starts it.
    ///
    /// # Errors
    /// When it does not say where it listens.
    pub async fn start() -> Result<Self, BenchError> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(ARGUMENT)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let out = process.stdout.take().ok_or(BenchError::Proc("output"))?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).await?;
        let port: u16 = line.trim().parse().map_err(|_| {
            BenchError::Unexpected("the database did not say where it listens".to_owned())
        })?;
        Ok(Self {
            process,
            url: format!("http://127.0.0.1:{port}"),
        })
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.process.id().unwrap_or_default()
    }

    /// Ends it.
    ///
    /// # Errors
    /// When it is gone already.
    pub async fn stop(mut self) -> Result<(), BenchError> {
        Ok(self.process.kill().await?)
    }
}
