//! Takes Stripe's webhooks: verifies the signature over the raw bytes, makes what
//! is authentic durable, and answers. Nothing else happens here.

pub mod answer;
#[cfg(feature = "aws")]
pub mod config;
pub mod handler;
pub mod request;
