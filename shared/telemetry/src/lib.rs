//! What the pipeline may tell of itself.
//!
//! A line of a log is a fixed text and fields of a fixed [vocabulary]. Each field has
//! a [`Form`], and only types of that form can be given to it: an id, a number, a code,
//! an error of ours. Nothing takes a payload, and nothing takes a text by chance.
//!
//! ```
//! tributary_telemetry::warn!("the fetch has to come again", code = "unfetchable", failed = 1_usize);
//! ```
//!
//! A field that the vocabulary lacks does not compile:
//!
//! ```compile_fail
//! tributary_telemetry::warn!("a customer", email = "jane@example.com");
//! ```
//!
//! Nor does a value of another form:
//!
//! ```compile_fail
//! let body = String::from("{}");
//! tributary_telemetry::warn!("a message", object = body);
//! ```
//!
//! **Architecture Invariant:** what is written passes [`lines::Lines`], which looks at
//! every field and every value once more, whoever logged it. What the types let
//! through by mistake is left out there, and counted.

// Lines that nobody may write are written in tests.
#![cfg_attr(test, allow(clippy::disallowed_macros))]

pub mod form;
pub mod lines;
mod macros;
pub mod metrics;
pub mod panics;
pub mod span;
pub mod value;
pub mod vocabulary;

pub use form::Form;
pub use span::Span;
pub use value::Reason;

#[doc(hidden)]
pub use tracing;
