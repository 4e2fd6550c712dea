//! What a function's process keeps to itself.

use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Makes sure that the process leaves no image of its memory, which holds secrets:
/// no core dump, and no other process of the same user reads it through `/proc` or
/// a debugger. Call it before a secret is read.
///
/// The limit alone would not do, for the kernel ignores it where dumps are piped
/// into a program; being undumpable alone would not reach programs that this one
/// may start.
///
/// # Errors
/// When the kernel refuses, which it has no reason to.
pub fn seal() -> io::Result<()> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    Ok(())
}
