//! Lambda: publishes mirror changes as normalized domain events.
