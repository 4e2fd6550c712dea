//! The day that the demo plays.

use std::collections::BTreeMap;

use tributary_simulator::delivery::{Delivery, DeliveryConfig, plan};
use tributary_simulator::{World, WorldConfig};

use crate::post::{Answer, Sender};

/// Friday, 21 November 2025, 00:00 UTC: a busy day, and one that has passed wherever it is played.
const START: i64 = 1_763_683_200;
/// Webhooks under way at once.
const CONCURRENCY: usize = 16;

/// What is played.
#[derive(Debug, Clone, Copy)]
pub struct Script {
    /// Decides everything that happens.
    pub seed: u64,
    /// Connected accounts.
    pub accounts: usize,
    /// Events at least.
    pub events: usize,
}

/// Plays the day and lets an hour pass, so that whoever asks Stripe sees a time
/// after everything that happened.
pub fn play(script: Script) -> World {
    let mut world = World::new(WorldConfig {
        seed: script.seed,
        accounts: script.accounts,
        start: START,
        days: 1,
        events_min: script.events,
        livemode: true,
        api_version: "2026-10-28.endive".to_owned(),
    });
    world.run();
    let now = world.now();
    world.advance_to(now + 3600);
    world
}

/// How the day's webhooks are delivered: now and then twice, out of order, late,
/// lost at first, forged, or unusable.
pub fn deliveries(world: &World, seed: u64) -> Vec<Delivery> {
    let config = DeliveryConfig {
        seed,
        duplicate_per_mille: 50,
        reorder_window: 40,
        delayed_per_mille: 30,
        delay_max: 500,
        lost_per_mille: 20,
        forged: 40,
        malformed: 20,
    };
    plan(world, &config)
}

/// What was answered, by intent, status and result.
pub type Answers = BTreeMap<(&'static str, u16, String), usize>;

/// Sends everything, in the planned order, some at once.
pub async fn send(
    sender: &Sender,
    deliveries: &[Delivery],
    progress: impl Fn(usize) + Sync,
) -> Answers {
    let mut answers = Answers::new();
    let mut sent = 0;
    let ended = |delivery: &Delivery, answer: Answer| {
        sent += 1;
        progress(sent);
        let kind = (delivery.intent.name(), answer.status, answer.result);
        *answers.entry(kind).or_insert(0) += 1;
    };
    sender.deliver_all(deliveries, CONCURRENCY, ended).await;
    answers
}
