//! The ledger on DynamoDB keeps the contract, and ends as the one in memory.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

mod database;

use aws_sdk_dynamodb::types::AttributeValue;
use database::{Item, LedgerTable};
use tributary_ledger::views::Expected;
use tributary_pipeline::ledger::{Ledger, Ports, PullRequest, Pulled, Stories, Tally, Watch, pull};
use tributary_testkit::ledger::samples::{payment, platform, refund, transfer};
use tributary_testkit::ledger::{MemoryDoubts, MemoryLedger, MemoryList, contract};

const NOON: i64 = 1_795_348_800;

struct Noon;

impl Watch for Noon {
    fn now(&self) -> i64 {
        NOON
    }

    fn has_time(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn contract_the_ledger_on_dynamodb_keeps_it() {
    contract::holds(&LedgerTable::open().await.ledger).await;
}

async fn pull_into(ledger: &(impl Ledger + Stories), list: &MemoryList, until: i64) {
    let ports = Ports {
        transactions: list,
        ledger,
        doubts: &MemoryDoubts::default(),
        watch: &Noon,
        worker: "one",
    };
    let request = PullRequest {
        book: platform(),
        until,
        since: None,
    };
    let pulled = pull(&ports, &request, &mut Tally::default()).await;
    assert_eq!(pulled.unwrap(), Pulled::Finished);
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
