//! What every ledger promises, as a suite that runs against any of them.

mod paid_out;
mod views;
mod whole;

use std::collections::{BTreeMap, BTreeSet};

use tributary_domain::change::Sequence;
use tributary_ledger::fact::{DisputeFact, Says};
use tributary_ledger::{Account, Book, Day, Derived, Digest, Entry, Fact, Head, Line, Rule, post};
use tributary_pipeline::ledger::replay::Whole;
use tributary_pipeline::ledger::{
    BookState, Commit, Filed, Ledger, LedgerError, Node, PageName, Pull, Stories, Totals, Views,
};
use tributary_pipeline::reconcile::PaidOuts;

use super::samples::{connected, id, payment, platform, refund};

/// Runs the whole contract, on books of its own.
///
/// # Panics
/// Where the ledger breaks its contract.
pub async fn holds(ledger: &(impl Ledger + Stories + Views + PaidOuts)) {
    what_was_never_written_is_absent(ledger, &connected(1)).await;
    of_two_commits_on_one_state_one_is_applied(ledger, &connected(2)).await;
    a_commit_is_applied_whole_or_not_at_all(ledger, &connected(3)).await;
    the_largest_commit_is_applied(ledger, &connected(4)).await;
    the_first_entry_under_a_key_stays(ledger, &connected(5)).await;
    a_hundred_entries_are_found_among_the_absent(ledger, &connected(6)).await;
    books_are_apart(ledger).await;
    an_object_knows_what_belongs_to_it(ledger, &connected(7)).await;
    a_fact_gives_way_to_the_one_after_it_only(ledger, &connected(8)).await;
    a_revision_is_taken_once(ledger, &connected(9)).await;
    views::hold(ledger, [&connected(12), &connected(13)]).await;
    paid_out::is_found_by_payout_time_and_movement(ledger, &connected(10)).await;
}

fn done<T>(answer: Result<T, LedgerError>) -> T {
    answer.unwrap_or_else(|error| unreachable!("{error}"))
}

fn is_conflict<T>(answer: &Result<T, LedgerError>) -> bool {
    matches!(answer, Err(LedgerError::Conflict))
}

fn entry(book: &Book, n: usize, created: i64) -> Entry {
    let posted = post(book, &payment(n, created));
    posted.unwrap_or_else(|error| unreachable!("{error}")).entry
}

/// The state after so many changes, by a worker.
fn state(seq: u64, writer: &str) -> BookState {
    let mut state = BookState {
        seq,
        writer: writer.to_owned(),
        pulls: 3,
        ..BookState::default()
    };
    state.pull = Some(Pull {
        from: Some(1),
        to: 2,
        answers: 3,
        known_to: None,
        newest: Some(-4),
        pages: 7,
        before: None,
        next: Some(id("txn_1")),
        unposted: vec![Day::of(0)],
    });
    let account = Account::named(Head::StripeBalance, "payments");
    let balances = BTreeMap::from([(account, i128::from(i64::MIN) * 3)]);
    state.balances.insert("usd".to_owned(), balances);
    state.days.insert(Day::of(0), totals(u64::MAX));
    state
}

/// Totals with the largest of numbers.
fn totals(count: u64) -> Totals {
    let digest = Digest {
        count,
        net: i128::from(i64::MAX) * 1_000,
        hash: u128::MAX,
    };
    Totals::from([("usd".to_owned(), digest)])
}

async fn what_was_never_written_is_absent(ledger: &(impl Ledger + Stories), book: &Book) {
    assert_eq!(done(ledger.state(book).await), BookState::default());
    let key = entry(book, 1, 0).key();
    assert!(done(ledger.present(book, &[key]).await).is_empty());
    assert!(done(ledger.totals(book, &[Day::of(0)]).await).is_empty());
    let page = PageName { pull: 1, page: 1 };
    assert!(done(ledger.filed(book, Day::of(0), page).await).is_empty());
    let node = ledger.node(book, &id("ch_1")).await;
    assert_eq!(done(node), Node::default());
}

async fn of_two_commits_on_one_state_one_is_applied(ledger: &impl Ledger, book: &Book) {
    let commit = |seq, writer| Commit {
        state: state(seq, writer),
        ..Commit::default()
    };
    for seq in 1..3 {
        done(ledger.commit(book, &commit(seq, "one")).await);
        // The answer was lost, and it is repeated.
        done(ledger.commit(book, &commit(seq, "one")).await);
        let late = ledger.commit(book, &commit(seq, "other")).await;
        assert!(is_conflict(&late), "{late:?}");
        assert_eq!(done(ledger.state(book).await), state(seq, "one"));
    }
    let gap = ledger.commit(book, &commit(5, "one")).await;
    assert!(is_conflict(&gap), "{gap:?}");
}

async fn a_commit_is_applied_whole_or_not_at_all(ledger: &impl Ledger, book: &Book) {
    let (day, closed) = (Day::of(86_400), Day::of(0));
    let filed = |n| vec![Filed::from(&entry(book, n, 86_400))];
    let commit = |seq, writer: &str, n| Commit {
        state: state(seq, writer),
        filed: BTreeMap::from([(day, filed(n))]),
        closed: BTreeMap::from([(closed, totals(seq))]),
        ..Commit::default()
    };
    let first = commit(1, "one", 1);
    let page = first.page();
    assert_eq!(page, PageName { pull: 3, page: 7 });
    done(ledger.commit(book, &first).await);
    done(ledger.commit(book, &first).await);
    let late = ledger.commit(book, &commit(1, "other", 2)).await;
    assert!(is_conflict(&late), "{late:?}");
    assert_eq!(done(ledger.filed(book, day, page).await), filed(1));
    assert_eq!(done(ledger.filed_on(book, day).await), filed(1));
    let known = done(ledger.totals(book, &[day, closed]).await);
    assert_eq!(known, BTreeMap::from([(closed, totals(1))]));
}

/// A page that spreads over as many days as a part may, and closes them all.
async fn the_largest_commit_is_applied(ledger: &impl Ledger, book: &Book) {
    use tributary_pipeline::ledger::count::DAYS_MAX;
    use tributary_pipeline::ledger::state::OPEN_DAYS;
    let days: Vec<Day> = (0..DAYS_MAX + OPEN_DAYS)
        .filter_map(|n| i64::try_from(n).ok())
        .map(|n| Day::of(n * 86_400))
        .collect();
    let spread = days.iter().take(DAYS_MAX);
    let commit = Commit {
        state: state(1, "one"),
        filed: spread
            .map(|day| (*day, vec![Filed::from(&entry(book, 1, day.start()))]))
            .collect(),
        closed: days.iter().map(|day| (*day, totals(1))).collect(),
        months: views::a_month_for_each(DAYS_MAX),
        is_correction: false,
    };
    done(ledger.commit(book, &commit).await);
    assert_eq!(done(ledger.totals(book, &days).await).len(), days.len());
}

async fn the_first_entry_under_a_key_stays(ledger: &(impl Ledger + Stories), book: &Book) {
    let first = entry(book, 1, 5);
    let other = entry(book, 1, 6);
    done(ledger.post(book, std::slice::from_ref(&first)).await);
    done(ledger.post(book, &[other]).await);
    let node = done(ledger.node(book, &id("ch_00001")).await);
    assert_eq!(node.entries, [first]);
}

async fn a_hundred_entries_are_found_among_the_absent(ledger: &impl Ledger, book: &Book) {
    let entries: Vec<Entry> = (0..250).map(|n| entry(book, n, 0)).collect();
    let posted: Vec<Entry> = entries.iter().step_by(2).cloned().collect();
    done(ledger.post(book, &posted).await);
    let keys: Vec<_> = entries.iter().map(Entry::key).collect();
    let present = done(ledger.present(book, &keys).await);
    let wanted: BTreeSet<_> = posted.into_iter().map(|it| it.transaction).collect();
    assert_eq!(present, wanted);
}

async fn books_are_apart(ledger: &impl Ledger) {
    let (ours, theirs) = (connected(10), connected(11));
    done(ledger.post(&ours, &[entry(&ours, 1, 0)]).await);
    let key = entry(&theirs, 1, 0).key();
    assert!(done(ledger.present(&theirs, &[key]).await).is_empty());
    assert_eq!(done(ledger.state(&platform()).await).seq, 0);
}

async fn an_object_knows_what_belongs_to_it(ledger: &(impl Ledger + Stories), book: &Book) {
    let refunded = post(book, &refund(1, 9));
    let refunded = refunded
        .unwrap_or_else(|error| unreachable!("{error}"))
        .entry;
    for _ in 0..2 {
        done(ledger.post(book, std::slice::from_ref(&refunded)).await);
    }
    done(
        ledger
            .learn(book, &dispute("needs_response", "1"), None)
            .await,
    );
    let node = done(ledger.node(book, &id("ch_00001")).await);
    assert_eq!(node.members, BTreeSet::from([id("dp_1"), id("re_00001")]));
    let node = done(ledger.node(book, &id("re_00001")).await);
    assert_eq!(node.entries, [refunded]);
}

fn dispute(status: &str, sequence: &str) -> Fact {
    Fact {
        id: id("dp_1"),
        sequence: Sequence::new(sequence),
        says: Says::Dispute(DisputeFact {
            status: status.to_owned(),
            charge: Some(id("ch_00001")),
        }),
    }
}

async fn a_fact_gives_way_to_the_one_after_it_only(ledger: &impl Stories, book: &Book) {
    let (first, second) = (dispute("under_review", "1"), dispute("lost", "2"));
    done(ledger.learn(book, &first, None).await);
    done(ledger.learn(book, &first, None).await);
    let blind = ledger.learn(book, &second, None).await;
    assert!(is_conflict(&blind), "{blind:?}");
    done(ledger.learn(book, &second, Some(&first.sequence)).await);
    let stale = ledger
        .learn(book, &dispute("won", "3"), Some(&first.sequence))
        .await;
    assert!(is_conflict(&stale), "{stale:?}");
    assert_eq!(done(ledger.node(book, &first.id).await).fact, Some(second));
}

async fn a_revision_is_taken_once(ledger: &impl Stories, book: &Book) {
    let derived = |revision, amount| Derived {
        book: book.clone(),
        root: id("ch_1"),
        rule: Rule::Residual,
        version: 1,
        revision,
        reverses: None,
        at: 0,
        currency: "usd".to_owned(),
        lines: vec![Line {
            account: Account::plain(Head::PlatformMargin),
            amount,
        }],
    };
    let first = derived(1, 10);
    done(ledger.derive(&first).await);
    done(ledger.derive(&first).await);
    let taken = ledger.derive(&derived(1, 11)).await;
    assert!(is_conflict(&taken), "{taken:?}");
    // Another version of the rule takes the next revision, not the same one.
    let version = Derived {
        version: 2,
        ..derived(1, 10)
    };
    assert!(is_conflict(&ledger.derive(&version).await));
    done(ledger.derive(&derived(2, 11)).await);
    let node = done(ledger.node(book, &id("ch_1")).await);
    assert_eq!(node.derived, [first, derived(2, 11)]);
}

/// Runs the contract of a ledger that tools read as a whole, on a book of its own.
///
/// # Panics
/// Where the ledger breaks its contract.
pub async fn holds_as_a_whole(ledger: &impl Whole) {
    whole::holds(ledger, &connected(14)).await;
}
