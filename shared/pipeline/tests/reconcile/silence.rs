//! Nothing told that something was booked.

use tributary_reconciliation::State;
use tributary_testkit::ledger::samples::{connected, payment};

use crate::rig::{Rig, then, yesterday};

/// Whatever should have told that something was booked was down for longer than it is
/// remembered: the next report finds all of it.
#[tokio::test]
async fn fault_30_what_no_event_told_of_is_found_by_the_next_report() {
    let rig = Rig::new();
    for account in 1..=3 {
        rig.book(&connected(account), (0..20).map(|n| payment(n, then())));
    }
    rig.reports().await;
    for account in 1..=3 {
        assert_eq!(
            rig.world.ledger.kept(&connected(account)).totals()[&yesterday()].len(),
            2
        );
    }
    assert_eq!(rig.found().len(), 60);
    assert!(
        rig.found()
            .iter()
            .all(|(_, _, state)| *state == State::Healed)
    );
}
