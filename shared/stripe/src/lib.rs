//! Stripe's wire format: signatures, envelopes, wire to domain, API client.
//!
//! The only crate that knows what Stripe's JSON looks like. Everything here but
//! [`client`] is pure: bytes in, domain types or a typed refusal out.
//!
//! **Architecture invariant:** readers are tolerant of what they do not need. API
//! versions from 2020 on, unknown event types, unknown object kinds and unknown
//! fields all pass; only what would break an identity, an order in time or a sum
//! of money is refused.
#![deny(clippy::float_arithmetic)]

mod api_version;
#[cfg(feature = "client")]
pub mod client;
pub mod decode;
pub mod envelope;
mod event_types;
pub mod glance;
mod json;
pub mod normalize;
pub mod resource;
pub mod secret;
pub mod signature;
pub mod transaction;

pub use api_version::{STRIPE_VERSION, is_newer_version};
pub use decode::{decode, decode_eventbridge, decode_fetched, fetched_message};
pub use envelope::{Envelope, Form, inspect};
pub use event_types::{is_known_type, tells_of_missing_events};
pub use glance::{Glance, glance, glance_text};
pub use secret::{EmptySecret, Secret};
pub use signature::{SignatureError, verify};
pub use transaction::read_transaction;
