//! Lambda: verifies a webhook's signature and makes the event durable.
