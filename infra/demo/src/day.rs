//! The day that the demo plays.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt;
use futures_util::stream;
use tributary_simulator::delivery::{Delivery, DeliveryConfig, Intent, plan};
use tributary_simulator::{World, WorldConfig};

use crate::post::{Answer, Sender};

/// Friday, 20 November 2026, 00:00 UTC.
const START: i64 = 1_795_132_800;
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
/// forged, or unusable.
pub fn deliveries(world: &World, seed: u64) -> Vec<Delivery> {
    let config = DeliveryConfig {
        seed,
        duplicate_per_mille: 50,
        reorder_window: 40,
        lost_per_mille: 20,
        forged: 40,
        malformed: 20,
    };
    plan(world, &config)
}

/// What was answered, by intent, status and result.
pub type Answers = BTreeMap<(&'static str, u16, String), usize>;

/// The name of an intent.
pub fn name(intent: &Intent) -> &'static str {
    match intent {
        Intent::Genuine => "genuine",
        Intent::Duplicate => "duplicate",
        Intent::Resent => "resent",
        Intent::Forged => "forged",
        Intent::Malformed => "malformed",
    }
}

/// Sends everything, in the planned order, some at once.
pub async fn send(
    sender: &Sender,
    deliveries: &[Delivery],
    progress: impl Fn(usize) + Sync,
) -> Answers {
    let sent = AtomicUsize::new(0);
    let (sent, progress) = (&sent, &progress);
    let answers = stream::iter(deliveries).map(|delivery| async move {
        let answer = sender.deliver(delivery).await;
        progress(sent.fetch_add(1, Ordering::Relaxed) + 1);
        (name(&delivery.intent), answer)
    });
    let tally = |mut tally: Answers, (intent, answer): (&'static str, Answer)| async move {
        *tally
            .entry((intent, answer.status, answer.result))
            .or_insert(0) += 1;
        tally
    };
    answers
        .buffer_unordered(CONCURRENCY)
        .fold(Answers::new(), tally)
        .await
}
