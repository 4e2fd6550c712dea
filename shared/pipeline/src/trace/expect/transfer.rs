//! What is to be said of money passed on to accounts: both books have it, or neither.

use tributary_domain::change::state::Transfer;
use tributary_domain::{AccountId, Owner};

use super::{Remedy, View, is_booked, note, object};
use crate::trace::gather::Told;
use crate::trace::ports::Place;

impl View<'_> {
    pub(super) fn transfer(&mut self, place: &Place, told: &Told, transfer: &Transfer) {
        let destination = transfer.destination.as_ref();
        let account = destination.and_then(|account| AccountId::parse(account).ok());
        let payment = object(transfer.destination_payment.as_ref());
        let (Some(account), Some(payment)) = (account, payment) else {
            return;
        };
        let there = Place {
            book: self.on_book_of(place, Owner::Account(account.clone())),
            id: payment,
        };
        let is_there = is_booked(self.gathered.objects.get(&there));
        if !told.node.entries.is_empty() && !is_there && !self.gathered.is_cut {
            let says = format!(
                "it is booked here, and {} is not on the book of {account}",
                there.id
            );
            let missing = note("other_side_missing", &there, says);
            self.missing.push(missing.remedy(Remedy::ReconcileHoldings));
        }
    }
}
