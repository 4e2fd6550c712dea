//! What real endpoints also receive: thin notifications, unknown kinds, test-mode traffic, one
//! change told twice.

use serde_json::{Value, json};

use crate::{
    fields::Fields,
    refs::{ObjectRef, Owner},
    shapes,
    time::rfc3339,
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
