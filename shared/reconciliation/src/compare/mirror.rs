//! The mirror, and what Stripe's API shows now.

use serde_json::Value;
use tributary_domain::ObjectKey;
use tributary_domain::change::State;
use tributary_ledger::Book;

use crate::finding::{Code, Finding, Scope};

/// Compares what the mirror says of an object with what Stripe shows. `ours` is `None`
/// for an object that the mirror has never seen.
pub fn compare(
    object: &ObjectKey,
    ours: Option<&State>,
    theirs: &State,
    scope: &Scope,
    now: i64,
) -> Option<Finding> {
    let book = Book {
        mode: object.mode,
        owner: object.owner.clone(),
    };
    let found = |code| Finding::new(code, &book, &object.id, scope, now).with("kind", &object.kind);
    let shown = value(theirs);
    let money = |finding: Finding| {
        let amount = shown.get("amount").and_then(Value::as_i64).unwrap_or(0);
        let currency = shown
            .get("currency")
            .and_then(Value::as_str)
            .unwrap_or_default();
        finding.at_stake(amount, currency)
    };
    let Some(ours) = ours else {
        return Some(money(found(Code::StaleMirror)).with("mirror", "none"));
    };
    if ours == theirs {
        return None;
    }
    let status = |value: &Value| {
        value
            .get("status")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let (held, at_stripe) = (status(&value(ours)), status(&shown));
    if held == at_stripe {
        return Some(money(found(Code::StaleMirror)));
    }
    Some(
        money(found(Code::StatusMismatch))
            .with("mirror", held.as_deref().unwrap_or("none"))
            .with("stripe", at_stripe.as_deref().unwrap_or("none")),
    )
}

fn value(state: &State) -> Value {
    serde_json::to_value(state).unwrap_or_default()
}
