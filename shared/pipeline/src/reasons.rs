//! The errors that may be logged. Their texts are ours and hold the codes of
//! services, never what a service said: adapters see to that where they make them.

use tributary_telemetry::Reason;

use crate::ledger::{LedgerError, ListError, PullError};
use crate::ports::{SendError, StoreError};
use crate::reconcile::{ControlError, WorkError};

impl Reason for ControlError {}
impl Reason for LedgerError {}
impl Reason for ListError {}
impl Reason for PullError {}
impl Reason for SendError {}
impl Reason for StoreError {}
impl Reason for WorkError {}
