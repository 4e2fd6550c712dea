//! Adapters: the ports of `tributary-pipeline` on AWS.
//!
//! **Architecture invariant:** SDK types do not leave this crate, apart from the
//! records with which Lambda calls us. Each adapter translates what an SDK says
//! into the reaction that the port names.
//!
//! Calls of the SDK are boxed: each is a future of several kilobytes, and nested in
//! those of a batch they would be deeper than the compiler follows.

pub mod blobs;
pub mod bus;
pub mod clients;
pub mod codec;
mod connector;
pub mod control;
pub mod ledger;
pub mod operate;
pub mod own_book;
pub mod process;
pub mod queue;
pub mod reconcile;
pub mod records;
pub mod secrets;
pub mod settings;
pub mod store;
pub mod telemetry;

mod reaction;

pub use blobs::S3Blobs;
pub use bus::{EventBridgeBus, Sleep};
pub use clients::Aws;
pub use control::{Budget, ControlTable};
pub use ledger::DynamoLedger;
pub use own_book::{DynamoMatches, DynamoOwnBook, S3Files};
pub use queue::{SqsEvents, SqsFetches, SqsPulls, SqsQuarantine};
pub use secrets::SecretsManager;
pub use settings::{Settings, SettingsError};
pub use store::DynamoStore;
pub use tributary_pipeline::ports::{SendError, StoreError};
