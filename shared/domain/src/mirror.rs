//! The mirror's row: a join-semilattice of versions.
//!
//! The state of a row is a function of the *set* of versions it has seen, so any
//! order, duplication or interleaving of the same events ends in the same bytes.
//! Four monotone facts make it up: the versions of the newest second, whether
//! there were more of them than are kept, the newest deletion, and the newest
//! second at which the object is known to have been created or seen alive.
//!
//! `created` has a resolution of one second (Stripe, "Event object"), and statuses
//! are not monotone (a payout goes from `paid` to `failed`), so neither orders the
//! versions of one second. `previous_attributes` do: see [`crate::mirror::chain`].

mod chain;

use serde::{Deserialize, Serialize};

use crate::{Document, EventId, Fingerprint};

/// Most versions of one second that a row keeps. More than a handful happen only
/// by mistake; the rest is left to a fetch.
pub const VERSIONS_MAX: usize = 16;

/// Most events that a row remembers by name. A payout has a handful in its life; each
/// takes some 25 bytes of an item that is to stay under a kilobyte.
pub const HEARD_MAX: usize = 16;

/// What an event says about its object's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It came into being.
    Created,
    /// It changed, or something about it was announced.
    Changed,
    /// It is gone.
    Deleted,
    /// It was read from the API and exists.
    Observed,
}

/// One state of an object, as one event or one fetch showed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// When, unix seconds, by Stripe's clock.
    pub at: i64,
    /// The event that showed it. Stripe's ids grow with time, so the greatest id
    /// is the likeliest last when nothing better tells.
    pub source: EventId,
    /// What happened.
    pub change: Change,
    /// The object as it then was.
    pub body: Document,
    /// What the changed attributes were before, if the event says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Document>,
}

/// Everything the mirror keeps of one object.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Row {
    /// All versions of the newest second but deletions, by ascending source.
    versions: Vec<Version>,
    /// The newest second had more than [`VERSIONS_MAX`] versions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    overflowed: bool,
    /// The newest deletion, unless the object is known to have lived after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deletion: Option<Version>,
    /// The newest second at which it is known to have come into being or to have
    /// been alive, unless it was deleted since: an id that a user chose may be used
    /// again after a deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alive_at: Option<i64>,
    /// The newest events that changed the row, oldest first: when, and which. Its
    /// history, no part of its state: what was overtaken on its way is not in it.
    #[serde(skip)]
    heard: Vec<(i64, EventId)>,
}

/// What a row says, read as one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolution<'a> {
    /// The last version, or the best guess.
    pub winner: &'a Version,
    /// The object is gone; the winner shows it as it last was.
    pub deleted: bool,
    /// Versions of one second could not be put in order: the winner is a
    /// deterministic guess, and the object has to be fetched.
    pub ambiguous: bool,
}

impl Version {
    /// Of two versions from one source in one second, two renderings of one event,
    /// keeps the same one in every order.
    fn keep_the_greater(&mut self, other: Version) -> bool {
        let greater = other.rank() > self.rank();
        if greater {
            *self = other;
        }
        greater
    }

    fn rank(&self) -> (i64, &EventId, Change, &Document, &Option<Document>) {
        (
            self.at,
            &self.source,
            self.change,
            &self.body,
            &self.previous,
        )
    }
}

impl Row {
    /// Joins one version. Returns whether the row changed.
    pub fn join(&mut self, version: Version) -> bool {
        let (at, source) = (version.at, version.source.clone());
        let joined = match version.change {
            Change::Deleted => self.join_deletion(version),
            Change::Created | Change::Observed => {
                let alive = self.join_alive_at(version.at);
                self.join_version(version) || alive
            }
            Change::Changed => self.join_version(version),
        };
        if joined {
            self.hear(at, source);
        }
        joined
    }

    /// Remembers the name of an event, whatever it changed. Returns whether it is new.
    pub fn hear(&mut self, at: i64, source: EventId) -> bool {
        let named = (at, source);
        let Err(place) = self.heard.binary_search(&named) else {
            return false;
        };
        let is_full = self.heard.len() >= HEARD_MAX;
        if is_full && place == 0 {
            return false;
        }
        self.heard.insert(place, named);
        if is_full {
            self.heard.remove(0);
        }
        true
    }

    /// The newest events that changed the row, at most [`HEARD_MAX`], oldest first, each
    /// with its second by Stripe's clock: how the event log is asked about one object.
    pub fn heard(&self) -> impl Iterator<Item = (i64, &EventId)> {
        self.heard.iter().map(|(at, event)| (*at, event))
    }

    /// What a deletion outlives is dropped, so that a row never keeps what can no
    /// longer decide its state, nor personal data of an object that is gone.
    fn join_deletion(&mut self, version: Version) -> bool {
        let outlived = self.alive_at.is_some_and(|alive_at| alive_at > version.at);
        let older = |known: &Version| known.rank() >= version.rank();
        if outlived || self.deletion.as_ref().is_some_and(older) {
            return false;
        }
        if self
            .versions
            .first()
            .is_some_and(|known| known.at <= version.at)
        {
            self.versions.clear();
            self.overflowed = false;
        }
        self.alive_at = None;
        self.deletion = Some(version);
        true
    }

    fn join_alive_at(&mut self, at: i64) -> bool {
        let gone = self
            .deletion
            .as_ref()
            .is_some_and(|deletion| at <= deletion.at);
        if gone || self.alive_at.is_some_and(|known| at <= known) {
            return false;
        }
        self.deletion = None;
        self.alive_at = Some(at);
        true
    }

    fn join_version(&mut self, version: Version) -> bool {
        let gone_at = self
            .deletion
            .as_ref()
            .map_or(i64::MIN, |deletion| deletion.at);
        let newest = self.versions.first().map_or(i64::MIN, |known| known.at);
        if version.at <= gone_at || version.at < newest {
            return false;
        }
        if version.at > newest {
            self.versions = vec![version];
            self.overflowed = false;
            return true;
        }
        let found = self
            .versions
            .binary_search_by(|known| known.source.cmp(&version.source));
        let place = match found {
            Err(place) => place,
            Ok(place) => {
                let known = self.versions.get_mut(place);
                return known.is_some_and(|known| known.keep_the_greater(version));
            }
        };
        if self.versions.len() < VERSIONS_MAX {
            self.versions.insert(place, version);
            return true;
        }
        let newly_overflowed = !std::mem::replace(&mut self.overflowed, true);
        if place == 0 {
            return newly_overflowed;
        }
        self.versions.insert(place, version);
        self.versions.remove(0);
        true
    }

    /// Reads the row as one state; `None` while it has seen nothing.
    pub fn resolve(&self) -> Option<Resolution<'_>> {
        if let Some(deletion) = &self.deletion {
            return Some(Resolution {
                winner: deletion,
                deleted: true,
                ambiguous: false,
            });
        }
        let last = chain::last(&self.versions);
        let winner = last.or_else(|| self.versions.last())?;
        let ambiguous = last.is_none() || self.overflowed;
        Some(Resolution {
            winner,
            deleted: false,
            ambiguous,
        })
    }

    /// Whether a version is among those that decide the row's state: it is of the
    /// newest second, be it one too many to be kept, it is the deletion, or it is the
    /// sign of life that outlived a deletion, and so brought to light what was known
    /// of the time after it.
    pub fn decided_by(&self, version: &Version) -> bool {
        let shows_life = matches!(version.change, Change::Created | Change::Observed);
        let newest = self.versions.first().map(|known| known.at);
        newest == Some(version.at)
            || (shows_life && self.alive_at == Some(version.at))
            || self
                .deletion
                .as_ref()
                .is_some_and(|deletion| deletion.source == version.source)
    }

    /// A hash of the whole state, the token of optimistic writes. The state only
    /// ever grows, so a token never comes back.
    pub fn token(&self) -> Fingerprint {
        Fingerprint::of_text(&self.to_json())
    }

    /// The state's stored form. Equal rows give equal bytes.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When it was written by something else.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The stored form with the history: the state, and in a line of its own the names.
    pub fn to_stored(&self) -> String {
        let mut text = self.to_json();
        if !self.heard.is_empty() {
            text.push('\n');
            text.push_str(&serde_json::to_string(&self.heard).unwrap_or_default());
        }
        text
    }

    /// Reads the stored form, with the history or without.
    ///
    /// # Errors
    /// When it was written by something else.
    pub fn from_stored(text: &str) -> Result<Self, serde_json::Error> {
        let (state, heard) = text.split_once('\n').unwrap_or((text, "[]"));
        Ok(Self {
            heard: serde_json::from_str(heard)?,
            ..Self::from_json(state)?
        })
    }
}

/// Rows are equal if they say the same, however they came to say it.
impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            versions,
            overflowed,
            deletion,
            alive_at,
            heard: _,
        } = self;
        *versions == other.versions
            && *overflowed == other.overflowed
            && *deletion == other.deletion
            && *alive_at == other.alive_at
    }
}

impl Eq for Row {}

#[cfg(test)]
mod tests;
