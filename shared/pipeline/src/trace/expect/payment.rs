//! What is to be said of payments and of money going back to payers.

use tributary_domain::Owner;
use tributary_domain::change::state::{Charge, Refund};
use tributary_ledger::{Account, Book, Day, Head};

use super::{Remedy, View, is_booked, note, object};
use crate::trace::gather::Told;
use crate::trace::ports::Place;

impl View<'_> {
    pub(super) fn charge(&mut self, place: &Place, told: &Told, charge: &Charge) {
        match (charge.status.as_str(), charge.captured) {
            ("pending", _) => {
                let says = "the payment is not decided yet";
                self.next.push(note("payment_pending", place, says));
            }
            ("succeeded", false) => {
                let says = "it is authorized, and not captured";
                self.next.push(note("capture_expected", place, says));
            }
            ("succeeded", true) if charge.balance_transaction.is_none() => {
                let says = "it is captured; its movement comes with a later event";
                self.next.push(note("movement_expected", place, says));
            }
            _ => {}
        }
        if let Some(transfer) = object(charge.transfer.as_ref()) {
            self.passed_on(
                place,
                told,
                Place {
                    id: transfer,
                    ..place.clone()
                },
            );
        }
        self.unexplained(place, told);
        self.paid_out_when(place, told);
    }

    /// The transfer that a destination charge made has to be booked where the charge is.
    fn passed_on(&mut self, place: &Place, told: &Told, transfer: Place) {
        let is_booked = is_booked(self.gathered.objects.get(&transfer));
        if !is_booked && !told.node.entries.is_empty() {
            let says = format!("it was passed on by {}, which has no entry", transfer.id);
            let missing = note("transfer_missing", place, says);
            self.missing.push(missing.remedy(Remedy::ReconcileHoldings));
        }
    }

    /// On the platform's book, what payers paid is told on: passed on, earned or lost.
    fn unexplained(&mut self, place: &Place, told: &Told) {
        let funds = Account::of(Head::CustomerFunds, &place.id);
        let is_held = told.node.entries.iter().any(|entry| entry.on(&funds) != 0);
        if place.book.is_platform() && is_held && told.node.derived.is_empty() {
            let says = "it is booked, and nothing is derived of it";
            let missing = note("derived_missing", place, says);
            self.missing.push(missing.remedy(Remedy::LedgerDeadLetters));
        }
    }

    /// When the money of what was asked for leaves the balance.
    fn paid_out_when(&mut self, place: &Place, told: &Told) {
        if *place != self.gathered.asked || told.node.entries.is_empty() {
            return;
        }
        let available = told.node.entries.iter().map(|it| it.available_on).max();
        let available = available.unwrap_or_default();
        if available > self.now {
            let says = format!("its money may be paid out from {} on", Day::of(available));
            self.next
                .push(note("availability_expected", place, says).at(available));
        } else if self.gathered.paid_by.is_empty() {
            let says = "no payout whose movements are listed yet took its money along";
            let next = note("payout_unknown", place, says);
            self.next.push(match self.is_compared(available) {
                true => next.remedy(Remedy::ReconcileHoldings),
                false => next.remedy(Remedy::AskStripe),
            });
        }
    }

    pub(super) fn refund(&mut self, place: &Place, refund: &Refund) {
        match refund.status.as_deref() {
            Some("pending") => {
                let says = "the refund is on its way to the payer";
                self.next.push(note("refund_pending", place, says));
            }
            Some("requires_action") => {
                let says = "the payer has to say where the money is to go";
                self.next.push(note("refund_requires_action", place, says));
            }
            Some("failed") => {
                let says = "the refund failed: the payer has to be paid back otherwise";
                self.next.push(note("refund_failed", place, says));
            }
            _ => {}
        }
    }

    /// Where the other side of something is: on an account's book, or the platform's.
    pub(super) fn on_book_of(&self, place: &Place, owner: Owner) -> Book {
        Book {
            mode: place.book.mode,
            owner,
        }
    }
}
