//! Months of the own book that are too much to be matched at once.

use tributary_domain::Mode;
use tributary_pipeline::own_book::Kept;
use tributary_pipeline::reconcile::Plan;
use tributary_testkit::ledger::samples::connected;

use crate::own::{drop_file, file, kept, line, open, paid};
use crate::rig::{DAY_S, NOON, Rig};

/// An account with a movement a day for two months, each known to the own book by its
/// charge. Matched with so many together.
async fn daily(together_max: usize) -> Rig {
    let (mut rig, book) = (Rig::new(), connected(1));
    rig.rules.matched_together_max = together_max;
    let at = |n: usize| NOON - 64 * DAY_S + i64::try_from(n).unwrap() * DAY_S;
    let own = (0..60).map(|n| line(n, at(n), true));
    drop_file(&rig, "a", &file(own), NOON).await;
    // Some days later, over whatever a month is cut at.
    let booked = (0..60).map(|n| paid(n, at(n) + 3 * DAY_S));
    rig.book(&book, booked);
    rig.pull(&book, None).await;
    rig.run().await;
    rig
}

/// The lines that are taken, sorted.
fn lines_taken(kept: &[Kept]) -> Vec<String> {
    let lines = kept.iter().flat_map(|kept| kept.matched.lines.clone());
    let mut lines: Vec<_> = lines.collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn a_month_that_is_too_much_at_once_is_matched_in_parts() {
    let book = connected(1);
    let at_once = daily(40_000).await;
    let expected = lines_taken(&kept(&at_once, &book).await);
    assert_eq!(expected.len(), 60);
    for together_max in [54, 40, 30, 25] {
        let rig = daily(together_max).await;
        let kept = kept(&rig, &book).await;
        let mut lines = lines_taken(&kept);
        assert_eq!(lines, expected, "{together_max} together");
        lines.dedup();
        assert_eq!(lines.len(), expected.len(), "{together_max} together");
        assert_eq!(open(&rig), open(&at_once), "{together_max} together");
    }
}

#[tokio::test]
async fn days_that_are_too_much_are_told_until_they_are_not() {
    let mut rig = daily(24).await;
    let left = |month: &str| ("UNMATCHED_PLATFORM_ENTRY", format!("match:{month}"));
    let told = open(&rig);
    assert!(told.contains(&left("2026-10")), "{told:?}");
    let found = rig.world.findings.all();
    let october = found.iter().find(|one| one.subject == "match:2026-10");
    let october = october.unwrap();
    assert!(october.waits_for_a_person());
    assert_eq!(october.evidence["lines_max"], "25");
    assert!(october.evidence["days"].contains("2026-10-15"));

    // More memory, and news of the books.
    rig.rules.matched_together_max = 40_000;
    rig.book(&connected(1), [paid(70, NOON - 20 * DAY_S)]);
    rig.pull(&connected(1), Some(0)).await;
    rig.clock.advance(3_600);
    rig.plan(&Plan::everything(Mode::Live)).await.unwrap();
    rig.run().await;
    let told = open(&rig);
    assert!(!told.contains(&left("2026-10")), "{told:?}");
    assert!(!told.contains(&left("2026-11")), "{told:?}");
}
