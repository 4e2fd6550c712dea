//! The platform's own book, the files that fill it and what of it is matched, in memory.

pub mod contract;
mod matches;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::RangeInclusive;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tributary_domain::{Mode, Owner};
use tributary_pipeline::own_book::{
    Committed, Dropped, Files, ImportId, Month, OwnBook, Page, Pieces,
};
use tributary_pipeline::ports::SendError;

pub use matches::MemoryMatches;

/// What a page is known by.
type PageKey = (Mode, Owner, Month, ImportId, u32);

/// Files, pages and imports in memory, which stop working after so many calls.
#[derive(Debug, Default)]
pub struct MemoryOwnBook {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<String, (String, Vec<u8>)>,
    pages: BTreeMap<PageKey, Page>,
    imports: BTreeMap<(Mode, ImportId), Committed>,
    calls: usize,
    calls_max: Option<usize>,
}

impl MemoryOwnBook {
    /// Drops a file, at a moment (unix seconds), in place of what was there.
    pub fn drop_file(&self, key: &str, body: &[u8], at: i64) -> Dropped {
        let etag = format!("{at:x}{:x}", body.len());
        self.lock()
            .files
            .insert(key.to_owned(), (etag.clone(), body.to_vec()));
        Dropped {
            mode: tributary_pipeline::own_book::mode_of(key).unwrap_or(Mode::Test),
            key: key.to_owned(),
            etag,
            bytes: body.len() as u64,
            at,
            sequencer: String::new(),
        }
    }

    /// The text of a file.
    pub fn file(&self, key: &str) -> Option<String> {
        let state = self.lock();
        let (_, body) = state.files.get(key)?;
        Some(String::from_utf8_lossy(body).into_owned())
    }

    /// How many pages there are, whether they count or not.
    pub fn page_count(&self) -> usize {
        self.lock().pages.len()
    }

    /// How many imports count.
    pub fn import_count(&self) -> usize {
        self.lock().imports.len()
    }

    /// Lets this many more calls succeed; `None` lets all.
    pub fn live_for(&self, calls: Option<usize>) {
        let mut state = self.lock();
        state.calls = 0;
        state.calls_max = calls;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn call(&self) -> Result<MutexGuard<'_, State>, SendError> {
        let mut state = self.lock();
        if state.calls_max.is_some_and(|most| state.calls >= most) {
            return Err(SendError::Transient("the worker is dead".to_owned()));
        }
        state.calls += 1;
        Ok(state)
    }
}

/// A file in pieces of 64 bytes.
#[derive(Debug)]
pub struct MemoryPieces(VecDeque<Vec<u8>>);

impl Pieces for MemoryPieces {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, SendError> {
        Ok(self.0.pop_front())
    }
}

impl Files for MemoryOwnBook {
    type Pieces = MemoryPieces;

    async fn open(&self, file: &Dropped) -> Result<Option<MemoryPieces>, SendError> {
        let state = self.call()?;
        let found = state
            .files
            .get(&file.key)
            .filter(|(etag, _)| *etag == file.etag);
        Ok(found.map(|(_, body)| MemoryPieces(body.chunks(64).map(<[u8]>::to_vec).collect())))
    }

    async fn put(&self, key: &str, text: String) -> Result<(), SendError> {
        self.call()?
            .files
            .insert(key.to_owned(), (String::new(), text.into_bytes()));
        Ok(())
    }
}

impl OwnBook for MemoryOwnBook {
    async fn put(&self, page: &Page) -> Result<(), SendError> {
        let key = (
            page.mode,
            page.account.clone(),
            page.month,
            page.import.clone(),
            page.number,
        );
        self.call()?.pages.insert(key, page.clone());
        Ok(())
    }

    async fn commit(&self, import: &Committed) -> Result<(), SendError> {
        self.call()?
            .imports
            .insert((import.mode, import.id.clone()), import.clone());
        Ok(())
    }

    async fn pages(
        &self,
        mode: Mode,
        account: &Owner,
        months: RangeInclusive<Month>,
    ) -> Result<Vec<Page>, SendError> {
        let state = self.call()?;
        let pages = state.pages.values().filter(|page| {
            page.mode == mode && page.account == *account && months.contains(&page.month)
        });
        Ok(pages.cloned().collect())
    }

    async fn committed(
        &self,
        mode: Mode,
        imports: &BTreeSet<ImportId>,
    ) -> Result<BTreeSet<ImportId>, SendError> {
        let state = self.call()?;
        let counts = |id: &&ImportId| {
            let Some(import) = state.imports.get(&(mode, (*id).clone())) else {
                return false;
            };
            let mut later = state.imports.range((mode, (*id).clone())..).skip(1);
            let is_replaced = later.any(|((of, _), other)| {
                *of == mode && other.source.is_some() && other.source == import.source
            });
            !is_replaced
        };
        Ok(imports.iter().filter(counts).cloned().collect())
    }
}
