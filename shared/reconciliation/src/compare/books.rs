//! Between the platform's book and a connected account's: what leaves one arrives in
//! the other.

use tributary_domain::{ObjectId, Source};
use tributary_ledger::{Account, Book, Entry, Head};

use crate::finding::{Code, Finding, Scope};

/// How long one side may lack what the other has, seconds: the two books are pulled
/// apart from each other.
pub const GRACE_S: i64 = 6 * 3_600;

/// What in the other book an entry should find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The payment that a transfer is at its destination: of that account's book.
    Payment {
        /// The account.
        destination: String,
        /// The payment.
        payment: ObjectId,
    },
    /// The transfer or reversal behind what a connected account received or gave
    /// back: of the platform's book.
    Transfer(ObjectId),
    /// The payment that an application fee was taken from: of that account's book.
    FeePayer {
        /// The account.
        account: String,
        /// The payment.
        charge: ObjectId,
    },
}

/// What an entry should find in the other book; `None` for one that stands alone.
pub fn wanted(entry: &Entry) -> Option<Wanted> {
    let Source { links, .. } = entry.source.as_ref()?;
    if !entry.book.is_platform() {
        let behind = links
            .source_transfer
            .as_ref()
            .or(links.source_transfer_reversal.as_ref());
        return behind.cloned().map(Wanted::Transfer);
    }
    match entry.kind.as_str() {
        "transfer" => Some(Wanted::Payment {
            destination: links.destination.clone()?,
            payment: links.destination_payment.clone()?,
        }),
        "application_fee" => Some(Wanted::FeePayer {
            account: links.account.clone()?,
            charge: links.charge.clone()?,
        }),
        _ => None,
    }
}

/// Compares an entry with those of the object that it `wanted` in the `other` book.
pub fn compare(
    entry: &Entry,
    wanted: &Wanted,
    other: (&Book, &[Entry]),
    scope: &Scope,
    now: i64,
) -> Option<Finding> {
    let subject = entry
        .source
        .as_ref()
        .map_or(&entry.transaction, |source| &source.id);
    let found = |code| Finding::new(code, &entry.book, subject, scope, now);
    let (other, theirs) = other;
    let (missing, code, place) = match wanted {
        Wanted::Payment { payment, .. } => {
            (Code::OrphanTransfer, Code::TransferAmountMismatch, payment)
        }
        Wanted::Transfer(transfer) => {
            (Code::OrphanTransfer, Code::TransferAmountMismatch, transfer)
        }
        Wanted::FeePayer { charge, .. } => (Code::AppFeeMismatch, Code::AppFeeMismatch, charge),
    };
    let told = |finding: Finding| finding.with("book", other).with("object", place);
    if theirs.is_empty() {
        let is_late = now.saturating_sub(entry.created) > GRACE_S;
        return is_late.then(|| {
            told(found(missing))
                .with("amount", entry.amount)
                .at_stake(entry.amount, &entry.currency)
        });
    }
    // Of two currencies nothing can be said: each side has its own rate.
    let same = theirs
        .iter()
        .filter(|their| their.currency == entry.currency);
    let amounts = same.map(|their| match wanted {
        Wanted::FeePayer { .. } => i128::from(their.on(&Account::plain(Head::PlatformFees))),
        _ => -i128::from(their.amount),
    });
    let (count, sum) = amounts.fold((0, 0), |(count, sum), amount| (count + 1, sum + amount));
    let difference = i128::from(entry.amount) - sum;
    (count > 0 && difference != 0).then(|| {
        told(found(code))
            .with("ours", entry.amount)
            .with("theirs", sum)
            .at_stake(difference, &entry.currency)
    })
}
