//! Every run of the apply protocol: two workers, three events about one object, a
//! crash anywhere, every interleaving.
//!
//! What runs is `tributary_pipeline::apply::apply` itself. A future cannot be copied,
//! so a state is reached again by making the choices again that led to it; states
//! that were seen before are not looked at twice. What a worker will do is a
//! function of its batch and of the answers that it has had, so these, with what is
//! stored, what is queued and what may still go wrong, make up a state.
//!
//! A call has one turn: between its effect and the next call nothing is shared, so a
//! crash at the next turn is a crash after the effect with the answer lost.

mod port;
mod queue;

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use tributary_domain::{Effect, Row, Version};
use tributary_pipeline::apply::{Fates, Ports, apply};
use tributary_pipeline::receipt::Outcome;
use tributary_testkit::samples::Sample;

use crate::history::Seen;
use crate::oracle;
use crate::turns::{Crew, Waiting};
pub use port::Order;
use port::{Table, Worker};
use queue::Queue;

/// Workers.
const WORKERS: usize = 2;

/// What is tried.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The events; two may share an id.
    pub events: Vec<Sample>,
    /// Crashes, at most.
    pub crashes: u32,
    /// Messages that a second worker gets while the first still has them, at most.
    pub redeliveries: u32,
    /// When receipts are written.
    pub order: Order,
}

/// What was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Explored {
    /// Different states.
    pub states: u64,
    /// Those in which nothing is left to do.
    pub ends: u64,
    /// Choices made, those made again not counted.
    pub choices: u64,
}

/// One choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// A worker takes these messages, one bit for each.
    Begin(usize, u8),
    /// A call goes on.
    Go(Waiting),
    /// A worker is gone.
    Crash(usize),
    /// A message is seen again while a worker has it.
    Show(usize),
}

/// Tries every run of a scenario.
///
/// # Errors
/// The first promise that is broken, with the choices that break it.
pub fn explore(scenario: &Scenario) -> Result<Explored, String> {
    let mut search = Search {
        scenario,
        seen: HashSet::new(),
        explored: Explored::default(),
    };
    search.from(Play::new(scenario), &mut Vec::new())?;
    Ok(search.explored)
}

struct Search<'a> {
    scenario: &'a Scenario,
    seen: HashSet<u128>,
    explored: Explored,
}

impl Search<'_> {
    fn from(&mut self, play: Play, path: &mut Vec<Choice>) -> Result<(), String> {
        let start = path.len();
        let mut play = play;
        // The first choice goes on from here, the others from a new beginning.
        while self.seen.insert(play.state()) {
            self.explored.states += 1;
            let told = |what: String| format!("{what}, after {path:?}");
            play.check().map_err(told)?;
            let choices = play.choices();
            let Some((first, others)) = choices.split_first() else {
                self.explored.ends += 1;
                play.check_end().map_err(told)?;
                break;
            };
            self.explored.choices += choices.len() as u64;
            for other in others {
                let mut again = Play::new(self.scenario);
                for choice in path.iter() {
                    again.make(*choice);
                }
                again.make(*other);
                path.push(*other);
                self.from(again, path)?;
                path.pop();
            }
            play.make(*first);
            path.push(*first);
        }
        path.truncate(start);
        Ok(())
    }
}

/// One run, up to some point.
struct Play {
    table: Arc<Table>,
    scenario: Scenario,
    crew: Crew<Fates>,
    queue: Queue,
    crashes: u32,
    redeliveries: u32,
}

impl Play {
    fn new(scenario: &Scenario) -> Self {
        Self {
            table: Arc::new(Table::default()),
            crew: Crew::new(WORKERS),
            queue: Queue::new(scenario.events.len()),
            crashes: scenario.crashes,
            redeliveries: scenario.redeliveries,
            scenario: scenario.clone(),
        }
    }

    fn choices(&self) -> Vec<Choice> {
        let mut choices: Vec<Choice> = self.table.turns.all().into_iter().map(Choice::Go).collect();
        let idle = (0..WORKERS).find(|worker| self.crew.is_free(*worker));
        // Workers are alike: the first that is idle begins.
        if let Some(worker) = idle {
            let batches = self.queue.batches();
            choices.extend(batches.map(|batch| Choice::Begin(worker, batch)));
        }
        if self.crashes > 0 {
            choices.extend(self.crew.busy().map(Choice::Crash));
        }
        if self.redeliveries > 0 {
            choices.extend(self.queue.held().map(Choice::Show));
        }
        choices
    }

    fn make(&mut self, choice: Choice) {
        match choice {
            Choice::Begin(worker, batch) => self.begin(worker, batch),
            Choice::Go(waiting) => {
                self.table.turns.grant(waiting);
                let done = self.crew.run(&self.table.turns, waiting.task);
                self.finish(waiting.task, done);
            }
            Choice::Crash(worker) => {
                self.crashes -= 1;
                self.crew.crash(worker);
                self.queue.give_back(worker);
                self.table.forget(worker);
            }
            Choice::Show(message) => {
                self.redeliveries -= 1;
                self.queue.show(message);
            }
        }
    }

    fn begin(&mut self, worker: usize, batch: u8) {
        let taken = self.queue.take(worker, batch);
        let samples: Vec<(usize, Sample)> = taken
            .into_iter()
            .filter_map(|n| Some((n, self.scenario.events.get(n)?.clone())))
            .collect();
        let arrivals = samples.iter().map(|(_, sample)| sample.arrival()).collect();
        let port = Worker {
            table: Arc::clone(&self.table),
            number: worker,
            arrivals,
            order: self.scenario.order,
        };
        let task = async move {
            let incoming = samples
                .iter()
                .map(|(n, sample)| sample.incoming(n.to_string()));
            let batch = incoming.collect();
            let ports = Ports {
                store: &port,
                fetches: &port,
                quarantine: &port,
            };
            let fates = apply(&ports, batch).await;
            port.table.turns.wait("delete").await;
            fates
        };
        self.table.forget(worker);
        let done = self.crew.start(&self.table.turns, worker, Box::pin(task));
        self.finish(worker, done);
    }

    fn finish(&mut self, worker: usize, done: Option<Fates>) {
        if let Some(fates) = done {
            self.queue.settle(worker, &fates);
            self.table.forget(worker);
        }
    }

    /// A hash of all that the future depends on. 128 bits: of a million states, two
    /// share one with a probability of 10⁻²⁷.
    fn state(&self) -> u128 {
        let half = |salt: u64| {
            let mut hasher = DefaultHasher::new();
            salt.hash(&mut hasher);
            self.table.hash_into(&mut hasher);
            self.queue.hash(&mut hasher);
            (self.crashes, self.redeliveries).hash(&mut hasher);
            for waiting in self.table.turns.all() {
                (waiting.task, waiting.call).hash(&mut hasher);
            }
            u128::from(hasher.finish())
        };
        half(0) << 64 | half(1)
    }

    /// What holds in every state: no receipt without its effect.
    fn check(&self) -> Result<(), String> {
        for sample in &self.scenario.events {
            let arrival = sample.arrival();
            let Effect::Mirror(seen) = &arrival.effect else {
                continue;
            };
            let receipts = self.table.store.receipts();
            let vouches = receipts.get(&arrival.facts.key).is_some_and(|receipt| {
                receipt.outcome == Outcome::Applied && receipt.raw == arrival.raw
            });
            let row = self.table.store.row(&seen.object);
            let is_missing = row.unwrap_or_default().join(seen.version.clone());
            if vouches && is_missing {
                return Err(format!(
                    "a receipt of {} without its effect",
                    arrival.facts.key
                ));
            }
        }
        Ok(())
    }

    /// What holds when nothing is left to do: every event is recorded once, the row
    /// is the oracle's, and a guess has been asked about.
    fn check_end(&self) -> Result<(), String> {
        let receipts = self.table.store.receipts();
        let (mut certain, mut open) = (Vec::new(), Vec::new());
        for sample in &self.scenario.events {
            let key = sample.arrival().facts.key;
            let receipt = receipts.get(&key).ok_or_else(|| format!("{key} is lost"))?;
            match receipt.raw == sample.arrival().raw {
                true => certain.push(seen(&sample.version())),
                false => open.push(seen(&sample.version())),
            }
        }
        let held = self.table.queues.quarantine();
        if !open.is_empty() && !held.iter().any(|held| held.code == "same_id_other_body") {
            return Err("another body under a known id is not in quarantine".to_owned());
        }
        let rows = self.table.store.mirror();
        let row = rows.values().next();
        let with = |open: &[Seen]| oracle::row(&certain.iter().chain(open).collect::<Vec<_>>());
        // Of two bodies under one id both may have joined before that was known.
        if row != with(&[]).as_ref() && row != with(&open).as_ref() {
            return Err(format!("the row is {row:?}, not {:?}", with(&[])));
        }
        let row = row.map(|row| Row::from_json(row)).and_then(Result::ok);
        let state = row.as_ref().and_then(Row::resolve);
        let is_guess = state.is_some_and(|state| state.ambiguous);
        match is_guess && self.table.queues.fetches().is_empty() {
            true => Err("nobody asked which of two versions is the last".to_owned()),
            false => Ok(()),
        }
    }
}

fn seen(version: &Version) -> Seen {
    Seen {
        thing: 0,
        at: version.at,
        source: version.source.as_str().to_owned(),
        change: version.change,
        body: version.body.as_str().to_owned(),
        previous: version
            .previous
            .as_ref()
            .map(|body| body.as_str().to_owned()),
    }
}
