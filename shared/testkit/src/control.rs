//! What instances share, in memory, and what every such store promises.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tributary_pacing::{ControlStore, StoreDown, Stored, WriteError};

/// The control table.
#[derive(Debug, Default)]
pub struct MemoryControl {
    items: Mutex<BTreeMap<String, Stored>>,
    is_down: AtomicBool,
    conflicts: AtomicUsize,
    opened: AtomicUsize,
}

impl MemoryControl {
    /// Takes the store out of reach, or back.
    pub fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::Relaxed);
    }

    /// Writes that lost against another.
    pub fn conflicts(&self) -> usize {
        self.conflicts.load(Ordering::Relaxed)
    }

    /// How often it was told that a circuit opened.
    pub fn openings(&self) -> usize {
        self.opened.load(Ordering::Relaxed)
    }

    /// The text under a key.
    pub fn text(&self, key: &str) -> Option<String> {
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.get(key).map(|stored| stored.text.clone())
    }

    fn reach(&self) -> Result<(), StoreDown> {
        if self.is_down.load(Ordering::Relaxed) {
            return Err(StoreDown("taken out of reach".to_owned()));
        }
        Ok(())
    }

    fn replace_now(&self, key: &str, text: &str, seen: Option<u64>) -> Result<(), WriteError> {
        self.reach()?;
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        if items.get(key).map(|stored| stored.version) != seen {
            self.conflicts.fetch_add(1, Ordering::Relaxed);
            return Err(WriteError::Conflict);
        }
        let stored = Stored {
            text: text.to_owned(),
            version: seen.map_or(1, |version| version + 1),
        };
        items.insert(key.to_owned(), stored);
        Ok(())
    }
}

impl ControlStore for MemoryControl {
    fn load<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Stored>, StoreDown>> {
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        let loaded = self.reach().map(|()| items.get(key).cloned());
        async move { loaded }.boxed()
    }

    fn replace<'a>(
        &'a self,
        key: &'a str,
        text: &'a str,
        seen: Option<u64>,
    ) -> BoxFuture<'a, Result<(), WriteError>> {
        async move { self.replace_now(key, text, seen) }.boxed()
    }

    fn opened(&self, _: &str) {
        self.opened.fetch_add(1, Ordering::Relaxed);
    }
}

/// What every control store promises, tried under a key that nobody else uses.
///
/// # Panics
/// When the store breaks a promise.
pub async fn keeps_the_contract(store: &dyn ControlStore, key: &str) {
    assert_eq!(store.load(key).await, Ok(None), "nothing is there yet");
    let unseen = store.replace(key, "a", Some(1)).await;
    assert_eq!(unseen, Err(WriteError::Conflict), "nothing was seen");
    assert_eq!(store.replace(key, "a", None).await, Ok(()));
    let second = store.replace(key, "b", None).await;
    assert_eq!(second, Err(WriteError::Conflict), "the first stays");
    assert_eq!(store.load(key).await, Ok(Some(stored("a", 1))));
    assert_eq!(store.replace(key, "b", Some(1)).await, Ok(()));
    let late = store.replace(key, "c", Some(1)).await;
    assert_eq!(late, Err(WriteError::Conflict), "a write unseen");
    assert_eq!(store.load(key).await, Ok(Some(stored("b", 2))));
}

fn stored(text: &str, version: u64) -> Stored {
    Stored {
        text: text.to_owned(),
        version,
    }
}
