//! Lambda: applies queued events to the mirror and the event log.
