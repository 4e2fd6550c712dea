//! The store in memory and the one on a DynamoDB engine, held to each other: the
//! same random calls get the same answers from both and leave the same behind.
//!
//! Thousands of simulated runs rest on the store in memory; this is what lets them.
//! A failing sequence prints its seed, and `SEED=n` runs that one alone. A call of
//! the unoptimised SDK takes 2 ms, so the suite runs a thousand sequences and
//! `make differential` ten thousand (`SEQUENCES=n`).

#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::print_stdout)]

mod database;

use std::collections::{BTreeMap, BTreeSet};

use database::Database;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tributary_domain::{Change, EventKey, Fingerprint, ObjectKey, Row};
use tributary_pipeline::ports::{Loaded, Store, StoreError};
use tributary_pipeline::receipt::{Outcome, Receipt, ReceiptMark};
use tributary_testkit::MemoryStore;
use tributary_testkit::samples::{Sample, event_key, object_key};

/// Sequences of a run, unless `SEQUENCES` says otherwise.
const SEQUENCES: u32 = 1_000;
/// Calls of a sequence.
const CALLS: std::ops::RangeInclusive<u32> = 3..=8;
/// Objects of a sequence, and as many events: few, so that calls meet.
const OBJECTS: u32 = 2;
/// Sequences whose end is compared with one request; DynamoDB reads 100 keys.
const SEQUENCES_A_READ: u32 = 100 / (2 * OBJECTS);

/// One call.
#[derive(Debug)]
enum Call {
    Load(Vec<EventKey>, Vec<ObjectKey>),
    WriteRow(ObjectKey, Row, Option<Fingerprint>),
    WriteReceipt(Receipt),
    /// No call of the store: a fault that makes a row unreadable.
    Damage(ObjectKey),
}

/// What a store answers, as far as its caller can tell it from other answers.
#[derive(Debug, PartialEq)]
enum Answer {
    Done,
    Loaded {
        receipts: BTreeMap<EventKey, ReceiptMark>,
        rows: BTreeMap<ObjectKey, Row>,
        damaged: (BTreeSet<EventKey>, BTreeSet<ObjectKey>),
    },
    Duplicate(ReceiptMark),
    Conflict(Option<Row>),
    Transient,
    Invalid,
}

impl From<Loaded> for Answer {
    fn from(loaded: Loaded) -> Self {
        Self::Loaded {
            receipts: loaded.receipts,
            rows: loaded.rows,
            damaged: (loaded.damaged_receipts, loaded.damaged_rows),
        }
    }
}

impl From<StoreError> for Answer {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Duplicate(mark) => Self::Duplicate(*mark),
            StoreError::Conflict(row) => Self::Conflict(row.map(|row| *row)),
            StoreError::Transient(_) => Self::Transient,
            StoreError::Invalid(_) => Self::Invalid,
        }
    }
}

async fn answer(store: &impl Store, call: &Call) -> Answer {
    let answer = match call {
        Call::Load(events, objects) => match store.load(events, objects).await {
            Ok(loaded) => return loaded.into(),
            Err(error) => Err(error),
        },
        Call::WriteRow(key, row, expected) => store.write_row(key, row, expected.as_ref()).await,
        Call::WriteReceipt(receipt) => store.write_receipt(receipt).await,
        Call::Damage(_) => Ok(()),
    };
    answer.map_or_else(Answer::from, |()| Answer::Done)
}

/// A sequence of calls on keys of its own.
struct Sequence {
    seed: u32,
    rng: ChaCha8Rng,
    /// For each object all rows that a call tried to write, written or not: what
    /// workers with old and new and lost knowledge build on.
    tried: BTreeMap<u32, Vec<Row>>,
}

impl Sequence {
    fn new(seed: u32) -> Self {
        Self {
            seed,
            rng: ChaCha8Rng::seed_from_u64(seed.into()),
            tried: BTreeMap::new(),
        }
    }

    fn keys(&self) -> (Vec<EventKey>, Vec<ObjectKey>) {
        let numbers = || self.seed * OBJECTS..(self.seed + 1) * OBJECTS;
        (
            numbers().map(event_key).collect(),
            numbers().map(object_key).collect(),
        )
    }

    fn number(&mut self) -> u32 {
        self.seed * OBJECTS + self.rng.random_range(0..OBJECTS)
    }

    fn next(&mut self) -> Call {
        match self.rng.random_range(0..100) {
            0..50 => self.write_row(),
            50..90 => self.write_receipt(),
            90..95 => Call::Damage(object_key(self.number())),
            _ => {
                let (events, objects) = self.keys();
                Call::Load(events, objects)
            }
        }
    }

    fn write_row(&mut self) -> Call {
        let object = self.number();
        let sample = Sample {
            event: self.rng.random_range(0..4),
            object,
            at: self.rng.random_range(0..4),
            change: *[
                Change::Created,
                Change::Changed,
                Change::Observed,
                Change::Deleted,
            ]
            .choose(&mut self.rng)
            .unwrap(),
            n: self.rng.random_range(0..3),
            before: self.rng.random_bool(0.3).then_some(1),
        };
        let tried = self.tried.entry(object).or_default();
        let base = match self.rng.random_range(0..10) {
            0 => None,
            1..4 => tried.choose(&mut self.rng),
            _ => tried.last(),
        };
        let stale = tried.choose(&mut self.rng).map(Row::token);
        let expected = match self.rng.random_range(0..10) {
            0 => None,
            1 => stale,
            2 => Some(Fingerprint::of_text("no row's token")),
            _ => base.map(Row::token),
        };
        let mut row = base.cloned().unwrap_or_default();
        if !self.rng.random_bool(0.2) {
            row.join(sample.version());
        }
        tried.push(row.clone());
        Call::WriteRow(object_key(object), row, expected)
    }

    fn write_receipt(&mut self) -> Call {
        let sample = Sample {
            event: self.number(),
            n: self.rng.random_range(0..3),
            ..Sample::default()
        };
        let versions = [None, Some("2020-08-27"), Some("2026-10-28.endive")];
        let outcomes = [
            Outcome::Quarantined,
            Outcome::Quarantined,
            Outcome::Applied,
            Outcome::FetchRequested,
            Outcome::Recorded,
        ];
        let mut receipt = Receipt::of(&sample.arrival());
        receipt.facts.api_version = versions.choose(&mut self.rng).unwrap().map(str::to_owned);
        receipt.outcome = *outcomes.choose(&mut self.rng).unwrap();
        Call::WriteReceipt(receipt)
    }
}

struct Pair {
    memory: MemoryStore,
    database: Database,
}

impl Pair {
    async fn play(&self, seed: u32, aloud: bool) {
        let mut sequence = Sequence::new(seed);
        for step in 0..sequence.rng.random_range(CALLS) {
            let call = sequence.next();
            if let Call::Damage(key) = &call
                && self.memory.row(key).is_some()
            {
                self.memory.damage(key);
                self.database.damage(key).await;
            }
            let expected = answer(&self.memory, &call).await;
            if aloud {
                eprintln!("{step}: {call:?}\n -> {expected:?}");
            }
            let got = answer(&self.database.store, &call).await;
            assert_eq!(got, expected, "SEED={seed} step {step}: {call:?}");
        }
    }

    /// What the sequences left behind.
    async fn compare(&self, seeds: std::ops::Range<u32>) {
        let mut keys = (Vec::new(), Vec::new());
        for seed in seeds.clone() {
            let (events, objects) = Sequence::new(seed).keys();
            keys.0.extend(events);
            keys.1.extend(objects);
        }
        let load = Call::Load(keys.0, keys.1);
        let expected = answer(&self.memory, &load).await;
        let got = answer(&self.database.store, &load).await;
        assert_eq!(got, expected, "one SEED of {seeds:?}");
    }
}

fn variable(name: &str) -> Option<u32> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[tokio::test]
async fn contract_random_sequences_end_alike_in_memory_and_on_dynamodb() {
    let pair = Pair {
        memory: MemoryStore::default(),
        database: Database::open().await,
    };
    if let Some(seed) = variable("SEED") {
        pair.play(seed, true).await;
        return pair.compare(seed..seed + 1).await;
    }
    let sequences = variable("SEQUENCES").unwrap_or(SEQUENCES);
    for first in (0..sequences).step_by(SEQUENCES_A_READ as usize) {
        let seeds = first..(first + SEQUENCES_A_READ).min(sequences);
        for seed in seeds.clone() {
            pair.play(seed, false).await;
        }
        pair.compare(seeds).await;
    }
    println!("{sequences} sequences, {} writes", pair.memory.writes());
}
