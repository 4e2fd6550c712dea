//! Changes of the mirror as normalized domain events.
