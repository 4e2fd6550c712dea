//! Why a command failed, in one sentence, and what to do about it.

use std::fmt;

use tributary_aws::operate::{CallError, Reason};
use tributary_pipeline::ledger::{LedgerError, PullError};
use tributary_pipeline::ports::{SendError, StoreError};
use tributary_pipeline::reconcile::ControlError;

use crate::exit::Exit;
use crate::replay::ReplayError;

/// A command's failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    exit: Exit,
    sentence: String,
    remedy: String,
}

impl Failure {
    /// A failure: what is wrong, without a full stop, and what to do about it. Without
    /// a remedy the sentence has to say enough.
    pub fn new(exit: Exit, sentence: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            exit,
            sentence: sentence.into(),
            remedy: remedy.into(),
        }
    }

    /// The command line is wrong.
    pub fn usage(sentence: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Exit::Usage, sentence, remedy)
    }

    /// Nothing is known under an id.
    pub fn unknown(sentence: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Exit::Unknown, sentence, remedy)
    }

    /// It could not be done.
    pub fn failed(sentence: impl Into<String>) -> Self {
        Self::new(Exit::Failed, sentence, "")
    }

    /// How the process ends.
    pub fn exit(&self) -> Exit {
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.remedy.as_str() {
            "" => write!(f, "{}.", self.sentence),
            remedy => write!(f, "{}. {remedy}", self.sentence),
        }
    }
}

impl std::error::Error for Failure {}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        let (exit, remedy) = match error.reason {
            Reason::NoCredentials => (
                Exit::Denied,
                "Log in, or choose another --profile; for a profile of IAM Identity Center: \
                 eval \"$(aws configure export-credentials --format env)\".",
            ),
            Reason::NoRegion => (Exit::Usage, "Name it with --region or AWS_REGION."),
            Reason::Denied => (
                Exit::Denied,
                "Choose a --profile that may do this, or have it allowed.",
            ),
            Reason::Unreachable => (
                Exit::Unavailable,
                "Look at --region, --endpoint-url and the network; `make up` starts a local stack.",
            ),
            Reason::Throttled => (Exit::Unavailable, "Try again in a moment."),
            Reason::Absent => (
                Exit::Failed,
                "Has somebody deleted it? Deploy the stack again.",
            ),
            Reason::Refused => (Exit::Failed, ""),
        };
        Self::new(exit, error.to_string(), remedy)
    }
}

/// What the adapters say already names the call and the code.
macro_rules! says_enough {
    ($($error:ty),*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::failed(error.to_string())
            }
        }
    )*};
}

says_enough!(
    SendError,
    StoreError,
    ControlError,
    LedgerError,
    PullError,
    ReplayError
);
