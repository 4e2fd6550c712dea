//! What real endpoints also receive: thin notifications, unknown kinds, test-mode traffic, one
//! change told twice.

use serde_json::{Value, json};

use crate::{
    fields::Fields,
    refs::{ObjectRef, Owner},
    shapes,
    world::World,
};

impl World {
    /// A thin v2 event in the platform's scope: it names the account and carries nothing of it.
    pub(crate) fn emit_thin_account(&mut self, account: &str) {
        const KIND: &str = "v2.core.account[configuration.merchant].updated";
        let id = self.ids.next("evt");
        let object = ObjectRef {
            owner: Owner::Platform,
            livemode: self.config.livemode,
            kind: "v2.core.account".to_owned(),
            id: account.to_owned(),
        };
        let event = json!({
            "id": id, "object": "v2.core.event", "type": KIND, "livemode": object.livemode,
            "created": rfc3339(self.now), "context": null, "reason": null,
            "related_object": {
                "id": account, "type": "v2.core.account",
                "url": format!("/v2/core/accounts/{account}"),
            },
        });
        self.record(id, KIND, object, event);
    }

    /// The same change under a second event id.
    pub(crate) fn tell_again(&mut self) {
        let Some(last) = self.events.last().filter(|event| !event.is_thin()).cloned() else {
            return;
        };
        let id = self.ids.next("evt");
        let mut json = last.json;
        json.set("id", id.as_str());
        self.record(id, &last.kind, last.object, json);
    }

    /// An event type and an object kind that nobody has heard of.
    pub(crate) fn emit_unknown(&mut self, owner: &Owner) {
        let id = self.ids.next("qled");
        let object = json!({
            "id": id, "object": "treasury.quantum_ledger", "created": self.now,
            "entangled_with": null, "livemode": true, "spin": "up",
        });
        self.keep(owner, "treasury.quantum_ledger", object);
        self.emit(owner, &id, "treasury.quantum_ledger.entangled");
    }

    /// A customer and a charge of an account's test mode. They touch no live money.
    pub(crate) fn emit_test_mode(&mut self, owner: &Owner) {
        if !self.config.livemode {
            return;
        }
        let customer = self.ids.next("cus");
        let person = self.ids.pick(shapes::PEOPLE);
        let json = shapes::customer(&customer, person, self.now, false);
        self.keep_test(owner, "customer", &customer, json);
        self.emit(owner, &customer, "customer.created");
        let id = self.ids.next("ch");
        let json = shapes::charge(&shapes::Charge {
            id: &id,
            amount: 4_200,
            currency: self.market(owner).currency,
            customer: Some(&customer),
            person,
            created: self.now,
            livemode: false,
        });
        self.keep_test(owner, "charge", &id, json);
        self.emit(owner, &id, "charge.succeeded");
    }

    fn keep_test(&mut self, owner: &Owner, kind: &str, id: &str, json: Value) {
        let reference = ObjectRef {
            owner: owner.clone(),
            livemode: false,
            kind: kind.to_owned(),
            id: id.to_owned(),
        };
        self.store.put(reference, json);
    }
}

/// Unix seconds as Stripe's v2 API writes them. Civil dates from day numbers after Howard
/// Hinnant's algorithm: March-based years in eras of 400 years.
fn rfc3339(at: i64) -> String {
    let (days, second) = (at.div_euclid(86_400), at.rem_euclid(86_400));
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 {
        month_index + 3
    } else {
        month_index - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(951_827_696), "2000-02-29T12:34:56.000Z");
        assert_eq!(rfc3339(1_735_689_599), "2024-12-31T23:59:59.000Z");
    }
}
