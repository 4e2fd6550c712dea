//! Between the platform's book and a connected account's: what leaves one arrives in
//! the other, what comes back to one leaves the other, and so do application fees.

use tributary_domain::{ObjectId, Owner, Source};
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
    /// The refund that a reversal is at the destination of its transfer: of the book
    /// that the transfer names.
    Refund {
        /// The transfer.
        transfer: ObjectId,
        /// The reversal.
        reversal: ObjectId,
    },
    /// The payment that an application fee was taken from: of that account's book.
    FeePayer {
        /// The account.
        account: String,
        /// The payment.
        charge: ObjectId,
    },
    /// The application fee that a connected account paid: of the platform's book.
    Fee(ObjectId),
    /// What a connected account got back of an application fee, within a refund of its
    /// payment or as a credit of its own: of the book that the fee names.
    FeeReturned {
        /// The application fee.
        fee: ObjectId,
        /// The refund of it.
        refund: ObjectId,
    },
}

/// Where the other side of an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// In whose book.
    pub owner: Owner,
    /// Under which object.
    pub object: ObjectId,
    /// Whose members it may be among besides: the payment of a refund that no link names.
    pub above: Option<ObjectId>,
}

/// What an entry should find in the other book; nothing for one that stands alone.
pub fn wanted(entry: &Entry) -> Vec<Wanted> {
    let Some(source) = &entry.source else {
        return Vec::new();
    };
    if entry.book.is_platform() {
        of_platform(entry, source).into_iter().collect()
    } else {
        of_account(entry, source)
    }
}

fn of_platform(entry: &Entry, Source { id, links, .. }: &Source) -> Option<Wanted> {
    match entry.kind.as_str() {
        "transfer" => Some(Wanted::Payment {
            destination: links.destination.clone()?,
            payment: links.destination_payment.clone()?,
        }),
        "transfer_refund" => Some(Wanted::Refund {
            transfer: links.transfer.clone()?,
            reversal: id.clone(),
        }),
        "application_fee" => Some(Wanted::FeePayer {
            account: links.account.clone()?,
            charge: links.charge.clone()?,
        }),
        "application_fee_refund" => Some(Wanted::FeeReturned {
            fee: links.application_fee.clone()?,
            refund: id.clone(),
        }),
        _ => None,
    }
}

fn of_account(entry: &Entry, Source { links, .. }: &Source) -> Vec<Wanted> {
    let behind = links.source_transfer.as_ref();
    let behind = behind.or(links.source_transfer_reversal.as_ref());
    // A payment that came back has the payment as its source too, and pays no fee.
    let pays = matches!(entry.kind.as_str(), "charge" | "payment") && of_fees(entry) != 0;
    let fee = links.application_fee.as_ref().filter(|_| pays);
    let behind = behind.cloned().map(Wanted::Transfer);
    behind
        .into_iter()
        .chain(fee.cloned().map(Wanted::Fee))
        .collect()
}

/// What an entry says that the platform took of the account, minor units; negative when
/// it gave back.
fn of_fees(entry: &Entry) -> i64 {
    entry.on(&Account::plain(Head::PlatformFees))
}

impl Wanted {
    /// The object of the platform's own book whose entries tell where the other side
    /// is, if the entry does not tell itself.
    pub fn told_by(&self) -> Option<&ObjectId> {
        match self {
            Self::Refund { transfer, .. } => Some(transfer),
            Self::FeeReturned { fee, .. } => Some(fee),
            _ => None,
        }
    }

    /// Where the other side is, by the entries of the object that [tells](Self::told_by)
    /// it. `None` if they do not: a transfer from before the ledger began.
    pub fn place(&self, told: &[Entry]) -> Option<Place> {
        let mut told = told.iter().filter_map(|entry| match entry.kind.as_str() {
            "transfer" | "application_fee" => Some(&entry.source.as_ref()?.links),
            _ => None,
        });
        let (owner, object, above) = match self {
            Self::Transfer(object) | Self::Fee(object) => (Owner::Platform, object.clone(), None),
            Self::Payment {
                destination: account,
                payment: object,
            }
            | Self::FeePayer {
                account,
                charge: object,
            } => (Owner::parse(account).ok()?, object.clone(), None),
            Self::Refund { .. } => {
                let links = told.next()?;
                let owner = Owner::parse(links.destination.as_ref()?).ok()?;
                let payment = links.destination_payment.clone()?;
                (owner, payment.clone(), Some(payment))
            }
            Self::FeeReturned { refund, .. } => {
                let links = told.next()?;
                let owner = Owner::parse(links.account.as_ref()?).ok()?;
                (owner, refund.clone(), Some(links.charge.clone()?))
            }
        };
        Some(Place {
            owner,
            object,
            above,
        })
    }

    /// Under which codes it is found to be missing, and to differ; and the object that a
    /// person begins at.
    fn told(&self) -> (Code, Code, &ObjectId) {
        match self {
            Self::Payment {
                payment: object, ..
            }
            | Self::Transfer(object)
            | Self::Refund {
                transfer: object, ..
            } => (Code::OrphanTransfer, Code::TransferAmountMismatch, object),
            Self::FeePayer { charge: object, .. }
            | Self::Fee(object)
            | Self::FeeReturned { fee: object, .. } => {
                (Code::AppFeeMismatch, Code::AppFeeMismatch, object)
            }
        }
    }

    fn is_of_a_fee(&self) -> bool {
        matches!(
            self,
            Self::FeePayer { .. } | Self::Fee(_) | Self::FeeReturned { .. }
        )
    }

    /// What the entry says of the money, minor units.
    fn ours(&self, entry: &Entry) -> i64 {
        match self {
            Self::Fee(_) => of_fees(entry),
            _ => entry.amount,
        }
    }

    /// What an entry of the other book says of the same money; `None` if it is about
    /// other money.
    fn theirs(&self, entry: &Entry, their: &Entry) -> Option<i128> {
        let source = their.source.as_ref();
        match self {
            Self::Payment { .. } | Self::Transfer(_) => Some(-i128::from(their.amount)),
            Self::Refund { reversal, .. } => {
                let behind = source?.links.source_transfer_reversal.as_ref()?;
                (behind == reversal).then(|| -i128::from(their.amount))
            }
            Self::FeePayer { .. } => Some(of_fees(their).into()),
            Self::Fee(_) => (their.kind == "application_fee").then(|| their.amount.into()),
            Self::FeeReturned { refund, .. } => {
                // An account that is short of money refunds later than the platform,
                // and never earlier.
                let since = entry.created.saturating_sub(GRACE_S);
                let is_its = source.is_some_and(|source| source.id == *refund);
                let may_be = their.created >= since && of_fees(their) < 0;
                (is_its || may_be).then(|| of_fees(their).into())
            }
        }
    }
}

/// Compares an entry with those of the [place](Wanted::place) where the `other` book has
/// what it `wanted`.
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
    let (other, theirs) = other;
    let (missing, differs, object) = wanted.told();
    let told = |code| {
        let finding = Finding::new(code, &entry.book, subject, scope, now);
        finding.with("book", other).with("object", object)
    };
    let is_late = now.saturating_sub(entry.created) > GRACE_S;
    let ours = wanted.ours(entry);
    let mut theirs: Vec<(&Entry, i128)> = theirs
        .iter()
        .filter_map(|their| Some((their, wanted.theirs(entry, their)?)))
        .collect();
    if theirs.is_empty() {
        let missing = told(missing).with("amount", ours);
        return is_late.then(|| missing.at_stake(ours, &entry.currency));
    }
    // Of two currencies nothing can be said: each side has its own rate. The same is true
    // of a fee that was converted for the platform.
    let is_converted = |their: &Entry| match entry.book.is_platform() {
        true => entry.exchange_rate.is_some(),
        false => their.exchange_rate.is_some(),
    };
    theirs.retain(|(their, _)| {
        their.currency == entry.currency && !(wanted.is_of_a_fee() && is_converted(their))
    });
    if let Wanted::FeeReturned { refund, .. } = wanted {
        theirs = likeliest(theirs, refund, entry);
        // The one that is meant may be on its way.
        if !is_late && theirs.iter().all(|(_, amount)| *amount != ours.into()) {
            return None;
        }
    }
    let sum: i128 = theirs.iter().map(|(_, amount)| amount).sum();
    let difference = i128::from(ours) - sum;
    (!theirs.is_empty() && difference != 0).then(|| {
        told(differs)
            .with("ours", ours)
            .with("theirs", sum)
            .at_stake(difference, &entry.currency)
    })
}

/// Which of the fees that an account got back is that of this refund: the credit that
/// names it, else one of its amount, else the one nearest to it in time. Stripe links
/// the refund of a fee with the fee alone.
fn likeliest<'a>(
    returned: Vec<(&'a Entry, i128)>,
    refund: &ObjectId,
    entry: &Entry,
) -> Vec<(&'a Entry, i128)> {
    let names_it = |their: &Entry| their.source.as_ref().is_some_and(|it| it.id == *refund);
    let rank = |(their, amount): &(&Entry, i128)| {
        (
            !names_it(their),
            *amount != entry.amount.into(),
            their.created.abs_diff(entry.created),
        )
    };
    returned.into_iter().min_by_key(rank).into_iter().collect()
}
