//! The shape of the items.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tributary_domain::{Mode, ObjectId};
use tributary_ledger::views::Shelf;
use tributary_ledger::{Book, Day, Derived, Entry, EntryKey, Fact};
use tributary_pipeline::ledger::{BookState, Filed, LedgerError, PageName, Totals};
use tributary_pipeline::reconcile::{PaidLine, PaidOut};

use super::Item;
use crate::codec::{Text, pack, unpack};

pub(super) const KEY: &str = "pk";
pub(super) const RANGE: &str = "sk";
pub(super) const TEXT: &str = "text";
/// What range keys begin with, under one object.
pub(super) const ENTRY: &str = "A#";
pub(super) const DERIVED: &str = "B#";
pub(super) const FACT: &str = "F";
pub(super) const MEMBER: &str = "M#";
/// The keys of the index of payouts, which only those on a shelf have.
pub(super) const SHELF: &str = "shelf";
pub(super) const PLACE: &str = "place";

pub(super) fn s(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn n(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(super) fn key(pk: String, sk: impl Into<String>) -> Item {
    Item::from([(KEY.to_owned(), s(pk)), (RANGE.to_owned(), s(sk))])
}

/// The hash key of everything about one object of a book.
pub(super) fn object(book: &Book, object: &ObjectId) -> String {
    format!("{book}#{object}")
}

/// The hash key under which the movements of a day are filed, page by page.
pub(super) fn files_of(book: &Book, day: Day) -> String {
    format!("day#{book}#{day}")
}

/// The hash key of a book's closed days.
pub(super) fn days_of(book: &Book) -> String {
    format!("days#{book}")
}

pub(super) fn state_key(book: &Book) -> Item {
    key(format!("pull#{book}"), "state")
}

pub(crate) fn entry_key(of: &EntryKey) -> Item {
    let sk = format!("{ENTRY}{}", of.transaction);
    key(object(&of.book, &of.source), sk)
}

pub(super) fn totals_key(book: &Book, day: Day) -> Item {
    key(days_of(book), day.to_string())
}

pub(super) fn filed_key(book: &Book, day: Day, page: PageName) -> Item {
    let sk = format!("{:010}#{:010}", page.pull, page.page);
    key(files_of(book, day), sk)
}

/// That an object belongs to another: the key says it all.
pub(super) fn member_key(book: &Book, parent: &ObjectId, member: &ObjectId) -> Item {
    key(object(book, parent), format!("{MEMBER}{member}"))
}

/// The hash key of the movements that one payout paid out.
pub(super) fn paid_by(book: &Book, payout: &ObjectId) -> String {
    format!("paid#{book}#{payout}")
}

/// The hash key of a book's payouts, by when they were made.
pub(super) fn payouts_of(book: &Book) -> String {
    format!("payouts#{book}")
}

/// A moment that sorts as a text.
pub(super) fn second(unix_s: i64) -> String {
    format!("{:012}", unix_s.max(0))
}

/// Where a payout's page with a transaction is. The number of all its movements comes
/// first: should Stripe list more of them later, the pages of before are left behind.
pub(super) fn paid_place(paid: &PaidOut, transaction: &str) -> String {
    format!("{:08}#{transaction}", paid.count)
}

pub(super) fn paid_out_key(book: &Book, payout: &ObjectId, created: i64) -> Item {
    key(payouts_of(book), format!("{}#{payout}", second(created)))
}

pub(super) fn paid_out(book: &Book, paid: &PaidOut) -> Result<Item, LedgerError> {
    with_text(paid_out_key(book, &paid.payout, paid.created), paid)
}

/// Movements that a payout paid out, in the order of their ids, as one item.
pub(super) fn paid_page(
    book: &Book,
    paid: &PaidOut,
    lines: &[PaidLine],
) -> Result<Item, LedgerError> {
    let last = lines.last().map(|line| line.transaction.as_str());
    let place = paid_place(paid, last.unwrap_or_default());
    with_text(key(paid_by(book, &paid.payout), place), &lines)
}

pub(super) fn with_text(mut item: Item, value: &impl Serialize) -> Result<Item, LedgerError> {
    let text = serde_json::to_string(value);
    let text = text.map_err(|error| LedgerError::Invalid(error.to_string()))?;
    let packed = pack(Text::Ledger, &text);
    let packed = packed.map_err(|error| LedgerError::Transient(error.to_string()))?;
    let packed = AttributeValue::B(Blob::new(packed));
    item.insert(TEXT.to_owned(), packed);
    Ok(item)
}

pub(super) fn state(book: &Book, state: &BookState) -> Result<Item, LedgerError> {
    let mut item = state_key(book);
    item.insert("seq".to_owned(), n(state.seq));
    with_text(item, state)
}

pub(crate) fn entry(entry: &Entry) -> Result<Item, LedgerError> {
    with_text(entry_key(&entry.key()), entry)
}

pub(super) fn totals(book: &Book, day: Day, totals: &Totals) -> Result<Item, LedgerError> {
    with_text(totals_key(book, day), totals)
}

/// A filed movement as it is stored: transaction, source, currency, net.
type Line = (ObjectId, ObjectId, String, i64);

pub(super) fn filed(
    book: &Book,
    day: Day,
    page: PageName,
    filed: &[Filed],
) -> Result<Item, LedgerError> {
    let line = |it: &Filed| -> Line {
        (
            it.transaction.clone(),
            it.source.clone(),
            it.currency.clone(),
            it.net,
        )
    };
    let lines: Vec<Line> = filed.iter().map(line).collect();
    with_text(filed_key(book, day, page), &lines)
}

/// The hash key of a shelf. Under it, payouts lie by their owners: a busy one can be
/// split by DynamoDB.
pub(super) fn shelf_of(mode: Mode, shelf: &Shelf) -> String {
    format!("{}#{shelf}", mode.as_str())
}

pub(super) fn fact(book: &Book, fact: &Fact) -> Result<Item, LedgerError> {
    let mut item = key(object(book, &fact.id), FACT);
    item.insert("sequence".to_owned(), s(fact.sequence.as_str()));
    if let Some(shelf) = Shelf::of(fact) {
        item.insert(SHELF.to_owned(), s(shelf_of(book.mode, &shelf)));
        item.insert(
            PLACE.to_owned(),
            s(format!("{}#{}", book.owner.as_str(), fact.id)),
        );
    }
    with_text(item, fact)
}

/// Revisions are counted over all versions of a rule, so no two versions can take
/// one place.
pub(super) fn derived(derived: &Derived) -> Result<Item, LedgerError> {
    let rule = derived.rule.as_str();
    let sk = format!("{DERIVED}{rule}#{:06}", derived.revision);
    with_text(key(object(&derived.book, &derived.root), sk), derived)
}

pub(super) fn damaged(what: &str) -> LedgerError {
    LedgerError::Invalid(format!("an item of the ledger has no usable {what}"))
}

/// Reads what an item's text says.
pub(super) fn read<T: DeserializeOwned>(item: &Item) -> Result<T, LedgerError> {
    let packed = item.get(TEXT).and_then(|value| value.as_b().ok());
    let unusable = || LedgerError::Invalid(format!("{} cannot be read", name_of(item)));
    let text = unpack(packed.ok_or_else(unusable)?.as_ref()).map_err(|_| unusable())?;
    serde_json::from_str(&text).map_err(|_| unusable())
}

/// An item by its keys, for people: ids and days.
fn name_of(item: &Item) -> String {
    let part = |name| text(item, name).unwrap_or("?");
    format!("the ledger's item {} {}", part(KEY), part(RANGE))
}

pub(super) fn text<'a>(item: &'a Item, name: &str) -> Result<&'a str, LedgerError> {
    let value = item.get(name).and_then(|value| value.as_s().ok());
    value.map(String::as_str).ok_or_else(|| damaged(name))
}

/// The id that an item's range key ends with.
pub(super) fn id_after(prefix: &str, item: &Item) -> Result<ObjectId, LedgerError> {
    let id = text(item, RANGE)?.strip_prefix(prefix);
    let id = id.and_then(|id| ObjectId::parse(id).ok());
    id.ok_or_else(|| damaged(RANGE))
}

pub(super) fn transaction_of(item: &Item) -> Result<ObjectId, LedgerError> {
    id_after(ENTRY, item)
}

pub(super) fn totals_of(item: &Item) -> Result<(Day, Totals), LedgerError> {
    let day = Day::parse(text(item, RANGE)?).map_err(|_| damaged(RANGE))?;
    Ok((day, read::<BTreeMap<_, _>>(item)?))
}

pub(super) fn filed_of(item: &Item) -> Result<Vec<Filed>, LedgerError> {
    let lines: Vec<Line> = read(item)?;
    let filed = |(transaction, source, currency, net)| Filed {
        transaction,
        source,
        currency,
        net,
    };
    Ok(lines.into_iter().map(filed).collect())
}
