//! What has to hold at the end of every world.

use std::collections::BTreeMap;

use tributary_domain::ObjectId;
use tributary_ledger::{
    Account, Balances, Book, Class, Entry, Head, Says, Story, Violation, invariants,
};
use tributary_simulator::{Fields, Owner, World};

use crate::books::{Ledger, book_of, owners};

pub(crate) fn assert_explained(world: &World, ledgers: &BTreeMap<Book, Ledger>) {
    for owner in owners(world) {
        let ledger = &ledgers[&book_of(&owner)];
        entries_balance(ledger);
        balances_agree(world, &owner, ledger);
        payouts_are_explained(world, &owner, ledger);
        nothing_is_left_open(ledger);
    }
    transfers_arrive(world, ledgers);
}

/// I1, in both layers and in sum.
fn entries_balance(ledger: &Ledger) {
    for entry in ledger.entries() {
        assert_eq!(invariants::entry(entry), None, "{entry:?}");
    }
    for (currency, balances) in ledger.balances() {
        let sum: i64 = balances.iter().map(|(_, balance)| balance).sum();
        assert_eq!(sum, 0, "{currency}");
    }
}

/// I2 and I3: what Stripe says the owner has.
fn balances_agree(world: &World, owner: &Owner, ledger: &Ledger) {
    let (ours, empty) = (ledger.balances(), Balances::default());
    for (currency, money) in world.balance(owner) {
        let ours = ours.get(&currency).unwrap_or(&empty);
        let total = money.total();
        assert_eq!(invariants::balance(&currency, ours, total), None);
        let reserved = money.connect_reserved;
        assert_eq!(invariants::reserve(&currency, ours, reserved), None);
    }
    for (currency, balances) in &ours {
        let known = world.balance(owner).contains_key(currency);
        let held = balances.of(&Account::named(Head::StripeBalance, "payments"));
        assert!(known || held == 0, "{currency}");
    }
}

/// I5 and I6.
fn payouts_are_explained(world: &World, owner: &Owner, ledger: &Ledger) {
    let balances = ledger.balances();
    for fact in ledger.facts() {
        let Says::Payout(payout) = &fact.says else {
            continue;
        };
        let listed = world.payout_transactions(owner, fact.id.as_str()).unwrap();
        let nets = listed.iter().map(|it| it.int("net"));
        assert_eq!(invariants::payout(&fact.id, nets), None);
        let latest = world.object(owner, fact.id.as_str()).unwrap();
        if latest.text("status") == payout.status {
            for balances in balances.values() {
                assert_eq!(invariants::settled(&fact.id, payout, balances), None);
            }
        }
    }
}

/// Whatever is over has left the accounts that are only passed through; nothing
/// waits in suspense.
fn nothing_is_left_open(ledger: &Ledger) {
    let mut last = BTreeMap::new();
    for fact in ledger.facts() {
        last.insert(fact.id.as_str(), &fact.says);
    }
    for (currency, balances) in ledger.balances() {
        for (account, balance) in balances.iter() {
            let of = account.kept_for().unwrap_or_default();
            let told = || format!("{account} {balance} {currency} {:?}", last.get(of));
            match account.head() {
                // Owed to a payer whose refund came back.
                Head::CustomerFunds => {
                    let failed = failed_refunds(ledger, of);
                    assert!(balance < 0 && -balance <= failed, "{}", told());
                }
                Head::DisputeClearing => {
                    let is_open = matches!(last.get(of), Some(Says::Dispute(it))
                        if !matches!(it.status.as_str(), "won" | "lost"));
                    assert!(is_open, "{}", told());
                }
                Head::PayoutInTransit => {
                    let is_open = matches!(last.get(of), Some(Says::Payout(it))
                        if matches!(it.status.as_str(), "pending" | "in_transit"));
                    assert!(is_open, "{}", told());
                }
                // What no charge funds stays there to be seen.
                Head::TransfersOut => {
                    let is_alone = matches!(last.get(of), Some(Says::Transfer(it))
                        if it.source_transaction.is_none());
                    assert!(is_alone, "{}", told());
                }
                Head::FxClearing => assert!(of.starts_with("po_"), "{}", told()),
                head => {
                    let class = head.class();
                    assert!(
                        class != Class::Clearing && class != Class::Suspense,
                        "{}",
                        told()
                    );
                }
            }
        }
    }
}

fn failed_refunds(ledger: &Ledger, charge: &str) -> i64 {
    let of_charge = |entry: &&Entry| {
        let links = entry.source.as_ref().map(|source| &source.links);
        links.is_some_and(|it| it.charge.as_ref().is_some_and(|it| it.as_str() == charge))
    };
    let failures = ledger.entries().filter(|it| it.kind == "refund_failure");
    failures.filter(of_charge).map(|it| it.amount).sum()
}

/// I4.
fn transfers_arrive(world: &World, ledgers: &BTreeMap<Book, Ledger>) {
    let mut passing: BTreeMap<(Book, Account), Vec<&Entry>> = BTreeMap::new();
    for (book, ledger) in ledgers {
        for entry in ledger.entries() {
            for line in &entry.lines {
                if matches!(line.account.head(), Head::TransfersOut | Head::TransfersIn) {
                    let place = (book.clone(), line.account.clone());
                    passing.entry(place).or_default().push(entry);
                }
            }
        }
    }
    let story = |owner: &Owner, head, id: &ObjectId| {
        let book = book_of(owner);
        let mut story = Story::new(book.clone(), id.clone());
        let found = passing.get(&(book, Account::of(head, id)));
        for entry in found.into_iter().flatten() {
            story.add_entry((*entry).clone());
        }
        story
    };
    let mut compared = 0;
    for (_, transfer) in world.objects().filter(|(it, _)| it.kind == "transfer") {
        let id = |field| ObjectId::parse(transfer.text(field)).unwrap();
        let (transfer_id, payment) = (id("id"), id("destination_payment"));
        let destination = Owner::account(transfer.text("destination"));
        let sent = story(&Owner::Platform, Head::TransfersOut, &transfer_id);
        let received = story(&destination, Head::TransfersIn, &payment);
        assert!(sent.entries().count() > 0 && received.entries().count() > 0);
        let violation: Option<Violation> =
            invariants::transfer(&transfer_id, &sent, &payment, &received).unwrap();
        assert_eq!(violation, None);
        compared += 1;
    }
    assert!(compared > 0, "the scenes play transfers");
}
