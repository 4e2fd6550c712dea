//! One run: a world, and who does what next in it.

mod start;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ingest_webhook::answer::Answer;

use crate::chance::Weather;
use crate::feed::SHARDS;
use crate::mail::{Content, ENDPOINTS, Keys, MALFORMED, Mail, TRICKS};
use crate::mishap::Stage;
use crate::ports::Port;
use crate::turns::{Crew, Task};
use crate::work::{self, Done, Environment};
use crate::world::World;
use start::STARTS;

/// Where the tasks of each function are.
const INGEST: usize = 0;
const INGESTS_MAX: usize = 3;
const APPLY: usize = INGEST + INGESTS_MAX;
const WORKERS_MAX: usize = 3;
const FETCH: usize = APPLY + WORKERS_MAX;
const PUBLISH: usize = FETCH + 1;
const PLACES: usize = PUBLISH + SHARDS;

/// An environment of ingest, and what it is busy with.
pub(crate) struct Seat {
    environment: Arc<Environment>,
    is_new: bool,
    mail: Option<Mail>,
}

/// A world and everybody in it.
pub(crate) struct Run {
    pub(crate) world: Arc<World>,
    crew: Crew<Done>,
    seats: Vec<Seat>,
    pub(crate) mails: Vec<Mail>,
    pub(crate) keys: Keys,
    pub(crate) rolls: [Stage; ENDPOINTS.len()],
    /// How many notices have happened.
    happened: usize,
    /// Whether the next version is deployed.
    pub(crate) is_next: bool,
    /// Whether it ever was: then it is what the run ends with.
    pub(crate) was_next: bool,
    pub(crate) weather: Weather,
    /// Whether faults have ended.
    is_calm: bool,
}

impl Run {
    pub(crate) fn new(world: World) -> Self {
        let world = Arc::new(world);
        let weather = world.lock().weather;
        let mut run = Self {
            crew: Crew::new(PLACES),
            seats: Vec::new(),
            mails: Vec::new(),
            keys: Keys::new(),
            rolls: Default::default(),
            happened: 0,
            is_next: false,
            was_next: false,
            weather,
            is_calm: false,
            world,
        };
        run.seats = (0..INGESTS_MAX).map(|_| run.seat()).collect();
        for endpoint in ENDPOINTS {
            let texts = run.keys.texts(endpoint);
            run.world.lock().vault.insert(endpoint, texts);
        }
        run.post_strangers();
        run
    }

    pub(crate) fn port(&self) -> Port {
        Port {
            world: Arc::clone(&self.world),
            is_next: self.is_next,
        }
    }

    fn seat(&self) -> Seat {
        Seat {
            environment: work::environment(&self.port()),
            is_new: true,
            mail: None,
        }
    }

    /// All environments anew, as after a deployment. Those that are busy end first.
    pub(crate) fn replace_idle_environments(&mut self) {
        for place in 0..self.seats.len() {
            if self.crew.is_free(INGEST + place) {
                let seat = self.seat();
                if let Some(old) = self.seats.get_mut(place) {
                    *old = seat;
                }
            }
        }
    }

    /// What comes to the endpoints beside the notices, at any time.
    fn post_strangers(&mut self) {
        let world = &self.world;
        let notices = world.history.notices.len();
        let due = || world.clock.now() + world.chance.between(0, 900);
        for number in 0..MALFORMED.len() {
            self.mails.push(Mail {
                content: Content::Malformed(number),
                due: due(),
                attempts: 0,
            });
        }
        for trick in 0..TRICKS {
            let notice = world.chance.below(notices);
            self.mails.push(Mail {
                content: Content::Forged { trick, notice },
                due: due(),
                attempts: 0,
            });
        }
    }

    /// Lets one thing happen. False when nothing is left to happen.
    pub(crate) fn step(&mut self) -> bool {
        let world = Arc::clone(&self.world);
        let waiting = world.turns.waiting();
        if world.chance.per_mille(self.weather.mishap) {
            self.mishap();
        } else if waiting > 0 && !world.chance.per_mille(self.weather.haste) {
            self.go_on(waiting);
        } else if waiting == 0 && self.is_at_rest() {
            return false;
        } else {
            let first = world.chance.below(STARTS);
            let _ = (0..STARTS).any(|n| self.start((first + n) % STARTS));
        }
        true
    }

    /// Gives the turn to one of the calls that wait, or drops who made it.
    fn go_on(&mut self, waiting: usize) {
        let world = Arc::clone(&self.world);
        let place = world.chance.below(waiting);
        let crash = world.chance.per_mille(self.weather.crash);
        let Some(call) = world.turns.grant_at(place) else {
            return;
        };
        let number = (call.task as u64) << 8 | place as u64;
        if crash {
            world.trace.step(number | 1 << 32, || {
                format!("{} crashes at {}", name(call.task), call.call)
            });
            self.crash(call.task);
            return;
        }
        world
            .trace
            .step(number, || format!("{} {}", name(call.task), call.call));
        if let Some(done) = self.crew.run(&world.turns, call.task) {
            self.finish(call.task, done);
        }
    }

    fn crash(&mut self, task: usize) {
        self.world.lock().counts.crashes += 1;
        self.crew.crash(task);
        let seat = self.seat();
        if let Some(old) = self.seats.get_mut(task) {
            let broken = std::mem::replace(old, seat);
            // No answer: Stripe sends it again.
            if let Some(mail) = broken.mail {
                self.answered(mail, None);
            }
        }
    }

    /// All functions are gone at once.
    pub(crate) fn crash_all(&mut self) {
        let busy: Vec<usize> = self.crew.busy().collect();
        for place in busy {
            self.crash(place);
        }
    }

    fn begin(&mut self, place: usize, task: Task<Done>) {
        let world = Arc::clone(&self.world);
        world
            .trace
            .step(1 << 40 | place as u64, || format!("{} begins", name(place)));
        if let Some(done) = self.crew.start(&world.turns, place, task) {
            self.finish(place, done);
        }
    }

    fn finish(&mut self, place: usize, done: Done) {
        if let Some(seat) = self.seats.get_mut(place) {
            seat.mail = None;
            seat.is_new = false;
        }
        if let Done::Answered(mail, answer) = done {
            self.answered(mail, answer);
        }
    }

    /// What the sender makes of an answer, or of none.
    fn answered(&mut self, mail: Mail, answer: Option<Answer>) {
        let world = Arc::clone(&self.world);
        let status = answer.map_or(0, Answer::status);
        world
            .trace
            .detail(|| format!("{:?} is answered {status}", mail.content));
        match (mail.content, status) {
            (Content::Forged { trick, .. }, 200) => {
                world.accuse(|| format!("a forged webhook (trick {trick}) was accepted"));
            }
            (Content::Forged { .. }, _) => {}
            (_, 200) if !world.chance.per_mille(self.weather.duplicate) => {}
            _ => self.mails.push(Mail {
                due: world.clock.now() + world.chance.between(1, 30 << mail.attempts.min(6)),
                attempts: mail.attempts + 1,
                ..mail
            }),
        }
    }

    fn is_at_rest(&self) -> bool {
        let shared = self.world.lock();
        self.mails.is_empty()
            && self.happened == self.world.history.notices.len()
            && shared.events.is_empty()
            && shared.fetches.is_empty()
            && (0..SHARDS).all(|shard| !shared.feed.is_waiting(shard))
            && self.crew.busy().next().is_none()
    }

    /// Whether all that Stripe tells has happened and was accepted.
    pub(crate) fn is_told(&self) -> bool {
        self.happened == self.world.history.notices.len() && self.mails.is_empty()
    }

    /// Ends all faults: what is left to do can be done now.
    pub(crate) fn calm(&mut self) {
        let world = Arc::clone(&self.world);
        world.trace.step(4 << 40, || "faults end".to_owned());
        self.weather = Weather::CALM;
        self.is_calm = true;
        world.set_weather(self.weather);
        world.clock.skew(0);
        world.vault_down_until.store(0, Ordering::Relaxed);
        self.is_next = self.was_next;
        for endpoint in ENDPOINTS {
            let texts = self.keys.texts(endpoint);
            world.lock().vault.insert(endpoint, texts);
        }
        self.replace_idle_environments();
    }
}

fn name(place: usize) -> String {
    match place {
        INGEST..APPLY => format!("ingest {}", place - INGEST),
        APPLY..FETCH => format!("apply {}", place - APPLY),
        FETCH => "fetch".to_owned(),
        _ => format!("publish {}", place - PUBLISH),
    }
}
