//! All measurements, printed and kept.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use tributary_chart::slope;

use crate::books::Matched;
use crate::calls::{ACCOUNTS, Calls};
use crate::import::Imported;
use crate::measure::{BenchError, Ran, run as run_program};
use crate::peers::{Who, write};
use crate::reconcile::Answer;

/// How often each one compares; they take turns.
const ROUNDS: usize = 5;

/// Lines of a million that differ.
const RATES: [u64; 3] = [0, 100, 10_000];

pub(crate) fn run(folder: &Path, lines: u64) -> Result<(), BenchError> {
    std::fs::create_dir_all(folder)?;
    let mut reconciled = Vec::new();
    for rate in RATES {
        reconciled.push(reconcile(folder, lines, rate)?);
    }
    let figures = json!({
        "reconcile": reconciled, "calls": asked()?, "match": matched()?, "import": imported()?,
    });
    let file = folder.join("summary.json");
    std::fs::write(&file, serde_json::to_string_pretty(&figures)? + "\n")?;
    println!("\nFigures: {}", file.display());
    Ok(())
}

/// One rate of differences.
fn reconcile(folder: &Path, lines: u64, per_million: u64) -> Result<Value, BenchError> {
    let (ours, theirs) = (folder.join("ours.csv"), folder.join("theirs.csv"));
    write(&ours, &theirs, lines, per_million)?;
    println!(
        "\n{lines} ledger lines against {lines} of Stripe's, {per_million} of a million differ, {ROUNDS} rounds"
    );
    let present = Who::present();
    let mut runs: Vec<Vec<Ran<Answer>>> = vec![Vec::new(); present.len()];
    for _ in 0..ROUNDS {
        for (who, runs) in present.iter().zip(&mut runs) {
            runs.push(run_program(&mut who.command(&ours, &theirs)?)?);
        }
    }
    let medians: Vec<_> = present
        .iter()
        .zip(&runs)
        .filter_map(|(who, runs)| Median::of(*who, runs))
        .collect();
    let Some(own) = medians.first() else {
        return Err(BenchError::Usage);
    };
    println!(
        "  {:8} {:>9} {:>9} {:>10}   missing surplus differing   CPU of ours",
        "", "CPU s", "wall s", "peak MB"
    );
    for one in &medians {
        let theirs = one.cpu_ms.max(1);
        let hundredths = (own.cpu_ms * 100 + theirs / 2) / theirs;
        let ratio = match one.answer.counts == own.answer.counts {
            _ if one.who == Who::Ours => String::new(),
            true => format!("{}.{:02}", hundredths / 100, hundredths % 100),
            false => "other counts: no ratio".to_owned(),
        };
        let counts = one.answer.counts;
        println!(
            "  {:8} {:>9} {:>9} {:>10} {:>9} {:>7} {:>9}   {ratio}",
            one.who.name(),
            seconds(one.cpu_ms),
            seconds(one.wall_ms),
            one.answer.peak_kib / 1024,
            counts.missing,
            counts.surplus,
            counts.differing,
        );
    }
    if medians.len() == 1 {
        println!("  DuckDB and Polars are not installed: make bench-reconcile installs them");
    }
    let Answer {
        days,
        disagreeing,
        pages,
        ..
    } = own.answer;
    println!("  {disagreeing} of {days} account-days disagree; listing them takes {pages} pages");
    let all: Vec<_> = medians.iter().map(Median::json).collect();
    Ok(json!({
        "differing_per_million": per_million, "lines": lines, "programs": all,
        "account_days": days, "disagreeing": disagreeing, "pages": pages,
    }))
}

/// The median of all rounds.
struct Median {
    who: Who,
    cpu_ms: u64,
    wall_ms: u64,
    answer: Answer,
}

impl Median {
    fn of(who: Who, runs: &[Ran<Answer>]) -> Option<Self> {
        let median = |of: fn(&Ran<Answer>) -> u64| {
            let mut values: Vec<_> = runs.iter().map(of).collect();
            values.sort_unstable();
            values.get(values.len() / 2).copied()
        };
        let peak_kib = median(|run| run.answer.peak_kib)?;
        let answer = Answer {
            peak_kib,
            ..runs.first()?.answer
        };
        let (cpu_ms, wall_ms) = (median(|run| run.cpu_ms)?, median(|run| run.wall_ms)?);
        Some(Self {
            who,
            cpu_ms,
            wall_ms,
            answer,
        })
    }

    fn json(&self) -> Value {
        json!({
            "name": self.who.name(), "cpu_ms": self.cpu_ms, "wall_ms": self.wall_ms,
            "peak_kib": self.answer.peak_kib, "counts": self.answer.counts,
        })
    }
}

/// Calls of Stripe as accounts become more.
fn asked() -> Result<Value, BenchError> {
    println!("\nCalls of Stripe's API to reconcile accounts that agree");
    println!(
        "  {:>9} {:>5} {:>9} {:>9} {:>24}",
        "accounts", "days", "jobs", "calls", "for an account and day"
    );
    let mut sizes = Vec::new();
    for accounts in ACCOUNTS {
        let program = std::env::current_exe()?;
        let mut command = Command::new(program);
        let Ran { answer, .. } =
            run_program::<Calls>(command.args(["calls", &accounts.to_string()]))?;
        let Calls {
            days,
            jobs,
            calls,
            findings,
            ..
        } = answer;
        println!(
            "  {accounts:>9} {days:>5} {jobs:>9} {calls:>9} {:>24.3}",
            answer.each()
        );
        if findings > 0 {
            return Err(BenchError::Disagree(findings));
        }
        sizes.push(answer);
    }
    let fitted = |figure: fn(&Calls) -> f64| {
        let points = sizes.iter().map(|one| (one.accounts as f64, figure(one)));
        slope(&points.collect::<Vec<_>>()).unwrap_or(f64::NAN)
    };
    let (total, each) = (fitted(|one| one.calls as f64), fitted(Calls::each));
    println!("  log-log slope with accounts: {total:.2} in total, {each:.2} for each");
    Ok(json!({ "sizes": sizes, "slope_total": total, "slope_each": each }))
}

fn matched() -> Result<Value, BenchError> {
    let Ran { answer: found, .. } =
        run_program::<Matched>(Command::new(std::env::current_exe()?).arg("match"))?;
    let per_second = found.compared * 1000 / found.cpu_ms.max(1);
    let percent = |part: usize, of: usize| {
        let share = part * 10_000 / of.max(1);
        format!("{}.{:02} %", share / 100, share % 100)
    };
    println!(
        "\nMatcher: {} own entries, {} ledger lines",
        found.entries, found.lines
    );
    println!(
        "  {} made, {} wait for a person; precision {}, recall {}, made or shown {}",
        found.made,
        found.waiting,
        percent(found.right, found.made),
        percent(found.right, found.truth),
        percent(found.right + found.shown, found.truth),
    );
    println!(
        "  {} pairs and sums compared in {} s of CPU: {per_second} a second",
        found.compared,
        seconds(found.cpu_ms),
    );
    Ok(json!({ "figures": found, "compared_per_second": per_second }))
}

fn imported() -> Result<Value, BenchError> {
    let ran = run_program::<Imported>(Command::new(std::env::current_exe()?).arg("import"))?;
    let Imported {
        bytes,
        entries,
        passes,
        peak_kib,
    } = ran.answer;
    println!(
        "\nImport: {} MB, {entries} entries found valid in {passes} passes",
        bytes / 1_000_000
    );
    println!(
        "  {} s of CPU (making the file included), {} MB at most",
        seconds(ran.cpu_ms),
        peak_kib / 1024
    );
    Ok(json!({ "figures": ran.answer, "cpu_ms": ran.cpu_ms }))
}

fn seconds(ms: u64) -> String {
    format!("{}.{:02}", ms / 1000, ms % 1000 / 10)
}
