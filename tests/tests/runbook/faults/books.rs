//! Books that disagree, and books that nobody looks at.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tributary_domain::{Mode, Owner};
use tributary_ledger::{Book, Day};
use tributary_pipeline::reconcile::{Control, Coverage, Findings};
use tributary_reconciliation::{Code, Finding, Scope};

use super::fetches::{customer, payment};
use super::{MINUTE, NOBODY};
use crate::cloudwatch::Published;
use crate::desk::Desk;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY_S: i64 = 86_400;

/// The platform's book, of the world that the stack's key opens.
fn platform(desk: &Desk<'_>) -> Book {
    Book {
        mode: Mode::of(desk.road.stack.api_key.contains("_live_")),
        owner: Owner::Platform,
    }
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap()
}

/// Seconds after which some account's events are no more complete, as planning tells.
fn uncovered<'p>(function: &'p str, value: f64, ago: Duration) -> Published<'p> {
    Published {
        namespace: "Tributary",
        metric: "uncovered_s",
        dimension: ("function", function),
        value,
        ago,
    }
}

/// Nobody has planned for three hours, and two findings are open meanwhile. Planning by
/// hand tells of both, until one is explained and a person has accepted the other.
pub(super) async fn planning_by_hand_tells_what_is_open(desk: &Desk<'_>) {
    let book = platform(desk);
    let findings = desk.road.stack.findings(&desk.road.aws).unwrap();
    // In a currency that nobody has, so that no comparison closes it.
    let scope = Scope::new("balance", "xau");
    let mut differs =
        Finding::new(Code::BalanceMismatchPlatform, &book, "xau", &scope, 100).at_stake(5, "xau");
    let (account, charge, _) = payment(desk, 0);
    desk.run(&format!("tributary fetch {charge} --account {account}"))
        .await;
    let other = Book {
        owner: Owner::parse(&account).unwrap(),
        ..book.clone()
    };
    let scope = Scope::new("runbook", &charge);
    let left = Finding::new(Code::StatusMismatch, &other, &charge, &scope, 100);
    findings.save(&differs, 0).await.unwrap();
    findings.save(&left, 0).await.unwrap();

    // The simulated Stripe has no reports of this year, for which planning would wait.
    let control = desk.road.stack.control(&desk.road.aws).unwrap();
    let coverage = Coverage {
        seq: 1,
        reports_to: Some(Day::of(now()).plus(-1)),
        ..Coverage::default()
    };
    control.cover(&book, &coverage).await.unwrap();

    // The last plan of long ago leaves the alarm's three hours in a moment.
    let function = desk.output("ReconcileName");
    let last = uncovered(&function, 60.0, 3 * HOUR - Duration::from_secs(8));
    desk.emulator.publish(&[last]).await;
    desk.sounds("ReconcileSilent", "ticket-flow").await;
    desk.follow("ReconcileSilent", NOBODY, &["reconcile run"])
        .await;
    desk.emulator.is_quiet("ReconcileSilent").await;
    desk.sounds("Residual", "page-right").await;
    desk.sounds("FindingsLeft", "ticket-right").await;

    desk.follow("Residual", &[("ACCT", "platform")], &[]).await;
    differs.gone(200);
    findings.save(&differs, 1).await.unwrap();
    let filling = [
        ("CODE", "STATUS_MISMATCH"),
        ("SUBJECT", charge.as_str()),
        ("ACCT", account.as_str()),
        ("REASON", "the bank said so"),
    ];
    desk.follow("FindingsLeft", &filling, &["accept"]).await;
    for (account, subject) in [("platform", "xau"), (&account, &charge)] {
        let (shown, _) = desk.run(&format!("tributary account show {account}")).await;
        let mut open = shown["open_findings"].as_array().unwrap().iter();
        assert!(open.all(|it| it["subject"] != subject), "{shown}");
    }
}

/// The audit of one account has not come on for three weeks.
pub(super) async fn an_account_is_audited_again(desk: &Desk<'_>) {
    let (account, _, _) = customer(desk, 0);
    let book = Book {
        owner: Owner::parse(&account).unwrap(),
        ..platform(desk)
    };
    let now = now();
    let control = desk.road.stack.control(&desk.road.aws).unwrap();
    let mut coverage = control.coverage(&book).await.unwrap();
    coverage.seq += 1;
    coverage.events_to = Some(now - 21 * DAY_S);
    control.cover(&book, &coverage).await.unwrap();

    // The alarm looks back for a day of plans.
    let function = desk.output("ReconcileName");
    let plans = (0..24).map(|hours| {
        let ago = hours * HOUR + 5 * MINUTE;
        uncovered(&function, 21.0 * 86_400.0, ago)
    });
    desk.emulator.publish(&plans.collect::<Vec<_>>()).await;
    desk.sounds("Coverage", "ticket-right").await;
    let filling = [("ACCT", account.as_str())];
    desk.follow("Coverage", &filling, &["run events"]).await;
    let covered = control.coverage(&book).await.unwrap().events_to;
    assert!(covered.is_some_and(|to| now - to < DAY_S), "{covered:?}");
}
