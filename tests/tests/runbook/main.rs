//! The runbook, done: each fault is made on the local stack, the page's own commands
//! are run, and what they should mend is mended. The alarm that leads to the section
//! sounds first.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod cloudwatch;
mod desk;
mod emulator;
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

#[test]
fn every_section_is_done_here() {
    let sections: BTreeSet<String> = procedures().into_keys().collect();
    let done = faults::SECTIONS.iter().copied().map(str::to_owned);
    assert_eq!(sections, done.collect());
}

#[test]
fn every_section_says_how_to_look_and_how_to_know() {
    for (name, procedure) in procedures() {
        let commands = procedure.look.len() + procedure.mend.len() + procedure.mended.len();
        let has_none = ["FunctionDuration", "FunctionThrottles"];
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
    let partner = format!("StripePartnerEventSource={}", faults::PARTNER_SOURCE);
    let road = Road::open_with("runbook", &[&partner]).await;
    let desk = Desk::at(&road);
    let outcome = AssertUnwindSafe(faults::all(&desk)).catch_unwind().await;
    road.close();
    if let Err(failure) = outcome {
        resume_unwind(failure);
    }
}
