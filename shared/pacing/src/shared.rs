//! One item of the shared state, as this instance knows it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Clock;
use crate::store::{ControlStore, StoreDown, WriteError};

/// How long what was read is believed.
const FRESH_MS: i64 = 1_000;

/// How long the store may take: a call waits for it.
const STORE_TIME_MAX: Duration = Duration::from_millis(300);

/// How long it may take the first time: the connection has to be made.
const FIRST_TIME_MAX: Duration = Duration::from_secs(2);

/// Most tries of one change against other instances' changes.
const TRIES_MAX: u32 = 5;

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
    /// All instances will see it.
    Everywhere,
    /// The store is out of reach, or others were always faster.
    Nowhere,
    /// There was nothing to change.
    Not,
}

/// A shared value under a key, read at most once a second. What was last known is
/// kept while the store is out of reach.
pub(crate) struct Shared<T> {
    key: String,
    store: Arc<dyn ControlStore>,
    clock: Clock,
    known: Mutex<Known<T>>,
    /// Held while the store is asked: one question at a time.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Clone)]
struct Known<T> {
    value: T,
    /// `None` until the store has said something, then the version, if it is stored.
    seen: Option<Option<u64>>,
    /// When the store was last asked, unix milliseconds.
    asked_at_ms: Option<i64>,
}

impl<T: Clone + Default + Serialize + DeserializeOwned> Shared<T> {
    pub(crate) fn new(key: String, store: Arc<dyn ControlStore>, clock: Clock) -> Self {
        let known = Known {
            value: T::default(),
            seen: None,
            asked_at_ms: None,
        };
        Self {
            key,
            store,
            clock,
            known: Mutex::new(known),
            asking: tokio::sync::Mutex::new(()),
        }
    }

    /// Where it is stored.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The value, at most a second old, or the last known one.
    pub(crate) async fn view(&self) -> T {
        if !self.is_fresh() {
            let _turn = self.asking.lock().await;
            // Somebody may have asked while this one waited for its turn.
            if !self.is_fresh() {
                // An answer that does not come leaves what is known.
                let _ = self.refresh().await;
            }
        }
        self.known().value
    }

    /// Replaces the value by what `decide` makes of it; it is asked again whenever
    /// another instance was faster, and may decide to leave it.
    pub(crate) async fn change(&self, decide: impl Fn(&T) -> Option<T>) -> Changed {
        let _turn = self.asking.lock().await;
        for _ in 0..TRIES_MAX {
            let known = self.known();
            let Some(seen) = known.seen else {
                match self.refresh().await {
                    Ok(()) => continue,
                    Err(_) => return Changed::Nowhere,
                }
            };
            let Some(next) = decide(&known.value) else {
                return Changed::Not;
            };
            match self.write(&next, seen).await {
                Ok(()) => {
                    self.learn(next, Some(seen.map_or(1, |version| version + 1)));
                    return Changed::Everywhere;
                }
                Err(WriteError::Conflict) if self.refresh().await.is_ok() => {}
                Err(_) => return Changed::Nowhere,
            }
        }
        Changed::Nowhere
    }

    /// Replaces the value as far as this instance is concerned, until the store can
    /// be read again.
    pub(crate) fn change_here(&self, decide: impl FnOnce(&T) -> Option<T>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(next) = decide(&known.value) {
            known.value = next;
        }
    }

    /// What is known, whatever its age.
    pub(crate) fn latest(&self) -> T {
        self.known().value
    }

    fn known(&self) -> Known<T> {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn is_fresh(&self) -> bool {
        let now_ms = (self.clock)();
        // A clock that was set back makes nothing fresh.
        self.known()
            .asked_at_ms
            .is_some_and(|asked| (0..FRESH_MS).contains(&now_ms.saturating_sub(asked)))
    }

    fn learn(&self, value: T, version: Option<u64>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Known {
            value,
            seen: Some(version),
            asked_at_ms: Some((self.clock)()),
        };
    }

    async fn refresh(&self) -> Result<(), StoreDown> {
        let load = self.store.load(&self.key);
        let time = match self.known().asked_at_ms {
            None => FIRST_TIME_MAX,
            Some(_) => STORE_TIME_MAX,
        };
        let loaded = tokio::time::timeout(time, load).await;
        // A store that fails is not asked more often than one that answers.
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .asked_at_ms = Some((self.clock)());
        match loaded.unwrap_or_else(|_| Err(too_slow()))? {
            None => self.learn(T::default(), None),
            Some(stored) => {
                let value = serde_json::from_str(&stored.text)
                    .map_err(|_| StoreDown("written by a later version".to_owned()))?;
                self.learn(value, Some(stored.version));
            }
        }
        Ok(())
    }

    async fn write(&self, value: &T, seen: Option<u64>) -> Result<(), WriteError> {
        let text = serde_json::to_string(value).map_err(|e| StoreDown(e.to_string()))?;
        let write = self.store.replace(&self.key, &text, seen);
        tokio::time::timeout(STORE_TIME_MAX, write)
            .await
            .unwrap_or_else(|_| Err(too_slow().into()))
    }
}

fn too_slow() -> StoreDown {
    StoreDown("no answer in time".to_owned())
}
