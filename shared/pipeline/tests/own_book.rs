//! Files of the platform's own book: whole or not at all, through crashes and repeats.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::fmt::Write;

use tributary_domain::{Mode, Owner};
use tributary_ledger::Day;
use tributary_matching::OwnEntry;
use tributary_matching::import::Check;
use tributary_pipeline::own_book::{
    Dropped, FILE_BYTES_MAX, ImportError, Imported, Month, OwnBook, entries, import, mode_of,
    record,
};
use tributary_testkit::own_book::MemoryOwnBook;

const HEADER: &str = "id,account,occurred_at,currency,amount,order\n";
const KEY: &str = "imports/live/november.csv";

/// So many entries of two accounts, each of `amount`.
fn file(count: usize, amount: &str) -> String {
    let mut text = HEADER.to_owned();
    for n in 0..count {
        let _ = writeln!(
            text,
            "e{n},acct_{},2026-11-{:02},usd,{amount},o{n}",
            n % 2,
            n % 28 + 1
        );
    }
    text
}

async fn run(book: &MemoryOwnBook, file: &Dropped) -> Result<Imported, ImportError> {
    import(book, book, file, Check::remembering(20)).await
}

async fn of_account(book: &MemoryOwnBook, account: &str) -> Vec<OwnEntry> {
    let days = Day::parse("2026-11-01").unwrap()..=Day::parse("2026-11-30").unwrap();
    entries(book, Mode::Live, &Owner::parse(account).unwrap(), days)
        .await
        .unwrap()
}

#[test]
fn only_what_lies_in_a_modes_folder_is_an_import() {
    assert_eq!(mode_of("imports/live/a.csv"), Some(Mode::Live));
    assert_eq!(mode_of("imports/test/2026/a.csv"), Some(Mode::Test));
    for key in [
        "imports/a.csv",
        "imports/live/",
        "imports/prod/a.csv",
        "claims/live/a",
        "imports/live/a.csv.errors.csv",
    ] {
        assert_eq!(mode_of(key), None, "{key}");
    }
}

#[tokio::test]
async fn a_valid_file_is_read_back_by_account() {
    let book = MemoryOwnBook::default();
    let dropped = book.drop_file(KEY, file(1_100, "1.00").as_bytes(), 1);
    let imported = run(&book, &dropped).await.unwrap();
    let Imported::Whole(summary, touched) = imported else {
        panic!("{imported:?}")
    };
    assert_eq!(summary.entries, 1_100);
    assert_eq!(touched.len(), 2);
    assert_eq!(of_account(&book, "acct_0").await.len(), 550);
    assert_eq!(of_account(&book, "acct_1").await.len(), 550);
    assert_eq!(of_account(&book, "acct_2").await.len(), 0);
    // Live and test never meet.
    let days = Day::parse("2026-11-01").unwrap()..=Day::parse("2026-11-30").unwrap();
    let test = entries(&book, Mode::Test, &Owner::parse("acct_0").unwrap(), days)
        .await
        .unwrap();
    assert_eq!(test, []);
}

#[tokio::test]
async fn a_file_with_one_bad_line_leaves_nothing_but_a_report() {
    let book = MemoryOwnBook::default();
    let text = format!("{}e0,acct_1,2026-11-01,usd,1e3,\n", file(300, "1.00"));
    let dropped = book.drop_file(KEY, text.as_bytes(), 1);
    assert!(matches!(
        run(&book, &dropped).await.unwrap(),
        Imported::Refused(_)
    ));
    assert_eq!((book.page_count(), book.import_count()), (0, 0));
    let report = book.file("imports/live/november.csv.errors.csv").unwrap();
    assert!(
        report.starts_with(
            "line,field,problem,remedy\r\n302,amount,the amount is not a plain number,"
        ),
        "{report}"
    );
}

/// The commit is last; until then nothing counts, and what was written before it has
/// the same names when it is written again.
#[tokio::test]
async fn fault_44_an_import_that_dies_at_any_call_counts_once_or_not_at_all() {
    let text = file(60, "1.00");
    let whole = MemoryOwnBook::default();
    let dropped = whole.drop_file(KEY, text.as_bytes(), 1);
    run(&whole, &dropped).await.unwrap();
    let mut calls = 0;
    loop {
        let book = MemoryOwnBook::default();
        let dropped = book.drop_file(KEY, text.as_bytes(), 1);
        book.live_for(Some(calls));
        let first = run(&book, &dropped).await;
        book.live_for(None);
        if first.is_ok() {
            break;
        }
        assert_eq!(of_account(&book, "acct_0").await, [], "after {calls} calls");
        // It comes again, and again after it was done.
        for _ in 0..2 {
            run(&book, &dropped).await.unwrap();
            assert_eq!(of_account(&book, "acct_0").await.len(), 30);
            assert_eq!(book.page_count(), whole.page_count(), "after {calls} calls");
        }
        assert_eq!(book.import_count(), 1);
        calls += 1;
    }
    // Opening for every pass, the pages, the commit.
    assert!(calls > 5, "{calls}");
}

/// A report of a refused file is written in one piece under the file's own name:
/// failed or repeated, there is one, and it says the same.
#[tokio::test]
async fn fault_44_a_report_that_was_not_written_is_written_once() {
    let report = "imports/live/november.csv.errors.csv";
    let text = format!("{}e0,acct_1,2026-11-01,usd,1e3,\n", file(300, "1.00"));
    let mut calls = 0;
    let said = loop {
        let book = MemoryOwnBook::default();
        let dropped = book.drop_file(KEY, text.as_bytes(), 1);
        book.live_for(Some(calls));
        let first = run(&book, &dropped).await;
        book.live_for(None);
        if first.is_ok() {
            break book.file(report).unwrap();
        }
        assert_eq!(book.file(report), None, "after {calls} calls");
        run(&book, &dropped).await.unwrap();
        let once = book.file(report).unwrap();
        run(&book, &dropped).await.unwrap();
        assert_eq!(book.file(report), Some(once));
        assert_eq!((book.page_count(), book.import_count()), (0, 0));
        calls += 1;
    };
    assert!(calls > 0, "the report was not even tried");
    assert!(said.contains("302,amount"), "{said}");
}

#[tokio::test]
async fn the_later_file_counts_whichever_is_imported_first() {
    for order in [[0, 1], [1, 0]] {
        let book = MemoryOwnBook::default();
        let files = [
            book.drop_file("imports/live/a.csv", file(10, "1.00").as_bytes(), 100),
            book.drop_file("imports/live/b.csv", file(6, "2.00").as_bytes(), 200),
        ];
        for at in order {
            run(&book, &files[at]).await.unwrap();
        }
        let amounts: Vec<_> = of_account(&book, "acct_0")
            .await
            .iter()
            .map(|e| e.amount)
            .collect();
        assert_eq!(amounts, [200, 200, 200, 100, 100]);
    }
}

#[tokio::test]
async fn a_file_that_was_replaced_is_left_to_its_successor() {
    let book = MemoryOwnBook::default();
    let first = book.drop_file(KEY, file(10, "1.00").as_bytes(), 100);
    book.drop_file(KEY, file(20, "1.00").as_bytes(), 200);
    assert_eq!(run(&book, &first).await.unwrap(), Imported::Gone);
    assert_eq!((book.page_count(), book.import_count()), (0, 0));
}

#[tokio::test]
async fn a_file_dropped_again_under_its_name_replaces_what_it_was() {
    for order in [[0, 1], [1, 0]] {
        let book = MemoryOwnBook::default();
        let first = (book.drop_file(KEY, file(10, "1.00").as_bytes(), 100), 10);
        let files = [first, (book.drop_file(KEY, b"", 200), 4)];
        for at in order {
            let (dropped, count) = &files[at];
            let text = file(*count, "1.00");
            // The bucket shows the version that is imported now.
            let again = book.drop_file(KEY, text.as_bytes(), dropped.at);
            run(&book, &again).await.unwrap();
        }
        assert_eq!(of_account(&book, "acct_0").await.len(), 2, "{order:?}");
    }
}

#[tokio::test]
async fn a_file_that_is_too_long_is_refused_unread() {
    let book = MemoryOwnBook::default();
    let mut dropped = book.drop_file(KEY, b"", 1);
    dropped.bytes = FILE_BYTES_MAX + 1;
    assert!(matches!(
        run(&book, &dropped).await.unwrap(),
        Imported::Refused(_)
    ));
    let report = book.file("imports/live/november.csv.errors.csv").unwrap();
    assert!(
        report.contains("the file is longer than 268435456 bytes,drop it in parts"),
        "{report}"
    );
    assert_eq!((book.page_count(), book.import_count()), (0, 0));
}

#[tokio::test]
async fn an_entry_that_comes_as_an_event_is_an_import_of_one() {
    let book = MemoryOwnBook::default();
    let dropped = book.drop_file(KEY, file(2, "1.00").as_bytes(), 100);
    run(&book, &dropped).await.unwrap();
    let mut entry = of_account(&book, "acct_0").await.remove(0);
    entry.amount = 700;
    for _ in 0..2 {
        record(&book, Mode::Live, vec![entry.clone()], "6a7e8feb-b491", 200)
            .await
            .unwrap();
    }
    assert_eq!(of_account(&book, "acct_0").await, [entry]);
    assert_eq!(book.import_count(), 2);
    let november = Month::parse("2026-11").unwrap();
    let pages = book
        .pages(
            Mode::Live,
            &Owner::parse("acct_0").unwrap(),
            november..=november,
        )
        .await
        .unwrap();
    assert_eq!(pages.len(), 2);
}

#[tokio::test]
async fn a_parquet_file_takes_the_same_road() {
    let whole = include_bytes!("../../matching/tests/parquet_files/polars-zstd.parquet");
    let key = "imports/live/november.parquet";
    let book = MemoryOwnBook::default();
    let dropped = book.drop_file(key, whole, 1);
    let imported = run(&book, &dropped).await.unwrap();
    let Imported::Whole(summary, touched) = imported else {
        panic!("{imported:?}")
    };
    assert_eq!((summary.entries, touched.len()), (600, 3));
    assert_eq!(of_account(&book, "acct_0").await.len(), 200);

    let floats = include_bytes!("../../matching/tests/parquet_files/polars-float.parquet");
    let book = MemoryOwnBook::default();
    let dropped = book.drop_file(key, floats, 1);
    assert!(matches!(
        run(&book, &dropped).await.unwrap(),
        Imported::Refused(_)
    ));
    assert_eq!((book.page_count(), book.import_count()), (0, 0));
    let report = book
        .file("imports/live/november.parquet.errors.csv")
        .unwrap();
    assert!(
        report.contains("1,amount,the amount is a floating-point number,"),
        "{report}"
    );
}
