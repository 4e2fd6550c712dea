//! Any order, duplication, batching and failure of the same events ends in the
//! same mirror, the same receipts, and nothing lost.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tributary_domain::Change;
use tributary_pipeline::apply::{Fate, Incoming, Ports, apply};
use tributary_testkit::samples::Sample;
use tributary_testkit::{Faulty, MemoryQueues, MemoryStore};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

async fn deliver(store: &MemoryStore, queues: &MemoryQueues, batch: Vec<Incoming>) -> Vec<Fate> {
    let ports = Ports {
        store,
        fetches: queues,
        quarantine: queues,
    };
    apply(&ports, batch)
        .await
        .into_iter()
        .map(|(_, fate)| fate)
        .collect()
}

/// The reference: every event alone, in the order of its number.
fn reference(samples: &[Sample]) -> MemoryStore {
    let (store, queues) = (MemoryStore::default(), MemoryQueues::default());
    block_on(async {
        for (n, sample) in samples.iter().enumerate() {
            let fates = deliver(&store, &queues, vec![sample.incoming(n.to_string())]).await;
            assert_eq!(fates, [Fate::Applied]);
        }
    });
    store
}

fn samples(most: usize) -> impl Strategy<Value = Vec<Sample>> {
    let change = prop_oneof![
        6 => Just(Change::Changed),
        1 => Just(Change::Created),
        1 => Just(Change::Deleted),
    ];
    let one = (
        0..3_u32,
        0..4_i64,
        change,
        0..4_u32,
        proptest::option::of(0..4_u32),
    );
    proptest::collection::vec(one, 1..most).prop_map(|facts| {
        let sample = |(event, (object, at, change, n, before)): (usize, _)| Sample {
            event: u32::try_from(event).unwrap(),
            object,
            at,
            change,
            n,
            before,
        };
        facts.into_iter().enumerate().map(sample).collect()
    })
}

/// A delivery: which sample, and whether a batch ends after it.
fn deliveries() -> impl Strategy<Value = Vec<(prop::sample::Index, bool)>> {
    proptest::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn order_duplication_and_batching_do_not_matter(
        (samples, shuffled) in samples(12).prop_flat_map(|s| (Just(s.clone()), Just(s).prop_shuffle())),
        extra in deliveries(),
        size in 1..10_usize,
    ) {
        let expected = reference(&samples);
        let (store, queues) = (MemoryStore::default(), MemoryQueues::default());
        let again = extra.iter().map(|(index, _)| index.get(&samples).clone());
        let all: Vec<Sample> = shuffled.into_iter().chain(again).collect();
        block_on(async {
            for (batch, messages) in all.chunks(size).enumerate() {
                let batch = messages.iter().enumerate().map(|(n, s)| s.incoming(format!("{batch}.{n}")));
                for fate in deliver(&store, &queues, batch.collect()).await {
                    assert!(matches!(fate, Fate::Applied | Fate::Duplicate), "{fate:?}");
                }
            }
        });
        prop_assert_eq!(store.mirror(), expected.mirror());
        prop_assert_eq!(store.receipts().len(), samples.len());
        prop_assert!(queues.quarantine().is_empty());
    }

    #[test]
    fn failures_before_and_after_the_effect_do_not_matter(
        samples in samples(10),
        seed in any::<u64>(),
    ) {
        let expected = reference(&samples);
        let (store, queues) = (MemoryStore::default(), MemoryQueues::default());
        let (faulty_store, faulty_queues) =
            (Faulty::new(&store, seed, 200), Faulty::new(&queues, seed ^ 1, 200));
        let ports =
            Ports { store: &faulty_store, fetches: &faulty_queues, quarantine: &faulty_queues };
        let mut pending: Vec<(String, Sample)> =
            samples.iter().enumerate().map(|(n, s)| (n.to_string(), s.clone())).collect();
        block_on(async {
            for _ in 0..1000 {
                let batch = pending.iter().take(4).map(|(id, s)| s.incoming(id.clone())).collect();
                let done: Vec<String> = apply(&ports, batch)
                    .await
                    .into_iter()
                    .filter(|(_, fate)| *fate != Fate::Failed)
                    .map(|(id, _)| id)
                    .collect();
                pending.retain(|(id, _)| !done.contains(id));
                let turn = 1.min(pending.len());
                pending.rotate_left(turn);
                if pending.is_empty() {
                    break;
                }
            }
        });
        prop_assert!(pending.is_empty(), "messages that never get through");
        prop_assert_eq!(store.mirror(), expected.mirror());
        prop_assert_eq!(store.receipts().len(), samples.len());
    }
}
