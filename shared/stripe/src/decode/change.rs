//! What an event's type says about its object's life.

use tributary_domain::{Change, Tree};

use crate::event_types::snapshot_type;

/// Types that end in `.deleted` although the object stays readable and only its
/// status changes. All others of Stripe's announce that the object is gone:
/// coupons, customers, discounts, invoices and invoice items (both as drafts),
/// persons, plans, prices, products, sources and external accounts, tax ids, test
/// clocks.
///
/// `account.application.deauthorized` is no deletion either: the application lives
/// on, what ended is its access to the account.
const STILL_READABLE: [&str; 1] = ["customer.subscription.deleted"];

/// The change that an event of this type announces. Not every object has an event
/// for its creation (a charge begins with `charge.succeeded` or `charge.pending`),
/// so a change may be the first that is heard of it.
pub(super) fn of(event_type: &str, object: &Tree<'_>) -> Change {
    let event_type = snapshot_type(event_type);
    let deleted = event_type.ends_with(".deleted") && !STILL_READABLE.contains(&event_type);
    if deleted || is_deleted(object) {
        Change::Deleted
    } else if event_type.ends_with(".created") {
        Change::Created
    } else {
        Change::Changed
    }
}

/// Whether Stripe shows the object as the remains of a deleted one.
pub(super) fn is_deleted(object: &Tree<'_>) -> bool {
    object.get("deleted").and_then(Tree::as_bool) == Some(true)
}
