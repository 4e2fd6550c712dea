//! What every ledger promises about what payouts paid out.

#![allow(clippy::indexing_slicing, reason = "a suite of tests")]

use tributary_ledger::Book;
use tributary_pipeline::reconcile::paid_out::LINES_MAX;
use tributary_pipeline::reconcile::{PaidOut, PaidOuts};

use super::done;
use crate::ledger::samples::{id, payment};

pub(super) async fn is_found_by_payout_time_and_movement(ledger: &impl PaidOuts, book: &Book) {
    let movements = |from: usize, to: usize| (from..to).map(|n| payment(n, 7)).collect::<Vec<_>>();
    for (n, paid) in [movements(0, 5), movements(5, 5 + 3 * LINES_MAX)]
        .iter()
        .enumerate()
    {
        let at = 100 * (n as i64 + 1);
        let (paid, lines) = PaidOut::of(&id(&format!("po_{n}")), at, paid);
        // Stripe may list a few at first and more of them later.
        let half = lines.len() / 2;
        let earlier = PaidOut {
            count: half,
            ..paid.clone()
        };
        done(ledger.keep_paid_out(book, &earlier, &lines[..half]).await);
        done(ledger.keep_paid_out(book, &paid, &lines).await);
    }
    let (first, second) = (id("po_0"), id("po_1"));
    assert_eq!(done(ledger.paid_out_by(book, &first, 101).await), None);
    let known = done(ledger.paid_out_by(book, &second, 200).await);
    let known = known.unwrap_or_else(|| unreachable!("it was kept"));
    assert_eq!(known.count, 3 * LINES_MAX);
    let since = |since| async move {
        let payouts = done(ledger.paid_out_since(book, since).await);
        payouts
            .into_iter()
            .map(|paid| paid.payout)
            .collect::<Vec<_>>()
    };
    assert_eq!(since(100).await, [first, second.clone()]);
    assert_eq!(since(101).await, [second]);
    let (_, lines) = PaidOut::of(&known.payout, 200, &movements(5, 5 + 3 * LINES_MAX));
    let (mut read, mut after) = (Vec::new(), None);
    loop {
        let page = done(ledger.paid_lines(book, &known, after.as_ref()).await);
        read.extend(page.lines);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(read, lines, "each once, in order, and nothing of before");
    for n in [0, LINES_MAX - 1, LINES_MAX, 3 * LINES_MAX - 1] {
        let line = &lines[n];
        let found = ledger.paid_line(book, &known, &line.transaction).await;
        assert_eq!(done(found).as_ref(), Some(line));
        let after = ledger
            .paid_lines(book, &known, Some(&line.transaction))
            .await;
        let next = done(after).lines;
        assert_eq!(next.first(), lines.get(n + 1), "what follows a line");
    }
    let other = ledger.paid_line(book, &known, &payment(4, 7).id).await;
    assert_eq!(done(other), None);
}
