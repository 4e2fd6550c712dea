//! The rules of the ledger and of reconciliation, held against two simulated weeks: what was
//! put wrong is found, and nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs
)]

mod rig;

use std::collections::BTreeMap;

use rig::{expanded, owners, played, posted, state};
use tributary_books::{Label, Verdict, labels};
use tributary_domain::ObjectId;
use tributary_domain::change::State;
use tributary_ledger::{Book, Entry, Head};
use tributary_reconciliation::compare::{balance, books, entry, payout};
use tributary_reconciliation::{Finding, Scope};
use tributary_simulator::{Flaw, Owner, World};
use tributary_stripe::read_transaction;

fn scope() -> Scope {
    Scope::new("test", "all")
}

fn between(world: &World, entries: &BTreeMap<Book, Vec<Entry>>, found: &mut Vec<Finding>) {
    let mut by_source: BTreeMap<(&Book, &str), Vec<Entry>> = BTreeMap::new();
    for (book, entries) in entries {
        for entry in entries {
            if let Some(source) = &entry.source {
                let key = (book, source.id.as_str());
                by_source.entry(key).or_default().push(entry.clone());
            }
        }
    }
    for entry in entries.values().flatten() {
        found.extend(entry::inspect(entry, &scope(), world.now()));
        let Some(wanted) = books::wanted(entry) else {
            continue;
        };
        let (owner, id) = match &wanted {
            books::Wanted::Payment {
                destination,
                payment,
            } => (Owner::account(destination), payment),
            books::Wanted::Transfer(id) => (Owner::Platform, id),
            books::Wanted::FeePayer { account, charge } => (Owner::account(account), charge),
        };
        if owner
            .account_id()
            .is_some_and(|id| world.is_deauthorized(id))
        {
            continue;
        }
        let other = labels::book(&owner).unwrap();
        let theirs = by_source
            .get(&(&other, id.as_str()))
            .cloned()
            .unwrap_or_default();
        found.extend(books::compare(
            entry,
            &wanted,
            (&other, &theirs),
            &scope(),
            world.now(),
        ));
    }
}

fn holdings(world: &World, entries: &BTreeMap<Book, Vec<Entry>>, found: &mut Vec<Finding>) {
    for owner in owners(world) {
        let book = labels::book(&owner).unwrap();
        let mut sums = balance::Sums::default();
        for entry in &entries[&book] {
            for line in &entry.lines {
                let sum = match line.account.head() {
                    Head::StripeBalance => &mut sums.payments,
                    Head::ConnectReserved => &mut sums.reserved,
                    _ => continue,
                };
                *sum.entry(entry.currency.clone()).or_default() += i128::from(line.amount);
            }
        }
        for map in [&mut sums.payments, &mut sums.reserved] {
            map.retain(|_, sum| *sum != 0);
        }
        let Some(State::Balance(reading)) = state(&world.balance_json(&owner)) else {
            panic!("no balance");
        };
        found.extend(balance::compare(
            &book,
            &reading,
            &sums,
            &scope(),
            world.now(),
        ));
    }
}

fn payouts(world: &World, found: &mut Vec<Finding>) {
    for (reference, json) in world.objects().filter(|(it, _)| it.kind == "payout") {
        let owner = &reference.owner;
        if owner
            .account_id()
            .is_some_and(|id| world.is_deauthorized(id))
        {
            continue;
        }
        let book = labels::book(owner).unwrap();
        let id = ObjectId::parse(&reference.id).unwrap();
        let Some(State::Payout(state)) = state(json) else {
            panic!("no payout")
        };
        found.extend(payout::inspect(&book, &id, &state, &scope(), world.now()));
        if payout::is_explainable(&state) {
            let listed = world.payout_transactions(owner, &reference.id).unwrap();
            let listed: Vec<_> = listed
                .into_iter()
                .map(|json| read_transaction(&expanded(world, owner, json), "order_id").unwrap())
                .collect();
            found.extend(payout::explain(&book, &id, &listed, &scope(), world.now()));
        }
    }
}

fn judged(world: &World) -> Verdict {
    let entries = posted(world);
    let mut found = Vec::new();
    between(world, &entries, &mut found);
    holdings(world, &entries, &mut found);
    payouts(world, &mut found);
    let labels: Vec<Label> = world
        .injected()
        .iter()
        // These show in deliveries and reports, not in the books.
        .filter(|it| {
            !matches!(
                it.flaw,
                Flaw::EventNotGenerated | Flaw::DeliveryLost | Flaw::ReportLine
            )
        })
        .map(|it| Label::of_flaw(it).unwrap())
        .collect();
    Verdict::of(&labels, &found)
}

#[test]
fn a_world_without_flaws_has_no_findings() {
    for seed in [1, 2] {
        let verdict = judged(&played(seed, 0));
        assert_eq!(verdict.unlabelled, [] as [String; 0], "seed {seed}");
    }
}

#[test]
fn every_flaw_is_found_and_nothing_else() {
    for seed in [1, 2] {
        let verdict = judged(&played(seed, 2));
        println!("{verdict}");
        assert_eq!(verdict.missed, [] as [String; 0], "seed {seed}");
        assert_eq!(verdict.unlabelled, [] as [String; 0], "seed {seed}");
        assert_eq!(verdict.injected, 18);
        assert_eq!(verdict.found, verdict.injected);
    }
}
