//! What the posting of the ledger doubts, as findings beside those of comparisons.

use super::ports::{ControlError, Findings};
use super::settle::keep;
use crate::ledger::{About, Concern, Doubts};
use crate::ports::SendError;

/// Notes concerns among the findings.
#[derive(Debug, Clone)]
pub struct AsFindings<F>(pub F);

impl<F: Findings> Doubts for AsFindings<F> {
    async fn record(
        &self,
        about: &About<'_>,
        concern: &Concern,
        now: i64,
    ) -> Result<(), SendError> {
        let kept = keep(&self.0, concern.finding(about, now)).await;
        kept.map_err(|error| match error {
            ControlError::Invalid(what) => SendError::Invalid(what),
            passing => SendError::Transient(passing.to_string()),
        })
    }
}
