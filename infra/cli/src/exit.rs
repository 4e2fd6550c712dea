//! How a command ends, for scripts. These numbers are promised (docs/CLI.md); those
//! from 64 on are the ones of `sysexits.h`.

use std::process::ExitCode;

/// A status that a process ends with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Exit {
    /// Done, and nothing is wrong.
    #[default]
    Done,
    /// It could not be done.
    Failed,
    /// Done, and what was looked at has problems or differs.
    Problems,
    /// The command line is wrong.
    Usage,
    /// Nothing is known under this id.
    Unknown,
    /// AWS or Stripe cannot be reached.
    Unavailable,
    /// No credentials, or they may not do this.
    Denied,
    /// There is no such stack, or it lacks what this version needs.
    NoStack,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Problems => 2,
            Self::Usage => 64,
            Self::Unknown => 66,
            Self::Unavailable => 69,
            Self::Denied => 77,
            Self::NoStack => 78,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
