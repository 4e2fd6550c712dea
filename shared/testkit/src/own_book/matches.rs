//! Matches and answers in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tributary_domain::Mode;
use tributary_ledger::Book;
use tributary_matching::{Answer, Lessons, MatchKey};
use tributary_pipeline::own_book::{Head, Kept, Matches, Month};
use tributary_pipeline::reconcile::ControlError;

#[derive(Debug, Default)]
struct State {
    heads: BTreeMap<(Book, Month), (Head, u64)>,
    pages: BTreeMap<(Book, Month, String), Vec<Kept>>,
    answers: BTreeMap<(Book, MatchKey), Answer>,
    lessons: BTreeMap<Mode, (Lessons, u64)>,
}

/// The matches.
#[derive(Debug, Default)]
pub struct MemoryMatches {
    state: Mutex<State>,
}

impl MemoryMatches {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many pages are kept, whether a head names them or not.
    pub fn page_count(&self) -> usize {
        self.state().pages.len()
    }
}

impl Matches for MemoryMatches {
    async fn month(&self, book: &Book, month: Month) -> Result<(Head, u64), ControlError> {
        let found = self.state().heads.get(&(book.clone(), month)).cloned();
        Ok(found.unwrap_or_default())
    }

    async fn keep(
        &self,
        book: &Book,
        month: Month,
        name: &str,
        page: &[Kept],
    ) -> Result<(), ControlError> {
        let key = (book.clone(), month, name.to_owned());
        self.state().pages.insert(key, page.to_vec());
        Ok(())
    }

    async fn commit(
        &self,
        book: &Book,
        month: Month,
        head: &Head,
        before: u64,
        forgotten: &[String],
    ) -> Result<(), ControlError> {
        let mut state = self.state();
        let key = (book.clone(), month);
        if state.heads.get(&key).map_or(0, |(_, revision)| *revision) != before {
            return Err(ControlError::Conflict);
        }
        state.heads.insert(key, (head.clone(), before + 1));
        for name in forgotten {
            state.pages.remove(&(book.clone(), month, name.clone()));
        }
        Ok(())
    }

    async fn all(&self, book: &Book) -> Result<Vec<(Month, Vec<Kept>)>, ControlError> {
        let state = self.state();
        let heads = state.heads.iter().filter(|((of, _), _)| of == book);
        let months = heads.map(|((_, month), (head, _))| {
            let pages = head.pages.iter().filter_map(|name| {
                let key = (book.clone(), *month, name.clone());
                state.pages.get(&key)
            });
            (*month, pages.flatten().cloned().collect())
        });
        Ok(months.collect())
    }

    async fn answers(&self, book: &Book) -> Result<Vec<Answer>, ControlError> {
        let state = self.state();
        let of_book = state.answers.iter().filter(|((of, _), _)| of == book);
        Ok(of_book.map(|(_, answer)| answer.clone()).collect())
    }

    async fn lessons(&self, mode: Mode) -> Result<(Lessons, u64), ControlError> {
        Ok(self.state().lessons.get(&mode).cloned().unwrap_or_default())
    }

    async fn teach(
        &self,
        book: &Book,
        answer: &Answer,
        replaced: Option<&Answer>,
        (lessons, before): (&Lessons, u64),
    ) -> Result<(), ControlError> {
        let mut state = self.state();
        let key = (book.clone(), answer.key.clone());
        let revision = state.lessons.get(&book.mode).map_or(0, |(_, at)| *at);
        if state.answers.get(&key) != replaced || revision != before {
            return Err(ControlError::Conflict);
        }
        state.answers.insert(key, answer.clone());
        state
            .lessons
            .insert(book.mode, (lessons.clone(), before + 1));
        Ok(())
    }
}
