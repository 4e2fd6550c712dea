//! The ledger on DynamoDB keeps the contract, and ends as the one in memory.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]
#![allow(clippy::cast_possible_truncation)]

mod database;

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::types::AttributeValue;
use database::{Item, LedgerTable};
use tributary_ledger::post;
use tributary_ledger::views::{Expected, FeeKey, Fees, Month, MonthView, Taker};
use tributary_pipeline::ledger::replay::{Whole, compare, fingerprint, rebuild, take_over};
use tributary_pipeline::ledger::{
    BookState, Commit, Ledger, Ports, PullRequest, Pulled, Stories, Tally, Watch, pull,
};
use tributary_testkit::ledger::samples::{id, payment, platform, refund, transfer};
use tributary_testkit::ledger::{MemoryDoubts, MemoryLedger, MemoryList, contract};
use tributary_testkit::reconcile;

const NOON: i64 = 1_795_348_800;

/// A watch at a second, that has time for so many pages.
struct Stopped {
    now: i64,
    pages: AtomicUsize,
}

impl Watch for Stopped {
    fn now(&self) -> i64 {
        self.now
    }

    fn has_time(&self) -> bool {
        let left = |left: usize| left.checked_sub(1);
        self.pages
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left)
            .is_ok()
    }
}

#[tokio::test]
async fn contract_the_ledger_on_dynamodb_keeps_it() {
    let table = LedgerTable::open().await;
    contract::holds(&table.ledger).await;
    contract::holds_as_a_whole(&table.ledger).await;
    let table = LedgerTable::open().await;
    reconcile::contract::payouts_under_way_are_read_by_page(&table.ledger).await;
    reconcile::contract::what_is_undecided_is_read_by_page(&table.ledger).await;
}

async fn pull_into(ledger: &(impl Ledger + Stories), list: &MemoryList, until: i64) {
    let pulled = pull_pages(ledger, list, until, usize::MAX).await;
    assert_eq!(pulled, Pulled::Finished);
}

async fn pull_pages(
    ledger: &(impl Ledger + Stories),
    list: &MemoryList,
    until: i64,
    pages: usize,
) -> Pulled {
    let ports = Ports {
        transactions: list,
        ledger,
        doubts: &MemoryDoubts::default(),
        watch: &Stopped {
            now: until,
            pages: pages.into(),
        },
        worker: "one",
    };
    let request = PullRequest {
        book: platform(),
        until,
        since: None,
        stake: 0,
    };
    let pulled = pull(&ports, &request, &mut Tally::default()).await;
    pulled.unwrap()
}

fn life() -> [Vec<tributary_domain::BalanceTransaction>; 2] {
    let paid = (0..120).map(|n| payment(n, NOON - 900 * n as i64));
    let back = (0..30).map(|n| refund(3 * n, NOON + n as i64));
    let passed_on = (0..40).map(|n| transfer(2 * n, 700, NOON - 5));
    [paid.collect(), back.chain(passed_on).collect()]
}

#[tokio::test]
async fn contract_pulling_into_dynamodb_ends_as_in_memory() {
    let (table, memory) = (LedgerTable::open().await, MemoryLedger::default());
    let list = MemoryList::with_pages_of(40);
    for (n, movements) in life().into_iter().enumerate() {
        list.book(&platform(), movements);
        let until = NOON + 100 * n as i64;
        pull_into(&memory, &list, until).await;
        pull_into(&table.ledger, &list, until).await;
    }
    let kept = memory.kept(&platform());
    let view = table.ledger.view(&platform()).await.unwrap();
    assert_eq!(view.state, kept.state);
    assert_eq!(view.totals, kept.totals());
    assert!(!kept.months.is_empty());
    let months: Vec<_> = kept.months.keys().cloned().collect();
    let found = table.ledger.months(&platform(), &months).await.unwrap();
    assert_eq!(found, kept.months);
    let mut entries = table.ledger.all_entries().await.unwrap();
    entries.sort_by_key(|entry| entry.key());
    let expected: Vec<_> = kept.all_entries().cloned().collect();
    assert_eq!(entries, expected);
    for day in kept.totals().keys() {
        let mut filed = table.ledger.movements(&platform(), *day).await.unwrap();
        let pages = kept.filed.iter().filter(|((of, _), _)| of == day);
        let mut expected: Vec<_> = pages.flat_map(|(_, filed)| filed.clone()).collect();
        filed.sort_unstable();
        expected.sort_unstable();
        assert_eq!(filed, expected, "{day}");
    }
    for (root, derived) in &kept.derived {
        let trace = table.ledger.trace(&platform(), root).await.unwrap();
        let expected: Vec<_> = derived.values().cloned().collect();
        assert_eq!(trace[root].derived, expected, "{root}");
    }
    let states = table.ledger.all_states().await.unwrap();
    assert_eq!(states[&platform()], kept.state);
}

#[tokio::test]
async fn what_is_expected_is_kept_as_it_was_written() {
    let ledger = LedgerTable::open().await.ledger;
    assert_eq!(ledger.expected().await.unwrap(), Expected::default());
    let text = r#"{"rates": {"eur/usd": "1.0950"}}"#;
    let expected = ledger.expect(text).await.unwrap();
    assert_eq!(ledger.expected().await.unwrap(), expected);
    let refused = ledger.expect(r#"{"rates": {"eur": "1"}}"#).await;
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.contains("eur is no pair of currencies"),
        "{refused}"
    );
    assert_eq!(ledger.expected_text().await.unwrap().as_deref(), Some(text));
}

/// A backup that was made between two pages of a pull, copied into a new table after the
/// ledger had gone on: it ends where the other did.
#[tokio::test]
async fn fault_46_a_table_restored_from_its_backup_reaches_the_same_fingerprint() {
    let live = LedgerTable::open().await;
    let list = MemoryList::with_pages_of(40);
    let [paid, later] = life();
    list.book(&platform(), paid);
    let pulled = pull_pages(&live.ledger, &list, NOON, 2).await;
    assert_eq!(pulled, Pulled::Paused);
    let backup = live.items().await;
    let end = NOON + 10_000;
    pull_into(&live.ledger, &list, NOON + 5_000).await;
    list.book(&platform(), later);
    pull_into(&live.ledger, &list, end).await;

    let restored = LedgerTable::restored(backup).await;
    let whole = fingerprint(&live.ledger).await.unwrap();
    assert_ne!(fingerprint(&restored.ledger).await.unwrap(), whole);
    pull_into(&restored.ledger, &list, end).await;
    assert_eq!(fingerprint(&restored.ledger).await.unwrap(), whole);
    let (mut entries, mut again) = (
        live.ledger.all_entries().await.unwrap(),
        restored.ledger.all_entries().await.unwrap(),
    );
    entries.sort_by_key(|entry| entry.key());
    again.sort_by_key(|entry| entry.key());
    assert_eq!((entries.len(), &entries), (190, &again));
}

/// Of one thing changed, one gone and one unreadable, each is named.
#[tokio::test]
async fn a_ledger_in_dynamodb_is_made_again_and_compared() {
    let (live, shadow) = (LedgerTable::open().await, LedgerTable::open().await);
    let list = MemoryList::with_pages_of(40);
    for (n, movements) in life().into_iter().enumerate() {
        list.book(&platform(), movements);
        pull_into(&live.ledger, &list, NOON + 100 * n as i64).await;
    }
    let rebuilt = rebuild(&live.ledger, &shadow.ledger, NOON).await.unwrap();
    assert_eq!((rebuilt.posted, rebuilt.missing), (190, 0));
    let same = compare(&live.ledger, &shadow.ledger).await.unwrap();
    assert_eq!((same.equal, same.found.len()), (190, 0), "{same}");
    assert_eq!(
        fingerprint(&live.ledger).await.unwrap(),
        fingerprint(&shadow.ledger).await.unwrap()
    );

    let right = post(&platform(), &payment(7, NOON - 900 * 7))
        .unwrap()
        .entry;
    let mut wrong = right.clone();
    wrong.lines.reverse();
    live.ledger.replace(&wrong, &right).await.unwrap();
    live.remove("live#platform#ch_00009", "A#txn_00009").await;
    let found = compare(&live.ledger, &shadow.ledger).await.unwrap();
    let names: Vec<_> = found.found.iter().collect();
    let names: Vec<_> = names
        .iter()
        .map(|((_, about), one)| (about.as_str(), one.name()))
        .collect();
    assert_eq!(names, [("txn_00007", "changed"), ("txn_00009", "missing")]);
    let taken = take_over(&live.ledger, &shadow.ledger, &found)
        .await
        .unwrap();
    assert_eq!((taken.entries, taken.left), (1, 1));
    let node = live
        .ledger
        .node(&platform(), &id("ch_00007"))
        .await
        .unwrap();
    assert_eq!(node.entries, [right]);

    live.damage("live#platform#ch_00011", "A#txn_00011").await;
    let unreadable = compare(&live.ledger, &shadow.ledger).await.unwrap_err();
    let expected =
        "the ledger refused: the ledger's item live#platform#ch_00011 A#txn_00011 cannot be read";
    assert_eq!(unreadable.to_string(), expected);
}

/// What DynamoDB bills an item by: its names and values.
fn bytes(item: &Item) -> usize {
    let value = |value: &AttributeValue| match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        other => unreachable!("{other:?}"),
    };
    let number = |text: &str| text.len().div_ceil(2) + 1;
    let attribute = |(name, it): (&String, &AttributeValue)| match it {
        AttributeValue::N(text) => name.len() + number(text),
        it => name.len() + value(it),
    };
    item.iter().map(attribute).sum()
}

/// A write costs by the KB: entries and what is derived of them have to stay below
/// one.
#[tokio::test]
async fn an_entry_costs_one_write_unit() {
    let table = LedgerTable::open().await;
    let list = MemoryList::default();
    for movements in life() {
        list.book(&platform(), movements);
    }
    pull_into(&table.ledger, &list, NOON).await;
    let (mut entries, mut state, mut pages) = (Vec::new(), 0, Vec::new());
    for item in table.items().await {
        let range = item["sk"].as_s().unwrap();
        let size = bytes(&item);
        if range.starts_with("A#") || range.starts_with("B#") {
            entries.push(size);
        } else if range == "state" {
            state = size;
        } else if item["pk"].as_s().unwrap().starts_with("day#") {
            pages.push(size);
        }
    }
    entries.sort_unstable();
    let most = entries.last().unwrap();
    let median = entries[entries.len() / 2];
    println!("entries: median {median}, most {most} bytes; state {state}; pages {pages:?}");
    assert!(*most <= 1_024, "{most} bytes");
}

/// A month's view is written for each page of a hundred movements, so it has to stay
/// small beside them: here every one of 200 kinds of payment, 5 methods and 40
/// countries, with amounts of their own.
#[tokio::test]
async fn the_view_of_a_platform_all_over_the_world_is_small_beside_its_pages() {
    let table = LedgerTable::open().await;
    let mut view = MonthView::default();
    for n in 0..200_u64 {
        let (method, country) = (n % 5, n / 5);
        let key = FeeKey {
            taker: Taker::Stripe,
            method: ["card", "sepa_debit", "ideal", "klarna", "link"][method as usize].to_owned(),
            country: String::from_utf8(vec![65 + (country / 26) as u8, 65 + (country % 26) as u8])
                .unwrap(),
            currency: "usd".to_owned(),
        };
        let count = 1_000 + n * 7_919 % 50_000;
        let gross = i128::from(count * 8_713 + n);
        let fees = Fees {
            count,
            gross,
            fee: gross * 29 / 1_000,
            covered: count,
            compared: gross * 29 / 1_000,
            expected: gross * 29 / 1_000 - i128::from(n),
        };
        view.fees.insert(key, fees);
    }
    let month = Month::parse("2026-11").unwrap();
    let commit = Commit {
        state: BookState::default().next("one"),
        months: [(month, view)].into(),
        ..Commit::default()
    };
    table.ledger.commit(&platform(), &commit).await.unwrap();
    let items = table.items().await;
    let view = items
        .iter()
        .find(|it| it["pk"].as_s().unwrap().starts_with("month#"));
    let size = bytes(view.unwrap());
    println!("200 kinds of payment: {size} bytes");
    // Twice a KB each in a transaction: a tenth of a write unit for a movement.
    assert!(size <= 6 * 1_024, "{size} bytes");
}
