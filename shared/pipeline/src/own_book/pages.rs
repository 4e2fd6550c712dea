//! Entries, gathered into pages by account and month.

use std::collections::BTreeMap;

use tributary_domain::{Mode, Owner};
use tributary_matching::OwnEntry;

use super::ports::{ImportId, Page};
use super::{Month, Touched};

/// Most entries of a page.
const PAGE_ENTRIES_MAX: usize = 500;

/// Most text of a page, bytes: what an item of DynamoDB holds even if nothing packs it.
const PAGE_BYTES_MAX: usize = 300_000;

/// Most entries that wait for their pages to fill: some 20 MB.
const WAITING_MAX: usize = 50_000;

/// Pages that are being filled. Which entry goes to which page depends on the file
/// alone, so an import that is tried again writes the same pages.
pub(super) struct Pages {
    mode: Mode,
    import: ImportId,
    open: BTreeMap<(Owner, Month), Open>,
    waiting: usize,
    full: Vec<Page>,
    next: u32,
    touched: Touched,
}

/// A page that is being filled.
#[derive(Default)]
struct Open {
    entries: Vec<OwnEntry>,
    /// How long its text will be, about.
    bytes: usize,
}

/// How long an entry is as text, its quotes doubled and its names around it.
fn text_bytes(entry: &OwnEntry) -> usize {
    let references = entry.references.iter().map(|text| text.len() + 2);
    let texts = entry.id.len() + entry.kind.len() + entry.counterparty.len();
    160 + 2 * (texts + references.sum::<usize>())
}

impl Pages {
    pub(super) fn new(mode: Mode, import: ImportId) -> Self {
        Self {
            mode,
            import,
            open: BTreeMap::new(),
            waiting: 0,
            full: Vec::new(),
            next: 0,
            touched: Touched::default(),
        }
    }

    pub(super) fn add(&mut self, entry: OwnEntry) {
        let key = (entry.account.clone(), Month::at(entry.occurred_at));
        self.touched.add(&key.0, key.1);
        let open = self.open.entry(key.clone()).or_default();
        open.bytes += text_bytes(&entry);
        open.entries.push(entry);
        self.waiting += 1;
        if open.entries.len() >= PAGE_ENTRIES_MAX || open.bytes >= PAGE_BYTES_MAX {
            let Open { entries, .. } = self.open.remove(&key).unwrap_or_default();
            self.close(key, entries);
        } else if self.waiting >= WAITING_MAX {
            self.close_all();
        }
    }

    /// The pages that are full.
    pub(super) fn take_full(&mut self) -> Vec<Page> {
        std::mem::take(&mut self.full)
    }

    /// All pages that were not taken yet.
    pub(super) fn take_all(&mut self) -> Vec<Page> {
        self.close_all();
        self.take_full()
    }

    /// The books that the entries are of.
    pub(super) fn touched(&mut self) -> Touched {
        std::mem::take(&mut self.touched)
    }

    fn close_all(&mut self) {
        for (key, open) in std::mem::take(&mut self.open) {
            self.close(key, open.entries);
        }
    }

    fn close(&mut self, (account, month): (Owner, Month), entries: Vec<OwnEntry>) {
        self.waiting -= entries.len();
        let import = self.import.clone();
        let page = Page {
            mode: self.mode,
            account,
            month,
            import,
            number: self.next,
            entries,
        };
        self.full.push(page);
        self.next += 1;
    }
}
