//! Domain events that the ledger never heard: the stream was trimmed, or one was lost on
//! its way.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tributary_domain::change::{Sequence, State as Shown, state};
use tributary_domain::{BalanceTransaction, Links, ObjectId, ObjectKey, ObjectKind, Source};
use tributary_ledger::{Book, Fact, Line, Rule};
use tributary_pipeline::ledger::Missed;
use tributary_pipeline::reconcile::{Findings, Job, Outcome, Plan};
use tributary_reconciliation::State;
use tributary_testkit::ledger::Life;
use tributary_testkit::ledger::samples::{self, connected, id, payment};
use tributary_testkit::reconcile::MortalWorld;

use crate::rig::{DAY_S, LIVE, NOON, Rig, day_job, then, yesterday};

/// Each object, what the ledger heard of it before events were lost, and what is lost.
const LIVES: &[(&str, &[&str], &[&str])] = &[
    ("po_1", &["in_transit"], &["paid"]),
    ("po_2", &["in_transit"], &["paid", "failed"]),
    // Of these, nothing was heard.
    ("po_3", &[], &["in_transit", "paid"]),
    ("dp_3", &[], &["needs_response", "lost"]),
    ("tu_3", &[], &["pending", "succeeded"]),
    ("dp_1", &["needs_response"], &["under_review", "lost"]),
    ("tu_1", &["pending"], &["succeeded"]),
    // Of these, everything.
    ("po_4", &["in_transit", "paid"], &[]),
    ("dp_4", &["needs_response"], &[]),
];

fn key(book: &Book, object: &str) -> ObjectKey {
    let kind = match &object[..2] {
        "po" => "payout",
        "dp" => "dispute",
        _ => "topup",
    };
    ObjectKey {
        mode: book.mode,
        owner: book.owner.clone(),
        kind: ObjectKind::parse(kind).unwrap(),
        id: id(object),
    }
}

fn shown(object: &str, status: &str) -> Shown {
    fn read<T: serde::de::DeserializeOwned>(json: Value) -> T {
        serde_json::from_value(json).unwrap()
    }
    match &object[..2] {
        "po" => Shown::Payout(Box::new(state::Payout {
            status: status.to_owned(),
            destination: Some("ba_1".to_owned()),
            failure_balance_transaction: (status == "failed").then(|| "txn_po_2_back".to_owned()),
            ..samples::payout(970, then(), then() + DAY_S)
        })),
        "dp" => Shown::Dispute(read(json!({
            "amount": 1_000, "currency": "usd", "status": status, "reason": "fraudulent",
            "created": then(), "charge": format!("ch_{}", &object[3..]),
            "balance_transactions": [], "evidence": {},
        }))),
        _ => Shown::Topup(read(
            json!({"amount": 500, "currency": "usd", "status": status, "created": then()}),
        )),
    }
}

/// What moved the balance: for each object once, and once more for what came back.
fn movements() -> Vec<BalanceTransaction> {
    let moved = |object: &str, suffix: &str, kind: &str, category: &str, amount: i64| {
        let of = &key(&connected(1), object).kind;
        BalanceTransaction {
            id: id(&format!("txn_{object}{suffix}")),
            kind: kind.to_owned(),
            reporting_category: category.to_owned(),
            currency: "usd".to_owned(),
            amount,
            fee: 0,
            net: amount,
            fee_details: Vec::new(),
            source: Some(Source {
                id: id(object),
                kind: Some(of.as_str().to_owned()),
                links: Links {
                    charge: (of.as_str() == "dispute").then(|| id(&format!("ch_{object}"))),
                    ..Links::default()
                },
            }),
            ..payment(1, then())
        }
    };
    let once = LIVES.iter().map(|(object, ..)| match &object[..2] {
        "po" => moved(object, "", "payout", "payout", -970),
        "dp" => moved(object, "", "adjustment", "dispute", -1_000),
        _ => moved(object, "", "topup", "topup", 500),
    });
    let back = moved("po_2", "_back", "payout_failure", "payout_reversal", 970);
    once.chain([back]).collect()
}

/// A book with all that, of which the ledger heard all, or nothing of what is lost.
async fn told(hears: bool) -> Rig {
    let rig = Rig::new();
    let book = connected(1);
    let account = book.owner.account().unwrap().clone();
    rig.world.stripe.connect(account);
    rig.book(&book, movements());
    rig.pull(&book, None).await;
    for (object, heard, lost) in LIVES {
        let told = if hears { *lost } else { &[] };
        for (turn, status) in heard.iter().chain(told).enumerate() {
            tell(&rig, &book, object, status, turn + 1).await;
        }
        let last = lost.last().or(heard.last()).unwrap();
        let key = key(&book, object);
        rig.world.mirror.show(&key, shown(object, last));
    }
    rig
}

async fn tell(rig: &Rig, book: &Book, object: &str, status: &str, turn: usize) {
    let sequence = Sequence::new(&turn.to_string());
    let fact = Fact::told(&id(object), &sequence, &shown(object, status)).unwrap();
    let book = book.clone();
    rig.tell(&Missed { book, fact }).await;
}

/// What is derived and in effect, by object and rule.
fn in_effect(rig: &Rig) -> BTreeMap<(ObjectId, Rule), Vec<Line>> {
    let kept = rig.world.ledger.kept(&connected(1));
    let mut effect = BTreeMap::new();
    // By revision: the last one of each counts.
    for derived in kept.all_derived() {
        let key = (derived.root.clone(), derived.rule);
        match derived.reverses {
            None => effect.insert(key, derived.lines.clone()),
            Some(_) => effect.remove(&key),
        };
    }
    effect
}

async fn a_day_later(rig: &Rig) {
    let tomorrow = (rig.clock.now().div_euclid(DAY_S) + 1) * DAY_S;
    rig.clock.advance(tomorrow + DAY_S / 2 - rig.clock.now());
    rig.plan(&Plan::daily(LIVE)).await.unwrap();
    rig.run().await;
}

fn of_facts(rig: &Rig) -> Vec<(&'static str, String, State)> {
    let all = rig.world.findings.all();
    let told = all
        .iter()
        .filter(|one| one.scope.as_str() == "facts:ledger");
    told.map(|one| (one.code.as_str(), one.subject.clone(), one.state))
        .collect()
}

#[tokio::test]
async fn fault_30_what_no_domain_event_told_the_ledger_is_told_by_the_next_plan() {
    let (heard, deaf) = (told(true).await, told(false).await);
    assert_ne!(in_effect(&heard), in_effect(&deaf));
    a_day_later(&deaf).await;
    assert_eq!(in_effect(&heard), in_effect(&deaf));
    let missed = LIVES.iter().filter(|(.., lost)| !lost.is_empty());
    let mut missed: Vec<_> = missed.map(|(object, ..)| (*object).to_owned()).collect();
    missed.sort();
    let found = of_facts(&deaf);
    let mut subjects: Vec<_> = found
        .iter()
        .map(|(_, subject, _)| subject.clone())
        .collect();
    subjects.sort();
    assert_eq!(subjects, missed);
    assert!(found.iter().all(|one| one.0 == "STATUS_MISMATCH"));
    let waiting = deaf.world.findings.waiting(LIVE).await.unwrap();
    assert_eq!(waiting.findings, 0, "{:?}", deaf.world.findings.all());
    // Another look finds that both agree, and changes nothing.
    let kept = deaf.world.ledger.kept(&connected(1));
    a_day_later(&deaf).await;
    assert_eq!(deaf.world.ledger.kept(&connected(1)).facts, kept.facts);
    assert_eq!(deaf.world.ledger.kept(&connected(1)).derived, kept.derived);
    let found = of_facts(&deaf);
    assert_eq!(found.len(), missed.len(), "{found:?}");
    assert!(found.iter().all(|one| one.2 == State::Healed), "{found:?}");
}

#[tokio::test]
async fn nothing_is_found_of_what_was_heard() {
    let rig = told(true).await;
    let kept = rig.world.ledger.kept(&connected(1));
    a_day_later(&rig).await;
    assert_eq!(of_facts(&rig), []);
    assert_eq!(rig.world.ledger.kept(&connected(1)).facts, kept.facts);
    assert_eq!(rig.world.ledger.kept(&connected(1)).derived, kept.derived);
}

fn under_way(rig: &Rig) -> Job {
    Job::UnderWay {
        mode: LIVE,
        at: rig.clock.now(),
    }
}

/// Events that come after all, late, are older than what the mirror showed, or newer.
#[tokio::test]
async fn an_event_that_comes_late_does_no_harm_and_a_newer_one_counts() {
    let rig = told(false).await;
    rig.work(&under_way(&rig)).await.unwrap();
    rig.deliver().await;
    let effect = in_effect(&rig);
    let book = connected(1);
    tell(&rig, &book, "po_1", "in_transit", 1).await;
    tell(&rig, &book, "dp_1", "needs_response", 1).await;
    assert_eq!(in_effect(&rig), effect);
    tell(&rig, &book, "po_1", "paid", 2).await;
    assert_eq!(in_effect(&rig), effect);
    tell(&rig, &book, "po_1", "failed", 3).await;
    assert_ne!(in_effect(&rig), effect);
}

/// What was told is on its way; what nobody has seen, or nobody can read, is left alone.
#[tokio::test]
async fn what_changed_a_moment_ago_and_what_the_mirror_does_not_know_is_left_alone() {
    let rig = Rig::new();
    let book = connected(1);
    for object in ["po_1", "dp_1", "tu_1"] {
        tell(&rig, &book, object, "pending", 1).await;
    }
    let since = NOON - 600;
    let (mirror, key) = (&rig.world.mirror, key(&book, "po_1"));
    mirror.show_since(&key, shown("po_1", "paid"), since);
    rig.work(&under_way(&rig)).await.unwrap();
    assert_eq!(
        (rig.found(), rig.world.outbox.take_missed()),
        (vec![], vec![])
    );
    rig.clock.advance(3_600);
    rig.work(&under_way(&rig)).await.unwrap();
    assert_eq!(of_facts(&rig).len(), 1);
    assert_eq!(rig.world.outbox.take_missed().len(), 1);
}

/// Nothing is told beyond what a run may heal; the next run goes on.
#[tokio::test]
async fn what_is_beyond_the_caps_is_told_by_the_next_run() {
    let mut rig = told(false).await;
    rig.rules.policy.caps.account = 1;
    rig.work(&under_way(&rig)).await.unwrap();
    assert_eq!(rig.world.outbox.take_missed().len(), 1);
    rig.rules.policy.caps.account = 500;
    rig.clock.advance(DAY_S);
    rig.work(&under_way(&rig)).await.unwrap();
    assert_eq!(rig.world.outbox.take_missed().len(), 4);
}

/// A payout that the ledger knows to be paid, and whose money is under way all the same
/// (I6): whoever died before it was derived.
#[tokio::test]
async fn a_paid_payout_whose_money_is_still_under_way_is_told_again() {
    let rig = told(true).await;
    let heard = in_effect(&rig);
    rig.world.ledger.meddle(&connected(1), |kept| {
        kept.derived.remove(&id("po_1"));
    });
    assert_ne!(in_effect(&rig), heard);
    let job = day_job(&rig, &connected(1), yesterday()).await;
    rig.work(&job).await.unwrap();
    let mismatch = ("STATUS_MISMATCH", "po_1".to_owned(), State::Open);
    assert_eq!(of_facts(&rig), [mismatch]);
    rig.deliver().await;
    assert_eq!(in_effect(&rig), heard);
}

#[tokio::test]
async fn fault_33_a_worker_that_dies_at_any_call_of_a_look_at_facts_costs_repetition_only() {
    let heard = in_effect(&told(true).await);
    let mut deaths = 0;
    for with_effect in [false, true] {
        for call in 0.. {
            let rig = told(false).await;
            let day = day_job(&rig, &connected(1), yesterday()).await;
            let jobs = [under_way(&rig), day];
            let life = Life::ending_at(call, with_effect);
            let mortal = MortalWorld::of(&rig.world, &life);
            for job in &jobs {
                if rig.work_in(&mortal, "first", job).await.is_err() {
                    break;
                }
            }
            if !life.is_over() {
                break;
            }
            deaths += 1;
            // What the dead one has sent arrives before anybody goes on, or after.
            if call.is_multiple_of(2) {
                rig.deliver().await;
            }
            rig.clock.advance(rig.rules.lease_s);
            for job in &jobs {
                rig.work_in(&rig.world, "second", job).await.unwrap();
            }
            rig.run().await;
            let context = format!("died at {call}, effect: {with_effect}");
            assert_eq!(in_effect(&rig), heard, "{context}");
            rig.clock.advance(DAY_S);
            let next = under_way(&rig);
            let ended = rig.work(&next).await.unwrap();
            assert!(matches!(ended, Outcome::Done(_)), "{context}");
            assert_eq!(rig.world.outbox.take_missed(), [], "{context}");
            let is_healed = |one: &(&str, String, State)| one.2 == State::Healed;
            assert!(of_facts(&rig).iter().all(is_healed), "{context}");
        }
    }
    println!("{deaths} deaths");
    assert!(deaths > 50, "{deaths}");
}
