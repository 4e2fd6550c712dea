//! Fees and conversions of a month, summed over accounts or one by one.

use std::collections::BTreeMap;

use tributary_ledger::Rate;
use tributary_ledger::views::{Conversion, FeeKey, Fees, Fx, MonthView, Taker, Way};

use super::{Books, money};
use crate::render::{Cell, Table};

/// Rows by account, if they are told apart, and by what is summed.
type Rows<K, V> = BTreeMap<(Option<String>, K), V>;

/// Adds up what `of` names of each book.
fn rows<'b, K, V>(
    books: &'b Books,
    by_account: bool,
    of: impl Fn(&'b MonthView) -> &'b BTreeMap<K, V>,
    merge: impl Fn(&mut V, &V),
) -> Rows<K, V>
where
    K: Ord + Clone + 'b,
    V: Default + 'b,
{
    let mut rows = Rows::new();
    for (book, view) in books {
        for (key, sum) in of(view) {
            let account = by_account.then(|| book.owner.as_str().to_owned());
            merge(rows.entry((account, key.clone())).or_default(), sum);
        }
    }
    rows
}

/// In the order of their keys; accounts by how far they are off.
fn ordered<K, V>(rows: Rows<K, V>, off: impl Fn(&V) -> i128) -> Vec<((Option<String>, K), V)> {
    let mut rows: Vec<_> = rows.into_iter().collect();
    if rows
        .first()
        .is_some_and(|((account, _), _)| account.is_some())
    {
        rows.sort_by_key(|(_, sum)| std::cmp::Reverse(off(sum).unsigned_abs()));
    }
    rows
}

fn table(by_account: bool, columns: &[&'static str]) -> Table {
    let account: &[&'static str] = if by_account { &["account"] } else { &[] };
    Table::new(&[account, columns].concat())
}

pub(super) fn fees(books: &Books, by_account: bool) -> Table {
    let rows = rows(books, by_account, |view| &view.fees, Fees::merge);
    let mut table = table(
        by_account,
        &[
            "taker",
            "method",
            "country",
            "currency",
            "payments",
            "gross",
            "fee",
            "effective_ppm",
            "compared_payments",
            "compared_fee",
            "agreed_fee",
            "difference",
        ],
    );
    for ((account, key), sum) in ordered(rows, Fees::off_schedule) {
        let FeeKey {
            taker,
            method,
            country,
            currency,
        } = key;
        let taker = match taker {
            Taker::Stripe => "stripe",
            Taker::Platform => "platform",
        };
        let known = |text: String| Some(text).filter(|text| !text.is_empty());
        let cells = [
            taker.into(),
            known(method).into(),
            known(country).into(),
            currency.into(),
            sum.count.into(),
            money(sum.gross),
            money(sum.fee),
            sum.effective_ppm().map_or(Cell::Nothing, money),
            sum.covered.into(),
            money(sum.compared),
            money(sum.expected),
            money(sum.off_schedule()),
        ];
        table.row(account.map(Cell::from).into_iter().chain(cells));
    }
    table
}

pub(super) fn fx(books: &Books, by_account: bool) -> Table {
    let rows = rows(books, by_account, |view| &view.conversions, Fx::merge);
    let mut table = table(
        by_account,
        &[
            "from",
            "to",
            "way",
            "conversions",
            "presented",
            "settled",
            "effective_rate",
            "off_stated",
            "compared",
            "at_expected_rate",
            "difference",
        ],
    );
    for ((account, Conversion { from, to, way }), sum) in ordered(rows, Fx::off_reference) {
        let way = match way {
            Way::In => "in",
            Way::Out => "out",
        };
        let rate = sum.effective_rate().as_ref().map(Rate::to_string);
        let cells = [
            from.into(),
            to.into(),
            way.into(),
            sum.count.into(),
            money(sum.presented),
            money(sum.settled),
            rate.into(),
            money(sum.off_stated()),
            money(sum.compared),
            money(sum.reference),
            money(sum.off_reference()),
        ];
        table.row(account.map(Cell::from).into_iter().chain(cells));
    }
    table
}
