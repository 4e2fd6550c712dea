//! From what a person typed to the object that it names.

use tributary_domain::{EventId, EventKey, Mode, ObjectId, ObjectKey, Owner};
use tributary_ledger::Book;

use super::gather::object_key;
use super::id::{Asked, kind_of};
use super::ports::{Ground, Place, Records, TraceError};
use crate::ledger::{Node, Stories};

/// Accounts that are looked through for an object whose account nobody named: one
/// question for a hundred.
pub const ACCOUNTS_MAX: usize = 10_000;
/// Days whose movements are looked through for one, newest first: one question each.
pub const DAYS_MAX: usize = 100;
/// Keys of one question.
const KEYS_MAX: usize = 100;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The object.
    Object(Place),
    /// Several: a reference of an order that was paid twice, say.
    Several(Vec<Place>),
    /// Nothing is known under it, on the books that were looked at.
    Nothing,
    /// An event that is about no object.
    Objectless(EventKey),
}

/// Finds an object by an id. Without an account it is looked for on the platform's
/// book, then on those of all accounts that are known.
///
/// # Errors
/// When a table cannot be read.
pub async fn locate<G: Ground>(
    ground: &G,
    mode: Mode,
    owner: Option<&Owner>,
    text: &str,
) -> Result<Found, TraceError> {
    let search = Search {
        ground,
        mode,
        owner,
    };
    match Asked::read(text) {
        Asked::Event(id) => search.event(&id).await,
        Asked::Transaction(id) => search.transaction(&id).await,
        Asked::Object(..) => match ObjectId::parse(text.trim()) {
            Ok(id) => search.object(&id).await,
            Err(_) => Ok(Found::Nothing),
        },
        Asked::Reference(reference) => search.reference(&reference).await,
    }
}

struct Search<'s, G> {
    ground: &'s G,
    mode: Mode,
    owner: Option<&'s Owner>,
}

impl<G: Ground> Search<'_, G> {
    fn book(&self, owner: &Owner) -> Book {
        Book {
            mode: self.mode,
            owner: owner.clone(),
        }
    }

    /// The owners to look at first.
    fn first(&self) -> Vec<Owner> {
        vec![self.owner.cloned().unwrap_or(Owner::Platform)]
    }

    /// The next page of those to look at after them.
    async fn others(
        &self,
        after: Option<&str>,
    ) -> Result<(Vec<Owner>, Option<String>), TraceError> {
        if self.owner.is_some() {
            return Ok((Vec::new(), None));
        }
        Ok(self.ground.records().accounts(self.mode, after).await?)
    }

    async fn object(&self, id: &ObjectId) -> Result<Found, TraceError> {
        for owner in self.first() {
            let book = self.book(&owner);
            let node = self.ground.ledger().node(&book, id).await?;
            if node != Node::default() {
                return Ok(Found::Object(Place {
                    book,
                    id: id.clone(),
                }));
            }
        }
        let Some(kind) = kind_of(id) else {
            return Ok(Found::Nothing);
        };
        let place = |owner: &Owner| Place {
            book: self.book(owner),
            id: id.clone(),
        };
        let found = self
            .everywhere(async |owners| {
                let keys = owners
                    .iter()
                    .map(|owner| object_key(&place(owner), kind.clone()));
                let keys: Vec<ObjectKey> = keys.collect();
                let rows = self.ground.records().rows(&keys).await?;
                Ok(rows.into_keys().next().map(|key| place(&key.owner)))
            })
            .await?;
        Ok(found.map_or(Found::Nothing, Found::Object))
    }

    async fn event(&self, id: &EventId) -> Result<Found, TraceError> {
        let found = self
            .everywhere(async |owners| {
                let keys = owners.iter().map(|owner| EventKey {
                    mode: self.mode,
                    owner: owner.clone(),
                    id: id.clone(),
                });
                let keys: Vec<EventKey> = keys.collect();
                let events = self.ground.records().events(&keys).await?;
                Ok(events.into_values().next())
            })
            .await?;
        let Some(event) = found else {
            return Ok(Found::Nothing);
        };
        let Some(object) = event.object else {
            return Ok(Found::Objectless(event.key));
        };
        Ok(Found::Object(Place {
            book: self.book(&object.owner),
            id: object.id,
        }))
    }

    /// Asks about owners, a hundred at a time, until there is an answer.
    async fn everywhere<T>(
        &self,
        ask: impl AsyncFn(&[Owner]) -> Result<Option<T>, TraceError>,
    ) -> Result<Option<T>, TraceError> {
        if let Some(found) = ask(&self.first()).await? {
            return Ok(Some(found));
        }
        let (mut asked, mut after) = (0, None);
        while asked < ACCOUNTS_MAX {
            let (owners, next) = self.others(after.as_deref()).await?;
            for some in owners.chunks(KEYS_MAX) {
                if let Some(found) = ask(some).await? {
                    return Ok(Some(found));
                }
                asked += some.len();
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        Ok(None)
    }

    /// No key leads from a movement to its object: the days on which the book moved are
    /// looked through, newest first.
    async fn transaction(&self, id: &ObjectId) -> Result<Found, TraceError> {
        let records = self.ground.records();
        for owner in self.first() {
            let book = self.book(&owner);
            let mut days = records.days(&book).await?;
            days.sort_unstable();
            for day in days.into_iter().rev().take(DAYS_MAX) {
                let filed = records.filed(&book, day).await?;
                let found = filed.into_iter().find(|line| line.transaction == *id);
                if let Some(line) = found {
                    return Ok(Found::Object(Place {
                        book,
                        id: line.source,
                    }));
                }
            }
        }
        Ok(Found::Nothing)
    }

    async fn reference(&self, reference: &str) -> Result<Found, TraceError> {
        let records = self.ground.records();
        let mut places = records.referred(self.mode, self.owner, reference).await?;
        places.sort_unstable();
        places.dedup();
        Ok(match places.len() {
            0 => Found::Nothing,
            1 => places.pop().map_or(Found::Nothing, Found::Object),
            _ => Found::Several(places),
        })
    }
}
