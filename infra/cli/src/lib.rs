//! What people do with a running stack.

pub mod replay;
