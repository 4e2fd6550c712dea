//! The matcher against books of which it is known what belongs together.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use proptest::prelude::*;
use tributary_matching::{Answer, Match, Matches, Verdict, Weights, match_entries};
use tributary_testkit::labelled::{Labelled, Shape};

type Ids = (Vec<String>, Vec<String>);

fn ids(books: &Labelled, found: &Match) -> Ids {
    let key = found.key(&books.own, &books.lines).unwrap();
    (key.own, key.lines)
}

fn truth(books: &Labelled) -> BTreeSet<Ids> {
    let sorted = books.truth.iter().cloned().map(|(mut own, mut lines)| {
        own.sort();
        lines.sort();
        (own, lines)
    });
    sorted.collect()
}

/// Precision, recall, and what share was made or shown to a person as it is, all in
/// hundredths of a percent.
#[derive(Debug, Clone, Copy)]
struct Measure {
    precision: usize,
    recall: usize,
    shown: usize,
}

impl Measure {
    fn of(books: &Labelled, matches: &Matches) -> Self {
        let truth = truth(books);
        let right = |found: &[Match]| {
            found
                .iter()
                .filter(|found| truth.contains(&ids(books, found)))
                .count()
        };
        let (made, waiting) = (right(&matches.made), right(&matches.waiting));
        Self {
            precision: made * 10_000 / matches.made.len().max(1),
            recall: made * 10_000 / truth.len().max(1),
            shown: (made + waiting) * 10_000 / truth.len().max(1),
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: usize| format!("{}.{:02} %", share / 100, share % 100);
        write!(
            f,
            "precision {}, recall {}, made or shown {}",
            percent(self.precision),
            percent(self.recall),
            percent(self.shown)
        )
    }
}

fn matched(books: &Labelled, weights: &Weights) -> Matches {
    match_entries(&books.own, &books.lines, weights)
}

/// What a person who knows the truth says of all that waits.
fn answers(books: &Labelled, matches: &Matches) -> Vec<Answer> {
    let truth = truth(books);
    let answer = |found: &Match| {
        let key = found.key(&books.own, &books.lines).unwrap();
        let is_true = truth.contains(&(key.own.clone(), key.lines.clone()));
        let verdict = if is_true {
            Verdict::Confirmed
        } else {
            Verdict::Rejected
        };
        found.answered(key, verdict)
    };
    matches.waiting.iter().map(answer).collect()
}

#[test]
fn precision_and_recall_of_the_labelled_books() {
    for seed in 0..5 {
        let books = Labelled::of(seed, &Shape::of(3_000));
        let matches = matched(&books, &Weights::default());
        let measure = Measure::of(&books, &matches);
        println!(
            "seed {seed}: {} entries, {} lines, {} made, {} waiting: {measure}",
            books.own.len(),
            books.lines.len(),
            matches.made.len(),
            matches.waiting.len(),
        );
        assert!(measure.precision >= 9_990, "{measure}");
        assert!(measure.recall >= 9_440, "{measure}");
        assert!(measure.shown >= 9_700, "{measure}");
    }
}

/// One account with everything that makes orders look alike: what cannot be told apart
/// is left to a person, not guessed.
#[test]
fn crowded_books_are_not_guessed() {
    for seed in 0..3 {
        let shape = Shape {
            accounts: 1,
            twin: 300,
            nameless: 300,
            typo: 200,
            alone: 100,
            ..Shape::of(2_000)
        };
        let books = Labelled::of(seed, &shape);
        let measure = Measure::of(&books, &matched(&books, &Weights::default()));
        println!("crowded, seed {seed}: {measure}");
        assert!(measure.precision >= 9_900, "{measure}");
    }
}

#[test]
fn answers_teach() {
    let (untaught, mut taught) = (Weights::default(), Vec::new());
    for seed in 100..104 {
        let books = Labelled::of(seed, &Shape::of(3_000));
        taught.extend(answers(&books, &matched(&books, &untaught)));
    }
    let weights = Weights::learn(&taught);
    let (mut recall_before, mut recall_after) = (0, 0);
    for seed in 7..10 {
        let books = Labelled::of(seed, &Shape::of(3_000));
        let before = Measure::of(&books, &matched(&books, &untaught));
        let after = Measure::of(&books, &matched(&books, &weights));
        println!(
            "{} answers, seed {seed}: before {before}; after {after}",
            taught.len()
        );
        assert!(after.precision >= 9_900, "{after}");
        recall_before += before.recall;
        recall_after += after.recall;
    }
    assert!(
        recall_after > recall_before,
        "{recall_before} {recall_after}"
    );
}

#[test]
fn an_answer_about_a_match_stands() {
    let books = Labelled::of(3, &Shape::of(600));
    let first = matched(&books, &Weights::default());
    let answers = answers(&books, &first);
    let (confirmed, rejected): (Vec<_>, Vec<_>) = answers
        .iter()
        .partition(|answer| answer.verdict == Verdict::Confirmed);
    assert!(!confirmed.is_empty() && !rejected.is_empty());
    let second = matched(&books, &Weights::learn(&answers));
    let keys = |found: &[Match]| -> BTreeSet<_> {
        found
            .iter()
            .map(|found| found.key(&books.own, &books.lines).unwrap())
            .collect()
    };
    let (made, waiting) = (keys(&second.made), keys(&second.waiting));
    for answer in confirmed {
        assert!(made.contains(&answer.key), "{answer:?}");
    }
    for answer in rejected {
        assert!(
            !made.contains(&answer.key) && !waiting.contains(&answer.key),
            "{answer:?}"
        );
    }
}

#[test]
fn weights_are_a_fold_of_the_answers() {
    let books = Labelled::of(5, &Shape::of(1_000));
    let mut answers = answers(&books, &matched(&books, &Weights::default()));
    let weights = Weights::learn(&answers);
    answers.reverse();
    assert_eq!(Weights::learn(&answers), weights);
    // The later answer about one match counts.
    let mut changed = answers[0].clone();
    changed.verdict = match changed.verdict {
        Verdict::Confirmed => Verdict::Rejected,
        Verdict::Rejected => Verdict::Confirmed,
    };
    answers.push(changed);
    assert_ne!(Weights::learn(&answers), weights);
    assert_eq!(Weights::learn(&answers[1..]), Weights::learn(&answers));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_does_not_matter_and_nothing_is_used_twice(seed: u64, orders in 1_usize..250) {
        let shape = Shape { accounts: 2, twin: 200, nameless: 150, ..Shape::of(orders) };
        let books = Labelled::of(seed, &shape);
        let matches = matched(&books, &Weights::default());

        let mut turned = books.clone();
        turned.own.sort_by(|one, other| one.id.cmp(&other.id));
        turned.lines.reverse();
        let again = matched(&turned, &Weights::default());
        let described = |books: &Labelled, found: &[Match]| -> BTreeMap<_, _> {
            found.iter().map(|one| (ids(books, one), (one.score, one.basis, one.comparison))).collect()
        };
        prop_assert_eq!(described(&books, &matches.made), described(&turned, &again.made));
        prop_assert_eq!(described(&books, &matches.waiting), described(&turned, &again.waiting));
        prop_assert_eq!(matches.compared, again.compared);

        let all = || matches.made.iter().chain(&matches.waiting);
        let mut own: Vec<_> = all().flat_map(|found| found.own.clone()).collect();
        own.extend(&matches.unmatched_own);
        own.sort_unstable();
        prop_assert_eq!(own, (0..books.own.len()).collect::<Vec<_>>());
        let mut lines: Vec<_> = all().flat_map(|found| found.lines.clone()).collect();
        lines.extend(&matches.unmatched_lines);
        lines.sort_unstable();
        prop_assert_eq!(lines, (0..books.lines.len()).collect::<Vec<_>>());
    }

    #[test]
    fn money_and_account_of_what_is_made_agree(seed: u64, orders in 1_usize..250) {
        let books = Labelled::of(seed, &Shape { accounts: 3, wrong: 200, ..Shape::of(orders) });
        for found in matched(&books, &Weights::default()).made {
            let own: Vec<_> = found.own.iter().map(|at| &books.own[*at]).collect();
            let lines: Vec<_> = found.lines.iter().map(|at| &books.lines[*at]).collect();
            let booked: i64 = own.iter().map(|entry| entry.amount).sum();
            let gross: i64 = lines.iter().map(|line| line.amount).sum();
            let net: i64 = lines.iter().map(|line| line.net).sum();
            prop_assert!(booked == gross || booked == net, "{found:?}");
            prop_assert_eq!(found.difference, 0);
            prop_assert!(own.len() == 1 || lines.len() == 1);
            prop_assert!(own.iter().all(|entry| lines.iter().all(|line| entry.account == line.account)));
        }
    }
}
