//! The platform's own book against the ledger of the same two weeks: what is right is matched,
//! and every mistake is left for a person.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs
)]

mod rig;

use std::collections::BTreeSet;

use rig::{played, posted};
use tributary_books::Label;
use tributary_matching::import::{Check, CsvReader, Next};
use tributary_matching::{LedgerLine, Match, OwnEntry, Weights, match_entries};
use tributary_pipeline::reconcile::line_of;
use tributary_simulator::{OwnBook, OwnBookConfig, OwnMatch, World};

fn own_book(world: &World, mistakes: usize) -> OwnBook {
    let config = OwnBookConfig {
        mistakes,
        ..OwnBookConfig::new(1)
    };
    OwnBook::of(world, &config)
}

/// The file, read as an import reads it.
fn imported(csv: &str) -> Vec<OwnEntry> {
    let mut check = Check::default();
    loop {
        let mut entries = Vec::new();
        let mut take = |line, row: Result<OwnEntry, Vec<_>>| {
            entries.extend(row.clone());
            check.row(line, row);
        };
        let mut reader = CsvReader::default();
        reader.push(csv.as_bytes(), &mut take);
        reader.finish(&mut take);
        match check.end_of_pass() {
            Next::Again => {}
            Next::Valid(summary) => {
                assert_eq!(summary.entries, entries.len() as u64);
                return entries;
            }
            Next::Refused(report) => panic!("{report:?}"),
        }
    }
}

/// Ids of both sides, sorted.
type Pair = (Vec<String>, Vec<String>);

fn sorted(ids: impl Iterator<Item = String>) -> Vec<String> {
    let mut ids: Vec<String> = ids.collect();
    ids.sort_unstable();
    ids
}

#[test]
fn what_is_right_is_matched_and_what_is_wrong_is_not() {
    let world = played(1, 0);
    let book = own_book(&world, 5);
    let own = imported(&book.to_csv());
    let lines: Vec<LedgerLine> = posted(&world)
        .values()
        .flatten()
        .filter_map(line_of)
        .collect();
    let matches = match_entries(&own, &lines, &Weights::default());
    let pair = |found: &Match| -> Pair {
        (
            sorted(found.own.iter().map(|at| own[*at].id.clone())),
            sorted(found.lines.iter().map(|at| lines[*at].id.clone())),
        )
    };
    let made: BTreeSet<Pair> = matches.made.iter().map(pair).collect();
    let truth: BTreeSet<Pair> = book.matches.iter().map(true_pair).collect();
    let right = made.intersection(&truth).count();
    println!(
        "{right} of {} matches made are right, {} were to be made; {} wait, {} are unmatched",
        made.len(),
        truth.len(),
        matches.waiting.len(),
        matches.unmatched_own.len()
    );
    assert_eq!(right, made.len(), "nothing is matched wrongly");
    assert!(right * 100 >= truth.len() * 98, "few are missed");
    for mistake in &book.mistakes {
        let is_made = made.iter().any(|(ids, _)| ids.contains(&mistake.entry));
        assert!(!is_made, "{mistake:?}");
    }
    let hard = hard(&book);
    let waiting = matches.waiting.iter().flat_map(|it| &it.own);
    for at in waiting.chain(&matches.unmatched_own) {
        assert!(hard.contains(own[*at].id.as_str()), "{:?}", own[*at]);
    }
}

fn true_pair(matched: &OwnMatch) -> Pair {
    (
        sorted(matched.entries.iter().cloned()),
        sorted(matched.transactions.iter().cloned()),
    )
}

/// Entries that may wait for a person: mistakes, and what is right and hard to match.
fn hard(book: &OwnBook) -> BTreeSet<&str> {
    let mistakes = book.mistakes.iter();
    let mistakes = mistakes.flat_map(|it| std::iter::once(&it.entry).chain(&it.twin));
    let matches = book.matches.iter();
    let matches = matches
        .filter(|it| Label::of_match(it).is_some())
        .flat_map(|it| &it.entries);
    mistakes.chain(matches).map(String::as_str).collect()
}
