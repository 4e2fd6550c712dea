//! Findings in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tributary_domain::Mode;
use tributary_ledger::Book;
use tributary_pipeline::reconcile::{ControlError, Findings, Stored, Waiting};
use tributary_reconciliation::{Code, Finding, State};

/// The findings.
#[derive(Debug, Default)]
pub struct MemoryFindings {
    stored: Mutex<BTreeMap<(Book, String), Stored>>,
}

impl MemoryFindings {
    fn stored(&self) -> MutexGuard<'_, BTreeMap<(Book, String), Stored>> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every finding.
    pub fn all(&self) -> Vec<Finding> {
        self.stored()
            .values()
            .map(|(finding, _)| finding.clone())
            .collect()
    }

    /// Codes, subjects and states of all, for a look at once.
    pub fn brief(&self) -> Vec<(&'static str, String, State)> {
        let brief = |one: Finding| (one.code.as_str(), one.subject, one.state);
        self.all().into_iter().map(brief).collect()
    }
}

impl Findings for MemoryFindings {
    async fn load(
        &self,
        book: &Book,
        keys: &[String],
    ) -> Result<BTreeMap<String, Stored>, ControlError> {
        let stored = self.stored();
        let found = keys.iter().filter_map(|key| {
            let found = stored.get(&(book.clone(), key.clone()))?;
            Some((key.clone(), found.clone()))
        });
        Ok(found.collect())
    }

    async fn open(&self, book: &Book) -> Result<Vec<Stored>, ControlError> {
        let stored = self.stored();
        let open = stored
            .iter()
            .filter(|((owner, _), (finding, _))| owner == book && finding.state == State::Open);
        Ok(open.map(|(_, stored)| stored.clone()).collect())
    }

    async fn waiting(&self, mode: Mode) -> Result<Waiting, ControlError> {
        let mut waiting = Waiting::default();
        let stored = self.stored();
        let of_mode = stored.iter().filter(|((book, _), _)| book.mode == mode);
        of_mode.for_each(|(_, (finding, _))| waiting.count(finding));
        Ok(waiting)
    }

    async fn books_with(&self, mode: Mode, code: Code) -> Result<BTreeSet<Book>, ControlError> {
        let stored = self.stored();
        let found = stored.iter().filter(|((book, _), (finding, _))| {
            book.mode == mode && finding.code == code && finding.state == State::Open
        });
        Ok(found.map(|((book, _), _)| book.clone()).collect())
    }

    async fn save(&self, finding: &Finding, revision: u64) -> Result<(), ControlError> {
        let mut stored = self.stored();
        let key = (finding.book.clone(), finding.key());
        if stored.get(&key).map_or(0, |(_, revision)| *revision) != revision {
            return Err(ControlError::Conflict);
        }
        stored.insert(key, (finding.clone(), revision + 1));
        Ok(())
    }
}
