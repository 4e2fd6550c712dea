//! Stripe's events, as small as they can be.

use serde_json::{Value, json};

/// A moment of a day that has passed, unix seconds.
pub(crate) const NOON: i64 = 1_763_726_400;

/// A live event of the platform about an object.
pub(crate) fn event(id: &str, kind: &str, created: i64, object: &Value) -> Value {
    json!({
        "id": format!("evt_{id}"), "object": "event", "api_version": "2026-10-28.endive",
        "created": created, "livemode": true, "pending_webhooks": 1, "type": kind,
        "request": {"id": null, "idempotency_key": null}, "data": {"object": object},
    })
}

/// The same, with what the changed attributes were before.
pub(crate) fn change(
    id: &str,
    kind: &str,
    created: i64,
    object: &Value,
    previous: &Value,
) -> Value {
    let mut event = event(id, kind, created, object);
    event["data"]["previous_attributes"] = previous.clone();
    event
}

/// An event of a connected account.
pub(crate) fn of_account(account: &str, mut event: Value) -> Value {
    event["account"] = json!(account);
    event
}

/// A charge of 20 dollars.
pub(crate) fn charge(id: &str, status: &str, refunded: i64) -> Value {
    json!({"id": format!("ch_{id}"), "object": "charge", "livemode": true, "amount": 2000,
        "amount_refunded": refunded, "currency": "usd", "status": status,
        "payment_intent": format!("pi_{id}")})
}

/// A payout of 20 dollars.
pub(crate) fn payout(id: &str, status: &str) -> Value {
    json!({"id": format!("po_{id}"), "object": "payout", "livemode": true, "amount": 2000,
        "currency": "usd", "status": status})
}

/// Event number `n`: a customer of its own, made at `n` seconds after noon.
pub(crate) fn numbered(n: usize) -> Value {
    let customer =
        json!({"id": format!("cus_{n}"), "object": "customer", "livemode": true, "n": n});
    let created = NOON + i64::try_from(n).unwrap();
    event(&format!("{n:05}"), "customer.created", created, &customer)
}

/// Every order of some things.
pub(crate) fn permutations<T: Clone>(things: &[T]) -> Vec<Vec<T>> {
    let Some((first, rest)) = things.split_first() else {
        return vec![Vec::new()];
    };
    let mut all = Vec::new();
    for order in permutations(rest) {
        for place in 0..=order.len() {
            let mut longer = order.clone();
            longer.insert(place, first.clone());
            all.push(longer);
        }
    }
    all
}
