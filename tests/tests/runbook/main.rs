//! The runbook, done: each fault is made on the local stack, the page's own commands
//! are run, and what they should mend is mended. The alarm that leads to the section
//! sounds first.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod desk;
mod faults;
mod page;
#[path = "../e2e/proxy.rs"]
#[allow(dead_code, reason = "the end-to-end scenes need more of it")]
mod proxy;
#[path = "../e2e/road.rs"]
#[allow(dead_code, reason = "the end-to-end scenes need more of it")]
mod road;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, resume_unwind};

use clap::Parser;
use desk::Desk;
use futures_util::FutureExt;
use page::{Procedure, procedures};
use road::Road;
use tributary_cli::options::Cli;

/// What the words in capitals may stand for.
const SAMPLES: desk::Filling<'_> = &[
    ("ACCT", "acct_1"),
    ("CODE", "PAYOUT_STUCK"),
    ("EVENT", "evt_1"),
    ("ID", "po_1"),
    ("REASON", "it is right"),
    ("SUBJECT", "po_1"),
];

/// Sections whose fault the local stack cannot have, and why.
const NOT_HERE: &[(&str, &str)] = &[
    ("Coverage", "twenty days would have to pass"),
    (
        "EventsQueueAge",
        "it mends itself, or by a setting of Lambda",
    ),
    ("FetchQueueAge", "it mends itself when Stripe answers"),
    (
        "FindingsLeft",
        "somebody has to find out which side is right",
    ),
    ("FunctionDuration", "it mends itself"),
    ("FunctionErrors", "another version has to be deployed"),
    ("FunctionThrottles", "the emulator has no quota"),
    ("ImportQueueAge", "it mends itself"),
    ("ImportsRefused", "somebody has to correct the file"),
    ("LedgerConcerns", "a new version has to learn the type"),
    ("LedgerQueueAge", "it mends itself when Stripe answers"),
    (
        "MissingEvents",
        "Stripe's own interface says what is missing",
    ),
    (
        "PartnerDeadLetters",
        "there is a partner event source on AWS only",
    ),
    ("PublishAge", "it mends itself"),
    ("ReconcileQueueAge", "it mends itself when Stripe answers"),
    ("ReconcileSilent", "three hours would have to pass"),
    ("SignatureMismatch", "the emulator does not count requests"),
    ("Unfetchable", "a new version has to learn the path"),
];

#[test]
fn every_section_is_done_here_or_says_why_not() {
    let sections: BTreeSet<String> = procedures().into_keys().collect();
    let done = faults::SECTIONS.iter().copied();
    let known: BTreeSet<String> = done
        .chain(NOT_HERE.iter().map(|(section, _)| *section))
        .map(str::to_owned)
        .collect();
    assert_eq!(sections, known);
    assert_eq!(faults::SECTIONS.len() + NOT_HERE.len(), sections.len());
}

#[test]
fn every_section_says_how_to_look_and_how_to_know() {
    for (name, procedure) in procedures() {
        let commands = procedure.look.len() + procedure.mend.len() + procedure.mended.len();
        let has_none = ["FunctionDuration", "FunctionErrors", "FunctionThrottles"];
        assert!(commands > 0 || has_none.contains(&name.as_str()), "{name}");
    }
}

/// A command with a slip would be found at night.
#[test]
fn every_command_of_the_page_is_one_that_there_is() {
    for (section, procedure) in procedures() {
        let Procedure { look, mend, mended } = procedure;
        for command in [look, mend, mended].concat() {
            let filled = desk::fill(&command, SAMPLES);
            let parsed = Cli::try_parse_from(desk::words(&filled));
            let problem = parsed.err().map(|error| error.to_string());
            assert_eq!(problem, None, "{section}: {command}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_runbook_mends_what_it_says() {
    let road = Road::open("runbook").await;
    let desk = Desk::at(&road);
    let outcome = AssertUnwindSafe(faults::all(&desk)).catch_unwind().await;
    road.close();
    if let Err(failure) = outcome {
        resume_unwind(failure);
    }
}
