//! One page of a list, and the way to the next.

use std::future::Future;

use futures_util::stream::{Stream, try_unfold};
use serde::Deserialize;
use serde_json::value::RawValue;
use tributary_domain::ObjectId;
use tributary_domain::change::Unreadable;

use super::{FetchError, Fetched};
use crate::json::Fields;

/// Most objects that Stripe puts on a page.
const LIMIT: &str = "100";

/// What one page is asked for with.
pub(super) struct Query(form_urlencoded::Serializer<'static, String>);

impl Query {
    /// As many as there may be, from behind an object on.
    pub(super) fn new(starting_after: Option<&ObjectId>) -> Self {
        let query = Self(form_urlencoded::Serializer::new(String::new()));
        query
            .text("limit", Some(LIMIT))
            .text("starting_after", starting_after.map(ObjectId::as_str))
    }

    /// A parameter, if there is a value for it.
    pub(super) fn text(mut self, name: &str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.0.append_pair(name, value);
        }
        self
    }

    /// Seconds between which an object was made, both included.
    pub(super) fn created(self, from: Option<i64>, until: Option<i64>) -> Self {
        let text = |second: i64| second.to_string();
        self.text("created[gte]", from.map(text).as_deref())
            .text("created[lte]", until.map(text).as_deref())
    }

    /// The path of a list with all that.
    pub(super) fn path(mut self, list: &str) -> String {
        format!("{list}?{}", self.0.finish())
    }
}

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

/// Pages, one after the other: each is read when the one before has been taken, by
/// `read`, which is given the object to start after.
pub(super) fn stream<T, F>(
    read: impl Fn(Option<ObjectId>) -> F,
) -> impl Stream<Item = Result<Page<T>, FetchError>>
where
    F: Future<Output = Result<Page<T>, FetchError>>,
{
    try_unfold((Some(None), read), |(cursor, read)| async move {
        let Some(after) = cursor else {
            return Ok(None);
        };
        let page = read(after.clone()).await?;
        if page.next.is_some() && page.next == after {
            return Err(FetchError::Invalid("a list that does not go on"));
        }
        let next = page.next.clone().map(Some);
        Ok(Some((page, (next, read))))
    })
}

fn id_of(text: &str) -> Option<ObjectId> {
    ObjectId::parse(&Fields::read(text).ok()?.string("id")?).ok()
}
