//! Workers of reconciliation that die at a chosen call, before its effect or after it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use tributary_domain::change::State;
use tributary_domain::change::state::Balance;
use tributary_domain::{
    AccountId, EventId, EventKey, FetchRequest, Fingerprint, Mode, ObjectId, ObjectKey, Owner, Row,
};
use tributary_ledger::views::Shelf;
use tributary_ledger::{Book, Day, Entry, EntryKey};
use tributary_matching::{Answer, Lessons};
use tributary_pipeline::ledger::{FactQueue, LedgerError, ListError, Missed, Page, Window};
use tributary_pipeline::message::{Message, Quarantined};
use tributary_pipeline::own_book::{
    Committed, Head, ImportId, Kept, Matches, Month, OwnBook, Page as OwnPage,
};
use tributary_pipeline::ports::{
    EventQueue, FetchQueue, Loaded, Quarantine, SendError, Store, StoreError,
};
use tributary_pipeline::receipt::Receipt;
use tributary_pipeline::reconcile::{
    Books, Claim, Control, ControlError, Coverage, Failure, Findings, Job, Jobs, ListedEvents,
    Mirror, PaidLine, PaidLines, PaidOut, PaidOuts, Payouts, Progress, Remote, Reported, Reports,
    Roster, Runs, Seen, Shelved, Stored, UnderWay, Waiting, World,
};
use tributary_reconciliation::compare::lines::Held;
use tributary_reconciliation::{Code, Finding};

use super::world::{MemoryMirror, MemoryOutbox, MemoryWorld};
use super::{MemoryControl, MemoryFindings, MemoryStripe};
use crate::ledger::{Life, MemoryLedger, Mortal};
use crate::memory::{MemoryBlobs, MemoryStore};
use crate::own_book::{MemoryMatches, MemoryOwnBook};

const DEAD: &str = "the worker is dead";

fn stripe() -> ListError {
    ListError::Transient(DEAD.to_owned())
}

fn ledger() -> LedgerError {
    LedgerError::Transient(DEAD.to_owned())
}

fn control() -> ControlError {
    ControlError::Transient(DEAD.to_owned())
}

fn send() -> SendError {
    SendError::Transient(DEAD.to_owned())
}

fn store() -> StoreError {
    StoreError::Transient(DEAD.to_owned())
}

/// Implements a port for mortal workers: each method calls the port's own.
macro_rules! mortal {
    ($port:ident, $dead:ident, $error:ty, $(
        fn $name:ident($($argument:ident: $type:ty),*) -> $answer:ty;
    )*) => {
        impl<P: $port> $port for Mortal<'_, P> {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$answer, $error> {
                self.life.lives(self.port.$name($($argument),*), $dead()).await
            })*
        }
    };
}

mortal! { Remote, stripe, ListError,
    fn mode() -> Mode;
    fn events(book: &Book, window: Window, after: Option<&EventId>) -> ListedEvents;
    fn failure(book: &Book, notice: &EventId) -> Option<Failure>;
    fn shown(object: &ObjectKey) -> Option<State>;
    fn balance(book: &Book) -> Balance;
    fn payouts(book: &Book, window: Window, after: Option<&ObjectId>) -> Payouts;
    fn paid_out(book: &Book, payout: &ObjectId, after: Option<&ObjectId>, stake: u64) -> Page;
    fn accounts(after: Option<&AccountId>) -> (Vec<AccountId>, Option<AccountId>);
}
mortal! { Reports, stripe, ListError,
    fn start(mode: Mode, first: Day, last: Day) -> Option<Runs>;
    fn fold(runs: &Runs) -> Option<Reported>;
}
mortal! { Books, ledger, LedgerError,
    fn held(book: &Book, day: Day) -> Vec<Held>;
    fn entries(book: &Book, source: &ObjectId) -> Vec<Entry>;
    fn posted(book: &Book, keys: &[EntryKey]) -> Vec<Entry>;
}
mortal! { UnderWay, ledger, LedgerError,
    fn under_way(mode: Mode, shelf: &Shelf, after: Option<&str>) -> Shelved;
}
mortal! { OwnBook, send, SendError,
    fn put(page: &OwnPage) -> ();
    fn commit(import: &Committed) -> ();
    fn pages(mode: Mode, account: &Owner, months: RangeInclusive<Month>) -> Vec<OwnPage>;
    fn committed(mode: Mode, imports: &BTreeSet<ImportId>) -> BTreeSet<ImportId>;
}
mortal! { Matches, control, ControlError,
    fn month(book: &Book, month: Month) -> (Head, u64);
    fn keep(book: &Book, month: Month, name: &str, page: &[Kept]) -> ();
    fn commit(book: &Book, month: Month, head: &Head, before: u64, forgotten: &[String]) -> ();
    fn all(book: &Book) -> Vec<(Month, Vec<Kept>)>;
    fn answers(book: &Book) -> Vec<Answer>;
    fn lessons(mode: Mode) -> (Lessons, u64);
    fn teach(book: &Book, answer: &Answer, replaced: Option<&Answer>, lessons: (&Lessons, u64)) -> ();
}
mortal! { PaidOuts, ledger, LedgerError,
    fn keep_paid_out(book: &Book, paid: &PaidOut, lines: &[PaidLine]) -> ();
    fn paid_out_by(book: &Book, payout: &ObjectId, created: i64) -> Option<PaidOut>;
    fn paid_out_since(book: &Book, since: i64) -> Vec<PaidOut>;
    fn paid_lines(book: &Book, paid: &PaidOut, after: Option<&ObjectId>) -> PaidLines;
    fn paid_line(book: &Book, paid: &PaidOut, transaction: &ObjectId) -> Option<PaidLine>;
}
mortal! { Mirror, send, SendError,
    fn seen(object: &ObjectKey) -> Option<Seen>;
}
mortal! { Findings, control, ControlError,
    fn load(book: &Book, keys: &[String]) -> BTreeMap<String, Stored>;
    fn open(book: &Book) -> Vec<Stored>;
    fn waiting(mode: Mode) -> Waiting;
    fn books_with(mode: Mode, code: Code) -> BTreeSet<Book>;
    fn save(finding: &Finding, revision: u64) -> ();
}
mortal! { Control, control, ControlError,
    fn claim(name: &str, worker: &str, now: i64, until: i64) -> Claim;
    fn advance(name: &str, worker: &str, progress: &Progress) -> ();
    fn release(name: &str, worker: &str, done: bool) -> ();
    fn coverage(book: &Book) -> Coverage;
    fn cover(book: &Book, coverage: &Coverage) -> ();
    fn roster(mode: Mode, after: Option<&str>) -> Roster;
    fn spend(counter: &str, cap: u32) -> bool;
}
mortal! { Jobs, send, SendError, fn send(job: &Job, delay_s: u16) -> (); }
mortal! { FactQueue, send, SendError, fn tell(missed: &Missed) -> (); }
mortal! { EventQueue, send, SendError, fn send(message: &Message) -> (); }
mortal! { FetchQueue, send, SendError, fn request(request: &FetchRequest, delay_s: u16) -> (); }
mortal! { Quarantine, send, SendError, fn hold(held: &Quarantined) -> (); }
mortal! { Store, store, StoreError,
    fn load(events: &[EventKey], objects: &[ObjectKey]) -> Loaded;
    fn write_row(key: &ObjectKey, row: &Row, expected: Option<&Fingerprint>) -> ();
    fn write_receipt(receipt: &Receipt) -> ();
}

/// The world as a mortal worker has it.
#[derive(Debug)]
pub struct MortalWorld<'w> {
    stripe: Mortal<'w, MemoryStripe>,
    ledger: Mortal<'w, MemoryLedger>,
    log: Mortal<'w, MemoryStore>,
    mirror: Mortal<'w, MemoryMirror>,
    control: Mortal<'w, MemoryControl>,
    findings: Mortal<'w, MemoryFindings>,
    outbox: Mortal<'w, MemoryOutbox>,
    blobs: &'w MemoryBlobs,
    own_book: Mortal<'w, MemoryOwnBook>,
    matches: Mortal<'w, MemoryMatches>,
}

impl<'w> MortalWorld<'w> {
    /// The same world, for one life.
    pub fn of(world: &'w MemoryWorld, life: &'w Life) -> Self {
        Self {
            stripe: Mortal {
                port: &world.stripe,
                life,
            },
            ledger: Mortal {
                port: &world.ledger,
                life,
            },
            log: Mortal {
                port: &world.log,
                life,
            },
            mirror: Mortal {
                port: &world.mirror,
                life,
            },
            control: Mortal {
                port: &world.control,
                life,
            },
            findings: Mortal {
                port: &world.findings,
                life,
            },
            outbox: Mortal {
                port: &world.outbox,
                life,
            },
            blobs: &world.blobs,
            own_book: Mortal {
                port: &world.own_book,
                life,
            },
            matches: Mortal {
                port: &world.matches,
                life,
            },
        }
    }
}

impl<'w> World for MortalWorld<'w> {
    type Stripe = Mortal<'w, MemoryStripe>;
    type Ledger = Mortal<'w, MemoryLedger>;
    type Log = Mortal<'w, MemoryStore>;
    type Mirror = Mortal<'w, MemoryMirror>;
    type Control = Mortal<'w, MemoryControl>;
    type Findings = Mortal<'w, MemoryFindings>;
    type Outbox = Mortal<'w, MemoryOutbox>;
    type Blobs = MemoryBlobs;
    type OwnBook = Mortal<'w, MemoryOwnBook>;
    type Matches = Mortal<'w, MemoryMatches>;

    fn stripe(&self) -> &Self::Stripe {
        &self.stripe
    }
    fn ledger(&self) -> &Self::Ledger {
        &self.ledger
    }
    fn log(&self) -> &Self::Log {
        &self.log
    }
    fn mirror(&self) -> &Self::Mirror {
        &self.mirror
    }
    fn control(&self) -> &Self::Control {
        &self.control
    }
    fn findings(&self) -> &Self::Findings {
        &self.findings
    }
    fn outbox(&self) -> &Self::Outbox {
        &self.outbox
    }
    fn blobs(&self) -> &MemoryBlobs {
        self.blobs
    }
    fn own_book(&self) -> &Self::OwnBook {
        &self.own_book
    }
    fn matches(&self) -> &Self::Matches {
        &self.matches
    }
}
