//! Months against the agreed prices: found once they have ended, and gone once the prices
//! are corrected.

use tributary_ledger::Day;
use tributary_ledger::views::Expected;
use tributary_pipeline::reconcile::{Job, Outcome, Plan};
use tributary_reconciliation::State;
use tributary_testkit::ledger::samples::{connected, payment};

use crate::rig::{DAY_S, LIVE, NOON, Rig, day_job, then, yesterday};

/// Noon of 2026-12-01, unix seconds.
const NEXT_MONTH: i64 = NOON + 9 * DAY_S;

fn agreed(rate_ppm: i64) -> Expected {
    let text =
        format!(r#"{{"fees":[{{"taker":"stripe","currency":"usd","rate_ppm":{rate_ppm}}}]}}"#);
    Expected::parse(&text).unwrap()
}

/// An account that pays 3 %, counted while so much was agreed.
async fn charged(expected: Option<Expected>) -> Rig {
    let rig = Rig::new();
    let book = connected(1);
    let account = book.owner.account().unwrap().clone();
    rig.world.stripe.connect(account);
    if let Some(expected) = expected {
        rig.world.ledger.expect(expected);
    }
    rig.book(&book, (1..=4).map(|n| payment(n, then() + n as i64)));
    rig.pull(&book, None).await;
    rig.plan(&Plan::everything(LIVE)).await.unwrap();
    rig.world.outbox.take_jobs();
    rig
}

/// The reports of one day, half a day after it has ended, and all that follows.
async fn reports_of(rig: &Rig, day: Day) {
    let job = Job::Reports {
        mode: LIVE,
        day,
        days: 1,
    };
    rig.work(&job).await.unwrap();
    rig.run().await;
}

fn found(state: State) -> [(&'static str, String, State); 1] {
    [("FEE_MISMATCH", "month:2026-11#usd".to_owned(), state)]
}

#[tokio::test]
async fn a_month_that_costs_more_than_agreed_is_left_for_a_person_once() {
    let rig = charged(Some(agreed(20_000))).await;
    reports_of(&rig, yesterday()).await;
    assert_eq!(rig.found(), [], "the month goes on");
    rig.clock.advance(NEXT_MONTH - rig.clock.now());
    let last = Day::parse("2026-11-30").unwrap();
    let calls = rig.world.stripe.calls();
    reports_of(&rig, last).await;
    assert_eq!(rig.found(), found(State::Open));
    assert_eq!(rig.world.stripe.calls() - calls, 10, "those of the reports");
    let finding = &rig.world.findings.all()[0];
    assert_eq!(
        (finding.stake.amount, &*finding.stake.currency),
        (40, "usd")
    );
    assert!(finding.waits_for_a_person());
    assert_eq!(finding.history.last().unwrap().what, "left:needs_a_person");

    // Once more, by another cause: it is the same finding, and nothing new.
    let again = Job::Prices {
        book: connected(1),
        months: ["2026-11".to_owned().try_into().unwrap()].into(),
        day: last.plus(1),
    };
    rig.work(&again).await.unwrap();
    assert_eq!(rig.work(&again).await.unwrap(), Outcome::WasDone);
    let seen = rig.world.findings.all();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].history, finding.history);
}

#[tokio::test]
async fn a_corrected_schedule_resolves_it_when_the_book_moves_again() {
    let rig = charged(Some(agreed(20_000))).await;
    rig.clock.advance(NEXT_MONTH - rig.clock.now());
    reports_of(&rig, Day::parse("2026-11-30").unwrap()).await;
    assert_eq!(rig.found(), found(State::Open));
    rig.world.ledger.expect(agreed(30_000));
    rig.clock.advance(DAY_S);
    let book = connected(1);
    rig.book(&book, [payment(6, NEXT_MONTH)]);
    rig.pull(&book, None).await;
    let job = day_job(&rig, &book, Day::of(NEXT_MONTH)).await;
    rig.work(&job).await.unwrap();
    rig.run().await;
    assert_eq!(rig.found(), found(State::Resolved));
}

#[tokio::test]
async fn without_agreed_prices_no_month_is_looked_at() {
    let rig = charged(None).await;
    rig.clock.advance(NEXT_MONTH - rig.clock.now());
    reports_of(&rig, Day::parse("2026-11-30").unwrap()).await;
    assert_eq!(rig.found(), []);
    let done = rig.world.control.done();
    assert!(
        done.iter().all(|name| !name.starts_with("prices#")),
        "{done:?}"
    );
}

#[tokio::test]
async fn a_month_that_costs_what_was_agreed_is_looked_at_without_a_finding() {
    let rig = charged(Some(agreed(30_000))).await;
    rig.clock.advance(NEXT_MONTH - rig.clock.now());
    reports_of(&rig, Day::parse("2026-11-30").unwrap()).await;
    assert_eq!(rig.found(), []);
    let done = rig.world.control.done();
    let name = "prices#live#acct_1#2026-11-30#2026-11";
    assert!(done.iter().any(|it| it == name), "{done:?}");
}
