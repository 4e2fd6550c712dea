use tributary_domain::{AccountId, Mode, Owner};
use tributary_ledger::Book;

use super::*;
use crate::finding::Scope;

fn book(account: &str) -> Book {
    Book {
        mode: Mode::Live,
        owner: Owner::Account(AccountId::parse(account).unwrap()),
    }
}

fn found(code: Code) -> Finding {
    Finding::new(
        code,
        &book("acct_1"),
        "txn_1",
        &Scope::new("day", "2026-11-22"),
        1_000,
    )
    .at_stake(100, "usd")
}

fn decide(finding: &Finding) -> Heal {
    heal(finding, &Policy::default(), &mut Spent::default())
}

/// What the table says of every code, and what of it once it did not help twice.
const TABLE: &[(Code, Heal, Heal)] = {
    use Code as C;
    use Heal as H;
    const PERSON: Heal = H::Leave(Why::NeedsAPerson);
    const NO_HELP: Heal = H::Leave(Why::DidNotHelp);
    const PULL: Heal = H::Pull { days: 3 };
    &[
        (C::MissingEvent, H::Backfill, NO_HELP),
        (C::MissingLedgerEntry, PULL, NO_HELP),
        (C::DuplicateEntry, H::ReverseLater, NO_HELP),
        (C::OrphanEntry, PERSON, PERSON),
        (C::AmountMismatch, PERSON, PERSON),
        (C::FeeMismatch, PERSON, PERSON),
        (C::FxMismatch, H::LabelFx, H::LabelFx),
        (C::StatusMismatch, H::Refetch, NO_HELP),
        (C::StaleMirror, H::Refetch, NO_HELP),
        (C::OrphanTransfer, H::Refetch, NO_HELP),
        (C::TransferAmountMismatch, PERSON, PERSON),
        (C::PayoutNotExplained, PULL, NO_HELP),
        (
            C::PayoutUnattributable,
            H::Leave(Why::Information),
            H::Leave(Why::Information),
        ),
        (C::PayoutStuck, PERSON, PERSON),
        (C::BalanceMismatchPlatform, PULL, NO_HELP),
        (C::BalanceMismatchConnected, PULL, NO_HELP),
        (C::ReserveMismatch, PULL, NO_HELP),
        (C::AppFeeMismatch, H::Refetch, NO_HELP),
        (C::UnknownType, PERSON, PERSON),
        (C::ModeMix, H::Quarantine, NO_HELP),
        (C::ReportMismatch, PERSON, PERSON),
        (C::UnmatchedPlatformEntry, PERSON, PERSON),
        (C::AmbiguousMatch, PERSON, PERSON),
    ]
};

#[test]
fn every_row_of_the_taxonomy_is_decided_as_the_table_says() {
    let codes: Vec<_> = TABLE.iter().map(|(code, ..)| *code).collect();
    assert_eq!(codes, Code::ALL);
    for (code, first, last) in TABLE {
        let mut finding = found(*code);
        assert_eq!(decide(&finding), *first, "{code}");
        for at in [1_001, 1_002] {
            if !matches!(first, Heal::Leave(_)) {
                finding.note(&decide(&finding).as_text(), at);
            }
        }
        assert_eq!(decide(&finding), *last, "{code}, twice later");
    }
}

#[test]
fn what_the_ledger_was_not_told_it_is_told_and_nothing_is_fetched() {
    for code in [Code::StatusMismatch, Code::StaleMirror] {
        let finding = found(code).with(LEDGER, "in_transit");
        assert_eq!(decide(&finding), Heal::Tell, "{code}");
    }
}

#[test]
fn a_second_look_goes_further_back() {
    for code in [
        Code::BalanceMismatchPlatform,
        Code::MissingLedgerEntry,
        Code::PayoutNotExplained,
    ] {
        let mut finding = found(code);
        finding.note(&Heal::Pull { days: 3 }.as_text(), 1_001);
        assert_eq!(decide(&finding), Heal::Pull { days: 30 }, "{code}");
    }
}

#[test]
fn a_fee_that_its_details_do_not_explain_is_labelled_and_a_price_is_for_a_person() {
    assert_eq!(
        decide(&found(Code::FeeMismatch).with(UNCLASSIFIED, 3)),
        Heal::LabelFee
    );
    assert_eq!(
        decide(&found(Code::FeeMismatch)),
        Heal::Leave(Why::NeedsAPerson)
    );
}

#[test]
fn rates_explain_little_money_only() {
    let finding = |amount: i64| found(Code::FxMismatch).at_stake(amount, "eur");
    assert_eq!(decide(&finding(-100)), Heal::LabelFx);
    assert_eq!(decide(&finding(101)), Heal::Leave(Why::TooMuch));
}

#[test]
fn what_is_not_open_is_left_alone() {
    let mut finding = found(Code::MissingEvent);
    finding.accept(
        &crate::finding::Decision::new("anna", "it is so").unwrap(),
        1_001,
    );
    assert_eq!(decide(&finding), Heal::Leave(Why::Settled));
}

#[test]
fn no_run_heals_more_than_its_caps() {
    let policy = Policy {
        caps: Caps { run: 3, account: 2 },
        ..Policy::default()
    };
    let mut spent = Spent::default();
    let mut of = |account: &str| {
        let finding = Finding {
            book: book(account),
            ..found(Code::StaleMirror)
        };
        heal(&finding, &policy, &mut spent)
    };
    let got = ["acct_1", "acct_1", "acct_1", "acct_2", "acct_2"].map(&mut of);
    assert_eq!(
        got,
        [
            Heal::Refetch,
            Heal::Refetch,
            Heal::Leave(Why::AccountCapReached),
            Heal::Refetch,
            Heal::Leave(Why::RunCapReached),
        ]
    );
    assert_eq!((spent.run(), spent.account(&book("acct_1"))), (3, 2));
}
