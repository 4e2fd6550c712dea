//! `make bench-telemetry`: what spans cost ingest and apply. Three arms in one run, in
//! turns: built without them, built with them and no collector, and with one.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use tokio::net::TcpListener;
use tributary_bench::aws::FakeAws;
use tributary_bench::event::Event;
use tributary_bench::proc::{Cpu, cpu_of_threads};
use tributary_bench::{BenchError, Function, Program, Site};

/// Where `make bench-telemetry` leaves the binaries.
const WITHOUT: &str = "target/release";
const WITH: &str = "target/otel/release";
/// Where the functions' logs go.
const OUTPUT: &str = "target/bench";
/// Starts of each arm. Odd, so that the median is one of them.
const STARTS: usize = 21;
/// Events before CPU time is counted.
const SETTLING_EVENTS: u32 = 200;
/// Events of one turn, and turns of each arm.
const EVENTS: u32 = 500;
const TURNS: u32 = 6;

/// Bytes that the collector was sent.
type Sent = Arc<AtomicU64>;

struct Arm {
    name: &'static str,
    binaries: PathBuf,
    endpoint: Option<String>,
}

#[derive(Default)]
struct Figures {
    start_ms: f64,
    start_cpu_ms: f64,
    binary_bytes: u64,
    cpu_us: f64,
    log_bytes: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures the binaries in the folders that the arguments name: without, and with.
async fn run() -> Result<(), BenchError> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let without = arguments.next().unwrap_or_else(|| WITHOUT.into());
    let with = arguments.next().unwrap_or_else(|| WITH.into());
    std::fs::create_dir_all(OUTPUT)?;
    let sent = Sent::default();
    let endpoint = collector(sent.clone()).await?;
    let arm = |name, binaries: &PathBuf, endpoint| Arm {
        name,
        binaries: binaries.clone(),
        endpoint,
    };
    let arms = [
        arm("without", &without, None),
        arm("built in, off", &with, None),
        arm("on", &with, Some(endpoint)),
    ];
    let aws = FakeAws::start().await?;
    for function in ["ingest_webhook", "apply_event"] {
        let mut figures = starts(&arms, &aws, function).await?;
        if function == "ingest_webhook" {
            events(&arms, &aws, &mut figures).await?;
        }
        report(function, &arms, &figures);
    }
    let events = u64::from(SETTLING_EVENTS + EVENTS * TURNS);
    println!(
        "\n  The collector was sent {} bytes for each event.",
        sent.load(Ordering::Relaxed) / events
    );
    Ok(())
}

async fn collector(sent: Sent) -> Result<String, BenchError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let take = async |State(sent): State<Sent>, body: Bytes| {
        sent.fetch_add(body.len() as u64, Ordering::Relaxed);
    };
    let app = Router::new().fallback(take).with_state(sent);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(endpoint)
}

fn program(arm: &Arm, aws: &FakeAws, function: &str) -> Result<Program, BenchError> {
    let site = Site {
        binaries: arm.binaries.clone(),
        logs: OUTPUT.into(),
        aws_url: aws.url(),
    };
    let mut program = Program::ours(&site, function)?;
    program.log = site.log(&format!("{function}-{}", arm.name.replace([' ', ','], "-")));
    if let Some(endpoint) = &arm.endpoint {
        let setting = ("OTLP_ENDPOINT".to_owned(), endpoint.clone());
        program.settings.push(setting);
    }
    Ok(program)
}

/// From before a process is made until it asks for work, and its CPU time by then:
/// medians.
async fn starts(arms: &[Arm], aws: &FakeAws, function: &str) -> Result<Vec<Figures>, BenchError> {
    let mut took: Vec<(Vec<Duration>, Vec<Duration>)> = vec![Default::default(); arms.len()];
    for _ in 0..STARTS {
        for (arm, (wall, cpu)) in arms.iter().zip(&mut took) {
            let (function, start) = Function::start(&program(arm, aws, function)?).await?;
            wall.push(start);
            cpu.push(cpu_of_threads(function.pid())?);
            function.stop().await?;
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times
            .get(STARTS / 2)
            .map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    let mut figures = Vec::new();
    for (arm, (wall, cpu)) in arms.iter().zip(&mut took) {
        let program = program(arm, aws, function)?;
        figures.push(Figures {
            start_ms: median(wall),
            start_cpu_ms: median(cpu),
            binary_bytes: std::fs::metadata(program.executable)?.len(),
            ..Figures::default()
        });
    }
    Ok(figures)
}

/// CPU time and bytes of logs of one event, means, the arms in turns.
async fn events(arms: &[Arm], aws: &FakeAws, figures: &mut [Figures]) -> Result<(), BenchError> {
    let event = Event::charge()?;
    let mut functions = Vec::new();
    for arm in arms {
        let (mut function, _) = Function::start(&program(arm, aws, "ingest_webhook")?).await?;
        for _ in 0..SETTLING_EVENTS {
            function.invoke(event.invocation()).await?;
        }
        functions.push(function);
    }
    let each = f64::from(EVENTS * TURNS);
    for _ in 0..TURNS {
        for (function, figures) in functions.iter_mut().zip(figures.iter_mut()) {
            let (cpu, logged) = (Cpu::of(function.pid())?, function.logged_bytes()?);
            for _ in 0..EVENTS {
                function.invoke(event.invocation()).await?;
            }
            let cpu = (Cpu::of(function.pid())? - cpu).total();
            figures.cpu_us += cpu.as_secs_f64() * 1e6 / each;
            figures.log_bytes += (function.logged_bytes()? - logged) as f64 / each;
        }
    }
    for function in functions {
        function.stop().await?;
    }
    Ok(())
}

fn report(function: &str, arms: &[Arm], figures: &[Figures]) {
    println!(
        "\n  {function}: spans         start     its CPU    binary   CPU per event   log bytes"
    );
    let base = figures.first().map_or(1.0, |first| first.cpu_us);
    for (arm, it) in arms.iter().zip(figures) {
        print!(
            "  {:<20} {:>9.2} ms {:>8.2} ms {:>6.2} MB",
            arm.name,
            it.start_ms,
            it.start_cpu_ms,
            it.binary_bytes as f64 / 1e6
        );
        match it.cpu_us > 0.0 {
            true => println!(
                "  {:>7.1} µs {:>4.2} × {:>8.1}",
                it.cpu_us,
                it.cpu_us / base,
                it.log_bytes
            ),
            false => println!(),
        }
    }
}
