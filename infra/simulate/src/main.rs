//! `make simulate`: many seeds on all cores, or one with its trace.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tributary_simulate::{Broken, Counts, Settings, Stage};

/// Seeds that are played when nothing else is said.
const SEEDS: u64 = 1000;

/// Seeds that once broke a promise, from the folder that `make` runs in.
const CORPUS: &str = "infra/simulate/corpus.txt";

/// A third of a run is spent on memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let number = |text: Option<String>| text.and_then(|text| text.parse::<u64>().ok());
    let played = match (arguments.next().as_deref(), number(arguments.next())) {
        (None, _) => many(0, SEEDS),
        (Some("--seeds"), Some(seeds)) => many(number(arguments.next()).unwrap_or(0), seeds),
        (Some("--seed"), Some(seed)) => one(seed),
        _ => {
            eprintln!("usage: tributary-simulate [--seeds COUNT [FIRST] | --seed SEED]");
            return ExitCode::from(2);
        }
    };
    match played {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("simulate: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Plays one seed and shows each step; once more to see that it is the same.
fn one(seed: u64) -> std::io::Result<bool> {
    let stage = Stage::new()?;
    let mut settings = Settings {
        prints: true,
        ..Settings::default()
    };
    let shown = stage.play(seed, settings);
    settings.prints = false;
    let again = stage.play(seed, settings);
    let trace = |played: &Result<_, Broken>| match played {
        Ok(tributary_simulate::Report { trace, .. }) => *trace,
        Err(broken) => broken.trace,
    };
    if trace(&shown) != trace(&again) {
        println!("SEED={seed} was played twice and took other steps");
        return Ok(false);
    }
    match shown {
        Ok(report) => println!(
            "SEED={seed} keeps every promise, trace {:016x}",
            report.trace
        ),
        Err(broken) => {
            println!("{broken}");
            return Ok(false);
        }
    }
    Ok(true)
}

/// Plays seeds on all cores. The first that breaks a promise ends it.
fn many(first: u64, seeds: u64) -> std::io::Result<bool> {
    let threads = std::thread::available_parallelism()?.get();
    let started = Instant::now();
    let next = AtomicU64::new(first);
    let total = Mutex::new(Counts::default());
    let broken: Mutex<Option<Broken>> = Mutex::new(None);
    let work = || -> std::io::Result<()> {
        let stage = Stage::new()?;
        let mut counts = Counts::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + seeds {
                break;
            }
            match stage.play(seed, Settings::default()) {
                Ok(report) => counts.add(&report.counts),
                Err(found) => {
                    next.store(first + seeds, Ordering::Relaxed);
                    if let Ok(mut broken) = broken.lock() {
                        broken.get_or_insert(found);
                    }
                }
            }
        }
        if let Ok(mut total) = total.lock() {
            total.add(&counts);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or_else(|_| Err(unplayed())))
    })?;
    if let Ok(Some(broken)) = broken.into_inner() {
        println!("{broken}");
        println!("again, step by step: make simulate SEED={}", broken.seed);
        keep(&broken)?;
        return Ok(false);
    }
    let counts = total.into_inner().unwrap_or_default();
    report(seeds, threads, &counts, started.elapsed());
    Ok(true)
}

/// A thread that ends by itself leaves seeds that nobody played.
fn unplayed() -> std::io::Error {
    std::io::Error::other("a thread ended before its seeds were played")
}

/// Adds a seed that broke a promise to those that every test run plays.
fn keep(broken: &Broken) -> std::io::Result<()> {
    let corpus = Path::new(CORPUS);
    if !corpus.exists() {
        return Ok(());
    }
    let kept = std::fs::read_to_string(corpus)?;
    let seed = format!("{} ", broken.seed);
    if !kept.lines().any(|line| line.starts_with(&seed)) {
        let what = broken.what.lines().next().unwrap_or_default();
        std::fs::write(corpus, format!("{kept}{seed}{what}\n"))?;
        println!("kept in {CORPUS}: every test run plays it from now on");
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss)]
fn report(seeds: u64, threads: usize, counts: &Counts, wall: Duration) {
    let seconds = wall.as_secs_f64();
    let rows = [
        ("seeds", seeds),
        ("events", counts.events),
        ("deliveries", counts.deliveries),
        ("steps", counts.steps),
        ("crashes", counts.crashes),
        ("duplicates", counts.duplicates),
        ("conflicts", counts.conflicts),
        ("ambiguous commits", counts.ambiguous),
        ("refused calls", counts.refused),
        ("dead letters", counts.dead),
        ("redriven", counts.redriven),
        ("fetches", counts.fetches),
        ("announced", counts.announced),
    ];
    for (name, count) in rows {
        println!("{name:18} {count:>12}");
    }
    println!("{:18} {seconds:>12.1}", "wall seconds");
    println!(
        "{:18} {:>12.0}",
        "events a second",
        counts.events as f64 / seconds
    );
    println!("every promise was kept, on {threads} threads");
}
