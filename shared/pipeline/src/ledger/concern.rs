//! What a person has to look at, and the finding that it is: under the code and the
//! subject that reconciliation would find it by, so that both find one thing.

use tributary_domain::{BalanceTransaction, ObjectId};
use tributary_ledger::{Book, Day, Doubt, Entry, Unpostable};
use tributary_reconciliation::Finding;
use tributary_reconciliation::compare::entry::inspect;
use tributary_reconciliation::finding::{Code, Scope};

use super::ports::Filed;

/// Why somebody has to look at a movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Concern {
    /// It was posted, with a doubt.
    Doubtful(Doubt),
    /// It could not be posted.
    Unpostable(Unpostable),
    /// It could not be read: a field that is missing or of another type.
    Unreadable(&'static str),
    /// It was listed and counted, and was not listed again to be posted.
    Vanished,
    /// What it amounts to cannot be derived, and why. This one is about an object and
    /// those that belong with it; their movements are posted.
    Unexplained(String),
}

/// The evidence of a movement that was counted, and whose entry is not there.
pub const FILED: &str = "filed";
/// The evidence of a movement that could not be read: the field.
pub const UNREADABLE: &str = "unreadable";

/// What a concern is about: a movement or an object of a book.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Whose.
    pub book: &'a Book,
    /// The balance transaction, or the object whose story cannot be told.
    pub transaction: &'a ObjectId,
    /// What else is known of it.
    pub known: Known<'a>,
}

/// What is known of a movement that somebody has to look at.
#[derive(Debug, Clone, Copy)]
pub enum Known<'a> {
    /// The entry that it became.
    Entry(&'a Entry),
    /// What Stripe lists.
    Listed(&'a BalanceTransaction),
    /// What it was counted as, and for which day.
    Filed(Day, &'a Filed),
    /// Its id only.
    Nothing,
}

/// The comparison of a day, which looks at each of its movements.
pub fn of_day(day: Day) -> Scope {
    Scope::new("day", day)
}

/// A movement that could not be read has no day: the scope of those.
pub fn of_unread() -> Scope {
    Scope::new("pull", UNREADABLE)
}

/// Stories that cannot be told. No comparison covers them, so none closes what was found.
fn of_stories() -> Scope {
    Scope::new("pull", "unexplained")
}

impl Concern {
    /// What it is as a finding, seen at `now`, unix seconds.
    pub fn finding(&self, about: &About<'_>, now: i64) -> Finding {
        let missing = |scope: &Scope| {
            let code = Code::MissingLedgerEntry;
            let found = Finding::new(code, about.book, about.transaction, scope, now);
            found.with("why", self.code())
        };
        match about.known {
            Known::Entry(entry) => {
                let found = inspect(entry, &of_day(entry.day()), now);
                let mut doubted = found.into_iter().filter(|it| it.code == self.of_entry());
                doubted.next().unwrap_or_else(|| {
                    let scope = of_day(entry.day());
                    Finding::new(self.of_entry(), about.book, about.transaction, &scope, now)
                        .with("why", self.code())
                })
            }
            Known::Listed(movement) => missing(&of_day(Day::of(movement.created)))
                .with("type", &movement.kind)
                .with("created", movement.created)
                .with("net", movement.net)
                .at_stake(movement.net, &movement.currency),
            Known::Filed(day, filed) => missing(&of_day(day))
                .with(FILED, "true")
                .with("net", filed.net)
                .at_stake(filed.net, &filed.currency),
            Known::Nothing => match self {
                Self::Unreadable(field) => missing(&of_unread()).with(UNREADABLE, field),
                Self::Unexplained(reason) => missing(&of_stories()).with("reason", reason),
                _ => missing(&of_unread()),
            },
        }
    }

    /// Under which code an entry that was posted in doubt is found.
    fn of_entry(&self) -> Code {
        match self {
            Self::Doubtful(Doubt::FeeDetailsDiffer { .. }) => Code::FeeMismatch,
            _ => Code::UnknownType,
        }
    }

    /// A stable code, for logs and findings.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Doubtful(Doubt::UnknownType { .. }) => "unknown_type",
            Self::Doubtful(Doubt::UnknownAdjustment { .. }) => "unknown_adjustment",
            Self::Doubtful(Doubt::Unlinked { .. }) => "unlinked",
            Self::Doubtful(Doubt::UnknownBalanceType { .. }) => "unknown_balance_type",
            Self::Doubtful(Doubt::UnknownFeeType { .. }) => "unknown_fee_type",
            Self::Doubtful(Doubt::FeeDetailsDiffer { .. }) => "fee_details_differ",
            Self::Unpostable(Unpostable::NetDiffers { .. }) => "net_differs",
            Self::Unpostable(Unpostable::Overflow(_)) => "overflow",
            Self::Unreadable(_) => "unreadable_transaction",
            Self::Vanished => "vanished",
            Self::Unexplained(_) => "unexplained",
        }
    }
}
