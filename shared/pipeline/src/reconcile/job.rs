//! What a worker is to do.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tributary_domain::change::state::Balance;
use tributary_domain::{EventId, Fingerprint, Mode, ObjectId};
use tributary_ledger::{Book, Day, Digest, views};

use super::paid_out::Sum;
use crate::own_book::Month;

/// Rounds of one comparison: one that finds (a balance takes two), one that looks
/// whether healing helped and heals once more, and one that looks again.
pub const ROUNDS_MAX: u8 = 4;

/// One window of one comparison.
///
/// As a message it is an object with one member, `{"day":{…}}`. A tag inside would have
/// to be read ahead, and the 128-bit numbers of a digest do not survive that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// Days of all books, by Stripe's reports.
    Reports {
        /// Live or test.
        mode: Mode,
        /// The first day.
        day: Day,
        /// How many there are, it among them.
        #[serde(default = "one")]
        days: u8,
    },
    /// A day of one book, line by line if it has to be.
    Day {
        /// Whose.
        book: Book,
        /// The day.
        day: Day,
        /// What the report adds up to, by currency.
        report: BTreeMap<String, Digest>,
        /// Which look at it.
        #[serde(default)]
        round: u8,
    },
    /// Payouts of one book that took effect on one day.
    Payouts {
        /// Whose.
        book: Book,
        /// The day.
        day: Day,
        /// What the report says that each paid out; nothing of one that came back, which
        /// is listed without waiting for a report.
        paid_out: BTreeMap<ObjectId, Vec<Sum>>,
        /// Which look at them.
        #[serde(default)]
        round: u8,
    },
    /// The events of one account, made between two seconds.
    Events {
        /// Whose.
        book: Book,
        /// Unix seconds.
        from: i64,
        /// Unix seconds.
        to: i64,
        /// Which look at it.
        #[serde(default)]
        round: u8,
    },
    /// What an event was about that Stripe says it could not make.
    Missing {
        /// Whose notice.
        book: Book,
        /// The notice.
        notice: EventId,
        /// When it was made, unix seconds.
        at: i64,
        /// Which look at it.
        #[serde(default)]
        round: u8,
    },
    /// What an account holds and pays out.
    Holdings {
        /// Whose.
        book: Book,
        /// When it was asked for, unix seconds.
        at: i64,
        /// The balance as it was read before the book was brought up to date.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Balance>,
        /// Also list what payouts paid out that a report has explained, a call for each.
        #[serde(default)]
        lists: bool,
        /// Which look at it.
        #[serde(default)]
        round: u8,
    },
    /// What an account holds, its payouts left out.
    Balance {
        /// Whose.
        book: Book,
        /// When it was asked for, unix seconds.
        at: i64,
        /// The balance as it was read before the book was brought up to date.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Balance>,
        /// Which look at it.
        #[serde(default)]
        round: u8,
    },
    /// The payouts of all books that are on their way, and the disputes and top-ups that
    /// are not over.
    UnderWay {
        /// Live or test.
        mode: Mode,
        /// When it was asked for, unix seconds.
        at: i64,
    },
    /// The fees of a book's months, with the agreed prices, and those of months that
    /// differed before.
    Prices {
        /// Whose.
        book: Book,
        /// The months that have ended.
        months: BTreeSet<views::Month>,
        /// The day of which it is done once.
        day: Day,
    },
    /// The platform's own book of some months, with the ledger.
    Match {
        /// Whose.
        book: Book,
        /// The months.
        months: BTreeSet<Month>,
        /// What it is done because of, and once for: an import, a plan, an answer.
        cause: String,
    },
}

impl Job {
    /// What it is known by. A window has one name, whoever asks for it and how often.
    pub fn name(&self) -> String {
        match self {
            Self::Reports { mode, day, days } => match days {
                0 | 1 => format!("reports#{}#{day}", mode.as_str()),
                _ => format!("reports#{}#{day}+{days}", mode.as_str()),
            },
            Self::Day {
                book, day, round, ..
            } => format!("day#{book}#{day}#{round}"),
            Self::Payouts {
                book,
                day,
                paid_out,
                round,
            } => {
                let first = paid_out.keys().next().map_or("", |first| first.as_str());
                // A report of the same day may tell of the same payout, beside others.
                let what = match paid_out.values().all(Vec::is_empty) {
                    true => "returned",
                    false => "payouts",
                };
                format!("{what}#{book}#{day}#{first}#{round}")
            }
            Self::Events {
                book,
                from,
                to,
                round,
            } => {
                format!("events#{book}#{from}-{to}#{round}")
            }
            Self::Missing {
                book,
                notice,
                round,
                ..
            } => format!("missing#{book}#{notice}#{round}"),
            Self::Holdings {
                book, at, round, ..
            } => format!("holdings#{book}#{at}#{round}"),
            Self::Balance {
                book, at, round, ..
            } => format!("balance#{book}#{at}#{round}"),
            Self::UnderWay { mode, at } => format!("under_way#{}#{at}", mode.as_str()),
            Self::Prices { book, months, day } => {
                let months: Vec<_> = months.iter().map(views::Month::to_string).collect();
                format!("prices#{book}#{day}#{}", months.join("+"))
            }
            Self::Match {
                book,
                months,
                cause,
            } => format!("match#{book}#{}#{cause}", short(months)),
        }
    }

    /// Whose book it is about; `None` if it is about all, or about one that only Stripe
    /// can tell.
    pub fn book(&self) -> Option<&Book> {
        match self {
            Self::Reports { .. } | Self::UnderWay { .. } | Self::Missing { .. } => None,
            Self::Day { book, .. }
            | Self::Payouts { book, .. }
            | Self::Events { book, .. }
            | Self::Holdings { book, .. }
            | Self::Balance { book, .. }
            | Self::Prices { book, .. }
            | Self::Match { book, .. } => Some(book),
        }
    }

    /// The day on whose account its heals are counted, and the mode.
    pub fn run(&self) -> (Mode, Day) {
        match self {
            Self::Reports { mode, day, .. } => (*mode, *day),
            Self::Day { book, day, .. } | Self::Payouts { book, day, .. } => (book.mode, *day),
            Self::Events { book, to, .. } => (book.mode, Day::of(*to)),
            Self::Holdings { book, at, .. }
            | Self::Balance { book, at, .. }
            | Self::Missing { book, at, .. } => (book.mode, Day::of(*at)),
            Self::UnderWay { mode, at } => (*mode, Day::of(*at)),
            Self::Prices { book, day, .. } => (book.mode, *day),
            // Nothing of it is healed.
            Self::Match { book, .. } => (book.mode, Day::of(0)),
        }
    }

    /// The next look at the same window; `None` after the last.
    pub fn again(&self) -> Option<Self> {
        let mut next = self.clone();
        let round = match &mut next {
            Self::Reports { .. }
            | Self::UnderWay { .. }
            | Self::Prices { .. }
            | Self::Match { .. } => return None,
            Self::Day { round, .. }
            | Self::Payouts { round, .. }
            | Self::Events { round, .. }
            | Self::Missing { round, .. }
            | Self::Holdings { round, .. }
            | Self::Balance { round, .. } => round,
        };
        *round += 1;
        (*round < ROUNDS_MAX).then_some(next)
    }
}

fn one() -> u8 {
    1
}

/// Months as part of a name: the first, and a hash of all.
fn short(months: &BTreeSet<Month>) -> String {
    let mut text = months.first().map(Month::to_string).unwrap_or_default();
    if months.len() > 1 {
        let all: Vec<_> = months.iter().map(Month::to_string).collect();
        let hash = Fingerprint::of_text(&all.join(" "));
        text.push('-');
        text.extend(hash.as_str().chars().take(12));
    }
    text
}
