//! How each flaw is brought about.

use serde_json::{Value, json};

use super::Flaw;
use crate::{
    event::Event,
    fields::Fields,
    ledger::Posting,
    refs::{ObjectRef, Owner},
    time::rfc3339,
    world::World,
};

/// Types of balance transactions that Stripe may well invent.
const UNHEARD_OF: [&str; 3] = ["network_levy", "settlement_rounding", "quantum_sweep"];
/// The last event of an automatic payout: nothing that follows tells of the change.
const LAST_WORD: &str = "payout.paid";
/// What the first misstatement of the platform's money is off by, minor units.
const MISSTATED_BY: i64 = 17;
const HEALTH: &str = "v2.core.health.event_generation_failure.firing";

impl World {
    /// Runs a flaw that happens by itself.
    pub(crate) fn go_wrong(&mut self, flaw: Flaw) {
        if flaw.is_of_the_platform() {
            self.misstate_the_platform(flaw);
            return;
        }
        let Some(owner) = self.victim() else {
            return;
        };
        let owner = &owner;
        let currency = self.market(owner).currency;
        let amount = self.flaws.drift();
        if flaw == Flaw::Balance {
            let key = (owner.clone(), currency.to_owned());
            *self.flaws.balances.entry(key).or_default() += amount;
            self.note_flaw(flaw, owner, &[currency], (amount, currency));
            return;
        }
        let nth = self.flaws.injected.len() % UNHEARD_OF.len();
        let kind = UNHEARD_OF.get(nth).copied().unwrap_or("network_levy");
        let posting = Posting {
            source: None,
            ..Posting::new(kind, kind, -amount, currency, "")
        };
        let id = self.post(owner, posting);
        self.note_flaw(flaw, owner, &[&id, kind], (amount, currency));
    }

    /// Stripe says something else of the platform's money than moved, in each currency in
    /// turn.
    fn misstate_the_platform(&mut self, flaw: Flaw) {
        let earlier = self.flaws.injected.iter().filter(|it| it.flaw == flaw);
        let nth = earlier.count();
        let balance = self.balance(&Owner::Platform);
        let Some(currency) = balance.keys().cycle().nth(nth).cloned() else {
            return;
        };
        let amount = MISSTATED_BY + i64::try_from(nth).unwrap_or(0);
        let key = (Owner::Platform, currency.clone());
        let misstated = match flaw {
            Flaw::Reserve => self.flaws.reserves.entry(currency.clone()).or_default(),
            _ => self.flaws.balances.entry(key).or_default(),
        };
        *misstated += amount;
        self.note_flaw(flaw, &Owner::Platform, &[&currency], (amount, &currency));
    }

    /// A transaction was booked: its fee may not add up, and a report may leave it out.
    pub(crate) fn spoil_transaction(&mut self, owner: &Owner, id: &str) {
        let Some(transaction) = self.transaction(owner, id) else {
            return;
        };
        let (fee, net) = (transaction.int("fee"), transaction.int("net"));
        let currency = transaction.text("currency").to_owned();
        let source = transaction.text("source").to_owned();
        if fee > 0
            && let Some(by) = self.drift(Flaw::FeeDetails)
        {
            if let Some(book) = self.books.get_mut(owner) {
                book.edit(id, |transaction| {
                    let first = transaction
                        .get_mut("fee_details")
                        .and_then(|it| it.get_mut(0));
                    if let Some(first) = first {
                        let amount = first.int("amount") + by;
                        first.set("amount", amount);
                    }
                });
            }
            self.note_flaw(Flaw::FeeDetails, owner, &[id, &source], (by, &currency));
        } else if self.goes_wrong(Flaw::ReportLine) {
            self.flaws.unreported.insert(id.to_owned());
            let money = (net.saturating_abs(), currency.as_str());
            self.note_flaw(Flaw::ReportLine, owner, &[id, &currency], money);
        }
    }

    /// Whether an event is not to be told; a health event is told in its place.
    pub(crate) fn swallows(&mut self, event: &Event) -> bool {
        if event.is_thin() || event.livemode != self.config.livemode {
            return false;
        }
        let is_last =
            event.kind == LAST_WORD && event.snapshot().is_some_and(|it| it.flag("automatic"));
        if is_last && self.goes_wrong(Flaw::EventNotGenerated) {
            let subjects = [event.object.id.as_str(), &event.kind];
            self.note_flaw(Flaw::EventNotGenerated, &event.owner, &subjects, (0, ""));
            self.tell_of_failure(event);
            return true;
        }
        if self.goes_wrong(Flaw::DeliveryLost) {
            self.flaws.lost.insert(event.id.clone());
            let subjects = [event.id.as_str(), &event.object.id];
            self.note_flaw(Flaw::DeliveryLost, &event.owner, &subjects, (0, ""));
        } else if self.goes_wrong(Flaw::ModeMix) {
            self.flaws.mixed.insert(event.id.clone());
            self.note_flaw(Flaw::ModeMix, &event.owner, &[&event.id], (0, ""));
        }
        false
    }

    /// The thin event about an event that could not be made. What it is about is told only to who
    /// asks for the event.
    fn tell_of_failure(&mut self, missing: &Event) {
        let id = self.ids.next("evt");
        let alert = self.ids.next("halert");
        let object = ObjectRef {
            owner: Owner::Platform,
            livemode: self.config.livemode,
            kind: "v2.core.health".to_owned(),
            id: alert.clone(),
        };
        let event = json!({
            "id": id, "object": "v2.core.event", "type": HEALTH, "livemode": object.livemode,
            "created": rfc3339(self.now), "context": null, "reason": null,
        });
        let data = json!({
            "alert_id": alert, "grouping_key": format!("event_generation:{}", missing.kind),
            "impact": {
                "account": missing.owner.account_id(), "event_type": missing.kind,
                "livemode": missing.livemode, "missing_delivery_attempts": 1,
                "related_object_id": missing.object.id,
            },
            "started_at": rfc3339(missing.created),
            "summary": "Events could not be generated.",
        });
        self.thin_data.insert(id.clone(), data);
        self.record(id, HEALTH, object, event);
    }

    /// `data` of a thin event: what only GET `/v2/core/events/{id}` tells.
    #[must_use]
    pub fn thin_data(&self, event: &str) -> Option<&Value> {
        self.thin_data.get(event)
    }
}
