//! The platform's own book and the ledger, whichever of them comes first.

use std::collections::BTreeSet;
use std::fmt::Write;

use proptest::prelude::*;
use tributary_domain::{BalanceTransaction, Mode};
use tributary_ledger::Book;
use tributary_matching::Verdict;
use tributary_matching::import::Check;
use tributary_pipeline::own_book::{
    AnswerError, Answered, Imported, Kept, Matches, Standing, announce, answer, import,
};
use tributary_pipeline::reconcile::{Job, Plan};
use tributary_reconciliation::State;
use tributary_testkit::ledger::Life;
use tributary_testkit::ledger::samples::{connected, payment};
use tributary_testkit::reconcile::MortalWorld;

use crate::rig::{DAY_S, NOON, Rig};

const HEADER: &str = "id,account,kind,occurred_at,currency,amount_minor,charge\n";

/// A payment of an amount of its own, so that nothing is like anything else.
pub(crate) fn paid(n: usize, at: i64) -> BalanceTransaction {
    let amount = 1_000 + i64::try_from(n).unwrap() * 7;
    BalanceTransaction {
        amount,
        net: amount - 30,
        ..payment(n, at)
    }
}

/// A line of the own book about the `n`th payment, known by its charge or by nothing.
pub(crate) fn line(n: usize, at: i64, is_known: bool) -> String {
    let currency = if n.is_multiple_of(5) { "eur" } else { "usd" };
    let charge = if is_known {
        format!("ch_{n:05}")
    } else {
        String::new()
    };
    let amount = 1_000 + n * 7;
    format!("own-{n},acct_1,order,{at},{currency},{amount},{charge}\n")
}

pub(crate) fn file(lines: impl IntoIterator<Item = String>) -> String {
    let mut text = HEADER.to_owned();
    for line in lines {
        let _ = write!(text, "{line}");
    }
    text
}

/// Drops a file and asks for what it touches to be matched.
pub(crate) async fn drop_file(rig: &Rig, name: &str, text: &str, at: i64) {
    let book = &rig.world.own_book;
    let dropped = book.drop_file(&format!("imports/live/{name}.csv"), text.as_bytes(), at);
    let imported = import(book, book, &dropped, Check::default())
        .await
        .unwrap();
    let Imported::Whole(_, touched) = imported else {
        panic!("{imported:?}")
    };
    let id = dropped.import();
    let jobs = touched.jobs(Mode::Live, id.as_str());
    announce(&rig.world.outbox, jobs, 0).await.unwrap();
}

pub(crate) async fn kept(rig: &Rig, book: &Book) -> Vec<Kept> {
    let months = rig.world.matches.all(book).await.unwrap();
    months.into_iter().flat_map(|(_, kept)| kept).collect()
}

/// Codes and subjects of the open findings.
pub(crate) fn open(rig: &Rig) -> BTreeSet<(&'static str, String)> {
    let found = rig.found().into_iter();
    let open = found.filter(|(.., state)| *state == State::Open);
    open.map(|(code, subject, _)| (code, subject)).collect()
}

fn unmatched(n: usize) -> (&'static str, String) {
    ("UNMATCHED_PLATFORM_ENTRY", format!("own-{n}"))
}

/// When the `n`th payment was made: days apart, over the end of a month.
fn made_at(n: usize) -> i64 {
    NOON - 40 * DAY_S + i64::try_from(n).unwrap() * 2 * DAY_S
}

#[tokio::test]
async fn what_the_ledger_does_not_know_is_told_until_it_does() {
    let (rig, book) = (Rig::new(), connected(1));
    let lines = (0..6).map(|n| line(n, made_at(n), n % 2 == 0));
    drop_file(&rig, "a", &file(lines), NOON).await;
    rig.run().await;
    assert_eq!(open(&rig), (0..6).map(unmatched).collect());

    rig.book(&book, (0..5).map(|n| paid(n, made_at(n) + 600)));
    rig.pull(&book, None).await;
    rig.plan(&Plan::everything(Mode::Live)).await.unwrap();
    rig.run().await;
    assert_eq!(open(&rig), BTreeSet::from([unmatched(5)]));
    let kept = kept(&rig, &book).await;
    assert_eq!(kept.len(), 5);
    for (n, kept) in kept.iter().enumerate() {
        assert_eq!(kept.standing, Standing::Made);
        assert_eq!(kept.matched.own, [format!("own-{n}")]);
        assert_eq!(kept.matched.lines, [format!("txn_{n:05}")]);
        assert!(kept.matched.reason().contains("amount before fees"));
    }
}

#[tokio::test]
async fn a_young_entry_is_nobodys_business_yet() {
    let (rig, book) = (Rig::new(), connected(1));
    drop_file(&rig, "a", &file([line(1, NOON - DAY_S, true)]), NOON).await;
    rig.run().await;
    assert_eq!(open(&rig), BTreeSet::new());
    // Nothing changes but the time.
    rig.clock.advance(rig.rules.unmatched_grace_s);
    rig.plan(&Plan::everything(Mode::Live)).await.unwrap();
    rig.run().await;
    assert_eq!(open(&rig), BTreeSet::from([unmatched(1)]));
    let head = rig
        .world
        .matches
        .month(&book, tributary_pipeline::own_book::Month::at(NOON));
    assert_eq!(head.await.unwrap().0.due_at, None);
}

#[tokio::test]
async fn a_line_at_the_end_of_a_month_is_taken_once() {
    let (rig, book) = (Rig::new(), connected(1));
    let november = 1_793_491_200; // 2026-11-01
    // Two like entries, a day before and a day after the month's end, and two lines: the
    // first entry takes the first line, and the second must not take it again.
    let own = [november - DAY_S, november + DAY_S].map(|at| {
        let n = at / DAY_S % 10;
        format!("own-{n},acct_1,order,{at},usd,1007,\n")
    });
    drop_file(&rig, "a", &file(own), NOON).await;
    let of = |n: usize, at: i64| BalanceTransaction {
        amount: 1_007,
        net: 977,
        ..payment(n, at)
    };
    rig.book(
        &book,
        [of(1, november - DAY_S + 60), of(2, november + DAY_S + 60)],
    );
    rig.pull(&book, None).await;
    rig.run().await;
    let kept = kept(&rig, &book).await;
    let mut lines: Vec<_> = kept.iter().flat_map(|kept| &kept.matched.lines).collect();
    lines.sort();
    let all = lines.len();
    lines.dedup();
    assert_eq!(lines.len(), all, "{kept:?}");
}

#[tokio::test]
async fn the_same_books_are_not_matched_again() {
    let (rig, book) = (Rig::new(), connected(1));
    drop_file(
        &rig,
        "a",
        &file((0..3).map(|n| line(n, made_at(n), true))),
        NOON,
    )
    .await;
    rig.run().await;
    let month = tributary_pipeline::own_book::Month::at(made_at(0));
    let (head, revision) = rig.world.matches.month(&book, month).await.unwrap();
    for _ in 0..3 {
        rig.clock.advance(DAY_S);
        rig.plan(&Plan::everything(Mode::Live)).await.unwrap();
        rig.run().await;
    }
    assert_eq!(
        rig.world.matches.month(&book, month).await.unwrap(),
        (head, revision)
    );
}

#[tokio::test]
async fn fault_33_a_worker_that_dies_at_any_call_of_a_match_costs_repetition_only() {
    let mut deaths = 0;
    for with_effect in [false, true] {
        for call in 0.. {
            let (rig, book) = (Rig::new(), connected(1));
            let lines = (0..6).map(|n| line(n, made_at(n), n % 2 == 0));
            drop_file(&rig, "a", &file(lines), NOON).await;
            rig.book(&book, (0..5).map(|n| paid(n, made_at(n) + 600)));
            rig.pull(&book, None).await;
            let jobs = rig.world.outbox.take_jobs();
            let [(job, _)] = jobs.as_slice() else {
                panic!("{jobs:?}")
            };
            assert!(matches!(job, Job::Match { .. }));
            let life = Life::ending_at(call, with_effect);
            let mortal = MortalWorld::of(&rig.world, &life);
            let ended = rig.work_in(&mortal, "first", job).await;
            assert_eq!(ended.is_err(), life.is_over(), "{ended:?}");
            if !life.is_over() {
                break;
            }
            deaths += 1;
            rig.clock.advance(rig.rules.lease_s);
            rig.work_in(&rig.world, "second", job).await.unwrap();
            rig.run().await;
            let context = format!("died at {call}, effect: {with_effect}");
            assert_eq!(open(&rig), BTreeSet::from([unmatched(5)]), "{context}");
            assert_eq!(kept(&rig, &book).await.len(), 5, "{context}");
        }
    }
    println!("{deaths} deaths");
    assert!(deaths > 30, "{deaths}");
}

/// Something that happens to the books.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// A file comes in.
    Drop(usize),
    /// The ledger is pulled up to a payment.
    Pull(usize),
}

/// Files that overlap, correct each other and replace each other, in the order in which
/// they were dropped.
fn files() -> [(&'static str, String); 4] {
    let of = |numbers: &[usize]| file(numbers.iter().map(|n| line(*n, made_at(*n), n % 3 == 0)));
    let wrong = line(4, made_at(4), true).replace(",1028,", ",9999,");
    [
        ("a", of(&[0, 1, 2, 9])),
        ("b", file([wrong, line(3, made_at(3), false)])),
        ("c", of(&[4, 5, 6, 7, 8])),
        ("a", of(&[0, 1, 2])),
    ]
}

async fn play(steps: &[Step]) -> (Vec<Kept>, BTreeSet<(&'static str, String)>) {
    let (rig, book) = (Rig::new(), connected(1));
    let files = files();
    for (place, step) in steps.iter().enumerate() {
        match step {
            Step::Drop(at) => {
                let (name, text) = &files[*at];
                let dropped_at = NOON + i64::try_from(*at).unwrap();
                drop_file(&rig, name, text, dropped_at).await;
            }
            Step::Pull(n) => {
                rig.book(&book, [paid(*n, made_at(*n) + 600)]);
                rig.pull(&book, Some(0)).await;
            }
        }
        if place % 2 == 0 {
            rig.run().await;
        }
    }
    rig.clock.advance(3_600);
    rig.plan(&Plan::everything(Mode::Live)).await.unwrap();
    rig.run().await;
    (kept(&rig, &book).await, open(&rig))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_order_of_imports_and_pulls_gives_the_same_matches(
        steps in Just(
            (0..4).map(Step::Drop).chain((0..8).map(Step::Pull)).collect::<Vec<_>>(),
        )
        .prop_shuffle(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let in_order: Vec<_> = (0..4).map(Step::Drop).chain((0..8).map(Step::Pull)).collect();
        let expected = runtime.block_on(play(&in_order));
        prop_assert_eq!(expected.0.len(), 8);
        prop_assert_eq!(&expected.1, &BTreeSet::from([unmatched(8)]));
        prop_assert_eq!(runtime.block_on(play(&steps)), expected);
    }
}

/// Two lines that one entry could be, with nothing to tell them apart.
async fn in_doubt() -> (Rig, Book) {
    let (rig, book) = (Rig::new(), connected(1));
    let at = NOON - 10 * DAY_S;
    // An amount of its own, and a digit wrong: a reference, but another amount.
    let text = line(1, at, true).replace(",1007,", ",1070,");
    drop_file(&rig, "a", &file([text]), NOON).await;
    rig.book(&book, [paid(1, at + 600)]);
    rig.pull(&book, None).await;
    rig.run().await;
    (rig, book)
}

async fn say(rig: &Rig, book: &Book, verdict: Verdict) -> Answered {
    rig.clock.advance(60);
    let (matches, jobs) = (&rig.world.matches, &rig.world.outbox);
    let said = answer(matches, jobs, book, "own-1", verdict, rig.clock.now());
    let said = said.await.unwrap();
    rig.run().await;
    said
}

#[tokio::test]
async fn what_a_person_says_settles_a_match_and_teaches() {
    let (rig, book) = in_doubt().await;
    let ambiguous = ("AMBIGUOUS_MATCH", "own-1".to_owned());
    assert_eq!(open(&rig), BTreeSet::from([ambiguous]));
    let waiting = kept(&rig, &book).await;
    assert_eq!(waiting[0].standing, Standing::Waiting);
    assert_eq!(waiting[0].matched.difference, 63);

    let said = say(&rig, &book, Verdict::Confirmed).await;
    assert_eq!((said.before, &said.kept), (None, &waiting[0]));
    assert_eq!(open(&rig), BTreeSet::new());
    let made = kept(&rig, &book).await;
    assert_eq!(made[0].standing, Standing::Made);
    assert!(
        made[0]
            .matched
            .reason()
            .starts_with("confirmed by a person")
    );
    let taught = rig.world.matches.lessons(Mode::Live).await.unwrap().0;
    assert_eq!((taught.confirmed, taught.rejected), (1, 0));

    // People change their minds: the first answer is unlearned.
    let said = say(&rig, &book, Verdict::Rejected).await;
    assert_eq!(said.before, Some(Verdict::Confirmed));
    assert_eq!(open(&rig), BTreeSet::from([unmatched(1)]));
    assert_eq!(kept(&rig, &book).await, []);
    let taught = rig.world.matches.lessons(Mode::Live).await.unwrap().0;
    assert_eq!((taught.confirmed, taught.rejected), (0, 1));
    let nobody = answer(
        &rig.world.matches,
        &rig.world.outbox,
        &book,
        "own-1",
        Verdict::Confirmed,
        0,
    );
    assert!(matches!(nobody.await, Err(AnswerError::NoMatch { .. })));
}
