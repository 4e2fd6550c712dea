//! Where matches and people's answers about them are kept.

use std::collections::BTreeSet;
use std::future::Future;

use serde::{Deserialize, Serialize};
use tributary_domain::{Mode, ObjectId};
use tributary_ledger::Book;
use tributary_matching::{Answer, Lessons, Matched, Taken};

use super::Month;
use crate::reconcile::ControlError;

/// How a match stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is made.
    Made,
    /// It waits for a person.
    Waiting,
}

/// A match as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// How it stands.
    pub standing: Standing,
    /// The match.
    #[serde(flatten)]
    pub matched: Matched,
}

impl Kept {
    /// Whether any of some movements is part of it.
    pub fn has_any(&self, transactions: &BTreeSet<ObjectId>) -> bool {
        let lines = self.matched.lines.iter();
        lines
            .filter_map(|line| ObjectId::parse(line).ok())
            .any(|line| transactions.contains(&line))
    }
}

/// A month's matches as a whole: of what they were made, and where they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Head {
    /// A hash of all that they were made of; the same books need not be matched again.
    pub stamp: String,
    /// Which revision of the lessons they were made with.
    pub lessons: u64,
    /// When they have to be looked at again although nothing has changed, unix seconds.
    pub due_at: Option<i64>,
    /// The names of the pages, in the order of time.
    pub pages: Vec<String>,
    /// How many are made.
    pub made: usize,
    /// How many wait for a person.
    pub waiting: usize,
    /// How many entries have no match.
    pub unmatched: usize,
    /// What the next month does without.
    pub taken: Taken,
}

/// The matches, by account and month, and what people have said of them.
pub trait Matches: Sync {
    /// A month's head and its revision; the default and 0 if it was never matched.
    fn month(
        &self,
        book: &Book,
        month: Month,
    ) -> impl Future<Output = Result<(Head, u64), ControlError>> + Send;

    /// Stores a page of matches under a name that is made from what is on it. It counts
    /// when a head names it.
    fn keep(
        &self,
        book: &Book,
        month: Month,
        name: &str,
        page: &[Kept],
    ) -> impl Future<Output = Result<(), ControlError>> + Send;

    /// Replaces a month's head, if its revision is still `before`, and lets pages be
    /// forgotten that no head names any more.
    fn commit(
        &self,
        book: &Book,
        month: Month,
        head: &Head,
        before: u64,
        forgotten: &[String],
    ) -> impl Future<Output = Result<(), ControlError>> + Send;

    /// All matches of an account, by month: one query.
    fn all(
        &self,
        book: &Book,
    ) -> impl Future<Output = Result<Vec<(Month, Vec<Kept>)>, ControlError>> + Send;

    /// The latest answer about each match of an account.
    fn answers(
        &self,
        book: &Book,
    ) -> impl Future<Output = Result<Vec<Answer>, ControlError>> + Send;

    /// What all answers of a mode have taught, and its revision; 0 if nothing has.
    fn lessons(
        &self,
        mode: Mode,
    ) -> impl Future<Output = Result<(Lessons, u64), ControlError>> + Send;

    /// Keeps an answer in the place of `replaced`, and what all of them teach with it, if
    /// the lessons' revision is still `before`: both or neither.
    fn teach(
        &self,
        book: &Book,
        answer: &Answer,
        replaced: Option<&Answer>,
        lessons: (&Lessons, u64),
    ) -> impl Future<Output = Result<(), ControlError>> + Send;
}
