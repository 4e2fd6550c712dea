//! The life of a payout in simulated worlds: told from the tables that the use cases
//! themselves have filled, and held against what the simulator knows.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod world;

use tributary_domain::EventId;
use tributary_pipeline::trace::{Found, Timeline, What, locate, trace};

use world::Told;

fn codes(timeline: &Timeline) -> Vec<&'static str> {
    timeline.missing.iter().map(|note| note.code).collect()
}

fn events(timeline: &Timeline) -> Vec<&EventId> {
    let events = timeline.steps.iter().filter_map(|step| match &step.what {
        What::Event { event, .. } => Some(event),
        _ => None,
    });
    events.collect()
}

/// Every payout of a world is told whole: nothing is missing, its movements are the
/// simulator's, and what has failed after it was paid is told as such.
#[tokio::test]
async fn every_payout_of_a_world_is_told_whole() {
    let told = Told::play(7).await;
    let (mut payouts, mut failed, mut explained) = (0, 0, 0);
    for (place, json) in told.payouts() {
        let timeline = trace(&told.ground, &place, told.now()).await.unwrap();
        let id = &place.id;
        assert_eq!(codes(&timeline), Vec::<&str>::new(), "{id}: {timeline:#?}");
        payouts += 1;
        let moved = timeline.steps.iter().filter_map(|step| match &step.what {
            What::Entry { net, .. } => Some(*net),
            _ => None,
        });
        assert_eq!(moved.sum::<i64>(), told.moved(&place), "{id}");
        let heard = events(&timeline);
        for event in told.decisive(&place) {
            assert!(heard.contains(&&event), "{id} was told by {event}");
        }
        let next: Vec<&str> = timeline.next.iter().map(|note| note.code).collect();
        let was_paid = told.decisive(&place).len() > 1;
        if json["status"] == "failed" && was_paid {
            failed += 1;
            assert!(next.contains(&"failed_after_paid"), "{id}: {next:?}");
            assert!(next.contains(&"account_must_act"), "{id}: {next:?}");
        }
        let paid_out = timeline
            .steps
            .iter()
            .any(|step| matches!(step.what, What::PaidOut(_)));
        explained += usize::from(paid_out);
    }
    println!("{payouts} payouts, {failed} failed after they were paid, {explained} explained");
    assert!(payouts > 10 && failed > 0 && explained > 5);
}

/// From any movement that a payout paid out the payout is found, and the payout has its
/// entry.
#[tokio::test]
async fn what_a_payout_paid_out_leads_to_it() {
    let told = Told::play(8).await;
    let mut led = 0;
    for (place, lines) in told.paid_out().await {
        for line in lines
            .iter()
            .filter(|line| line.category != "payout")
            .take(5)
        {
            let owner = &place.book.owner;
            let found = locate(
                &told.ground,
                place.book.mode,
                Some(owner),
                line.transaction.as_str(),
            );
            let Found::Object(source) = found.await.unwrap() else {
                panic!("{} is nowhere", line.transaction);
            };
            assert_eq!(source.id, line.source);
            let timeline = trace(&told.ground, &source, told.now()).await.unwrap();
            let by = timeline.steps.iter().filter_map(|step| match &step.what {
                What::PaidBy(by) => Some(&by.payout),
                _ => None,
            });
            assert!(by.clone().any(|by| *by == place.id), "{}", line.transaction);
            led += 1;
        }
    }
    println!("{led} movements");
    assert!(led > 20);
}
