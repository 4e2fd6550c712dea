//! All engines, one after the other, on the same deliveries.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::engine::{ENGINES, Engine, Refused};
use super::held::{Row, Tally, compare};
use super::ours;
use super::postgres::{self, Postgres};
use super::stream::{Class, Stream};
use crate::error::BenchError;
use crate::function::Site;
use crate::peers::installed::{Absent, Tools};

/// What is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Decides what happens and how it is delivered.
    pub seed: u64,
    /// Connected accounts.
    pub accounts: usize,
    /// Events of all kinds that the world has at least.
    pub events_min: usize,
}

/// What one process did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Work {
    /// The process.
    pub name: String,
    /// CPU time of all its threads, s.
    pub cpu_s: f64,
}

/// What one engine made of all deliveries.
#[derive(Debug)]
pub struct Done {
    /// Deliveries.
    pub deliveries: usize,
    /// Those that it did not take.
    pub refused: Vec<Refused>,
    /// How long it took, s.
    pub wall_s: f64,
    /// What that took of each process.
    pub work: Vec<Work>,
    /// What it holds.
    pub rows: Vec<Row>,
}

/// What is reported of one engine.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// The engine.
    pub name: String,
    /// What it is made of, with versions.
    pub made_of: String,
    /// Deliveries.
    pub deliveries: usize,
    /// Those that it did not take.
    pub refused: Vec<Refused>,
    /// How long it took, s.
    pub wall_s: f64,
    /// What that took of each process.
    pub work: Vec<Work>,
    /// How what it holds compares with the truth.
    pub tallies: BTreeMap<Class, Tally>,
}

/// The figures of one run; ours come first.
#[derive(Debug, Clone, Serialize)]
pub struct SyncReport {
    /// What was played.
    pub plan: Plan,
    /// Different events.
    pub events: usize,
    /// The engines.
    pub engines: Vec<Figures>,
    /// Those that are not installed, and those that did not run.
    pub absent: Vec<Absent>,
}

/// Plays one stream to every engine that is installed.
///
/// # Errors
/// When ours fails. Another engine that fails is reported as absent.
pub async fn measure(
    site: &Site,
    tools: &Tools,
    plan: Plan,
    say: &dyn Fn(&str),
) -> Result<SyncReport, BenchError> {
    let stream = Stream::new(plan.seed, plan.accounts, plan.events_min);
    let order = stream.deliveries(plan.seed);
    let truth = stream.truth();
    let events = stream.events.len();
    let figures = |name: &str, made_of: String, done: Done| Figures {
        name: name.to_owned(),
        made_of,
        deliveries: done.deliveries,
        refused: done.refused,
        wall_s: done.wall_s,
        work: done.work,
        tallies: compare(&truth, &done.rows),
    };
    let mut engines = Vec::new();
    let mut absent = Vec::new();
    for package in ENGINES {
        say(&format!("Playing {} deliveries to {package}…", order.len()));
        match theirs(site, tools, package, &stream, &order).await {
            Ok((made_of, done)) => engines.push(figures(package, made_of, done)),
            Err(why) => absent.push(Absent { name: package, why }),
        }
    }
    say(&format!("Playing {} deliveries to ours…", order.len()));
    let made_of = "ingest_webhook, apply_event, fetch_object; dynoxide".to_owned();
    let done = ours::run(site, stream, &order).await?;
    engines.insert(0, figures("Tributary", made_of, done));
    Ok(SyncReport {
        plan,
        events,
        engines,
        absent,
    })
}

async fn theirs(
    site: &Site,
    tools: &Tools,
    package: &'static str,
    stream: &Stream,
    order: &[usize],
) -> Result<(String, Done), String> {
    let engine = Engine::find(&tools.sync_engines(), package)?;
    let programs = postgres::installed();
    let programs = programs.ok_or("there is no PostgreSQL: `make bench-postgres`")?;
    let name = package.trim_start_matches('@').replace('/', "-");
    let run = async {
        let version = postgres::version(&programs)?;
        let postgres = Postgres::start(&programs, &site.logs.join(&name)).await?;
        let log = site.log(&format!("{name}-engine"));
        let done = engine.run(stream, order, &postgres, &log).await;
        postgres.stop().await?;
        remove(&site.logs.join(&name))?;
        Ok::<_, BenchError>((format!("{} on {version}", engine.version), done?))
    };
    run.await.map_err(|error| error.to_string())
}

fn remove(folder: &Path) -> Result<(), BenchError> {
    Ok(std::fs::remove_dir_all(folder)?)
}

/// Now, unix seconds.
pub fn unix_now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(now.unwrap_or_default().as_secs()).unwrap_or(i64::MAX)
}
