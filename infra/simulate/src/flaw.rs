//! Ports that are broken on purpose, to see that the simulation notices.

/// What is wrong with a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flaw {
    /// Nothing.
    #[default]
    None,
    /// The store confirms a row that it does not keep.
    StoreLosesARow,
    /// The store confirms a receipt that it does not keep.
    StoreLosesAReceipt,
    /// The store writes over what another worker wrote in between.
    StoreIgnoresTokens,
    /// The queue confirms a message that it does not keep.
    QueueLosesAMessage,
    /// The fetch queue confirms a request that it does not keep.
    QueueLosesAFetch,
    /// The bucket confirms a body that it does not keep.
    BucketLosesABody,
    /// The bus confirms an event that it does not deliver.
    BusLosesAnEvent,
    /// The change feed skips a step.
    FeedSkipsAStep,
    /// The quarantine confirms a message that it does not keep.
    QuarantineLosesAMessage,
    /// A port says in its error what was to be stored.
    ErrorsQuotePayloads,
    /// The bus panics.
    BusPanics,
}

impl Flaw {
    /// All that there are.
    pub const ALL: [Self; 11] = [
        Self::StoreLosesARow,
        Self::StoreLosesAReceipt,
        Self::StoreIgnoresTokens,
        Self::QueueLosesAMessage,
        Self::QueueLosesAFetch,
        Self::BucketLosesABody,
        Self::BusLosesAnEvent,
        Self::FeedSkipsAStep,
        Self::QuarantineLosesAMessage,
        Self::ErrorsQuotePayloads,
        Self::BusPanics,
    ];
}
