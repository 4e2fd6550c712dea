//! The rules of Tributary, and nothing else.
//!
//! **Architecture invariant:** no async, no clock, no environment, no AWS and no
//! knowledge of Stripe's JSON in this crate. A [`Document`] is opaque here: the
//! domain compares and rewinds documents, it never asks what a field means.
#![deny(clippy::float_arithmetic)]

pub mod arrival;
pub mod change;
pub mod document;
pub mod fingerprint;
pub mod identity;
pub mod mirror;
pub mod money;
pub mod time;
pub mod trace;
pub mod transaction;

pub use arrival::{Arrival, Effect, EventFacts, FetchRequest, Observation, Origin, Unusable};
pub use document::{Document, DocumentError, Tree};
pub use fingerprint::Fingerprint;
pub use identity::{
    AccountId, EventId, EventKey, IdError, Mode, ObjectId, ObjectKey, ObjectKind, Owner,
};
pub use mirror::{Change, Row, Version};
pub use money::{AmountError, Currency};
pub use trace::TraceParent;
pub use transaction::{BalanceTransaction, FeeDetail, Links, Source};
