//! What can be started: Stripe's doings, and functions on what waits for them.

use std::sync::Arc;

use super::{APPLY, FETCH, INGEST, INGESTS_MAX, PUBLISH, Run, WORKERS_MAX};
use crate::feed::SHARDS;
use crate::history::bridged;
use crate::mail::{Content, Mail, request};
use crate::work;
use crate::world::{Letter, VISIBILITY_S};

/// Kinds of things that can be started.
pub(super) const STARTS: usize = 6;
/// Messages of one batch.
const BATCH_MAX: usize = 10;
/// Steps of one batch of the change feed.
const STEPS_MAX: usize = 20;

impl Run {
    /// Starts something of a kind, if there is any.
    pub(super) fn start(&mut self, kind: usize) -> bool {
        match kind {
            0 => self.happen(),
            1 => self.deliver(),
            2 => self.receive(),
            3 => self.fetch(),
            4 => self.publish(),
            _ => self.tick(),
        }
    }

    /// The next thing happens at Stripe.
    fn happen(&mut self) -> bool {
        let world = Arc::clone(&self.world);
        let now = world.clock.now();
        let Some(notice) = world.history.notices.get(self.happened) else {
            return false;
        };
        if notice.at > now {
            return false;
        }
        world
            .trace
            .step(2 << 40, || format!("Stripe has {}", notice.key));
        if let Some((thing, state)) = notice.truth
            && let Some(truth) = world.lock().truth.get_mut(thing)
        {
            *truth = state;
        }
        for rendering in 0..notice.renderings.len() {
            self.mails.push(Mail {
                content: Content::Notice {
                    notice: self.happened,
                    rendering,
                },
                due: now,
                attempts: 0,
            });
        }
        if world.chance.per_mille(self.weather.eventbridge)
            && let Some(rendering) = notice.renderings.first()
        {
            world.lock().counts.deliveries += 1;
            world.enqueue(Letter {
                kind: None,
                body: bridged(&rendering.body),
                is_poison: false,
            });
        }
        self.happened += 1;
        true
    }

    /// A webhook is sent.
    fn deliver(&mut self) -> bool {
        let world = Arc::clone(&self.world);
        if self.weather.backlog && self.happened < world.history.notices.len() {
            return false;
        }
        let busy = self.weather.ingests.min(INGESTS_MAX);
        let Some(place) = (0..busy).find(|place| self.crew.is_free(INGEST + place)) else {
            return false;
        };
        let now = world.clock.now();
        // A few looks are enough: what is due is found sooner or later.
        let due = (0..4)
            .map(|_| world.chance.below(self.mails.len()))
            .find(|&at| self.mails.get(at).is_some_and(|mail| mail.due <= now));
        let Some(at) = due else { return false };
        let mail = self.mails.swap_remove(at);
        let sent = request(&mail, &world.history, &self.keys, &world.chance, now);
        let Some((sent, seat)) = sent.zip(self.seats.get_mut(place)) else {
            return false;
        };
        world.lock().counts.deliveries += 1;
        world
            .trace
            .detail(|| format!("{:?}, attempt {}", mail.content, mail.attempts + 1));
        seat.mail = Some(mail);
        let environment = Arc::clone(&seat.environment);
        let is_new = seat.is_new;
        let task = work::ingest(world, environment, is_new, mail, sent);
        self.begin(INGEST + place, Box::pin(task));
        true
    }

    /// A batch of the events queue is handed to a worker.
    fn receive(&mut self) -> bool {
        let world = Arc::clone(&self.world);
        let now = world.clock.now();
        let busy = self.weather.workers.min(WORKERS_MAX);
        let Some(place) = (0..busy).find(|place| self.crew.is_free(APPLY + place)) else {
            return false;
        };
        let size = 1 + world.chance.below(BATCH_MAX);
        let mut batch = Vec::new();
        let mut shared = world.lock();
        while batch.len() < size {
            let Some(received) = shared.events.receive(now, |n| world.chance.below(n)) else {
                break;
            };
            if world.chance.per_mille(self.weather.twice) {
                shared.events.show(received.handle, now);
            }
            batch.push(received);
        }
        drop(shared);
        if batch.is_empty() {
            return false;
        }
        self.begin(APPLY + place, Box::pin(work::apply(self.port(), batch)));
        true
    }

    fn fetch(&mut self) -> bool {
        if !self.crew.is_free(FETCH) {
            return false;
        }
        let world = Arc::clone(&self.world);
        let now = world.clock.now();
        let received = world.lock().fetches.receive(now, |n| world.chance.below(n));
        let Some(received) = received else {
            return false;
        };
        self.begin(FETCH, Box::pin(work::fetch(self.port(), received)));
        true
    }

    fn publish(&mut self) -> bool {
        let world = Arc::clone(&self.world);
        let ready = |shard: &usize| {
            self.crew.is_free(PUBLISH + shard) && world.lock().feed.is_waiting(*shard)
        };
        let Some(shard) = (0..SHARDS).find(ready) else {
            return false;
        };
        let (start, steps) = world.lock().feed.batch(shard, STEPS_MAX);
        let task = work::announce(self.port(), shard, start, steps);
        self.begin(PUBLISH + shard, Box::pin(task));
        true
    }

    /// Once faults have ended and nobody is at work, when the next thing is due, unix
    /// seconds: waiting for it second by second would show nothing.
    fn next_due(&self) -> i64 {
        if !self.is_calm || self.crew.busy().next().is_some() {
            return 0;
        }
        let shared = self.world.lock();
        let mails = self.mails.iter().map(|mail| mail.due);
        let notices = self.world.history.notices.get(self.happened..);
        let notices = notices.into_iter().flatten().map(|notice| notice.at);
        let events = shared.events.next_visible_at();
        let fetches = shared.fetches.next_visible_at();
        let due = mails.chain(notices.take(1)).chain(events).chain(fetches);
        due.min().unwrap_or(0)
    }

    /// Time passes: a second, a while, or more than a message is hidden for.
    fn tick(&mut self) -> bool {
        let world = Arc::clone(&self.world);
        let seconds = match world.chance.below(40) {
            // A worker that is slower than its messages' visibility is a fault as well.
            _ if self.is_calm => 1,
            0 => VISIBILITY_S + 1,
            1..=4 => 10,
            _ => 1,
        };
        let then = (world.clock.now() + seconds).max(self.next_due());
        // What has its time before then has happened by then.
        while let Some(notice) = world.history.notices.get(self.happened) {
            if notice.at >= then {
                break;
            }
            world.clock.advance(notice.at - world.clock.now());
            self.happen();
        }
        world.clock.advance(then - world.clock.now());
        world.trace.step(3 << 40 | seconds.unsigned_abs(), || {
            format!("{seconds} s pass")
        });
        true
    }
}
