//! Which peers there are on this machine, and how each is started.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;
use serde_json::Value;

use super::endpoint::Endpoint;
use crate::error::BenchError;
use crate::function::{Program, Site};

/// Ours, by which the others are measured.
pub const OURS: &str = "Rust";
/// Its binary.
const FUNCTION: &str = "ingest_webhook";

/// Somebody who does ingest's work.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The language, and how it is packed.
    pub name: &'static str,
    /// What it is made of, with versions.
    pub made_of: String,
    /// How it is started.
    pub program: Program,
}

/// A peer that cannot be measured here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Absent {
    /// The peer.
    pub name: &'static str,
    /// What is missing.
    pub why: String,
}

/// Where `make bench-peers` installs.
#[derive(Debug, Clone)]
pub struct Tools(pub PathBuf);

impl Tools {
    fn node(&self) -> PathBuf {
        self.0.join("node")
    }

    /// The engines that sync Stripe into PostgreSQL.
    pub fn sync_engines(&self) -> PathBuf {
        self.0.join("sync_engines")
    }

    fn python(&self) -> PathBuf {
        self.0.join("python")
    }
}

/// The peers that are installed, ours first, and those that are not.
///
/// # Errors
/// When ours is not built.
pub fn peers(
    site: &Site,
    tools: &Tools,
    endpoint: &Endpoint,
) -> Result<(Vec<Peer>, Vec<Absent>), BenchError> {
    let ours = Peer {
        name: OURS,
        made_of: format!("{FUNCTION} of this repository"),
        program: Program::ours(site, FUNCTION)?,
    };
    let mut found = vec![ours];
    let mut absent = Vec::new();
    for (name, peer) in [
        ("Node, bundled", node(tools, "bundle/ingest.mjs")),
        ("Node", node(tools, "ingest.mjs")),
        ("Python", python(tools)),
    ] {
        match peer {
            Ok((made_of, executable, arguments)) => found.push(Peer {
                name,
                made_of,
                program: Program {
                    name: name.to_owned(),
                    executable,
                    arguments,
                    settings: Vec::new(),
                    log: site.log(&name.replace(", ", "-").to_lowercase()),
                    aws_url: site.aws_url.clone(),
                },
            }),
            Err(why) => absent.push(Absent { name, why }),
        }
    }
    let settings = settings(tools, endpoint)?;
    for peer in &mut found {
        peer.program.settings.extend(settings.iter().cloned());
    }
    Ok((found, absent))
}

/// What all are told: one endpoint with one secret, the queue, and whom to trust.
/// Each reads the names of its own libraries.
fn settings(tools: &Tools, endpoint: &Endpoint) -> Result<Vec<(String, String)>, BenchError> {
    let authority = endpoint.authority().display().to_string();
    let python_path = std::path::absolute(tools.python().join("function"))?;
    let settings = [
        ("AWS_ENDPOINT_URL", endpoint.url().to_owned()),
        ("EVENTS_QUEUE_URL", endpoint.queue_url("events")),
        ("STRIPE_ENDPOINTS", "connect=connect".to_owned()),
        ("SSL_CERT_FILE", authority.clone()),
        ("NODE_EXTRA_CA_CERTS", authority.clone()),
        ("AWS_CA_BUNDLE", authority),
        ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
        ("PYTHONPATH", python_path.display().to_string()),
        ("LANG", "C.UTF-8".to_owned()),
        // Printing a warning at every start is not ingest's work.
        (
            "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED",
            "true".to_owned(),
        ),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value));
    Ok(settings.into())
}

/// What a peer is made of, its interpreter and the interpreter's arguments; or what
/// is missing.
type Found = Result<(String, PathBuf, Vec<OsString>), String>;

fn node(tools: &Tools, function: &str) -> Found {
    let folder = tools.node();
    let node = on_path("node").ok_or("there is no node")?;
    let [bootstrap, function] = ["bootstrap.mjs", function].map(|file| folder.join(file));
    for file in [&bootstrap, &function] {
        exists(file)?;
    }
    let mut made_of = format!("Node {}", version_of(&node)?.trim_start_matches('v'));
    for package in ["stripe", "@aws-sdk/client-sqs"] {
        made_of += &format!(", {package} {}", package_version(&folder, package)?);
    }
    let arguments = vec![bootstrap.into(), absolute(&function)?.into()];
    Ok((made_of, node, arguments))
}

fn python(tools: &Tools) -> Found {
    let folder = tools.python();
    let python = folder.join("bin/python");
    exists(&python)?;
    exists(&folder.join("function/ingest.py"))?;
    let mut made_of = version_of(&python)?;
    for package in ["stripe", "boto3", "awslambdaric"] {
        let code = format!("import importlib.metadata as m; print(m.version('{package}'))");
        made_of += &format!(", {package} {}", said(&python, &["-c", &code])?);
    }
    // What AWS's own runtime for Python runs.
    let arguments = ["-m", "awslambdaric", "ingest.handler"].map(OsString::from);
    Ok((made_of, absolute(&python)?, arguments.into()))
}

fn exists(file: &Path) -> Result<(), String> {
    let found = file.is_file().then_some(());
    found.ok_or_else(|| format!("there is no {}: `make bench-peers`", file.display()))
}

/// An absolute path: functions run in folders of their own. A link stays one, for it
/// is by its place that a virtual environment's interpreter finds its packages.
fn absolute(path: &Path) -> Result<PathBuf, String> {
    std::path::absolute(path).map_err(|error| error.to_string())
}

/// A program of this machine.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

fn version_of(program: &Path) -> Result<String, String> {
    said(program, &["--version"])
}

fn said(program: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The version of an npm package as it is installed.
pub fn package_version(folder: &Path, package: &str) -> Result<String, String> {
    let file = folder
        .join("node_modules")
        .join(package)
        .join("package.json");
    exists(&file)?;
    let text = std::fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let json: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let version = json.get("version").and_then(Value::as_str);
    Ok(version.unwrap_or("of no version").to_owned())
}
