//! Lists what Stripe booked on the books that events name, and posts it to the ledger.

pub mod config;
pub mod handler;
pub mod list;
pub mod watch;
