//! What every control table and every store of findings keeps.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a suite of tests"
)]

use std::collections::BTreeSet;

use tributary_domain::change::Sequence;
use tributary_domain::{Mode, Owner};
use tributary_ledger::fact::{DisputeFact, PayoutFact, TopupFact};
use tributary_ledger::views::Shelf;
use tributary_ledger::{Book, Fact, Says};
use tributary_pipeline::ledger::Stories;
use tributary_pipeline::reconcile::{
    Claim, Control, ControlError, Coverage, Findings, Progress, UnderWay, Waiting,
};
use tributary_reconciliation::{Code, Finding, Scope, State};

use crate::ledger::samples::id;

fn book(account: &str) -> Book {
    Book {
        mode: Mode::Test,
        owner: Owner::parse(account).expect("a sample"),
    }
}

async fn claim(control: &impl Control, worker: &str, now: i64) -> Claim {
    let claimed = control.claim("job#1", worker, now, now + 60).await;
    claimed.expect("a control table that answers")
}

/// A job has one worker at a time, keeps its place, and is done once.
pub async fn jobs_are_done_once(control: &impl Control) {
    assert_eq!(
        claim(control, "a", 0).await,
        Claim::Mine(Progress::default())
    );
    assert_eq!(claim(control, "b", 59).await, Claim::Held);
    let at = |seq: u64| Progress {
        seq,
        cursor: Some(format!("page {seq}")),
    };
    control
        .advance("job#1", "a", &at(1))
        .await
        .expect("the holder goes on");
    let stale = control.advance("job#1", "a", &at(1)).await;
    assert!(matches!(stale, Err(ControlError::Conflict)), "{stale:?}");
    // The lease ends: another worker goes on from the place, and the first does not.
    assert_eq!(claim(control, "b", 60).await, Claim::Mine(at(1)));
    for late in [
        control.advance("job#1", "a", &at(2)).await,
        control.release("job#1", "a", true).await,
    ] {
        assert!(matches!(late, Err(ControlError::Conflict)), "{late:?}");
    }
    control
        .advance("job#1", "b", &at(2))
        .await
        .expect("the new holder goes on");
    control
        .release("job#1", "b", false)
        .await
        .expect("given back");
    assert_eq!(claim(control, "c", 61).await, Claim::Mine(at(2)));
    control.release("job#1", "c", true).await.expect("done");
    for (worker, now) in [("c", 62), ("d", 10_000)] {
        assert_eq!(claim(control, worker, now).await, Claim::Done);
    }
}

/// A watermark moves step by step, and the roster lists every book once.
pub async fn watermarks_move_step_by_step(control: &impl Control) {
    let names = ["platform", "acct_a", "acct_b", "acct_c", "acct_d"];
    for name in names {
        let first = Coverage {
            seq: 1,
            events_to: Some(5),
            ..Coverage::default()
        };
        control.cover(&book(name), &first).await.expect("the first");
        let again = control.cover(&book(name), &first).await;
        assert!(matches!(again, Err(ControlError::Conflict)), "{again:?}");
        let next = Coverage {
            seq: 2,
            events_to: Some(7),
            ..first
        };
        control.cover(&book(name), &next).await.expect("the next");
        assert_eq!(
            control.coverage(&book(name)).await.expect("an answer"),
            next
        );
    }
    assert_eq!(
        control.coverage(&book("acct_z")).await.expect("an answer"),
        Coverage::default()
    );
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = control
            .roster(Mode::Test, after.as_deref())
            .await
            .expect("a page");
        found.extend(
            page.books
                .into_iter()
                .map(|(book, _)| book.owner.as_str().to_owned()),
        );
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    found.sort();
    assert_eq!(found, ["acct_a", "acct_b", "acct_c", "acct_d", "platform"]);
    let live = control.roster(Mode::Live, None).await.expect("a page");
    assert_eq!(live.books, []);
}

/// A counter stops at its cap.
pub async fn counters_stop_at_their_cap(control: &impl Control) {
    let mut granted = 0;
    for _ in 0..5 {
        granted += u32::from(control.spend("heals", 3).await.expect("an answer"));
    }
    assert_eq!(granted, 3);
    assert!(!control.spend("others", 0).await.expect("an answer"));
}

/// Every payout on its way is on one page, and none that has arrived.
pub async fn payouts_under_way_are_read_by_page(ledger: &(impl Stories + UnderWay)) {
    let payout = |n: usize, status: &str| Fact {
        id: id(&format!("po_{n:05}")),
        sequence: Sequence::new("1"),
        says: Says::Payout(PayoutFact {
            status: status.to_owned(),
            was_paid: false,
            amount: 5_000,
            currency: "usd".to_owned(),
            created: 1_557_000_000,
            arrival_date: 1_557_014_400,
            automatic: true,
            method: None,
            destination: None,
            failure_code: None,
            reconciliation_status: None,
        }),
    };
    let mut expected = Vec::new();
    for account in ["acct_u", "acct_v", "platform"] {
        for n in 0..3 {
            let fact = payout(n, ["pending", "in_transit"][n % 2]);
            ledger.learn(&book(account), &fact, None).await.expect("it");
            expected.push((book(account), fact));
        }
        let arrived = payout(7, "paid");
        ledger
            .learn(&book(account), &arrived, None)
            .await
            .expect("it");
    }
    assert_eq!(shelved(ledger, &Shelf::UnderWay).await, expected);
    let live = ledger.under_way(Mode::Live, &Shelf::UnderWay, None).await;
    assert_eq!(live.expect("a page").facts, []);
}

/// Every object on a shelf, page by page.
async fn shelved(ledger: &impl UnderWay, shelf: &Shelf) -> Vec<(Book, Fact)> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = ledger.under_way(Mode::Test, shelf, after.as_deref()).await;
        let page = page.expect("a page");
        found.extend(page.facts);
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

/// A dispute or a top-up is on its shelf until it is over, and leaves it then.
pub async fn what_is_undecided_is_read_by_page(ledger: &(impl Stories + UnderWay)) {
    let fact = |id_: &str, says: Says, sequence: &str| Fact {
        id: id(id_),
        sequence: Sequence::new(sequence),
        says,
    };
    let dispute = |status: &str| {
        Says::Dispute(DisputeFact {
            status: status.to_owned(),
            charge: Some(id("ch_1")),
        })
    };
    let topup = |status: &str| {
        Says::Topup(TopupFact {
            status: status.to_owned(),
        })
    };
    let (acct, platform) = (book("acct_w"), book("platform"));
    let opened = fact("dp_1", dispute("needs_response"), "1");
    let pending = fact("tu_1", topup("pending"), "1");
    let over = fact("dp_2", dispute("lost"), "1");
    for (book, fact) in [(&acct, &opened), (&platform, &pending), (&acct, &over)] {
        ledger.learn(book, fact, None).await.expect("it");
    }
    let expected = [
        (acct.clone(), opened.clone()),
        (platform.clone(), pending.clone()),
    ];
    assert_eq!(shelved(ledger, &Shelf::Undecided).await, expected);
    // What a look told is behind what is known, and gives way to the next event.
    let told = Fact {
        sequence: opened.sequence.behind(),
        says: over.says.clone(),
        ..opened.clone()
    };
    let before = Some(&opened.sequence);
    ledger.learn(&acct, &told, before).await.expect("it");
    let left = expected.get(1..).unwrap_or_default();
    assert_eq!(shelved(ledger, &Shelf::Undecided).await, left);
    let again = fact("dp_1", dispute("under_review"), "2");
    let before = Some(&told.sequence);
    ledger.learn(&acct, &again, before).await.expect("it");
    assert_eq!(shelved(ledger, &Shelf::Undecided).await.len(), 2);
}

/// A finding is written once, changed by revisions, and listed while it is open.
pub async fn findings_are_changed_by_revision(findings: &impl Findings) {
    let book = book("acct_f");
    let scope = Scope::new("day", "2026-11-22");
    let mut finding =
        Finding::new(Code::OrphanEntry, &book, "txn_1", &scope, 10).at_stake(5, "usd");
    findings.save(&finding, 0).await.expect("the first");
    let again = findings.save(&finding, 0).await;
    assert!(matches!(again, Err(ControlError::Conflict)), "{again:?}");
    let other = Finding::new(Code::PayoutStuck, &book, "po_1", &scope, 10);
    findings.save(&other, 0).await.expect("another");

    let keys = [finding.key(), "PAYOUT_STUCK#po_2".to_owned()];
    let loaded = findings.load(&book, &keys).await.expect("an answer");
    let (stored, revision) = loaded[&finding.key()].clone();
    assert_eq!((stored, loaded.len()), (finding.clone(), 1));
    assert_eq!(findings.open(&book).await.expect("an answer").len(), 2);

    let both = BTreeSet::from([book.clone()]);
    for code in [Code::OrphanEntry, Code::PayoutStuck] {
        let books = findings.books_with(book.mode, code).await;
        assert_eq!(books.expect("an answer"), both, "{code:?}");
    }

    finding.gone(20);
    findings
        .save(&finding, revision)
        .await
        .expect("the next revision");
    let stale = findings.save(&finding, revision).await;
    assert!(matches!(stale, Err(ControlError::Conflict)), "{stale:?}");
    let open = findings.open(&book).await.expect("an answer");
    assert_eq!(
        open.iter().map(|(one, _)| one.code).collect::<Vec<_>>(),
        [Code::PayoutStuck]
    );
    let loaded = findings.load(&book, &keys).await.expect("an answer");
    assert_eq!(loaded[&finding.key()].0.state, State::Resolved);

    let none = findings.books_with(book.mode, Code::OrphanEntry).await;
    assert_eq!(none.expect("an answer"), BTreeSet::new());
    let other = findings.books_with(Mode::Live, Code::PayoutStuck).await;
    assert_eq!(other.expect("an answer"), BTreeSet::new());

    let residual = Finding::new(Code::BalanceMismatchConnected, &book, "usd", &scope, 10);
    findings.save(&residual, 0).await.expect("a residual");
    let waiting = Waiting {
        findings: 2,
        residuals: 1,
    };
    let counted = findings.waiting(book.mode).await.expect("an answer");
    assert_eq!(counted, waiting, "the resolved one waits for nobody");
    let other = findings.waiting(Mode::Live).await;
    assert_eq!(other.expect("an answer"), Waiting::default());
}
