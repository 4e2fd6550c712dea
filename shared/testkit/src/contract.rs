//! What every store promises, as a suite that runs against any of them.

use tributary_domain::{Change, Document, Effect, Row};
use tributary_pipeline::ports::{Store, StoreError};
use tributary_pipeline::receipt::{Outcome, Receipt, Relation};

use crate::samples::{Sample, event_key, object_key};

fn row(samples: &[Sample]) -> Row {
    let mut row = Row::default();
    for sample in samples {
        row.join(sample.version());
    }
    row
}

/// Runs the whole contract. `first_object` keeps runs on one store apart.
///
/// # Panics
/// Where the store breaks its contract.
pub async fn holds(store: &impl Store, first: u32) {
    what_was_never_written_is_absent(store, first).await;
    a_row_is_written_once_and_read_back(store, first + 1).await;
    a_stale_token_meets_the_current_row(store, first + 2).await;
    a_row_that_should_be_there_but_is_not_is_a_conflict(store, first + 3).await;
    writing_the_same_row_again_is_success(store, first + 4).await;
    the_first_receipt_stays(store, first + 5).await;
    a_batch_of_both_is_read_in_one_go(store, first + 6).await;
    a_receipt_from_quarantine_gives_way_to_a_better_one(store, first + 102).await;
    a_receipt_from_quarantine_gives_way_to_another_rendering(store, first + 103).await;
    a_row_of_megabytes_comes_back(store, first + 100).await;
    of_two_writers_one_wins(store, first + 101).await;
}

async fn what_was_never_written_is_absent(store: &impl Store, n: u32) {
    let loaded = store.load(&[event_key(n)], &[object_key(n)]).await;
    let loaded = loaded.unwrap_or_else(|error| unreachable!("{error}"));
    assert!(loaded.receipts.is_empty() && loaded.rows.is_empty());
}

async fn loaded_row(store: &impl Store, n: u32) -> Option<Row> {
    let loaded = store.load(&[], &[object_key(n)]).await;
    loaded
        .unwrap_or_else(|error| unreachable!("{error}"))
        .rows
        .remove(&object_key(n))
}

async fn a_row_is_written_once_and_read_back(store: &impl Store, n: u32) {
    let first = row(&[Sample {
        event: n,
        object: n,
        ..Sample::default()
    }]);
    assert!(store.write_row(&object_key(n), &first, None).await.is_ok());
    assert_eq!(loaded_row(store, n).await, Some(first));
}

async fn a_stale_token_meets_the_current_row(store: &impl Store, n: u32) {
    let old = Sample {
        event: n,
        object: n,
        ..Sample::default()
    };
    let new = Sample {
        event: n + 1,
        at: 2,
        n: 2,
        ..old.clone()
    };
    let (before, after) = (row(std::slice::from_ref(&old)), row(&[old.clone(), new]));
    let other = row(&[
        old,
        Sample {
            event: n + 2,
            at: 3,
            n: 3,
            ..Sample::default()
        },
    ]);
    let key = object_key(n);
    assert!(store.write_row(&key, &before, None).await.is_ok());
    assert!(
        store
            .write_row(&key, &after, Some(&before.token()))
            .await
            .is_ok()
    );
    for expected in [None, Some(before.token())] {
        match store.write_row(&key, &other, expected.as_ref()).await {
            Err(StoreError::Conflict(Some(current))) => assert_eq!(*current, after),
            answer => unreachable!("a stale write was answered {answer:?}"),
        }
    }
    assert_eq!(loaded_row(store, n).await, Some(after));
}

async fn a_row_that_should_be_there_but_is_not_is_a_conflict(store: &impl Store, n: u32) {
    let first = row(&[Sample {
        event: n,
        object: n,
        ..Sample::default()
    }]);
    let answer = store
        .write_row(&object_key(n), &first, Some(&first.token()))
        .await;
    assert!(
        matches!(answer, Err(StoreError::Conflict(None))),
        "{answer:?}"
    );
}

async fn writing_the_same_row_again_is_success(store: &impl Store, n: u32) {
    let first = row(&[Sample {
        event: n,
        object: n,
        ..Sample::default()
    }]);
    for _ in 0..2 {
        assert!(store.write_row(&object_key(n), &first, None).await.is_ok());
    }
}

async fn the_first_receipt_stays(store: &impl Store, n: u32) {
    let first = Sample {
        event: n,
        object: n,
        ..Sample::default()
    };
    let other = Sample {
        n: 2,
        ..first.clone()
    };
    assert!(
        store
            .write_receipt(&Receipt::of(&first.arrival()))
            .await
            .is_ok()
    );
    for (again, relation) in [(&first, Relation::Same), (&other, Relation::OtherBody)] {
        let arrival = again.arrival();
        match store.write_receipt(&Receipt::of(&arrival)).await {
            Err(StoreError::Duplicate(mark)) => assert_eq!(mark.relation(&arrival.facts), relation),
            answer => unreachable!("a second receipt was answered {answer:?}"),
        }
    }
}

async fn a_receipt_from_quarantine_gives_way_to_a_better_one(store: &impl Store, n: u32) {
    let sample = Sample {
        event: n,
        object: n,
        ..Sample::default()
    };
    let better = Receipt::of(&sample.arrival());
    let held = Receipt {
        outcome: Outcome::Quarantined,
        ..better.clone()
    };
    let other = Receipt::of(&Sample { n: 2, ..sample }.arrival());
    assert!(store.write_receipt(&held).await.is_ok());
    for in_vain in [&held, &other] {
        let answer = store.write_receipt(in_vain).await;
        assert!(
            matches!(answer, Err(StoreError::Duplicate(_))),
            "{answer:?}"
        );
    }
    assert!(store.write_receipt(&better).await.is_ok());
}

async fn a_receipt_from_quarantine_gives_way_to_another_rendering(store: &impl Store, n: u32) {
    let versions = [None, Some("2020-08-27"), Some("2026-10-28.endive")];
    for (event, version) in (n..).zip(versions) {
        let rendering = |n, version: Option<&str>, outcome| {
            let sample = Sample {
                event,
                n,
                ..Sample::default()
            };
            let mut receipt = Receipt::of(&sample.arrival());
            receipt.facts.api_version = version.map(str::to_owned);
            Receipt { outcome, ..receipt }
        };
        let held = rendering(1, version, Outcome::Quarantined);
        let forged = rendering(2, version, Outcome::Applied);
        let usable = |n| rendering(n, Some("2026-05-27"), Outcome::Applied);
        assert!(store.write_receipt(&held).await.is_ok());
        for (receipt, stored_is_held) in [(forged, true), (usable(3), false)] {
            let answer = store.write_receipt(&receipt).await;
            assert_eq!(answer.is_err(), stored_is_held, "{answer:?}");
        }
        let answer = store.write_receipt(&usable(4)).await;
        assert!(
            matches!(&answer, Err(StoreError::Duplicate(mark)) if !mark.held),
            "{answer:?}"
        );
    }
}

async fn a_batch_of_both_is_read_in_one_go(store: &impl Store, n: u32) {
    let numbers: Vec<u32> = (n..n + 60).collect();
    for &n in &numbers {
        let sample = Sample {
            event: n,
            object: n,
            ..Sample::default()
        };
        let first = row(std::slice::from_ref(&sample));
        assert!(store.write_row(&object_key(n), &first, None).await.is_ok());
        assert!(
            store
                .write_receipt(&Receipt::of(&sample.arrival()))
                .await
                .is_ok()
        );
    }
    let events: Vec<_> = numbers.iter().map(|&n| event_key(n)).collect();
    let objects: Vec<_> = numbers.iter().map(|&n| object_key(n)).collect();
    let loaded = store.load(&events, &objects).await;
    let loaded = loaded.unwrap_or_else(|error| unreachable!("{error}"));
    assert_eq!((loaded.receipts.len(), loaded.rows.len()), (60, 60));
}

/// DynamoDB's items end at 400 KB, and text from a random generator does not
/// compress.
async fn a_row_of_megabytes_comes_back(store: &impl Store, n: u32) {
    use rand::{RngExt, SeedableRng};
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(u64::from(n));
    let noise: String = (0..1_500_000)
        .map(|_| rng.sample(rand::distr::Alphanumeric) as char)
        .collect();
    let sample = Sample {
        event: n,
        object: n,
        change: Change::Changed,
        ..Sample::default()
    };
    let mut version = sample.version();
    version.body = Document::from_canonical(format!(r#"{{"noise":"{noise}"}}"#));
    let mut big = Row::default();
    big.join(version);
    assert!(store.write_row(&object_key(n), &big, None).await.is_ok());
    assert_eq!(loaded_row(store, n).await, Some(big));
    let mut arrival = sample.arrival();
    arrival.raw = noise.into_boxed_str();
    arrival.effect = Effect::Record;
    assert!(store.write_receipt(&Receipt::of(&arrival)).await.is_ok());
}

async fn of_two_writers_one_wins(store: &impl Store, n: u32) {
    let key = object_key(n);
    let rows: Vec<Row> = (1..=2)
        .map(|value| {
            row(&[Sample {
                event: n,
                object: n,
                n: value,
                ..Sample::default()
            }])
        })
        .collect();
    let [one, two] = rows.as_slice() else {
        unreachable!()
    };
    assert!(store.write_row(&key, one, None).await.is_ok());
    let lost = store.write_row(&key, two, None).await;
    assert!(
        matches!(lost, Err(StoreError::Conflict(Some(_)))),
        "{lost:?}"
    );
}
