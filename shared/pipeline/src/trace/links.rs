//! Which objects belong to the story of another one, on either book.

use std::collections::BTreeSet;

use tributary_domain::change::State;
use tributary_domain::{AccountId, ObjectId, Owner, Source};
use tributary_ledger::{Book, Entry};

use super::ports::Place;
use crate::ledger::Node;

/// The next places to look at, from an object's own book.
pub(super) struct Links<'b> {
    book: &'b Book,
    found: BTreeSet<Place>,
}

impl<'b> Links<'b> {
    /// What an object of a book leads to, by what is kept of it.
    pub(super) fn of(book: &'b Book, node: &Node, state: Option<&State>) -> BTreeSet<Place> {
        let mut links = Self {
            book,
            found: BTreeSet::new(),
        };
        for member in &node.members {
            links.here(Some(member));
        }
        links.here(node.entries.iter().find_map(Entry::belongs_to));
        links.here(node.fact.as_ref().and_then(|fact| fact.belongs_to()));
        for source in node
            .entries
            .iter()
            .filter_map(|entry| entry.source.as_ref())
        {
            links.source(source);
        }
        if let Some(state) = state {
            links.state(state);
        }
        links.found
    }

    fn here(&mut self, id: Option<&ObjectId>) {
        let book = self.book.clone();
        self.found.extend(id.cloned().map(|id| Place { book, id }));
    }

    fn text(&mut self, id: Option<&String>) {
        let id = id.and_then(|id| ObjectId::parse(id).ok());
        self.here(id.as_ref());
    }

    /// On the platform's book, seen from an account's.
    fn above(&mut self, id: Option<&ObjectId>) {
        if self.book.is_platform() {
            return;
        }
        let book = Book {
            mode: self.book.mode,
            owner: Owner::Platform,
        };
        self.found.extend(id.cloned().map(|id| Place { book, id }));
    }

    fn above_text(&mut self, id: Option<&String>) {
        let id = id.and_then(|id| ObjectId::parse(id).ok());
        self.above(id.as_ref());
    }

    /// On an account's book, seen from the platform's.
    fn below(&mut self, account: Option<&String>, id: Option<&ObjectId>) {
        let account = account.and_then(|account| AccountId::parse(account).ok());
        let (Some(account), Some(id)) = (account, id) else {
            return;
        };
        let book = Book {
            mode: self.book.mode,
            owner: Owner::Account(account),
        };
        let id = id.clone();
        self.found.insert(Place { book, id });
    }

    fn below_text(&mut self, account: Option<&String>, id: Option<&String>) {
        let id = id.and_then(|id| ObjectId::parse(id).ok());
        self.below(account, id.as_ref());
    }

    fn source(&mut self, source: &Source) {
        let links = &source.links;
        self.here(links.source_transaction.as_ref());
        self.here(links.transfer.as_ref());
        // Application fees are the platform's, whoever paid them.
        match self.book.is_platform() {
            true => self.here(links.application_fee.as_ref()),
            false => self.above(links.application_fee.as_ref()),
        }
        self.above(links.source_transfer.as_ref());
        self.above(links.source_transfer_reversal.as_ref());
        self.below(
            links.destination.as_ref(),
            links.destination_payment.as_ref(),
        );
        // The charge of an application fee is one of the account that paid it.
        match &links.account {
            Some(_) => self.below(links.account.as_ref(), links.charge.as_ref()),
            None => self.here(links.charge.as_ref()),
        }
    }

    fn state(&mut self, state: &State) {
        match state {
            State::Charge(it) => {
                self.text(it.transfer.as_ref());
                self.above_text(it.source_transfer.as_ref());
                self.above_text(it.application_fee.as_ref());
            }
            State::Refund(it) => {
                self.text(it.charge.as_ref());
                self.text(it.transfer_reversal.as_ref());
                self.above_text(it.source_transfer_reversal.as_ref());
            }
            State::Dispute(it) => self.text(Some(&it.charge)),
            State::Transfer(it) => {
                self.text(it.source_transaction.as_ref());
                self.below_text(it.destination.as_ref(), it.destination_payment.as_ref());
            }
            State::TransferReversal(it) => {
                self.text(Some(&it.transfer));
                self.text(it.source_refund.as_ref());
            }
            State::ApplicationFee(it) => {
                self.text(it.originating_transaction.as_ref());
                self.below_text(Some(&it.account), it.charge.as_ref());
            }
            State::ApplicationFeeRefund(it) => self.text(Some(&it.fee)),
            State::Payout(it) => {
                self.text(it.original_payout.as_ref());
                self.text(it.reversed_by.as_ref());
                self.above_text(it.application_fee.as_ref());
            }
            _ => {}
        }
    }
}
