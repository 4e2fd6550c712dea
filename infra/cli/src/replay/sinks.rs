//! Where a replay sends what must not be done again.

use tributary_domain::FetchRequest;
use tributary_pipeline::message::Quarantined;
use tributary_pipeline::ports::{FetchQueue, Quarantine, SendError};

/// Asks Stripe for nothing: what was fetched then is in the log.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoFetches;

impl FetchQueue for NoFetches {
    async fn request(&self, _: &FetchRequest, _: u16) -> Result<(), SendError> {
        Ok(())
    }
}

/// Holds nothing: what was held then is not applied again.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoQuarantine;

impl Quarantine for NoQuarantine {
    async fn hold(&self, _: &Quarantined) -> Result<(), SendError> {
        Ok(())
    }
}
