//! Idempotency keys: the same key with the same request gets the same answer.

use std::collections::HashMap;

use http::StatusCode;
use serde_json::Value;

use super::{error::Refusal, request::Request};
use crate::Owner;

/// How long an answer is kept, in simulated seconds.
const KEPT_S: i64 = 24 * 60 * 60;

/// An answer that was given under an idempotency key.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kept {
    pub(super) status: StatusCode,
    pub(super) body: Body,
    /// `Request-Id` of the request that did the work.
    pub(super) request_id: String,
}

/// What an answer consists of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Body {
    Json(Value),
    /// A report's file.
    Csv(String),
}

/// The answers given under idempotency keys. A key belongs to one account.
#[derive(Debug, Default)]
pub(super) struct Replays(HashMap<(Owner, String), Entry>);

#[derive(Debug)]
struct Entry {
    fingerprint: Fingerprint,
    kept: Kept,
    at: i64,
}

/// What has to be equal for two requests to be the same.
type Fingerprint = (String, Vec<(String, String)>);

impl Replays {
    /// The answer to replay for `request`, if its key was used at most a day before `now`.
    pub(super) fn find(&self, request: &Request, now: i64) -> Result<Option<Kept>, Refusal> {
        let Some(key) = &request.idempotency_key else {
            return Ok(None);
        };
        match self.0.get(&(request.owner.clone(), key.clone())) {
            Some(entry) if now.saturating_sub(entry.at) >= KEPT_S => Ok(None),
            Some(entry) if entry.fingerprint == fingerprint(request) => {
                Ok(Some(entry.kept.clone()))
            }
            Some(_) => Err(Refusal::key_reused(key)),
            None => Ok(None),
        }
    }

    /// Keeps the answer to `request`, executed at `now`. Without a key there is nothing to keep.
    pub(super) fn keep(&mut self, request: &Request, kept: Kept, now: i64) {
        if let Some(key) = &request.idempotency_key {
            let entry = Entry {
                fingerprint: fingerprint(request),
                kept,
                at: now,
            };
            self.0.insert((request.owner.clone(), key.clone()), entry);
        }
    }
}

fn fingerprint(request: &Request) -> Fingerprint {
    (request.path.join("/"), request.params.sorted())
}
