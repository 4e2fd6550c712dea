//! What rules do at their edges.

use tributary_ledger::{Rule, Says, Story, derive, fact::PayoutFact, revise};

use crate::moves::{charge, disputed, refund, refund_failure, reversal, transfer, withdrawal};
use crate::sample::{Ledger, Movement, dispute, expected, id, movement, payout, platform};

fn told(movements: impl IntoIterator<Item = Movement>) -> Ledger {
    let mut ledger = Ledger::platform();
    for movement in movements {
        ledger.post(movement);
    }
    ledger
}

fn balance(ledger: &Ledger, account: &str) -> i64 {
    let books = ledger.books("usd");
    books.get(account).copied().unwrap_or_default()
}

/// Only a lost dispute makes a loss that calling back can mend.
#[test]
fn an_open_dispute_is_not_recovered_yet() {
    let mut ledger = told([
        charge(10_000),
        transfer("tr_1", 10_000),
        withdrawal(10_000, 0),
        reversal("trr_1", 10_000),
    ]);
    ledger.tell("dp_1", dispute("under_review"));
    assert_eq!(balance(&ledger, "revenue:platform_margin"), -10_000);
    ledger.tell("dp_1", dispute("lost"));
    assert_eq!(balance(&ledger, "revenue:platform_margin"), 0);
    assert_eq!(balance(&ledger, "expense:dispute_losses"), 0);
}

#[test]
fn what_was_called_back_for_a_refund_is_no_recovery() {
    let mut ledger = told([
        charge(10_000),
        transfer("tr_1", 10_000),
        refund("re_1", 4_000),
        reversal("trr_1", 4_000),
        withdrawal(6_000, 0),
    ]);
    ledger.tell("dp_1", dispute("lost"));
    assert_eq!(balance(&ledger, "expense:dispute_losses"), 6_000);
    ledger.post(reversal("trr_2", 2_500));
    assert_eq!(balance(&ledger, "expense:dispute_losses"), 3_500);
    // More than was lost is no recovery, but margin.
    ledger.post(reversal("trr_3", 3_500));
    assert_eq!(balance(&ledger, "expense:dispute_losses"), 0);
    assert_eq!(balance(&ledger, "revenue:platform_margin"), 0);
}

/// A refund and its failure of one second, whichever Stripe lists first.
#[test]
fn a_refund_that_fails_at_once_is_owed() {
    for names in [["txn_a", "txn_b"], ["txn_b", "txn_a"]] {
        let mut ledger = told([charge(10_000)]);
        for (movement, name) in [refund("re_1", 10_000), refund_failure("re_1", 10_000)]
            .into_iter()
            .zip(names)
        {
            ledger.add(movement.named(name).post(&platform()).0);
        }
        assert_eq!(balance(&ledger, "customer_funds:ch_1"), -10_000);
        assert_eq!(balance(&ledger, "revenue:platform_margin"), 0);
    }
}

#[test]
fn rates_are_settled_when_everything_is_returned() {
    let charged = charge(10_842).converted(10_000, "eur", "1.0842");
    let half = |name| refund(name, 5_395).converted(5_000, "eur", "1.079");
    let mut ledger = told([charged, half("re_1")]);
    assert_eq!(balance(&ledger, "fx_gain_loss"), 0);
    assert_eq!(balance(&ledger, "revenue:platform_margin"), -5_447);
    ledger.post(half("re_2"));
    assert_eq!(balance(&ledger, "fx_gain_loss"), -52);
    assert_eq!(balance(&ledger, "revenue:platform_margin"), 0);
}

/// A balance that changed its currency between a payment and its return: no rate
/// says what was gained.
#[test]
fn returns_from_another_balance_settle_no_rate() {
    let ledger = told([
        charge(10_842).converted(10_000, "eur", "1.0842"),
        refund("re_1", 8_500)
            .currency("gbp")
            .converted(10_000, "eur", "0.85"),
    ]);
    assert_eq!(balance(&ledger, "fx_gain_loss"), 0);
}

/// The transfer's own currency decides: nothing is added across currencies.
#[test]
fn a_transfer_in_another_currency_stays_where_it_is() {
    let ledger = told([charge(10_000), transfer("tr_1", 9_000).currency("eur")]);
    assert_eq!(balance(&ledger, "revenue:platform_margin"), -10_000);
    let euros = [
        ("stripe_balance:payments", -9_000),
        ("transfers_out:tr_1", 9_000),
    ];
    assert_eq!(ledger.books("eur"), expected(&euros));
}

#[test]
fn one_minor_unit_is_rounding() {
    let euros = |movement: Movement, rate| movement.converted(10_000, "eur", rate);
    for (returned, lost, by_rate) in [
        (10_790, 0, 110),
        (10_789, 0, 111),
        (10_788, 2, 110),
        (10_791, 0, 109),
    ] {
        let mut ledger = told([
            euros(disputed("dispute", -10_900), "1.09"),
            euros(disputed("dispute_reversal", returned), "1.079"),
        ]);
        ledger.tell("dp_1", dispute("won"));
        assert_eq!(balance(&ledger, "expense:dispute_losses"), lost);
        assert_eq!(balance(&ledger, "fx_gain_loss"), by_rate);
    }
}

/// The bank's side goes with the balance's, even if nobody has told yet.
#[test]
fn a_converted_payout_that_came_back_is_at_no_bank() {
    let mut ledger = told([movement("payout", "payout", -5_000).from("payout", "po_1")]);
    let euros = PayoutFact {
        amount: 4_600,
        currency: "eur".to_owned(),
        ..payout("paid")
    };
    ledger.tell("po_1", Says::Payout(euros));
    assert_eq!(ledger.books("eur").get("bank:ba_1"), Some(&4_600));
    ledger.post(movement("payout_failure", "payout_reversal", 5_000).from("payout", "po_1"));
    assert_eq!(ledger.books("eur"), expected(&[]));
    assert!(ledger.rules().is_empty());
}

#[test]
fn the_same_lines_in_another_currency_are_another_entry() {
    let mut story = Story::new(platform(), id("ch_1"));
    story.add_entry(charge(500).post(&platform()).0);
    let mut wanted = derive(&story).unwrap();
    let posted = revise(&[], &wanted).unwrap();
    let residual = wanted.entries.get_mut(&Rule::Residual).unwrap();
    residual.currency = "cad".to_owned();
    let revised = revise(&posted, &wanted).unwrap();
    let currencies: Vec<_> = revised.iter().map(|it| it.currency.as_str()).collect();
    assert_eq!(currencies, ["usd", "cad"]);
}

/// Entries are dated by what they say, reversals by what they are replaced with.
#[test]
fn entries_are_dated() {
    let mut ledger = told([charge(10_000)]);
    ledger.post(transfer("tr_1", 9_000));
    let noon = crate::sample::NOON;
    let dates: Vec<_> = ledger
        .derived
        .iter()
        .map(|it| (it.rule.as_str(), it.reverses, it.at - noon))
        .collect();
    assert_eq!(
        dates,
        [
            ("residual", None, 0),
            ("allocation", None, 1),
            ("residual", Some(1), 1),
            ("residual", None, 1),
        ]
    );
    let mut ledger = told([movement("payout", "payout", -5_000).from("payout", "po_1")]);
    ledger.tell("po_1", Says::Payout(payout("paid")));
    assert_eq!(ledger.derived[0].at, payout("paid").arrival_date);
}
