//! Two reports of a million lines, and those who compare them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::measure::BenchError;

/// Where `make bench-reconcile` installs the peers, and where their programs are.
const PYTHON: &str = "target/tools/reconcile-peers/bin/python";
const SOURCE: &str = "infra/bench-reconcile/peers";

const SEED: u64 = 20_261_122;
const ACCOUNTS: u64 = 1_000;
const DAYS: u64 = 30;

/// Who compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Ours,
    DuckDb,
    Polars,
}

impl Who {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::DuckDb => "DuckDB",
            Self::Polars => "Polars",
        }
    }

    /// Ours, and of the peers those that are installed.
    pub(crate) fn present() -> Vec<Self> {
        if Path::new(PYTHON).exists() {
            vec![Self::Ours, Self::DuckDb, Self::Polars]
        } else {
            vec![Self::Ours]
        }
    }

    /// The program that compares two files.
    pub(crate) fn command(self, ours: &Path, theirs: &Path) -> Result<Command, BenchError> {
        let mut command = match self {
            Self::Ours => {
                let mut command = Command::new(std::env::current_exe()?);
                command.arg("reconcile");
                command
            }
            Self::DuckDb | Self::Polars => {
                let file = if self == Self::DuckDb {
                    "duckdb_reconcile.py"
                } else {
                    "polars_reconcile.py"
                };
                let mut command = Command::new(PYTHON);
                command.arg(PathBuf::from(SOURCE).join(file));
                command
            }
        };
        command.args([ours, theirs]);
        Ok(command)
    }
}

/// Writes both sides: ours, and theirs with so many lines of a million that differ, of
/// which a third each are missing, too many, and of another amount.
pub(crate) fn write(
    ours: &Path,
    theirs: &Path,
    lines: u64,
    per_million: u64,
) -> Result<(), BenchError> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    // Drawn apart, so that every rate has the same lines.
    let mut flaws = ChaCha8Rng::seed_from_u64(SEED ^ per_million);
    let (mut ours, mut theirs) = (Report::create(ours)?, Report::create(theirs)?);
    for n in 0..lines {
        let line = Line {
            id: format!("txn_1{n:07}{:016x}", rng.random::<u64>()),
            account: rng.random_range(0..ACCOUNTS),
            day: n * DAYS / lines,
            second: rng.random_range(0..86_400_u64),
            amount: rng.random_range(100..100_000_i64),
        };
        if flaws.random_range(0..1_000_000) >= per_million {
            ours.write(&line, 0)?;
            theirs.write(&line, 0)?;
            continue;
        }
        match flaws.random_range(0..3) {
            0 => ours.write(&line, 0)?,
            1 => theirs.write(&line, 0)?,
            _ => {
                ours.write(&line, 0)?;
                theirs.write(&line, flaws.random_range(1..100))?;
            }
        }
    }
    ours.file.flush()?;
    theirs.file.flush()?;
    Ok(())
}

struct Line {
    id: String,
    account: u64,
    day: u64,
    second: u64,
    amount: i64,
}

struct Report {
    file: BufWriter<File>,
}

impl Report {
    fn create(path: &Path) -> Result<Self, BenchError> {
        let mut file = BufWriter::new(File::create(path)?);
        writeln!(
            file,
            "balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,connected_account"
        )?;
        Ok(Self { file })
    }

    /// A line as Stripe's itemized reports have it, `more` minor units up.
    fn write(&mut self, line: &Line, more: i64) -> Result<(), BenchError> {
        let Line {
            id,
            account,
            day,
            second,
            ..
        } = line;
        let gross = line.amount + more;
        let fee = line.amount * 29 / 1000 + 30;
        let currency = if account % 4 == 0 { "eur" } else { "usd" };
        let major = |minor: i64| {
            let sign = if minor < 0 { "-" } else { "" };
            format!("{sign}{}.{:02}", minor.abs() / 100, minor.abs() % 100)
        };
        writeln!(
            self.file,
            "{id},2026-10-{:02} {:02}:{:02}:{:02},{currency},{},{},{},charge,acct_{account:06}",
            day + 1,
            second / 3600,
            second / 60 % 60,
            second % 60,
            major(gross),
            major(fee),
            major(gross - fee),
        )?;
        Ok(())
    }
}
