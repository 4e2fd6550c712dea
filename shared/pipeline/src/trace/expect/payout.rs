//! What is to be said of a payout.

use tributary_domain::change::state::Payout;
use tributary_ledger::fact::Says;
use tributary_ledger::views::payouts::STUCK_AFTER_BUSINESS_DAYS;
use tributary_ledger::{Day, Rule};

use super::{Remedy, View, in_effect, note};
use crate::trace::gather::Told;
use crate::trace::ports::Place;

impl View<'_> {
    pub(super) fn payout(&mut self, place: &Place, told: &Told, payout: &Payout) {
        match payout.status.as_str() {
            "pending" | "in_transit" => self.under_way(place, payout),
            "paid" => self.arrived(place, told, payout),
            "failed" | "canceled" => self.came_back(place, told, payout),
            other => {
                let says = format!("its status `{other}` is of a version that is not known here");
                self.next.push(note("unknown_status", place, says));
            }
        }
        self.consists_of(place, payout);
    }

    fn under_way(&mut self, place: &Place, payout: &Payout) {
        let arrives = Day::of(payout.arrival_date);
        let latest = arrives.plus_business_days(STUCK_AFTER_BUSINESS_DAYS);
        if self.day() > latest {
            let says = format!(
                "it was expected at the bank on {arrives} and is still `{}`: it is stuck",
                payout.status
            );
            let stuck = note("payout_stuck", place, says).at(payout.arrival_date);
            self.missing.push(stuck.remedy(Remedy::AskStripe));
            return;
        }
        let says = match self.day() > arrives {
            true => format!("it was expected at the bank on {arrives}, and is late until {latest}"),
            false => format!("it is expected at the bank on {arrives}"),
        };
        let expected = note("arrival_expected", place, says);
        self.next.push(expected.at(payout.arrival_date));
    }

    fn arrived(&mut self, place: &Place, told: &Told, payout: &Payout) {
        if !told.node.entries.is_empty() && in_effect(told, Rule::PayoutSettlement).is_empty() {
            let says = "it is paid, and no entry says that its money is at the bank";
            let missing = note("settlement_missing", place, says);
            self.missing.push(missing.remedy(Remedy::LedgerDeadLetters));
        }
        let arrived = Day::of(payout.arrival_date);
        let safe = arrived.plus_business_days(STUCK_AFTER_BUSINESS_DAYS);
        if self.day() <= safe {
            let says = format!("the bank may still send it back, mostly until {safe}");
            self.next
                .push(note("return_possible", place, says).at(safe.start()));
        }
    }

    fn came_back(&mut self, place: &Place, told: &Told, payout: &Payout) {
        if !in_effect(told, Rule::PayoutSettlement).is_empty() {
            let says = format!(
                "it is {}, and the entry that its money is at the bank is not taken back",
                payout.status
            );
            let missing = note("settlement_not_reversed", place, says);
            self.missing.push(missing.remedy(Remedy::LedgerDeadLetters));
        }
        if payout.failure_balance_transaction.is_none() {
            let says = "its money is expected back on the balance";
            self.next.push(note("return_expected", place, says));
        }
        if payout.status != "failed" {
            return;
        }
        if was_paid(told) || self.heard_paid(place) {
            let says = "it failed after it was paid: whoever was paid believes to have the money";
            let next = note("failed_after_paid", place, says);
            self.next.push(next.remedy(Remedy::AskAccount));
        }
        let code = payout.failure_code.as_deref().unwrap_or("unknown");
        let says = format!("{} ({code})", to_do(code));
        let next = note("account_must_act", place, says);
        self.next.push(next.remedy(Remedy::AskAccount));
        if self.gathered.paid_by.is_empty() && payout.failure_balance_transaction.is_some() {
            let says = "the money is back on the balance; the next payout takes it along, once \
                        the bank account is in order";
            self.next.push(note("paid_out_again", place, says));
        }
    }

    /// Whether the log has the event that said so. Where that came after the failure, the
    /// ledger was told of the failure alone.
    fn heard_paid(&self, place: &Place) -> bool {
        let mut events = self.gathered.events.values();
        events.any(|event| {
            let object = event.object.as_ref();
            event.kind == "payout.paid"
                && event.key.owner == place.book.owner
                && object.is_some_and(|object| object.id == place.id)
        })
    }

    /// Whether it is known what it consists of, and whether that adds up.
    fn consists_of(&mut self, place: &Place, payout: &Payout) {
        if !payout.automatic || payout.method.as_deref() == Some("instant") {
            let says = "it is manual or instant: Stripe never says what it consists of";
            self.next.push(note("unattributable", place, says));
            return;
        }
        let Some(paid) = self.gathered.paid_out.get(place) else {
            self.not_yet_explained(place, payout);
            return;
        };
        for (currency, rest) in paid.paid.rest() {
            let says = format!("its movements leave {rest} {currency}: it is not explained");
            let missing = note("paid_out_differs", place, says);
            self.missing.push(missing.remedy(Remedy::ReconcileHoldings));
        }
        if !paid.paid.is_listed {
            let says = "a report explains it; which movements it consists of was not listed";
            let next = note("not_listed_yet", place, says);
            self.next.push(next.remedy(Remedy::ReconcileHoldings));
        }
        if paid.without_entry > 0 {
            let says = format!(
                "{} of its {} movements have no entry",
                paid.without_entry, paid.paid.count
            );
            let missing = note("entries_missing", place, says);
            self.missing.push(missing.remedy(Remedy::ReconcileHoldings));
        }
    }

    fn not_yet_explained(&mut self, place: &Place, payout: &Payout) {
        if payout.reconciliation_status.as_deref() == Some("completed") {
            let next = match self.is_compared(payout.created) {
                true => note(
                    "not_explained_yet",
                    place,
                    "Stripe can say what it consists of, and has not been asked yet",
                )
                .remedy(Remedy::ReconcileHoldings),
                false => note(
                    "never_explained",
                    place,
                    "Stripe was never asked what it consists of, and asks about a payout that old \
                     are no longer made",
                )
                .remedy(Remedy::AskStripe),
            };
            self.next.push(next);
        } else if !matches!(payout.status.as_str(), "failed" | "canceled") {
            let says = "Stripe has not said yet what it consists of";
            self.next.push(note("explanation_expected", place, says));
        }
    }
}

/// Whether it was ever at the bank: a fact remembers it, and so do the entries.
fn was_paid(told: &Told) -> bool {
    let by_fact = told
        .node
        .fact
        .as_ref()
        .is_some_and(|fact| match &fact.says {
            Says::Payout(payout) => payout.was_paid,
            _ => false,
        });
    let settled = |it: &tributary_ledger::Derived| it.rule == Rule::PayoutSettlement;
    by_fact || told.node.derived.iter().any(settled)
}

/// What the owner of the bank account has to do, by why the bank sent the money back.
///
/// Source: <https://docs.stripe.com/api/payouts/failures>.
fn to_do(code: &str) -> &'static str {
    match code {
        "account_closed" | "no_account" => {
            "the bank account does not exist any more: the account has to name another one"
        }
        "invalid_account_number"
        | "incorrect_account_holder_name"
        | "incorrect_account_holder_address"
        | "incorrect_account_holder_tax_id" => {
            "what is known of the bank account is wrong: the account has to correct it"
        }
        "account_frozen"
        | "bank_account_restricted"
        | "debit_not_authorized"
        | "bank_ownership_changed" => {
            "the bank account takes no such payment: the account has to ask its bank, or name \
             another one"
        }
        "invalid_currency" | "unsupported_card" => {
            "the bank account or card cannot take this: the account has to name another one"
        }
        "insufficient_funds" => {
            "the balance did not cover it: the account has to wait for payments, or top up"
        }
        _ => {
            "the bank did not say why: the account has to ask its bank, and confirm the bank \
             account at Stripe"
        }
    }
}
