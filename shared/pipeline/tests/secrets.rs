//! The secret cache: rotation, outages, and no stampede.
#![allow(clippy::unwrap_used)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tributary_pipeline::ports::{SecretSource, SendError};
use tributary_pipeline::secrets::{BETWEEN_READS_S, FRESH_S, SecretCache, USABLE_S};

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

#[tokio::test]
async fn secrets_are_read_once_while_fresh() {
    let source = Source::default();
    source.holds(&["a"]);
    let cache = SecretCache::new(&source);
    for now in 0..FRESH_S {
        assert_eq!(
            *cache.current("connect", now).await.unwrap(),
            ["a".to_owned()]
        );
    }
    assert_eq!(source.reads(), 1);
}

/// A secret was rolled: the first signature that fails makes the secrets be read anew,
/// at most once in thirty seconds.
#[tokio::test]
async fn fault_40_a_mismatch_reads_anew_at_most_once_in_thirty_seconds() {
    let source = Source::default();
    source.holds(&["old"]);
    let cache = SecretCache::new(&source);
    cache.current("connect", 0).await.unwrap();
    source.holds(&["new", "old"]);
    for now in 0..BETWEEN_READS_S {
        assert!(cache.after_mismatch("connect", now).await.is_none());
    }
    let read = cache
        .after_mismatch("connect", BETWEEN_READS_S)
        .await
        .unwrap();
    assert_eq!(*read, ["new".to_owned(), "old".to_owned()]);
    for now in BETWEEN_READS_S..2 * BETWEEN_READS_S {
        assert!(cache.after_mismatch("connect", now).await.is_none());
    }
    assert_eq!(source.reads(), 2);
    assert_eq!(
        cache
            .current("connect", BETWEEN_READS_S)
            .await
            .unwrap()
            .len(),
        2
    );
}

/// Secrets Manager is down: what is known is used, up to a day.
#[tokio::test]
async fn fault_41_known_secrets_outlive_an_outage_up_to_a_day() {
    let source = Source::default();
    source.holds(&["a"]);
    let cache = SecretCache::new(&source);
    cache.current("connect", 0).await.unwrap();
    source.is_down();
    assert!(cache.current("connect", FRESH_S + 1).await.is_ok());
    assert!(cache.current("connect", USABLE_S - 1).await.is_ok());
    assert!(cache.current("connect", USABLE_S + 1).await.is_err());
    source.holds(&["b"]);
    assert!(
        cache
            .current("connect", USABLE_S + 2 + BETWEEN_READS_S)
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
    assert!(cache.current("connect", 0).await.is_err());
    source.holds(&["a"]);
    assert!(cache.current("connect", 1).await.is_ok());
}

#[tokio::test]
async fn an_endpoint_without_secrets_is_asked_about_ever_less() {
    let source = Source::default();
    let cache = SecretCache::new(&source);
    for now in 0..600 {
        assert!(cache.current("thin", now).await.is_err());
    }
    let few = 5 + 600 / usize::try_from(BETWEEN_READS_S).unwrap();
    assert!(
        source.reads() <= few,
        "{} reads in ten minutes",
        source.reads()
    );
}

#[tokio::test]
async fn endpoints_do_not_share_their_turns() {
    let source = Source::default();
    source.holds(&["a"]);
    let cache = SecretCache::new(&source);
    assert!(cache.current("connect", 0).await.is_ok());
    assert!(cache.current("platform", 0).await.is_ok());
    assert_eq!(source.reads(), 2);
}
