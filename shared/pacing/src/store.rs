//! The port to what instances share.

use futures_util::future::BoxFuture;

/// A text under a key, with the number of times that it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// What was written.
    pub text: String,
    /// How often; what a conditional write compares.
    pub version: u64,
}

/// The store does not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the shared state is unavailable: {0}")]
pub struct StoreDown(pub String);

/// Why a text was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Another instance wrote first: read again, decide again.
    #[error("changed by another instance")]
    Conflict,
    /// It may or may not have happened.
    #[error(transparent)]
    Down(#[from] StoreDown),
}

/// Small texts that instances share, each replaced only by one who has seen it.
///
/// The futures are boxed so that a client is one type, whichever store it has.
pub trait ControlStore: Send + Sync {
    /// Reads a text as it was after the latest write.
    fn load<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Stored>, StoreDown>>;

    /// Writes a text if the stored one still has the version `seen` (`None`: if there
    /// is none). The new version is one more, the first is 1.
    fn replace<'a>(
        &'a self,
        key: &'a str,
        text: &'a str,
        seen: Option<u64>,
    ) -> BoxFuture<'a, Result<(), WriteError>>;

    /// Is told that this instance opened the circuit of a family of endpoints, so that
    /// somebody hears of it. Once for each time: with every probe that fails, again.
    fn opened(&self, family: &str) {
        let _ = family;
    }
}
