//! Payouts that do not arrive, and the platform's balance: looked at between the looks at
//! holdings.

use tributary_domain::change::state::Payout;
use tributary_domain::change::{Sequence, State as Shown};
use tributary_domain::{ObjectId, ObjectKey, ObjectKind};
use tributary_ledger::fact::PayoutFact;
use tributary_ledger::{Book, Fact, Says};
use tributary_pipeline::ledger::Stories;
use tributary_pipeline::reconcile::{Control, Coverage, Findings, Job, Outcome, Plan};
use tributary_reconciliation::finding::{Code, Finding, Scope, State};
use tributary_testkit::ledger::samples::{self, connected, id, payment, platform};

use crate::rig::{DAY_S, LIVE, NOON, Rig};

fn look(rig: &Rig) -> Job {
    Job::UnderWay {
        mode: LIVE,
        at: rig.clock.now(),
    }
}

/// The events of a payout tell, for the `turn`th time, how it stands; expected at the
/// bank on the day after it was made.
async fn tell(rig: &Rig, book: &Book, payout: &str, status: &str, made: i64, turn: usize) {
    let sequence = |turn: usize| Sequence::new(&turn.to_string());
    let fact = Fact {
        id: id(payout),
        sequence: sequence(turn),
        says: Says::Payout(PayoutFact {
            status: status.to_owned(),
            was_paid: status == "paid",
            amount: 970,
            currency: "usd".to_owned(),
            created: made,
            arrival_date: made + DAY_S,
            automatic: true,
            method: Some("standard".to_owned()),
            destination: None,
            failure_code: None,
            reconciliation_status: Some("completed".to_owned()),
        }),
    };
    let before = turn.checked_sub(1).filter(|turn| *turn > 0).map(sequence);
    let ledger = &rig.world.ledger;
    ledger.learn(book, &fact, before.as_ref()).await.unwrap();
}

fn key(book: &Book, payout: &str) -> ObjectKey {
    ObjectKey {
        mode: book.mode,
        owner: book.owner.clone(),
        kind: ObjectKind::parse("payout").unwrap(),
        id: ObjectId::parse(payout).unwrap(),
    }
}

fn show(rig: &Rig, book: &Book, payout: &str, status: &str, made: i64) {
    let shown = Payout {
        status: status.to_owned(),
        ..samples::payout(970, made, made + DAY_S)
    };
    let shown = Shown::Payout(Box::new(shown));
    rig.world.mirror.show(&key(book, payout), shown);
}

/// An account of which everything was looked at, on the schedule of a stack.
async fn settled_account() -> Rig {
    let rig = Rig::new();
    let account = connected(1).owner.account().unwrap().clone();
    rig.world.stripe.connect(account);
    a_day_later(&rig).await;
    rig
}

async fn a_day_later(rig: &Rig) {
    let tomorrow = (rig.clock.now().div_euclid(DAY_S) + 1) * DAY_S;
    rig.clock.advance(tomorrow - rig.clock.now());
    rig.plan(&Plan::daily(LIVE)).await.unwrap();
    rig.run().await;
}

#[tokio::test]
async fn a_payout_that_is_stuck_is_found_within_a_day_and_closed_when_it_arrives() {
    let rig = settled_account().await;
    let (book, made) = (connected(1), rig.clock.now());
    tell(&rig, &book, "po_1", "in_transit", made, 1).await;
    show(&rig, &book, "po_1", "in_transit", made);
    // The day after is a Tuesday; five business days later, the next one.
    for day in 1..=8 {
        assert_eq!(rig.found(), [], "day {day}");
        a_day_later(&rig).await;
    }
    a_day_later(&rig).await;
    let stuck = |state| [("PAYOUT_STUCK", "po_1".to_owned(), state)];
    assert_eq!(rig.found(), stuck(State::Open));
    let finding = &rig.world.findings.all()[0];
    assert_eq!(
        (finding.stake.amount, finding.book.clone()),
        (970, book.clone())
    );
    a_day_later(&rig).await;
    assert_eq!(rig.found(), stuck(State::Open));
    tell(&rig, &book, "po_1", "paid", made, 2).await;
    show(&rig, &book, "po_1", "paid", made);
    a_day_later(&rig).await;
    assert_eq!(rig.found(), stuck(State::Resolved));
    // It came back after all: that is not being stuck.
    tell(&rig, &book, "po_1", "failed", made, 3).await;
    show(&rig, &book, "po_1", "failed", made);
    a_day_later(&rig).await;
    assert_eq!(rig.found(), stuck(State::Resolved));
}

/// Page by page, by workers whose time is up after each, without a call of Stripe's.
#[tokio::test]
async fn payouts_under_way_are_looked_through_page_by_page() {
    let rig = Rig::new();
    let made = NOON - 20 * DAY_S;
    for n in 1..=3 {
        for payout in ["po_1", "po_2", "po_3"] {
            tell(&rig, &connected(n), payout, "pending", made, 1).await;
        }
        tell(&rig, &connected(n), "po_4", "pending", NOON, 1).await;
        tell(&rig, &connected(n), "po_5", "paid", made, 1).await;
    }
    let mut turns = 1;
    let job = look(&rig);
    while rig.one_page(&job).await.unwrap() == Outcome::Later {
        turns += 1;
    }
    assert!((6..12).contains(&turns), "{turns} turns");
    let found = rig.found();
    assert_eq!(found.len(), 9, "{found:?}");
    let is_stuck = |one: &(&str, String, State)| one.0 == "PAYOUT_STUCK" && one.2 == State::Open;
    assert!(found.iter().all(is_stuck), "{found:?}");
    rig.clock.advance(1);
    for n in 1..=3 {
        show(&rig, &connected(n), "po_2", "paid", made);
    }
    let job = look(&rig);
    while rig.one_page(&job).await.unwrap() == Outcome::Later {}
    let resolved = |one: &&(&str, String, State)| one.2 == State::Resolved;
    assert_eq!(rig.found().iter().filter(resolved).count(), 3);
    assert_eq!(rig.world.stripe.calls(), 0);
}

/// What the ledger has not been told of yet, the mirror may know, a moment ago.
#[tokio::test]
async fn a_payout_that_the_mirror_knows_to_have_arrived_is_not_stuck() {
    let rig = Rig::new();
    let made = NOON - 20 * DAY_S;
    tell(&rig, &connected(1), "po_1", "in_transit", made, 1).await;
    let paid = Shown::Payout(Box::new(samples::payout(970, made, made + DAY_S)));
    let key = key(&connected(1), "po_1");
    rig.world.mirror.show_since(&key, paid, NOON - 60);
    rig.work(&look(&rig)).await.unwrap();
    assert_eq!(rig.found(), []);
}

/// A look at holdings lists the payouts of some weeks: an older one is not gone.
#[tokio::test]
async fn a_payout_that_is_stuck_for_long_stays_found() {
    let rig = Rig::new();
    let made = NOON - 60 * DAY_S;
    tell(&rig, &connected(1), "po_1", "in_transit", made, 1).await;
    show(&rig, &connected(1), "po_1", "in_transit", made);
    rig.work(&look(&rig)).await.unwrap();
    rig.clock.advance(60);
    let holdings = Job::Holdings {
        book: connected(1),
        at: NOON,
        before: None,
        lists: false,
        round: 0,
    };
    rig.work(&holdings).await.unwrap();
    let stuck = ("PAYOUT_STUCK", "po_1".to_owned(), State::Open);
    assert_eq!(rig.found(), [stuck]);
}

/// Only Stripe knows of it, and said so at a look at holdings: it is not for us to close.
#[tokio::test]
async fn a_stuck_payout_that_nobody_here_knows_stays_found() {
    let rig = Rig::new();
    let scope = Scope::new("holdings", "payouts");
    let stuck = Finding::new(Code::PayoutStuck, &connected(1), id("po_9"), &scope, NOON);
    rig.world.findings.save(&stuck, 0).await.unwrap();
    rig.work(&look(&rig)).await.unwrap();
    assert_eq!(rig.found()[0].2, State::Open);
}

#[tokio::test]
async fn of_an_account_that_left_no_payout_is_stuck() {
    let rig = Rig::new();
    let left = Coverage {
        seq: 1,
        closed_at: Some(NOON),
        ..Coverage::default()
    };
    rig.world.control.cover(&connected(1), &left).await.unwrap();
    let made = NOON - 20 * DAY_S;
    for n in [1, 2] {
        tell(&rig, &connected(n), &format!("po_{n}"), "pending", made, 1).await;
    }
    rig.work(&look(&rig)).await.unwrap();
    let stuck = ("PAYOUT_STUCK", "po_2".to_owned(), State::Open);
    assert_eq!(rig.found(), [stuck]);
}

/// Between the looks at the platform's holdings, its balance is read: once a week if
/// there are few books, by one call.
#[tokio::test]
async fn the_platforms_balance_is_compared_every_week() {
    let rig = settled_account().await;
    rig.book(&platform(), [payment(2, rig.clock.now() - 60)]);
    rig.pull(&platform(), None).await;
    // Older than what a pull looks for again, so that only a balance tells of it.
    let old = payment(1, NOON - 20 * DAY_S);
    rig.book(&platform(), [old]);
    for _ in 0..8 {
        a_day_later(&rig).await;
    }
    let found = rig.found();
    let of_balance = |one: &&(&str, String, State)| one.0 == "BALANCE_MISMATCH_PLATFORM";
    let of_balance: Vec<_> = found.iter().filter(of_balance).collect();
    assert_eq!(of_balance.len(), 1, "{found:?}");
    assert_eq!(of_balance[0].2, State::Healed);
    let control = &rig.world.control;
    let before = control.coverage(&platform()).await.unwrap();
    assert!(before.balance_at > before.holdings_at, "{before:?}");
    let calls = rig.world.stripe.calls();
    let balance = Job::Balance {
        book: platform(),
        at: rig.clock.now(),
        before: None,
        round: 0,
    };
    rig.work(&balance).await.unwrap();
    assert_eq!(rig.world.stripe.calls() - calls, 1);
    let after = control.coverage(&platform()).await.unwrap();
    assert_eq!(after.holdings_at, before.holdings_at);
    assert_eq!(
        after.payouts_to, before.payouts_to,
        "they were not looked at"
    );
}
