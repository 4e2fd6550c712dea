//! The pipeline's own handlers in a world where everything goes wrong by seed.
//!
//! A run makes a history of Stripe's events, lets the real ingest, apply and publish
//! code work on them over simulated ports, one port call at a time and in an order
//! that the seed draws, while functions crash at their awaits, answers are lost,
//! messages come twice and late, secrets roll, versions are deployed and rolled
//! back. In the end faults stop, everything comes to rest, and what is stored is
//! compared with what the set of events says that it must be. Then everything that
//! was ever sent is sent again, and nothing may change.
//!
//! A run is a function of its seed: what fails can be played again, step by step.

mod chance;
pub mod exhaustive;
mod feed;
mod flaw;
mod history;
mod mail;
mod mishap;
mod oracle;
mod ports;
mod run;
mod shapes;
pub mod tape;
mod trace;
pub mod turns;
mod verdict;
mod work;
mod world;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

pub use flaw::Flaw;
pub use world::Counts;

use run::Run;
use trace::Trace;
use verdict::{Stored, judge};
use world::World;

/// Unique events of one run, at least.
pub const EVENTS_MIN: usize = 200;
/// Steps after which a run that does not come to rest is given up.
const STEPS_MAX: u64 = 400_000;
/// How much later everything is sent again, in seconds: Stripe resends for 30 days.
const LOOK_BACK_S: i64 = 35 * 86_400;

/// What to run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings {
    /// What is wrong with the ports themselves.
    pub flaw: Flaw,
    /// Whether each step is printed.
    pub prints: bool,
}

/// A run that kept all promises.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// How often what happened.
    pub counts: Counts,
    /// A hash of all steps: equal for two runs of one seed.
    pub trace: u64,
}

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The seed that shows it again.
    pub seed: u64,
    /// The step at which it was seen; 0 after a panic, of which the trace shows it.
    pub step: u64,
    /// A hash of all steps up to there.
    pub trace: u64,
    /// Which promise, and how.
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SEED={} step {}: {}", self.seed, self.step, self.what)
    }
}

impl std::error::Error for Broken {}

/// Plays a seed. Log lines have to be on tape, and timers to exist, see [`Stage`].
///
/// # Errors
/// The first promise that is broken.
pub fn play(seed: u64, settings: Settings) -> Result<Report, Broken> {
    let trace = if settings.prints {
        Trace::printing()
    } else {
        Trace::default()
    };
    let mut run = Run::new(World::new(seed, EVENTS_MIN, settings.flaw, trace));
    let result = act(&mut run);
    let world = &run.world;
    let leak = tape::wind().map(|line| format!("a log line shows personal data: {line}"));
    let result = match leak {
        Some(leak) => result.and(Err(leak)),
        None => result,
    };
    let (step, trace) = (world.trace.steps(), world.trace.hash());
    result.map_err(|what| Broken {
        seed,
        step,
        trace,
        what,
    })?;
    let mut counts = world.lock().counts;
    counts.events = world.history.notices.len() as u64;
    counts.steps = step;
    Ok(Report { counts, trace })
}

fn act(run: &mut Run) -> Result<(), String> {
    // While there is something to tell, everything may go wrong.
    let rough = run.world.history.notices.len() as u64 * 40;
    while run.world.trace.steps() < rough && !run.is_told() && run.step() {
        check(run)?;
    }
    run.calm();
    rest(run)?;
    // What ended among the dead letters for want of luck or of the next version.
    run.redrive();
    rest(run)?;
    let world = std::sync::Arc::clone(&run.world);
    judge(&world, &Stored::of(&world))?;
    again(run)
}

/// Lets everything come to rest.
fn rest(run: &mut Run) -> Result<(), String> {
    while run.step() {
        check(run)?;
    }
    Ok(())
}

fn check(run: &Run) -> Result<(), String> {
    if let Some(broken) = run.world.lock().broken.take() {
        return Err(broken);
    }
    match run.world.trace.steps() > STEPS_MAX {
        true => Err("the run does not come to rest".to_owned()),
        false => Ok(()),
    }
}

/// Sends everything again that was ever sent, later than anybody does. What was
/// applied before costs no write, let alone a change.
fn again(run: &mut Run) -> Result<(), String> {
    let world = std::sync::Arc::clone(&run.world);
    world
        .trace
        .step(6 << 40, || "everything is sent again".to_owned());
    world.clock.advance(LOOK_BACK_S);
    let before = world.changes();
    run.redrive();
    world.resend();
    rest(run)?;
    match world.changes() == before {
        true => Ok(()),
        false => Err("what was sent again was written again".to_owned()),
    }
}

/// What a thread needs to play: timers that never fire, and a tape for log lines.
#[derive(Debug)]
pub struct Stage {
    runtime: tokio::runtime::Runtime,
}

impl Stage {
    /// Builds it.
    ///
    /// # Errors
    /// When the system has no room for it.
    pub fn new() -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        Ok(Self { runtime })
    }

    /// Plays a seed. A panic breaks a promise like everything else: what is not to
    /// panic are functions of ours, and the oracle.
    ///
    /// # Errors
    /// The first promise that is broken.
    pub fn play(&self, seed: u64, settings: Settings) -> Result<Report, Broken> {
        let _timers = self.runtime.enter();
        let _tape = tape::record();
        let played = catch_unwind(AssertUnwindSafe(|| play(seed, settings)));
        played.unwrap_or_else(|panic| {
            tape::wind();
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(Broken {
                seed,
                step: 0,
                trace: 0,
                what: format!("a panic: {}", text.unwrap_or("without a word")),
            })
        })
    }
}
