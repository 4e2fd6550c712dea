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
use tributary_simulator::{Flaw, World};
use tributary_stripe::read_transaction;

fn scope() -> Scope {
    Scope::new("test", "all")
}

/// The entries of each book, by the object that moved them and by what that belongs to.
#[derive(Default)]
struct BySource<'e> {
    of: BTreeMap<(&'e Book, &'e ObjectId), Vec<&'e Entry>>,
    below: BTreeMap<(&'e Book, &'e ObjectId), Vec<&'e Entry>>,
}

impl<'e> BySource<'e> {
    fn of(entries: &'e BTreeMap<Book, Vec<Entry>>) -> Self {
        let mut all = Self::default();
        for entry in entries.values().flatten() {
            if let Some(source) = &entry.source {
                let key = (&entry.book, &source.id);
                all.of.entry(key).or_default().push(entry);
            }
            if let Some(above) = entry.belongs_to() {
                let key = (&entry.book, above);
                all.below.entry(key).or_default().push(entry);
            }
        }
        all
    }
}

impl BySource<'_> {
    fn of_object(&self, book: &Book, object: &ObjectId) -> Vec<Entry> {
        let found = self.of.get(&(book, object)).into_iter().flatten();
        found.map(|entry| (*entry).clone()).collect()
    }

    fn below(&self, book: &Book, object: &ObjectId) -> Vec<Entry> {
        let found = self.below.get(&(book, object)).into_iter().flatten();
        found.map(|entry| (*entry).clone()).collect()
    }
}

fn between(world: &World, entries: &BTreeMap<Book, Vec<Entry>>, found: &mut Vec<Finding>) {
    let all = BySource::of(entries);
    for entry in entries.values().flatten() {
        found.extend(entry::inspect(entry, &scope(), world.now()));
        for wanted in books::wanted(entry) {
            let told = wanted
                .told_by()
                .map(|object| all.of_object(&entry.book, object));
            let Some(place) = wanted.place(&told.unwrap_or_default()) else {
                continue;
            };
            let owner = place.owner.account();
            if owner.is_some_and(|id| world.is_deauthorized(id.as_str())) {
                continue;
            }
            let other = Book {
                mode: entry.book.mode,
                owner: place.owner,
            };
            let mut theirs = all.of_object(&other, &place.object);
            if let Some(above) = &place.above {
                theirs.extend(all.below(&other, above));
                if is_pending_below(world, &other, above) {
                    continue;
                }
            }
            let other = (&other, theirs.as_slice());
            found.extend(books::compare(entry, &wanted, other, &scope(), world.now()));
        }
    }
}

/// Whether a refund of a payment waits for money.
fn is_pending_below(world: &World, book: &Book, charge: &ObjectId) -> bool {
    let owner = rig::stripe::owner(book);
    world.objects().any(|(it, refund)| {
        it.kind == "refund"
            && it.owner == owner
            && refund["charge"] == charge.as_str()
            && refund["status"] == "pending"
    })
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
                Flaw::EventNotGenerated | Flaw::DeliveryLost | Flaw::ReportLine | Flaw::ModeMix
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
        assert_eq!(verdict.injected, 22);
        assert_eq!(verdict.found, verdict.injected);
    }
}
