//! `make bench-reconcile`: what comparing a million lines with a million costs, beside
//! engines that are made for it; how well and how fast books are matched; and what a
//! file of a gigabyte takes to be read.
//!
//! Each measurement is a program of its own, so that what it takes is its own: this
//! one calls itself with the measurement's name.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod books;
mod calls;
mod import;
mod measure;
mod peers;
mod reconcile;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use measure::BenchError;

/// Where the files and figures go.
const OUTPUT: &str = "target/bench/reconcile";

/// Lines on either side.
const LINES: u64 = 1_000_000;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [] => report::run(Path::new(OUTPUT), LINES),
        ["reconcile", ours, theirs] => {
            reconcile::files(&PathBuf::from(ours), &PathBuf::from(theirs)).and_then(measure::answer)
        }
        ["calls", accounts] => calls::answer(accounts),
        ["match"] => measure::answer(books::measure()),
        ["import"] => import::measure().and_then(measure::answer),
        _ => Err(BenchError::Usage),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-reconcile: {error}");
            ExitCode::FAILURE
        }
    }
}
