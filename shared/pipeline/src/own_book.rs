//! The platform's own book: files and events of it come in, and are read by account.
//!
//! A file is checked as a whole before anything of it is stored, and what is stored
//! counts from the moment at which its import is committed, all at once. Everything
//! before that may be repeated: pages are named by what is in them.

mod announce;
mod answers;
mod matches;
mod month;
mod pages;
mod ports;
mod read;

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use tributary_domain::{Mode, Owner};
use tributary_ledger::Day;
use tributary_matching::OwnEntry;
use tributary_matching::import::{Check, Fault, LineFault, Next, Problem, Report, Summary};

use crate::ports::SendError;
pub use announce::{Touched, announce};
pub use answers::{AnswerError, Answered, answer};
pub use matches::{Head, Kept, Matches, Standing};
pub use month::{Month, NotAMonth};
use pages::Pages;
pub use ports::{Committed, Files, ImportId, OwnBook, Page, Pieces};
use read::{Storing, read};

/// What the name of a file's report ends with; such files are no imports themselves.
pub const REPORT_SUFFIX: &str = ".errors.csv";

/// Longest file, bytes: three passes of it, and pages for all its lines, take a third of
/// the time that a function has.
pub const FILE_BYTES_MAX: u64 = 256 << 20;

/// A file that was dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// Live or test.
    pub mode: Mode,
    /// Where it is.
    pub key: String,
    /// Which version of it: what is read must be that.
    pub etag: String,
    /// How long it is, bytes.
    pub bytes: u64,
    /// When it was dropped, unix seconds: the later import counts.
    pub at: i64,
    /// What orders versions that were dropped within one second, as a text.
    pub sequencer: String,
}

impl Dropped {
    /// The identity of its import.
    pub fn import(&self) -> ImportId {
        ImportId::new(self.at, &format!("{}-{}", self.sequencer, self.etag))
    }
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Imported {
    /// All of it is in the book: what that is, and whose books it touches.
    Whole(Summary, Touched),
    /// Nothing of it is; a report is beside it.
    Refused(Report),
    /// It is not there any more, or has been replaced: its successor has an import of
    /// its own.
    Gone,
}

/// Why an import has to come again.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The bucket or the table did not answer, or refused.
    #[error(transparent)]
    Store(#[from] SendError),
    /// Two passes over one version of a file read different things.
    #[error("the file changed while it was read")]
    Changed,
}

/// The mode of a file by its key: `imports/live/…` or `imports/test/…`. `None` if it is
/// no import.
pub fn mode_of(key: &str) -> Option<Mode> {
    let (mode, name) = key.strip_prefix("imports/")?.split_once('/')?;
    let is_import = !name.is_empty() && !name.ends_with('/') && !name.ends_with(REPORT_SUFFIX);
    match mode {
        "live" if is_import => Some(Mode::Live),
        "test" if is_import => Some(Mode::Test),
        _ => None,
    }
}

/// Imports a file: whole, or not at all.
///
/// # Errors
/// When it has to come again. Nothing of it counts then.
pub async fn import(
    files: &impl Files,
    book: &impl OwnBook,
    file: &Dropped,
    check: Check,
) -> Result<Imported, ImportError> {
    if file.bytes > file.bytes_max() {
        return refuse(files, file, too_long(file.bytes_max())).await;
    }
    let summary = match validate(files, file, check).await? {
        None => return Ok(Imported::Gone),
        Some(Next::Valid(summary)) => summary,
        Some(Next::Refused(report)) => return refuse(files, file, report).await,
        Some(Next::Again) => return Err(ImportError::Changed),
    };
    let id = file.import();
    let Some((stored, touched)) = store(files, book, file, &id).await? else {
        return Ok(Imported::Gone);
    };
    if stored != summary {
        return Err(ImportError::Changed);
    }
    let committed = Committed {
        mode: file.mode,
        id,
        source: Some(file.key.clone()),
        summary,
    };
    book.commit(&committed).await?;
    Ok(Imported::Whole(committed.summary, touched))
}

/// Says beside the file what is wrong with it.
async fn refuse(
    files: &impl Files,
    file: &Dropped,
    report: Report,
) -> Result<Imported, ImportError> {
    let key = format!("{}{REPORT_SUFFIX}", file.key);
    files.put(&key, report.to_csv()).await?;
    Ok(Imported::Refused(report))
}

fn too_long(bytes_max: u64) -> Report {
    let fault = Fault {
        field: String::new(),
        problem: Problem::FileTooLong(bytes_max),
    };
    Report {
        faults: vec![LineFault { line: 1, fault }],
        more: 0,
    }
}

/// Takes entries that came as one event, and says whose books they touch. Of entries
/// with one id, those of the later event count.
///
/// # Errors
/// When they have to come again.
pub async fn record(
    book: &impl OwnBook,
    mode: Mode,
    entries: Vec<OwnEntry>,
    event: &str,
    at: i64,
) -> Result<Touched, ImportError> {
    let id = ImportId::new(at, event);
    let mut summary = Summary::default();
    let mut pages = Pages::new(mode, id.clone());
    for entry in entries {
        summary.add(&entry);
        pages.add(entry);
    }
    put_all(book, pages.take_all()).await?;
    let committed = Committed {
        mode,
        id,
        source: None,
        summary,
    };
    book.commit(&committed).await?;
    Ok(pages.touched())
}

/// An account's entries of some days, as the latest import of each has it, in the order
/// of their ids.
///
/// # Errors
/// When the book cannot be read.
pub async fn entries(
    book: &impl OwnBook,
    mode: Mode,
    owner: &Owner,
    days: std::ops::RangeInclusive<Day>,
) -> Result<Vec<OwnEntry>, SendError> {
    let months = Month::of(*days.start())..=Month::of(*days.end());
    let pages = pages_that_count(book, mode, owner, months).await?;
    let is_within = |entry: &OwnEntry| days.contains(&Day::of(entry.occurred_at));
    Ok(latest(pages).filter(is_within).collect())
}

/// An account's pages of the imports that count, from the earliest to the latest.
pub(crate) async fn pages_that_count(
    book: &impl OwnBook,
    mode: Mode,
    owner: &Owner,
    months: std::ops::RangeInclusive<Month>,
) -> Result<Vec<Page>, SendError> {
    let mut pages = book.pages(mode, owner, months).await?;
    let imports = pages.iter().map(|page| page.import.clone()).collect();
    let committed = book.committed(mode, &imports).await?;
    pages.retain(|page| committed.contains(&page.import));
    pages.sort_unstable_by(|one, other| {
        (&one.import, one.number).cmp(&(&other.import, other.number))
    });
    Ok(pages)
}

/// The entries of pages in the order of their ids, as the last page has each.
pub(crate) fn latest(pages: Vec<Page>) -> impl Iterator<Item = OwnEntry> {
    let all = pages.into_iter().flat_map(|page| page.entries);
    let latest: BTreeMap<_, _> = all.map(|entry| (entry.id.clone(), entry)).collect();
    latest.into_values()
}

/// Reads the file until it is known what is to be said of it. `None` if it is gone.
async fn validate(
    files: &impl Files,
    file: &Dropped,
    mut check: Check,
) -> Result<Option<Next>, ImportError> {
    loop {
        if !read(files, file, &mut check).await? {
            return Ok(None);
        }
        match check.end_of_pass() {
            Next::Again => {}
            done => return Ok(Some(done)),
        }
    }
}

/// Stores the entries of a valid file. `None` if it is gone.
async fn store(
    files: &impl Files,
    book: &impl OwnBook,
    file: &Dropped,
    id: &ImportId,
) -> Result<Option<(Summary, Touched)>, ImportError> {
    let mut storing = Storing {
        book,
        pages: Pages::new(file.mode, id.clone()),
        summary: Summary::default(),
    };
    if !read(files, file, &mut storing).await? {
        return Ok(None);
    }
    put_all(book, storing.pages.take_all()).await?;
    Ok(Some((storing.summary, storing.pages.touched())))
}

/// How many pages are written at once.
const AT_ONCE: usize = 16;

async fn put_all(book: &impl OwnBook, pages: Vec<Page>) -> Result<(), SendError> {
    let puts = stream::iter(pages).map(|page| async move { book.put(&page).await });
    puts.buffer_unordered(AT_ONCE).try_collect().await
}
