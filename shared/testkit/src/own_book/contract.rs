//! What every store of the platform's own book, and of its matches, keeps.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a suite of tests"
)]

use std::collections::BTreeSet;

use tributary_domain::{Currency, Mode, Owner};
use tributary_ledger::Book;
use tributary_matching::compare::{Amount, Apart, Reference, Text};
use tributary_matching::import::Summary;
use tributary_matching::{Answer, Basis, Comparison, MatchKey, Matched, OwnEntry, Verdict};
use tributary_pipeline::own_book::{
    Committed, Head, ImportId, Kept, Matches, Month, OwnBook, Page, Standing,
};
use tributary_pipeline::reconcile::ControlError;

fn account() -> Owner {
    Owner::parse("acct_1").expect("a sample")
}

fn book() -> Book {
    Book {
        mode: Mode::Test,
        owner: account(),
    }
}

fn month(text: &str) -> Month {
    Month::parse(text).expect("a sample")
}

fn page(month: Month, import: &ImportId, number: u32) -> Page {
    let entry = OwnEntry {
        id: format!("{month}-{number}"),
        account: account(),
        kind: String::new(),
        occurred_at: month.seconds().start,
        currency: Currency::parse(b"usd").expect("a sample"),
        amount: 100,
        references: vec!["ch_1".to_owned()],
        counterparty: String::new(),
    };
    Page {
        mode: Mode::Test,
        account: account(),
        month,
        import: import.clone(),
        number,
        entries: vec![entry],
    }
}

async fn commit(book: &impl OwnBook, id: &ImportId, source: Option<&str>) {
    let import = Committed {
        mode: Mode::Test,
        id: id.clone(),
        source: source.map(str::to_owned),
        summary: Summary::default(),
    };
    book.commit(&import).await.expect("a commit");
}

/// Pages are found by account and month; an import counts once it is committed, until
/// its file has a later one.
pub async fn imports_count_until_their_file_is_replaced(book: &impl OwnBook) {
    let imports = ["a", "b", "c", "d"].map(|version| {
        let at = i64::from(version.as_bytes()[0]);
        ImportId::new(at, version)
    });
    let months = ["2026-10", "2026-11", "2026-12"].map(month);
    for (number, month) in (0..).zip(months) {
        for _ in 0..2 {
            let put = book.put(&page(month, &imports[0], number)).await;
            put.expect("a page, as often as it comes");
        }
    }
    let pages = |first: usize, last: usize| {
        let account = account();
        async move {
            let found = book.pages(Mode::Test, &account, months[first]..=months[last]);
            found.await.expect("pages")
        }
    };
    assert_eq!(pages(1, 1).await, [page(months[1], &imports[0], 1)]);
    assert_eq!(pages(0, 1).await.len(), 2);
    assert_eq!(pages(0, 2).await.len(), 3);
    let account = account();
    let live = book.pages(Mode::Live, &account, months[0]..=months[2]);
    assert_eq!(live.await.expect("pages"), []);

    let all: BTreeSet<_> = imports.iter().cloned().collect();
    let counting = |expected: &'static [usize]| {
        let (imports, all) = (&imports, &all);
        async move {
            let found = book.committed(Mode::Test, all).await.expect("imports");
            let expected = expected.iter().map(|at| imports[*at].clone()).collect();
            assert_eq!(found, expected);
        }
    };
    counting(&[]).await;
    commit(book, &imports[0], Some("imports/test/a#1.csv")).await;
    commit(book, &imports[1], Some("imports/test/b.csv")).await;
    commit(book, &imports[3], None).await;
    counting(&[0, 1, 3]).await;
    commit(book, &imports[2], Some("imports/test/a#1.csv")).await;
    counting(&[1, 2, 3]).await;
    // The earlier one comes again.
    commit(book, &imports[0], Some("imports/test/a#1.csv")).await;
    counting(&[1, 2, 3]).await;
}

fn comparison() -> Comparison {
    Comparison {
        reference: Reference::Same,
        amount: Amount::Different,
        apart: Apart::Day,
        kind: Text::Unknown,
        counterparty: Text::Unknown,
    }
}

fn kept(own: &str) -> Kept {
    Kept {
        standing: Standing::Waiting,
        matched: Matched {
            own: vec![own.to_owned()],
            lines: vec!["txn_1".to_owned()],
            at: 1_793_491_200,
            currency: Currency::parse(b"usd").expect("a sample"),
            amount: 100,
            difference: -5,
            score: 1_234,
            basis: Basis::Score,
            comparison: comparison(),
            alternatives: 2,
        },
    }
}

/// A month's matches are those that its head names, before and after it is replaced.
pub async fn a_month_is_replaced_at_once(matches: &impl Matches) {
    let (book, month) = (book(), month("2026-11"));
    assert_eq!(
        matches.month(&book, month).await.expect("a head"),
        (Head::default(), 0)
    );
    let head = |page: &str| Head {
        stamp: page.to_owned(),
        pages: vec![page.to_owned()],
        ..Head::default()
    };
    let shown = async || {
        let all = matches.all(&book).await.expect("all matches");
        all.into_iter()
            .flat_map(|(_, kept)| kept)
            .collect::<Vec<_>>()
    };
    let keep = async |name: &str| {
        let page = [kept(name)];
        matches
            .keep(&book, month, name, &page)
            .await
            .expect("a page");
    };
    keep("p1").await;
    assert_eq!(shown().await, []);
    let first = head("p1");
    matches
        .commit(&book, month, &first, 0, &[])
        .await
        .expect("the first");
    assert_eq!(shown().await, [kept("p1")]);
    assert_eq!(
        matches.month(&book, month).await.expect("a head"),
        (first, 1)
    );

    keep("p2").await;
    assert_eq!(shown().await, [kept("p1")]);
    let late = matches.commit(&book, month, &head("p2"), 0, &[]).await;
    assert!(matches!(late, Err(ControlError::Conflict)), "{late:?}");
    let forgotten = ["p1".to_owned()];
    let next = matches
        .commit(&book, month, &head("p2"), 1, &forgotten)
        .await;
    next.expect("the next");
    assert_eq!(shown().await, [kept("p2")]);
    // A page that was forgotten may be needed again.
    keep("p1").await;
    let back = matches
        .commit(&book, month, &head("p1"), 2, &["p2".to_owned()])
        .await;
    back.expect("the one after");
    assert_eq!(shown().await, [kept("p1")]);
}

/// An answer and what it teaches are kept both or neither.
pub async fn an_answer_is_taught_once(matches: &impl Matches) {
    let book = book();
    let answer = |verdict| Answer {
        key: MatchKey {
            account: account(),
            own: vec!["own-1".to_owned()],
            lines: vec!["txn_1".to_owned()],
        },
        comparison: comparison(),
        verdict,
    };
    let (yes, no) = (answer(Verdict::Confirmed), answer(Verdict::Rejected));
    let (mut lessons, revision) = matches.lessons(Mode::Test).await.expect("lessons");
    assert_eq!(revision, 0);
    lessons.learn(&yes);
    let taught = matches.teach(&book, &yes, None, (&lessons, 0)).await;
    taught.expect("the first answer");
    assert_eq!(
        matches.answers(&book).await.expect("answers"),
        std::slice::from_ref(&yes)
    );
    assert_eq!(
        matches.lessons(Mode::Test).await.expect("lessons"),
        (lessons.clone(), 1)
    );
    for stale in [
        matches.teach(&book, &no, None, (&lessons, 1)).await,
        matches.teach(&book, &no, Some(&yes), (&lessons, 0)).await,
    ] {
        assert!(matches!(stale, Err(ControlError::Conflict)), "{stale:?}");
    }
    lessons.unlearn(&yes);
    lessons.learn(&no);
    let changed = matches.teach(&book, &no, Some(&yes), (&lessons, 1)).await;
    changed.expect("another answer");
    assert_eq!(matches.answers(&book).await.expect("answers"), [no]);
    assert_eq!(matches.lessons(Mode::Live).await.expect("lessons").1, 0);
}
