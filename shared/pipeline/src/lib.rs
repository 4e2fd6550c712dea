//! Use cases over small port traits.
//!
//! **Architecture invariant:** no AWS types, no Stripe JSON, no clock of its own.
//! The functions decode with `tributary-stripe`, pass what they decoded to a use
//! case, and give it adapters from `tributary-aws`.

pub mod accept;
pub mod apply;
pub mod carriage;
pub mod ledger;
pub mod message;
pub mod own_book;
pub mod ports;
pub mod publish;
mod reasons;
pub mod receipt;
pub mod reconcile;
pub mod secrets;
pub mod trace;
