//! The secret cache: rotation, outages, and no stampede.
#![allow(clippy::unwrap_used)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tributary_pipeline::ports::{SecretSource, SendError};
use tributary_pipeline::secrets::{BETWEEN_READS_S, FRESH_S, SecretCache, USABLE_S};

/// When the tests begin, unix seconds.
const START: i64 = 1_763_800_000;

#[derive(Default)]
struct Source {
    secrets: Mutex<Option<Vec<String>>>,
    reads: AtomicUsize,
}

impl Source {
    fn holds(&self, secrets: &[&str]) {
        *self.secrets.lock().unwrap() = Some(secrets.iter().map(|s| (*s).to_owned()).collect());
    }

    fn is_down(&self) {
        *self.secrets.lock().unwrap() = None;
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }
}

impl SecretSource for &Source {
    type Secret = String;

    async fn fetch(&self, _endpoint: &str) -> Result<Vec<String>, SendError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let secrets = self.secrets.lock().unwrap().clone();
        secrets.ok_or_else(|| SendError::Transient("down".to_owned()))
    }
}

/// What the documentation and the alarms say.
#[test]
fn secrets_are_fresh_for_minutes_and_usable_for_a_day() {
    assert_eq!((BETWEEN_READS_S, FRESH_S, USABLE_S), (30, 300, 86_400));
}

#[tokio::test]
async fn secrets_are_read_once_while_fresh() {
    let source = Source::default();
    source.holds(&["a"]);
    let cache = SecretCache::new(&source);
    for after in 0..FRESH_S {
        assert_eq!(
            *cache.current("connect", START + after).await.unwrap(),
            ["a".to_owned()]
        );
    }
    assert_eq!(source.reads(), 1);
    assert!(cache.current("connect", START + FRESH_S).await.is_ok());
    assert_eq!(source.reads(), 2);
}

/// A secret was rolled: the first signature that fails makes the secrets be read anew,
/// at most once in thirty seconds.
#[tokio::test]
async fn fault_40_a_mismatch_reads_anew_at_most_once_in_thirty_seconds() {
    let source = Source::default();
    source.holds(&["old"]);
    let cache = SecretCache::new(&source);
    cache.current("connect", START).await.unwrap();
    source.holds(&["new", "old"]);
    let again = START + BETWEEN_READS_S;
    for now in START..again {
        assert!(cache.after_mismatch("connect", now).await.is_none());
    }
    let read = cache.after_mismatch("connect", again).await.unwrap();
    assert_eq!(*read, ["new".to_owned(), "old".to_owned()]);
    for now in again..again + BETWEEN_READS_S {
        assert!(cache.after_mismatch("connect", now).await.is_none());
    }
    assert_eq!(source.reads(), 2);
    assert_eq!(cache.current("connect", again).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_clock_that_jumps_back_does_not_lock_the_door() {
    let source = Source::default();
    source.holds(&["a"]);
    let cache = SecretCache::new(&source);
    cache.current("connect", START).await.unwrap();
    assert!(cache.after_mismatch("connect", START - 1).await.is_some());
    assert!(cache.after_mismatch("connect", START - 1).await.is_none());
}

/// Secrets Manager is down: what is known is used, up to a day.
#[tokio::test]
async fn fault_41_known_secrets_outlive_an_outage_up_to_a_day() {
    let source = Source::default();
    source.holds(&["a"]);
    let cache = SecretCache::new(&source);
    cache.current("connect", START).await.unwrap();
    source.is_down();
    let day = START + USABLE_S;
    assert!(cache.current("connect", START + FRESH_S + 1).await.is_ok());
    assert!(cache.current("connect", day - 1).await.is_ok());
    assert!(cache.current("connect", day).await.is_err());
    source.holds(&["b"]);
    assert!(
        cache
            .current("connect", day + BETWEEN_READS_S)
            .await
            .is_ok()
    );
}

/// Secrets Manager is down at a cold start: nothing is known, and it is asked again
/// within seconds.
#[tokio::test]
async fn fault_41_a_cold_start_during_an_outage_recovers_within_seconds() {
    let source = Source::default();
    let cache = SecretCache::new(&source);
    assert!(cache.current("connect", START).await.is_err());
    source.holds(&["a"]);
    assert!(cache.current("connect", START + 1).await.is_ok());
}

#[tokio::test]
async fn an_endpoint_without_secrets_is_asked_about_ever_less() {
    let source = Source::default();
    let cache = SecretCache::new(&source);
    let mut asked_after = Vec::new();
    for after in 0..130 {
        let reads = source.reads();
        assert!(cache.current("thin", START + after).await.is_err());
        if source.reads() > reads {
            asked_after.push(after);
        }
    }
    assert_eq!(asked_after, [0, 1, 3, 7, 15, 31, 61, 91, 121]);
}

#[tokio::test]
async fn endpoints_do_not_share_their_turns() {
    let source = Source::default();
    source.holds(&["a"]);
    let cache = SecretCache::new(&source);
    assert!(cache.current("connect", START).await.is_ok());
    assert!(cache.current("platform", START).await.is_ok());
    assert_eq!(source.reads(), 2);
}
