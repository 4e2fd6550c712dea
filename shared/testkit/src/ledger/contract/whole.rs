//! A ledger read as a whole, and an entry put in the place of another.

use std::collections::{BTreeMap, BTreeSet};

use tributary_domain::ObjectId;
use tributary_ledger::{Book, Day, post};
use tributary_pipeline::ledger::replay::Whole;
use tributary_pipeline::ledger::{Commit, Filed};

use super::{dispute, done, entry, is_conflict, state, totals};
use crate::ledger::samples::{id, refund};

pub(super) async fn holds(ledger: &impl Whole, book: &Book) {
    let first = entry(book, 1, 86_400);
    let refunded = post(book, &refund(1, 86_401));
    let refunded = refunded
        .unwrap_or_else(|error| unreachable!("{error}"))
        .entry;
    let (day, closed) = (first.day(), Day::of(0));
    let filed = vec![Filed::from(&first), Filed::from(&refunded)];
    let mut state = state(1, "one");
    state.days = BTreeMap::from([(day, totals(2))]);
    let commit = Commit {
        state,
        filed: BTreeMap::from([(day, filed.clone())]),
        closed: BTreeMap::from([(closed, totals(1))]),
        ..Commit::default()
    };
    done(ledger.commit(book, &commit).await);
    done(ledger.post(book, &[first.clone(), refunded]).await);
    done(ledger.learn(book, &dispute("lost", "1"), None).await);

    assert!(done(ledger.books().await).contains(book));
    let objects = done(ledger.objects().await).into_iter();
    let ours = objects.filter_map(|(of, object)| (of == *book).then_some(object));
    let expected = ["ch_00001", "re_00001", "dp_1"].map(id);
    assert_eq!(
        ours.collect::<BTreeSet<ObjectId>>(),
        BTreeSet::from(expected)
    );
    let days = done(ledger.days(book).await);
    assert_eq!(
        days,
        BTreeMap::from([(day, totals(2)), (closed, totals(1))])
    );
    let mut movements = done(ledger.movements(book, day).await);
    movements.sort_unstable();
    assert_eq!(movements, filed);

    let right = entry(book, 1, 86_402);
    let late = ledger.replace(&first, &right).await;
    assert!(is_conflict(&late), "{late:?}");
    done(ledger.replace(&right, &first).await);
    assert!(is_conflict(&ledger.replace(&right, &first).await));
    let node = done(ledger.node(book, &id("ch_00001")).await);
    assert_eq!(node.entries, [right]);
}
