//! CPU time from the start of a process to its first TLS message, as every cold start
//! of a function pays it: `make bench-tls` builds this with ring and with AWS-LC, whose
//! random generator is seeded from CPU jitter unless a build flag says otherwise.

use std::process::{Command, ExitCode};
use std::sync::Arc;

use rustix::time::{ClockId, clock_gettime};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};

#[cfg(feature = "aws-lc")]
use rustls::crypto::aws_lc_rs as crypto;
#[cfg(not(feature = "aws-lc"))]
use rustls::crypto::ring as crypto;

/// Processes started for one median.
const STARTS: usize = 31;

fn main() -> ExitCode {
    let outcome = match std::env::args().nth(1).as_deref() {
        Some("once") => first_message(),
        Some(name) => median(name),
        None => Err("usage: tributary-bench-tls NAME".into()),
    };
    match outcome {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// CPU microseconds of this process once its first TLS message is written.
fn first_message() -> Result<String, Box<dyn std::error::Error>> {
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let server = ServerName::try_from("sqs.example.com")?;
    let mut connection = ClientConnection::new(Arc::new(config), server)?;
    connection.write_tls(&mut std::io::sink())?;
    let used = clock_gettime(ClockId::ProcessCPUTime);
    Ok((used.tv_sec * 1_000_000 + used.tv_nsec / 1_000).to_string())
}

fn median(name: &str) -> Result<String, Box<dyn std::error::Error>> {
    let program = std::env::current_exe()?;
    let mut used_us = Vec::new();
    for _ in 0..STARTS {
        let output = Command::new(&program).arg("once").output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        used_us.push(String::from_utf8(output.stdout)?.trim().parse::<u64>()?);
    }
    used_us.sort_unstable();
    let median = used_us.get(STARTS / 2).ok_or("nothing was started")?;
    Ok(format!(
        "  {name:<32}{:>6}.{:02} ms of CPU",
        median / 1_000,
        median % 1_000 / 10
    ))
}
