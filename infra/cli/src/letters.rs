//! Messages that wait for a person, told: what each is about, why it is there, and what
//! to do with it. Read from the message itself and from what is stored, by the code that
//! the functions run; SQS keeps no reason.

mod dead;
mod discard;
mod event;
mod quarantined;
mod release;
mod selection;
mod walk;

pub use dead::tell_dead_letter;
pub use discard::Discard;
pub use event::{Read, read_body, read_event};
pub use quarantined::{is_releasable, tell_quarantined};
pub use release::{body_of, release};
pub use selection::Selection;
pub use walk::{Step, Walk, walk};

/// What a message tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// An event, an object, a book, a job: its key, if so much can be read.
    pub about: Option<String>,
    /// A stable code.
    pub code: String,
    /// Why it is here.
    pub reason: String,
    /// What to do with it.
    pub remedy: &'static str,
}

/// What to do where nothing is wrong with the message itself.
const REDRIVE: &str = "redrive";
