//! A seeded, stateful Stripe Connect world with its webhooks and REST API.
//!
//! The core is pure: no IO, no clock, no async; only [`server`] and [`poster`] have them. One seed gives one world, byte for byte. Every
//! verb moves money through one ledger and emits the events Stripe would emit, each carrying the
//! whole object as it then is.

mod accounts;
mod activity;
mod application_fees;
mod banks;
mod charges;
mod customers;
mod disputes;
mod error;
mod event;
mod events;
mod exact;
mod fees;
mod fields;
mod flaws;
mod fraud;
mod fx;
mod ids;
mod ledger;
mod oddities;
mod own_book;
mod params;
mod payout_returns;
mod payouts;
mod posting;
mod refs;
mod refund_plan;
mod refunds;
mod scenes;
mod settlement;
mod shapes;
mod store;
mod time;
mod timers;
mod topups;
mod transfers;
mod world;

pub mod delivery;
pub mod poster;
pub mod server;

pub use error::ApiError;
pub use event::Event;
pub use fields::Fields;
pub use flaws::{Flaw, Injected};
pub use ledger::{Balance, CurrencyBalance};
pub use own_book::{Mistake, OwnBook, OwnBookConfig, OwnEntry, OwnMatch, OwnMistake};
pub use params::{
    AccountParams, ChargeParams, DisputeOutcome, DisputeParams, PayoutParams, RefundParams, Split,
    TransferParams,
};
pub use refs::{ObjectRef, Owner};
pub use world::{Answer, World, WorldConfig};
