//! Accounts that have cut the platform off: they are asked again now and then, and
//! nobody else notices.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tributary_domain::{AccountId, Owner};

use super::FetchError;

/// How long an account is left alone: it may come back at any time.
const PARKED_FOR: Duration = Duration::from_secs(300);

/// Most refusals remembered; forgetting one costs a call.
const PARKED_MAX: usize = 10_000;

/// An account, and the family of endpoints that it closed: some permissions can be
/// taken back alone.
type Spot = (AccountId, String);

/// Refusals, kept for a while.
#[derive(Debug, Default)]
pub(super) struct Parking(Mutex<BTreeMap<Spot, (Instant, FetchError)>>);

impl Parking {
    /// What the account answered when it was last asked, if that was a refusal and
    /// not long ago.
    pub(super) fn refusal(&self, owner: &Owner, family: &str) -> Option<FetchError> {
        let spot = (owner.account()?.clone(), family.to_owned());
        let parked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, refusal) = parked.get(&spot)?;
        (since.elapsed() < PARKED_FOR).then(|| refusal.clone())
    }

    /// Parks an account that refuses the key. The platform's own calls never are: a
    /// key can be put right.
    pub(super) fn learn(&self, owner: &Owner, family: &str, error: &FetchError) {
        let FetchError::Refused {
            status: 401 | 403, ..
        } = error
        else {
            return;
        };
        let Some(account) = owner.account() else {
            return;
        };
        let mut parked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if parked.len() >= PARKED_MAX {
            parked.retain(|_, (since, _)| since.elapsed() < PARKED_FOR);
        }
        if parked.len() < PARKED_MAX {
            let spot = (account.clone(), family.to_owned());
            parked.insert(spot, (Instant::now(), error.clone()));
        }
    }
}

#[cfg(test)]
mod tests;
