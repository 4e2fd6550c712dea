//! From webhook to mirror, compared with Stripe's truth.

use std::error::Error;
use std::time::Duration;

use tributary_simulator::delivery::Intent;

use crate::audit::audit;
use crate::day::{self, Script};
use crate::drain;
use crate::post::Sender;
use crate::stage::Stage;
use crate::summary::Summary;

/// Longest wait for the queues after the last webhook.
const DRAIN_MAX: Duration = Duration::from_secs(300);
/// A message that no version of apply knows what to do with.
const POISON: &str = "from_the_future";

/// Puts a message into the events queue that ends in its dead letters.
///
/// # Errors
/// When the queue does not take it.
pub async fn poison(stage: &Stage) -> Result<(), Box<dyn Error>> {
    let url = stage.stack.output("EventsQueueUrl")?;
    Ok(stage.queues.send(url, Some(POISON), "{}").await?)
}

/// Sends everything through the stack. `poisons` is how many messages end in the dead
/// letters.
///
/// # Errors
/// When the stack does not answer, or does not come to rest.
pub async fn travel(
    stage: &Stage,
    script: Script,
    poisons: u64,
    say: impl Fn(&str, bool) + Sync,
) -> Result<Summary, Box<dyn Error>> {
    let (stack, queues) = (&stage.stack, &stage.queues);
    let (deliveries, events) = {
        let world = stage.world();
        (day::deliveries(&world, script.seed), world.events().len())
    };
    let total = deliveries.len();
    let sender = Sender::new(stack)?;
    let answers = day::send(&sender, &deliveries, |sent| {
        let percent = sent * 100 / total.max(1);
        let text = format!("Sending webhooks: {sent} of {total} ({percent} %)");
        say(&text, sent % 1000 == 0);
    });
    let answers = answers.await;
    let waiting = |waiting: &drain::Waiting| say(&format!("Waiting: {waiting} to go"), false);
    stage.until_empty(drain::BOOKS, DRAIN_MAX, waiting).await?;
    let mut summary = Summary {
        seed: script.seed,
        accounts: script.accounts,
        events,
        ..Summary::default()
    };
    summary.answers(&answers);
    let malformed = deliveries
        .iter()
        .filter(|delivery| delivery.intent == Intent::Malformed)
        .count();
    let quarantine = queues.depth(stack.output("QuarantineQueueUrl")?).await?;
    let dead = queues.depth(stack.output("EventsDeadLettersUrl")?).await?;
    // Notices of missing events have the days around them audited, which meets them.
    let mixed = {
        let world = stage.world();
        let events = world.events().iter();
        events.filter(|event| world.is_mixed_up(&event.id)).count()
    };
    let held = malformed as u64..=(malformed + mixed) as u64;
    summary.waiting(quarantine, &held, dead, poisons);
    Ok(summary)
}

/// Compares the mirror with Stripe's truth, object by object.
///
/// # Errors
/// When a table does not answer.
pub async fn compare(
    stage: &Stage,
    summary: &mut Summary,
    say: impl Fn(&str, bool),
) -> Result<(), Box<dyn Error>> {
    say("Comparing every object with Stripe's truth…", true);
    let store = stage.stack.store(&stage.aws)?;
    let (rows, outcomes) = (store.all_rows().await?, store.all_outcomes().await?);
    let world = stage.world();
    let events = world.events().iter();
    summary.lost = events.filter(|event| world.is_lost(&event.id)).count();
    summary.audit(&audit(&world, &rows, &outcomes));
    Ok(())
}

/// Notes the dead letters of every other queue: there must be none.
///
/// # Errors
/// When a queue does not answer.
pub async fn dead_letters(stage: &Stage, summary: &mut Summary) -> Result<(), Box<dyn Error>> {
    for name in [
        "FetchDeadLettersUrl",
        "PublishDeadLettersUrl",
        "LedgerDeadLettersUrl",
        "ImportDeadLettersUrl",
        "ReconcileDeadLettersUrl",
    ] {
        let dead = stage.queues.depth(stage.stack.output(name)?).await?;
        if !dead.is_empty() {
            let count = format!("{name}: {} messages", dead.visible);
            summary.failures.push(count);
        }
    }
    Ok(())
}
