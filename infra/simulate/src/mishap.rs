//! What befalls the world around the functions.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::mail::ENDPOINTS;
use crate::run::Run;
use crate::world::Letter;

/// How far the roll of an endpoint's secret has come. Stripe signs with both for a
/// while; when the operator copies the new one is another matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    /// One secret, known to all.
    #[default]
    Settled,
    /// Stripe signs with the new one and the old one.
    Rolled,
    /// The operator copied both.
    Copied,
    /// Stripe signs with the new one only.
    Expired,
}

/// Messages of which no version can make anything.
const POISON: [(Option<&str>, &str); 5] = [
    (Some("event"), "poison: canary"),
    (Some("event"), r#"{"object":"event","poison":"canary"}"#),
    (Some("from_the_future"), "canary"),
    (
        Some("claim"),
        r#"{"key":"claims/0","fingerprint":"0","bytes":1}"#,
    ),
    (
        None,
        r#"{"source":"aws.partner/else","detail":{"canary":1}}"#,
    ),
];

impl Run {
    /// One mishap, drawn from all that there are.
    pub(crate) fn mishap(&mut self) {
        let world = Arc::clone(&self.world);
        let kind = world.chance.below(9);
        world
            .trace
            .step(5 << 40 | kind as u64, || format!("mishap {kind}"));
        match kind {
            0 | 1 => self.roll_on(),
            2 => {
                // Not for ever: while it lasts, what comes is mostly refused, and what
                // else could go wrong does not.
                let until = world.clock.now() + world.chance.between(1, 300);
                world.vault_down_until.store(until, Ordering::Relaxed);
            }
            3 => world.clock.skew(0),
            // Beyond 300 s every webhook is refused and comes again; that it is rare
            // leaves the time to others.
            4 if world.chance.below(4) == 0 => world.clock.skew(world.chance.between(-600, 600)),
            4 => world.clock.skew(world.chance.between(-299, 299)),
            5 => self.redrive(),
            6 => self.poison(),
            7 => self.deploy(),
            _ => self.crash_all(),
        }
    }

    /// The next stage of a roll of secrets.
    fn roll_on(&mut self) {
        let number = self.world.chance.below(ENDPOINTS.len());
        let Some((&endpoint, stage)) = ENDPOINTS.get(number).zip(self.rolls.get_mut(number)) else {
            return;
        };
        *stage = match *stage {
            Stage::Settled => {
                self.keys.roll(endpoint);
                Stage::Rolled
            }
            Stage::Rolled => {
                let texts = self.keys.texts(endpoint);
                self.world.lock().vault.insert(endpoint, texts);
                Stage::Copied
            }
            Stage::Copied => {
                self.keys.expire(endpoint);
                Stage::Expired
            }
            Stage::Expired => {
                let texts = self.keys.texts(endpoint);
                self.world.lock().vault.insert(endpoint, texts);
                Stage::Settled
            }
        };
    }

    /// Moves the dead letters back.
    pub(crate) fn redrive(&mut self) {
        let now = self.world.clock.now();
        let mut shared = self.world.lock();
        let moved = shared.events.redrive(now) + shared.fetches.redrive(now);
        shared.counts.dead += moved as u64;
        shared.counts.redriven += moved as u64;
    }

    fn poison(&mut self) {
        let number = self.world.chance.below(POISON.len());
        if let Some((kind, body)) = POISON.get(number) {
            self.world.enqueue(Letter {
                kind: *kind,
                body: (*body).to_owned(),
                is_poison: true,
            });
        }
    }

    /// The next version is deployed, or rolled back.
    fn deploy(&mut self) {
        self.is_next = !self.is_next;
        self.was_next = true;
        self.replace_idle_environments();
    }
}
