//! Posting the ledger: what Stripe booked becomes journal entries, each once.
//!
//! Stripe announces no movement of a balance, so movements are listed. Events only
//! say whose book to look at . A pull lists that book page by page, and
//! each page goes through the same three steps ([`pull`]):
//!
//! 1. **Count.** One transaction adds the page's new movements to the digests and
//!    balances of the book's state and to the views of its months, files their ids under their days and moves the
//!    cursor. It names the page as counted and not yet posted.
//! 2. **Post.** Each entry is put if it is not there.
//! 3. **Explain.** What the entries' stories add up to is derived, and put likewise.
//!
//! Only then the next page is counted. So a movement is new exactly when it has no
//! entry, whoever crashed where: whatever was counted is posted before anything else
//! is counted. A worker whose lease has passed to another can still post what it has
//! counted, which changes nothing, but its next count fails on the state's sequence
//! number. No clock decides any of it; leases only spare Stripe double calls.

pub mod concern;
pub mod count;
pub mod explain;
pub mod mark;
pub mod ports;
pub mod pull;
pub mod replay;
mod spans;
pub mod state;
pub mod work;

pub use concern::{About, Concern, Known};
pub use explain::{Explained, explain, learn};
pub use mark::{Mark, mark};
pub use ports::{
    Commit, Doubts, FactQueue, Filed, Ledger, LedgerError, ListError, Missed, Node, Page, PageName,
    PullQueue, PullRequest, Stories, Transactions, Unread, Views, Watch, Window,
};
pub use pull::{Ports, PullError, Pulled, Tally, pull};
pub use state::{BookState, Lease, Pull, Totals};
pub use work::{Message, Worked, work};
