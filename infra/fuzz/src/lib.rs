//! What must hold of any bytes that strangers send: one function for each place
//! where they are read.
//!
//! A target takes arbitrary bytes, panics where a promise is broken, and names how
//! far the bytes got, so that a run can tell whether it went deep. The test suite
//! drives the targets with seeded mutations of the corpus; `make fuzz` hands them to
//! libFuzzer (`engine/`, a workspace of its own, for it needs other flags).

mod claim;
mod envelope;
pub mod mutate;
mod signature_header;

pub use claim::claim;
pub use envelope::envelope;
pub use signature_header::signature_header;

/// Takes any bytes; names how far they got.
pub type Target = fn(&[u8]) -> &'static str;

/// Every target by the name of its corpus.
pub const TARGETS: [(&str, Target); 3] = [
    ("signature_header", signature_header),
    ("envelope", envelope),
    ("claim", claim),
];

/// The bytes before and after the first line break; all of them before, if there is
/// none.
fn two_parts(data: &[u8]) -> (&[u8], &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n');
    let (head, tail) = data.split_at(end.unwrap_or(data.len()));
    (head, tail.get(1..).unwrap_or_default())
}
