//! What an import needs of the world.

use std::collections::BTreeSet;
use std::future::Future;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use tributary_domain::{Mode, Owner};
use tributary_matching::OwnEntry;
use tributary_matching::import::Summary;

use super::{Dropped, Month};
use crate::ports::SendError;

/// An import's identity, made of when its file was dropped and which version it is: the
/// same however often it is tried. The greater one is the later one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImportId(String);

impl ImportId {
    /// An import at a moment (unix seconds) of a version: of two within one second, the
    /// one whose version is the greater text is the later.
    pub fn new(at: i64, version: &str) -> Self {
        let is_plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        let version: String = version.chars().filter(is_plain).collect();
        Self(format!("{:012}-{version}", at.max(0)))
    }

    /// Reads what [`ImportId::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        (!text.is_empty() && text.bytes().all(is_plain)).then(|| Self(text.to_owned()))
    }

    /// Letters, digits and a hyphen.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Some entries of one import, account and month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Live or test.
    pub mode: Mode,
    /// Whose balance.
    pub account: Owner,
    /// When.
    pub month: Month,
    /// The import that brought it.
    pub import: ImportId,
    /// The same file has the same pages under the same numbers.
    pub number: u32,
    /// The entries.
    pub entries: Vec<OwnEntry>,
}

/// An import that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Live or test.
    pub mode: Mode,
    /// Which.
    pub id: ImportId,
    /// The file's key; none of what came as an event.
    pub source: Option<String>,
    /// What is in it.
    pub summary: Summary,
}

/// A file, piece by piece.
pub trait Pieces: Send {
    /// The next piece, of any size; `None` at the end.
    fn next(&mut self) -> impl Future<Output = Result<Option<Vec<u8>>, SendError>> + Send;
}

/// Where files are dropped.
pub trait Files: Sync {
    /// A file that is being read.
    type Pieces: Pieces;

    /// Opens that version of a file. `None` if it is gone or another is there.
    fn open(
        &self,
        file: &Dropped,
    ) -> impl Future<Output = Result<Option<Self::Pieces>, SendError>> + Send;

    /// Puts a text beside the files.
    fn put(&self, key: &str, text: String) -> impl Future<Output = Result<(), SendError>> + Send;
}

/// The platform's own book.
pub trait OwnBook: Sync {
    /// Stores a page. The same page may be stored again.
    fn put(&self, page: &Page) -> impl Future<Output = Result<(), SendError>> + Send;

    /// Makes an import count, and an earlier one of the same file no more. The same one
    /// may be committed again.
    fn commit(&self, import: &Committed) -> impl Future<Output = Result<(), SendError>> + Send;

    /// An account's pages of some months, of imports that count and of others.
    fn pages(
        &self,
        mode: Mode,
        account: &Owner,
        months: RangeInclusive<Month>,
    ) -> impl Future<Output = Result<Vec<Page>, SendError>> + Send;

    /// Which of these imports count: those that are committed and whose file was not
    /// replaced by a later one.
    fn committed(
        &self,
        mode: Mode,
        imports: &BTreeSet<ImportId>,
    ) -> impl Future<Output = Result<BTreeSet<ImportId>, SendError>> + Send;
}
