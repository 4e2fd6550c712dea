//! The flows, refunds, disputes and payouts of the specification: what each leaves
//! on both balances at Stripe, and by which rules it is explained. What it leaves on
//! every account, `docs/LEDGER.md` shows and `document.rs` compares.

use crate::moves::{earning_refund, refund};
use crate::sample::{account, expected};
use crate::scenes::{self, Scene};

macro_rules! flows {
    ($($flow:ident: $platform:literal / $connected:literal, [$($rule:literal),*];)*) => {
        $(
            #[test]
            fn $flow() {
                let scene = scenes::$flow();
                let nets = (scene.platform.net(), scene.connected.net());
                assert_eq!(nets, ($platform, $connected));
                let rules: [&str; _] = [$($rule),*];
                let mut found = scene.platform.rules();
                found.extend(scene.connected.rules());
                assert_eq!(found, rules.into_iter().collect());
                books_balance(&scene);
            }
        )*
    };
}

fn books_balance(scene: &Scene) {
    for ledger in [&scene.platform, &scene.connected] {
        for (currency, balances) in ledger.balances() {
            let sum: i64 = balances.iter().map(|(_, balance)| balance).sum();
            assert_eq!(sum, 0, "{currency}");
        }
    }
}

flows! {
    direct: 1_000 / 8_680, [];
    direct_with_fees_on_the_platform: 680 / 9_000, [];
    destination: 680 / 9_000, ["allocation"];
    destination_on_behalf_of: 0 / 0, ["allocation"];
    destination_of_a_part: 680 / 9_000, ["allocation", "residual"];
    separate_transfers: 680 / 9_000, ["allocation", "residual"];
    unlinked_transfers: 680 / 9_000, ["residual"];

    direct_refunded: 1_000 / -1_320, [];
    direct_refunded_with_fee: 0 / -320, [];
    direct_refunded_in_part_with_fee: 750 / 6_430, [];
    destination_refunded: -9_320 / 9_000, ["allocation", "residual"];
    destination_refunded_and_reversed: 680 / -1_000, [];
    destination_refunded_with_everything: -320 / 0, [];
    partial_refunds_reversed_in_proportion: 0 / 0, [];
    separate_transfers_refunded: -9_320 / 9_000, ["allocation", "residual"];
    separate_transfers_refunded_and_reversed: -2_320 / 2_000, ["allocation", "residual"];
    destination_refund_failed: 10_680 / -1_000, [];
    failed_refund_made_again: 680 / -1_000, [];
    failed_refund_passed_on: 680 / 9_000, ["allocation"];
    refunded_at_another_rate: 52 / 0, ["fx_result"];
    destination_refunded_at_another_rate: -9_058 / 0, ["allocation", "fx_result", "residual"];

    direct_disputed: 1_000 / -2_820, [];
    direct_dispute_lost: 1_000 / -2_820, ["dispute_outcome"];
    destination_disputed: -10_820 / 9_000, ["allocation"];
    destination_dispute_lost: -10_820 / 9_000, ["allocation", "dispute_outcome"];
    destination_dispute_won: -820 / 9_000, ["allocation"];
    destination_dispute_won_with_fee: 680 / 9_000, ["allocation"];
    destination_dispute_won_in_part: -4_820 / 9_000, ["allocation", "dispute_outcome"];
    destination_dispute_recovered: -820 / -1_000, ["dispute_outcome", "dispute_recovery"];
    destination_inquiry: 680 / 9_000, ["allocation"];
    dispute_won_at_another_rate: 10_732 / 0, ["dispute_outcome", "residual"];
    dispute_won_in_part_at_another_rate: 6_416 / 0, ["dispute_outcome", "residual"];

    payout_created: 5_000 / 0, ["residual"];
    payout_paid: 5_000 / 0, ["payout_settlement", "residual"];
    payout_failed: 10_000 / 0, ["residual"];
    payout_failed_after_paid: 10_000 / 0, ["residual"];
    payout_canceled: 10_000 / 0, ["residual"];
    payout_reversed: 10_000 / 0, ["payout_settlement", "residual"];
    payout_instant: 25 / 4_925, ["payout_settlement"];
    payout_converted: 5_000 / 0, ["payout_conversion", "payout_settlement", "residual"];

    topup_pending: 5_000 / 0, [];
    topup_succeeded: 5_000 / 0, ["topup_settlement"];
    topup_reversed: 0 / 0, [];

    negative_balance: -320 / -1_320, [];
    negative_balance_improved: 1_000 / 0, [];
    negative_balance_collected: -320 / 0, [];
}

/// What is left of a sale and of the fee for it is three quarters of both; Stripe keeps its
/// own fee whole.
#[test]
fn a_partial_refund_returns_its_share_of_the_fee() {
    let mut scene = scenes::direct_refunded_in_part_with_fee();
    let earned = [
        ("stripe_balance:payments", 750),
        ("revenue:application_fees", -1_000),
        ("contra_revenue:application_fee_refunds", 250),
    ];
    assert_eq!(scene.platform.books("usd"), expected(&earned));
    let sold = [
        ("stripe_balance:payments", 6_430),
        ("expense:stripe_fees", 320),
        ("expense:platform_fees", 750),
        ("sales:ch_1", -7_500),
    ];
    assert_eq!(scene.connected.books("usd"), expected(&sold));
    // With the other three quarters it is as if all had gone back at once.
    let rest = refund("re_2", 7_500).fee("application_fee", -750);
    scene.platform.post(earning_refund("fr_2", 750));
    scene.connected.post(rest);
    let whole = scenes::direct_refunded_with_fee();
    assert_eq!(scene.platform.books("usd"), whole.platform.books("usd"));
    assert_eq!(scene.connected.books("usd"), whole.connected.books("usd"));
}

/// The refunds that share a charge's reversals in proportion leave nothing open
/// after the first, either.
#[test]
fn the_first_partial_refund_leaves_a_proportional_margin() {
    let mut scene = scenes::partial_refunds_reversed_in_proportion();
    let margins: Vec<i64> = scene
        .platform
        .derived
        .drain(..)
        .filter(|it| it.rule.as_str() == "residual" && it.reverses.is_none())
        .map(|it| {
            let margin = account("revenue:platform_margin");
            let line = it.lines.iter().find(|line| line.account == margin);
            line.map_or(0, |line| -line.amount)
        })
        .collect();
    // 10.00 paid, 8.00 passed on, 4.00 refunded before their 3.20 came back, …
    assert_eq!(margins, [1_000, 200, 0, 120, 0]);
}

/// The bank's entry was made and taken back; both are still there to be seen.
#[test]
fn a_payout_that_fails_after_paid_leaves_its_history() {
    let scene = scenes::payout_failed_after_paid();
    let history: Vec<(u32, Option<u32>)> = scene
        .platform
        .derived
        .iter()
        .filter(|it| it.rule.as_str() == "payout_settlement")
        .map(|it| (it.revision, it.reverses))
        .collect();
    assert_eq!(history, [(1, None), (2, Some(1))]);
}

#[test]
fn on_behalf_of_moves_the_same_in_the_accounts_currency() {
    let (euros, dollars) = (scenes::destination_on_behalf_of(), scenes::destination());
    assert_eq!(euros.platform.books("eur"), dollars.platform.books("usd"));
    assert_eq!(euros.connected.books("eur"), dollars.connected.books("usd"));
}

#[test]
fn a_converted_payout_has_an_entry_in_each_currency() {
    let scene = scenes::payout_converted();
    let euros = [("bank:ba_1", 4_600), ("fx_clearing:po_1", -4_600)];
    assert_eq!(scene.platform.books("eur"), expected(&euros));
    let dollars = scene.platform.books("usd");
    assert_eq!(dollars.get("fx_clearing:po_1"), Some(&5_000));
    assert_eq!(dollars.get("payout_in_transit:po_1"), None);
}
