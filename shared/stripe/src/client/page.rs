//! One page of a list, and the way to the next.

use serde::Deserialize;
use serde_json::value::RawValue;
use tributary_domain::ObjectId;
use tributary_domain::change::Unreadable;

use super::{FetchError, Fetched};
use crate::json::Fields;

/// Most objects that Stripe puts on a page.
pub(super) const LIMIT: &str = "100";

/// One page of a list, newest first, as Stripe gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What could be read.
    pub items: Vec<T>,
    /// What could not: it costs itself, not the page.
    pub unreadable: Vec<UnreadableItem>,
    /// Where the next page starts: the last object of this one, readable or not.
    /// `None` when there is no more.
    pub next: Option<ObjectId>,
    /// The earliest second, unix time by Stripe's clock, at which Stripe can have
    /// read the page.
    pub observed_at: i64,
}

/// An object of a list that says what its kind's rules cannot read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableItem {
    /// Its id, if even that could be read.
    pub id: Option<ObjectId>,
    /// The field.
    pub why: Unreadable,
}

/// What every list of version one looks like.
#[derive(Deserialize)]
struct List<'a> {
    has_more: bool,
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

impl<T> Page<T> {
    /// Reads a page, item by item.
    pub(super) fn read(
        fetched: &Fetched,
        item: impl Fn(&str) -> Result<T, Unreadable>,
    ) -> Result<Self, FetchError> {
        let list: List<'_> = serde_json::from_str(&fetched.body)
            .map_err(|_| FetchError::Invalid("the answer is not a list"))?;
        let mut page = Self {
            items: Vec::with_capacity(list.data.len()),
            unreadable: Vec::new(),
            next: None,
            observed_at: fetched.observed_at,
        };
        if list.has_more {
            let last = list.data.last().and_then(|raw| id_of(raw.get()));
            page.next = Some(last.ok_or(FetchError::Invalid("a list without a cursor"))?);
        }
        for raw in list.data {
            match item(raw.get()) {
                Ok(item) => page.items.push(item),
                Err(why) => page.unreadable.push(UnreadableItem {
                    id: id_of(raw.get()),
                    why,
                }),
            }
        }
        Ok(page)
    }
}

fn id_of(text: &str) -> Option<ObjectId> {
    ObjectId::parse(&Fields::read(text).ok()?.string("id")?).ok()
}
