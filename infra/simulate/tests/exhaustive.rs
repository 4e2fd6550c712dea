//! Every run of two workers on three events about one object, in batches of every
//! size. Bounds: one crash anywhere, or one message in the hands of both workers;
//! both together, two hundred thousand states each, with `--ignored` in release.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use tributary_domain::Change;
use tributary_simulate::exhaustive::{Explored, Order, Scenario, explore};
use tributary_testkit::samples::Sample;

/// An event of the second `at`, which shows the object in the state `n`.
fn event(event: u32, at: i64, change: Change, n: u32) -> Sample {
    Sample {
        event,
        at,
        change,
        n,
        ..Sample::default()
    }
}

fn scenario(events: [Sample; 3], crashes: u32, redeliveries: u32) -> Scenario {
    Scenario {
        events: events.to_vec(),
        crashes,
        redeliveries,
        order: Order::EffectFirst,
    }
}

fn tie_and_delete() -> [Sample; 3] {
    [
        event(1, 5, Change::Changed, 1),
        event(2, 5, Change::Changed, 2),
        event(3, 5, Change::Deleted, 3),
    ]
}

fn other_body_and_tie() -> [Sample; 3] {
    [
        event(1, 5, Change::Changed, 1),
        event(1, 5, Change::Changed, 2),
        event(2, 5, Change::Changed, 3),
    ]
}

fn reborn() -> [Sample; 3] {
    [
        event(1, 5, Change::Deleted, 1),
        event(2, 6, Change::Created, 2),
        event(3, 7, Change::Changed, 3),
    ]
}

fn all_kept(name: &str, scenario: &Scenario) {
    let explored: Explored = explore(scenario).unwrap();
    println!("{name}: {explored:?}");
    assert!(explored.states > 1000, "{explored:?}");
    assert!(explored.ends > 0, "{explored:?}");
}

#[test]
fn a_tie_and_a_deletion_of_one_second_with_a_crash() {
    all_kept("tie, deletion, crash", &scenario(tie_and_delete(), 1, 0));
}

#[test]
fn another_body_under_one_id_and_a_tie_with_a_crash() {
    all_kept(
        "other body, tie, crash",
        &scenario(other_body_and_tie(), 1, 0),
    );
}

#[test]
fn a_creation_after_a_deletion_with_a_message_in_both_hands() {
    all_kept(
        "deletion, creation, change, twice",
        &scenario(reborn(), 0, 1),
    );
}

#[test]
#[ignore = "takes minutes without optimisation"]
fn crashes_and_redeliveries_together() {
    for (name, events) in [
        ("tie and deletion", tie_and_delete()),
        ("other body and tie", other_body_and_tie()),
        ("deletion, creation, change", reborn()),
    ] {
        all_kept(name, &scenario(events, 1, 1));
    }
}

#[test]
fn a_receipt_before_its_effect_is_caught() {
    let broken = Scenario {
        order: Order::ReceiptFirst,
        ..scenario(tie_and_delete(), 1, 0)
    };
    let broken = explore(&broken).unwrap_err();
    println!("{broken}");
    assert!(broken.contains("without its effect"), "{broken}");
}
