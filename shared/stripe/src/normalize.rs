//! Mirror to normalized domain events.
