//! A PostgreSQL cluster of one's own, in a folder, on a free port of the loopback
//! interface, for as long as it is needed.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tokio::process::Child;

use crate::error::BenchError;
use crate::proc::Cpu;

/// Where Debian keeps the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Whom Debian's package makes to run it: PostgreSQL refuses root.
const USER: &str = "postgres";
/// Longest wait for a start.
const START_MAX: Duration = Duration::from_secs(60);

/// A running cluster with one database, `bench`. It is killed when it is dropped.
#[derive(Debug)]
pub struct Postgres {
    process: Child,
    port: u16,
}

/// The newest PostgreSQL of this machine: its folder of programs.
pub fn installed() -> Option<PathBuf> {
    let versions = std::fs::read_dir(DEBIAN).ok()?;
    let folders = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    folders
        .filter(|folder| folder.join("initdb").is_file())
        .max()
}

/// What it calls itself.
pub fn version(programs: &Path) -> Result<String, BenchError> {
    let output = Command::new(programs.join("postgres"))
        .arg("--version")
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

impl Postgres {
    /// Makes a cluster in `folder`, which is emptied, and starts it.
    ///
    /// # Errors
    /// When it does not start; its log is beside the folder.
    pub async fn start(programs: &Path, folder: &Path) -> Result<Self, BenchError> {
        let folder = std::path::absolute(folder)?;
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        if is_root()? {
            let owner = format!("{USER}:");
            succeed(Command::new("chown").arg(owner).arg(&folder))?;
        }
        let log = folder.with_extension("log");
        let mut init = as_user(&programs.join("initdb"))?;
        // Migrations of engines expect the superuser under this name.
        init.args(["--auth=trust", "--username=postgres", "--encoding=UTF8"])
            .args(["--locale=C.UTF-8", "--pgdata"])
            .arg(&folder);
        succeed(&mut init)?;
        let port = free_port()?;
        let out = File::create(&log)?;
        let mut server = as_user(&programs.join("postgres"))?;
        server
            .arg("-D")
            .arg(&folder)
            .args(["-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "unix_socket_directories="])
            .args(["-p", &port.to_string()])
            .stdin(Stdio::null())
            .stderr(out.try_clone()?)
            .stdout(out);
        let mut server = tokio::process::Command::from(server);
        let process = server.kill_on_drop(true).spawn()?;
        let cluster = Self { process, port };
        cluster.until_ready().await?;
        Ok(cluster)
    }

    async fn until_ready(&self) -> Result<(), BenchError> {
        let started = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            if started.elapsed() > START_MAX {
                return Err(BenchError::Unexpected(
                    "PostgreSQL did not start".to_owned(),
                ));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// The URL of its database. `postgres` is the one that every cluster has.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// CPU time of all its processes, those that have ended included.
    ///
    /// # Errors
    /// When it is gone.
    pub fn cpu(&self) -> Result<Duration, BenchError> {
        let pid = self.process.id().unwrap_or_default();
        Ok(Cpu::of_tree(pid)?.total())
    }

    /// Ends it: open connections are cut, everything is written down.
    ///
    /// # Errors
    /// When it is gone already.
    pub async fn stop(mut self) -> Result<(), BenchError> {
        let pid = self.process.id().unwrap_or_default().to_string();
        succeed(Command::new("kill").args(["-INT", &pid]))?;
        self.process.wait().await?;
        Ok(())
    }
}

/// A program as a user whom PostgreSQL accepts.
fn as_user(program: &Path) -> Result<Command, BenchError> {
    if !is_root()? {
        return Ok(Command::new(program));
    }
    let mut command = Command::new("setpriv");
    let (user, group) = (format!("--reuid={USER}"), format!("--regid={USER}"));
    command.args([&user, &group, "--init-groups"]).arg(program);
    Ok(command)
}

fn is_root() -> Result<bool, BenchError> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let ids = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    let id = ids.and_then(|ids| ids.split_ascii_whitespace().nth(1));
    Ok(id == Some("0"))
}

fn free_port() -> Result<u16, BenchError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

fn succeed(command: &mut Command) -> Result<(), BenchError> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let program = command.get_program().display();
    Err(BenchError::Unexpected(format!(
        "{program}: {}",
        text.trim()
    )))
}
