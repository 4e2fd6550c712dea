//! The platform's own book: how its entries come in, and which movements of the
//! ledger they are.
//!
//! **Architecture invariant:** pure, like `shared/domain`: no async, no clock, no
//! environment, no AWS.
