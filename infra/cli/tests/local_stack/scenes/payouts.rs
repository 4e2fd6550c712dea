//! Where money went.

use crate::stage::Stage;

pub(crate) fn views(stage: &mut Stage) {
    stage.shows_both("view_payouts", "view payouts --month 2025-11");
    stage.shows_both("view_fx", "view fx --month 2025-11 --by-account");
    stage.shows_both("view_fees", "view fees --month 2025-11");
    stage.shows("view_fees.csv", "--format csv view fees --month 2025-11");
    stage.shows("view_expect_nothing", "view expect");
    stage.shows_both("view_expect_dry", "view expect prices.json --dry-run");
    stage.shows("view_expect", "view expect prices.json");
    stage.shows("view_expect_shown", "view expect");
    stage.shows("view_expect_no_json", "view expect mask.rs");
    stage.shows("view_expect_no_file", "view expect nothing.json");
}

pub(crate) fn traces(stage: &mut Stage) {
    let (owner, payout) = stage.sent_back.clone();
    let account = owner.account_id().unwrap_or("platform").to_owned();
    stage.shows_both(
        "trace_payout",
        &format!("trace {payout} --account {account}"),
    );
    stage.shows("trace_payout.csv", &format!("--format csv trace {payout}"));
    let (paid, movement, event) = {
        let world = stage.played.world();
        let paid = world.payout_transactions(&owner, &payout).unwrap();
        let charge = paid.iter().find(|it| it["type"] != "payout").unwrap();
        let text = |name: &str| charge[name].as_str().unwrap().to_owned();
        let mut events = world.events().iter();
        let failed = events.find(|it| it.kind == "payout.failed" && it.object.id == payout);
        (text("source"), text("id"), failed.unwrap().id.clone())
    };
    stage.shows_both(
        "trace_payment",
        &format!("trace {paid} --account {account}"),
    );
    stage.shows(
        "trace_movement",
        &format!("trace {movement} --account {account}"),
    );
    stage.shows("trace_movement_unsaid", &format!("trace {movement}"));
    stage.shows("trace_event", &format!("trace {event}"));
    stage.shows("trace_objectless", "trace evt_cli_2 --account acct_cli");
}

/// At the end, for what was fetched decides its row from then on.
pub(crate) fn fetches(stage: &mut Stage) {
    let (owner, payout) = stage.sent_back.clone();
    let account = owner.account_id().unwrap_or("platform").to_owned();
    let fetch = format!("fetch {payout} --account {account}");
    stage.shows_both("fetch_dry", &format!("{fetch} --dry-run"));
    stage.shows("fetch", &fetch);
    // Seen again in the same second of Stripe's, it would be the same observation.
    let later = stage.played.world().now() + 1;
    stage.played.world().advance_to(later);
    stage.shows("fetch.json", &format!("--format json {fetch}"));
    let nowhere = format!("fetch po_nowhere --account {account} --wait-s 3");
    stage.shows("fetch_of_nothing", &nowhere);
    stage.shows(
        "fetch_of_no_path",
        &format!("fetch fr_1 --account {account}"),
    );
}
