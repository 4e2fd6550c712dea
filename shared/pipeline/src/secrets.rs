//! The signing secrets of each endpoint, kept in memory and refreshed with care.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::ports::{SecretSource, SendError};

/// Seconds after which the secrets are read again, so that a revoked one stops
/// being accepted.
pub const FRESH_S: i64 = 300;
/// Seconds for which known secrets are used while their source is down.
pub const USABLE_S: i64 = 24 * 3600;
/// Fewest seconds between two reads for one endpoint: forged requests must not
/// become load on Secrets Manager.
pub const BETWEEN_READS_S: i64 = 30;

/// What is known of one endpoint.
struct Known<S> {
    secrets: Option<(Arc<[S]>, i64)>,
    asked_at: i64,
    failures: u32,
}

impl<S> Known<S> {
    /// Fewest seconds until the next read. While no secret is known nothing can be
    /// accepted, so the first pauses are short; an endpoint that nobody has set up
    /// soon costs no more than the others.
    fn pause_s(&self) -> i64 {
        match self.secrets {
            Some(_) => BETWEEN_READS_S,
            None => BETWEEN_READS_S.min(1_i64 << self.failures.saturating_sub(1).min(8)),
        }
    }
}

/// All endpoints' secrets.
pub struct SecretCache<F: SecretSource> {
    source: F,
    known: Mutex<BTreeMap<String, Known<F::Secret>>>,
}

impl<F: SecretSource> std::fmt::Debug for SecretCache<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretCache(..)")
    }
}

impl<F: SecretSource> SecretCache<F> {
    /// A cache that knows nothing yet.
    pub fn new(source: F) -> Self {
        Self {
            source,
            known: Mutex::new(BTreeMap::new()),
        }
    }

    /// The secrets to verify with at `now` (unix seconds).
    ///
    /// # Errors
    /// When none are known and the source does not answer.
    pub async fn current(&self, endpoint: &str, now: i64) -> Result<Arc<[F::Secret]>, SendError> {
        let known = self.known_at(endpoint);
        if let Some((secrets, read_at)) = &known
            && now - read_at < FRESH_S
        {
            return Ok(Arc::clone(secrets));
        }
        let read = if self.may_ask(endpoint, now) {
            self.read(endpoint, now).await
        } else {
            Err(SendError::Transient("asked a moment ago".to_owned()))
        };
        match (read, known) {
            (Ok(secrets), _) => Ok(secrets),
            (Err(_), Some((secrets, read_at))) if now - read_at < USABLE_S => Ok(secrets),
            (Err(error), _) => Err(error),
        }
    }

    /// Newly read secrets after a signature matched none of the known ones, or
    /// `None` if they were read less than [`BETWEEN_READS_S`] ago or the source
    /// does not answer.
    pub async fn after_mismatch(&self, endpoint: &str, now: i64) -> Option<Arc<[F::Secret]>> {
        if !self.may_ask(endpoint, now) {
            return None;
        }
        self.read(endpoint, now).await.ok()
    }

    /// Takes the turn to ask, if it is time. A clock that jumps back does not
    /// lock the door.
    fn may_ask(&self, endpoint: &str, now: i64) -> bool {
        let mut known = self.lock();
        let Some(entry) = known.get_mut(endpoint) else {
            known.insert(
                endpoint.to_owned(),
                Known {
                    secrets: None,
                    asked_at: now,
                    failures: 0,
                },
            );
            return true;
        };
        let allowed = !(0..entry.pause_s()).contains(&(now - entry.asked_at));
        if allowed {
            entry.asked_at = now;
        }
        allowed
    }

    async fn read(&self, endpoint: &str, now: i64) -> Result<Arc<[F::Secret]>, SendError> {
        let read = self
            .source
            .fetch(endpoint)
            .await
            .map(Arc::<[F::Secret]>::from);
        if let Some(entry) = self.lock().get_mut(endpoint) {
            match &read {
                Ok(secrets) => entry.secrets = Some((Arc::clone(secrets), now)),
                Err(_) => entry.failures = entry.failures.saturating_add(1),
            }
        }
        read
    }

    fn known_at(&self, endpoint: &str) -> Option<(Arc<[F::Secret]>, i64)> {
        self.lock()
            .get(endpoint)
            .and_then(|entry| entry.secrets.clone())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Known<F::Secret>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
