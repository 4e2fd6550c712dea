//! Fees, the balances they are kept from, and amounts that cannot be posted.

use tributary_ledger::{Doubt, Overflow, Unpostable, post};

use crate::sample::{account, connected, movement, platform};

fn sale() -> crate::sample::Movement {
    movement("charge", "charge", 10_000).from("charge", "ch_1")
}

#[test]
fn every_part_of_a_fee_has_its_account() {
    for (kind, expense) in [
        ("application_fee", "expense:platform_fees"),
        ("stripe_fee", "expense:stripe_fees"),
        (
            "payment_method_passthrough_fee",
            "expense:payment_method_fees",
        ),
        ("tax", "expense:tax_on_fees"),
        ("withheld_tax", "withheld_tax"),
    ] {
        for fee in [1_000, -1_000] {
            let (entry, doubts) = sale().fee(kind, fee).post(&connected());
            assert_eq!(doubts, []);
            assert_eq!(entry.on(&account(expense)), fee, "{kind}");
            assert_eq!(entry.on(&account("stripe_balance:payments")), 10_000 - fee);
            assert_eq!(entry.on(&account("sales:ch_1")), -10_000);
        }
    }
}

#[test]
fn parts_of_one_kind_are_one_line() {
    let (entry, _) = sale()
        .fee("stripe_fee", 320)
        .fee("stripe_fee", 5)
        .fee("application_fee", 1_000)
        .post(&connected());
    let lines: Vec<(String, i64)> = entry
        .lines
        .iter()
        .map(|line| (line.account.to_string(), line.amount))
        .collect();
    let expected = [
        ("stripe_balance:payments", 8_675),
        ("sales:ch_1", -10_000),
        ("expense:stripe_fees", 325),
        ("expense:platform_fees", 1_000),
    ];
    assert_eq!(
        lines,
        expected.map(|(name, amount)| (name.to_owned(), amount))
    );
}

#[test]
fn an_unknown_part_is_posted_by_its_type() {
    let (entry, doubts) = sale().fee("lunar_levy", 7).post(&platform());
    assert_eq!(entry.on(&account("fee:type:lunar_levy")), 7);
    let kind = "lunar_levy".to_owned();
    assert_eq!(doubts, [Doubt::UnknownFeeType { kind }]);
}

#[test]
fn what_the_details_do_not_explain_is_unclassified() {
    for (told, difference) in [(300, 20), (350, -30), (0, 320)] {
        let mut sale = sale().fee("stripe_fee", 320);
        sale.0.fee_details[0].amount = told;
        let (entry, doubts) = sale.post(&platform());
        assert_eq!(entry.on(&account("fee:unclassified")), difference);
        assert_eq!(entry.on(&account("expense:stripe_fees")), told);
        assert_eq!(doubts, [Doubt::FeeDetailsDiffer { difference }]);
    }
}

/// Yen are not added to dollars.
#[test]
fn a_part_in_another_currency_is_unclassified() {
    let mut sale = sale().fee("stripe_fee", 320);
    sale.0.fee_details[0].currency = "jpy".to_owned();
    let (entry, doubts) = sale.post(&platform());
    assert_eq!(entry.on(&account("fee:unclassified")), 320);
    assert_eq!(entry.on(&account("expense:stripe_fees")), 0);
    assert_eq!(doubts, [Doubt::FeeDetailsDiffer { difference: 320 }]);
}

#[test]
fn each_balance_is_its_own_account() {
    for (balance_type, known) in [
        ("payments", true),
        ("issuing", true),
        ("refund_and_dispute_prefunding", true),
        ("risk_reserved", true),
        ("lunar", false),
    ] {
        let mut sale = sale();
        balance_type.clone_into(&mut sale.0.balance_type);
        let (entry, doubts) = sale.post(&platform());
        let balance = account(&format!("stripe_balance:{balance_type}"));
        assert_eq!(entry.on(&balance), 10_000);
        let balance_type = balance_type.to_owned();
        let doubt = (!known).then_some(Doubt::UnknownBalanceType { balance_type });
        assert_eq!(doubts, Vec::from_iter(doubt));
    }
}

#[test]
fn amounts_that_contradict_each_other_are_refused() {
    let mut sale = sale().fee("stripe_fee", 320);
    sale.0.net += 1;
    assert_eq!(
        post(&platform(), &sale.0),
        Err(Unpostable::NetDiffers {
            amount: 10_000,
            fee: 320,
            net: 9_681
        })
    );
}

#[test]
fn sums_that_do_not_fit_are_refused() {
    let mut sale = sale();
    (sale.0.amount, sale.0.net) = (i64::MIN, i64::MIN);
    assert_eq!(
        post(&platform(), &sale.0),
        Err(Unpostable::Overflow(Overflow))
    );
    let mut sale = self::sale().fee("stripe_fee", i64::MAX).fee("tax", -1);
    sale.0.fee_details.push(sale.0.fee_details[0].clone());
    assert_eq!(
        post(&platform(), &sale.0),
        Err(Unpostable::Overflow(Overflow))
    );
    let mut sale = self::sale();
    (sale.0.amount, sale.0.fee, sale.0.net) = (i64::MIN, 1, 0);
    assert!(matches!(
        post(&platform(), &sale.0),
        Err(Unpostable::NetDiffers { .. })
    ));
}
