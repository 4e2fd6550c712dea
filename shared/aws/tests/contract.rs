//! The store on DynamoDB keeps the contract, and applies like the one in memory.

#![allow(clippy::unwrap_used)]

mod database;

use std::collections::BTreeMap;

use database::{Control, Database};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tributary_domain::Change;
use tributary_pacing::{ControlStore, WriteError};
use tributary_pipeline::apply::{Fate, Ports, apply};
use tributary_pipeline::ports::Store;
use tributary_testkit::control::keeps_the_contract;
use tributary_testkit::samples::{Sample, object_key};
use tributary_testkit::{MemoryQueues, MemoryStore, contract};

#[tokio::test]
async fn contract_the_store_on_dynamodb_keeps_it() {
    contract::holds(&Database::open().await.store, 1).await;
}

#[tokio::test]
async fn contract_the_control_table_keeps_it() {
    let table = Control::open().await.table;
    keeps_the_contract(&table, "stripe#circuit#charges").await;
    keeps_the_contract(&table, "stripe#circuit#payouts").await;
}

/// What a later version wrote is out of reach, not gone.
#[tokio::test]
async fn fault_42_a_control_item_of_another_form_is_left_as_it_is() {
    let control = Control::open().await;
    control.put_other("stripe#pace").await;
    assert!(control.table.load("stripe#pace").await.is_err());
    let over = control.table.replace("stripe#pace", "{}", None).await;
    assert_eq!(over, Err(WriteError::Conflict));
}

fn events(rng: &mut ChaCha8Rng) -> Vec<Sample> {
    let changes = [
        Change::Changed,
        Change::Changed,
        Change::Changed,
        Change::Created,
        Change::Deleted,
    ];
    let mut samples: Vec<Sample> = (0..40)
        .map(|event| Sample {
            event,
            object: rng.random_range(0..4),
            at: rng.random_range(0..5),
            change: changes
                .get(rng.random_range(0..changes.len()))
                .copied()
                .unwrap(),
            n: rng.random_range(0..4),
            before: rng.random_bool(0.5).then(|| rng.random_range(0..4)),
        })
        .collect();
    samples.extend(samples.clone());
    samples.shuffle(rng);
    samples
}

async fn fates(store: &impl Store, queues: &MemoryQueues, samples: &[Sample]) -> Vec<Fate> {
    let ports = Ports {
        store,
        fetches: queues,
        quarantine: queues,
    };
    let mut fates = Vec::new();
    for (batch, samples) in samples.chunks(10).enumerate() {
        let batch = samples
            .iter()
            .enumerate()
            .map(|(n, s)| s.incoming(format!("{batch}.{n}")));
        fates.extend(
            apply(&ports, batch.collect())
                .await
                .into_iter()
                .map(|(_, fate)| fate),
        );
    }
    fates
}

#[tokio::test]
async fn contract_applying_on_dynamodb_ends_as_in_memory() {
    for seed in 0..8 {
        let samples = events(&mut ChaCha8Rng::seed_from_u64(seed));
        let (memory, dynamodb) = (MemoryStore::default(), Database::open().await.store);
        let (a, b) = (MemoryQueues::default(), MemoryQueues::default());
        let expected = fates(&memory, &a, &samples).await;
        assert_eq!(
            fates(&dynamodb, &b, &samples).await,
            expected,
            "seed {seed}"
        );
        let rows = dynamodb.all_rows().await.unwrap();
        let rows: BTreeMap<_, _> = rows
            .iter()
            .map(|(key, row)| (key.to_string(), row.to_json()))
            .collect();
        assert_eq!(rows, memory.mirror(), "seed {seed}");
        let outcomes = dynamodb.all_outcomes().await.unwrap();
        let receipts = memory.receipts();
        assert_eq!(outcomes.len(), receipts.len(), "seed {seed}");
        for (key, receipt) in receipts {
            assert_eq!(
                outcomes.get(&key.to_string()).unwrap(),
                receipt.outcome.as_str()
            );
        }
        assert_eq!(a.fetches(), b.fetches(), "seed {seed}");
    }
}

#[tokio::test]
async fn contract_two_workers_on_one_object_lose_nothing() {
    let store = Database::open().await.store;
    let queues = MemoryQueues::default();
    let samples: Vec<Sample> = (0..20)
        .map(|n| Sample {
            event: n,
            at: 1,
            n,
            ..Sample::default()
        })
        .collect();
    let (left, right) = samples.split_at(10);
    let (left, right) = tokio::join!(fates(&store, &queues, left), fates(&store, &queues, right));
    assert!(
        left.iter().chain(&right).all(|fate| *fate == Fate::Applied),
        "{left:?} {right:?}"
    );
    let memory = MemoryStore::default();
    fates(&memory, &MemoryQueues::default(), &samples).await;
    let rows = store.all_rows().await.unwrap();
    let row = rows.values().next().map(|row| row.to_json());
    assert_eq!(row.as_ref(), memory.mirror().values().next());
}

/// A stored row is damaged: the messages about it come again, and the others of
/// their batch are applied.
#[tokio::test]
async fn fault_42_a_damaged_row_costs_only_its_own_messages() {
    let database = Database::open().await;
    let store = &database.store;
    let queues = MemoryQueues::default();
    let pair = |event| {
        [0, 1].map(|object| Sample {
            event: event + object,
            object,
            at: 1,
            ..Sample::default()
        })
    };
    assert_eq!(fates(store, &queues, &pair(1)).await, [Fate::Applied; 2]);
    database.damage(&object_key(0)).await;
    assert_eq!(
        fates(store, &queues, &pair(3)).await,
        [Fate::Failed, Fate::Applied]
    );
}
