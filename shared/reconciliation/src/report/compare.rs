//! Which days to look at line by line: those whose digests differ.

use tributary_domain::{Currency, Owner};
use tributary_ledger::{Day, Digest};

use super::Digests;

/// A day of a book on which the two sides differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// Whose book.
    pub owner: Owner,
    /// The day, UTC.
    pub day: Day,
    /// The currency.
    pub currency: Currency,
    /// What we have; empty if nothing.
    pub ours: Digest,
    /// What Stripe has; empty if nothing.
    pub theirs: Digest,
}

/// The days that differ, by owner, day and currency. A day that only one side has
/// differs from the other's empty one.
pub fn disagreements(ours: &Digests, theirs: &Digests) -> Vec<Disagreement> {
    let mut found = Vec::new();
    let (mut left, mut right) = (ours.iter().peekable(), theirs.iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => return found,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(ours), Some(theirs)) => {
                let key = |(owner, day, currency, _): &(Owner, Day, Currency, &Digest)| {
                    (owner.as_str().to_owned(), *day, *currency)
                };
                key(ours).cmp(&key(theirs))
            }
        };
        let ours = if order.is_le() { left.next() } else { None };
        let theirs = if order.is_ge() { right.next() } else { None };
        let digest = |side: &Option<(Owner, Day, Currency, &Digest)>| {
            side.as_ref().map(|side| *side.3).unwrap_or_default()
        };
        let (our_digest, their_digest) = (digest(&ours), digest(&theirs));
        if let Some((owner, day, currency, _)) = ours.or(theirs)
            && our_digest != their_digest
        {
            found.push(Disagreement {
                owner,
                day,
                currency,
                ours: our_digest,
                theirs: their_digest,
            });
        }
    }
}
