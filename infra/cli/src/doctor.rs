//! What the code expects of a deployed stack, beside what is there.
//!
//! What is expected is the template that this command was built with: no list of names
//! is kept twice.

mod deployed;
mod functions;
mod stripe;
mod surroundings;
mod template;

pub use deployed::{is_settled, outputs, resources};
pub use functions::functions;
pub use stripe::stripe;
pub use surroundings::{clock, permissions, secrets};
pub use template::Template;

/// What one look found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// As it should be.
    Good,
    /// It could not be looked at, for a reason that is named.
    Unknown,
    /// Not as it should be.
    Bad,
}

impl Health {
    /// In one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Unknown => "unknown",
            Self::Bad => "failed",
        }
    }
}

/// One look, and what it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which look.
    pub check: &'static str,
    /// What was looked at.
    pub subject: String,
    /// What it found.
    pub health: Health,
    /// What is there, and what should be.
    pub what: String,
    /// What to do about it.
    pub remedy: &'static str,
}

impl Finding {
    /// All of it is as it should be.
    pub fn good(check: &'static str, subject: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            check,
            subject: subject.into(),
            health: Health::Good,
            what: what.into(),
            remedy: "",
        }
    }

    /// Something is not.
    pub fn bad(
        check: &'static str,
        subject: impl Into<String>,
        what: impl Into<String>,
        remedy: &'static str,
    ) -> Self {
        Self {
            check,
            subject: subject.into(),
            health: Health::Bad,
            what: what.into(),
            remedy,
        }
    }

    /// It could not be looked at.
    pub fn unknown(
        check: &'static str,
        subject: impl Into<String>,
        what: impl Into<String>,
        remedy: &'static str,
    ) -> Self {
        Self {
            health: Health::Unknown,
            ..Self::bad(check, subject, what, remedy)
        }
    }
}

/// The findings, or one that says that all is well if there are none.
pub(crate) fn or_good(
    findings: Vec<Finding>,
    check: &'static str,
    what: impl Into<String>,
) -> Vec<Finding> {
    match findings.is_empty() {
        true => vec![Finding::good(check, "", what)],
        false => findings,
    }
}
