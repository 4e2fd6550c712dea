//! EventBridge.

use serde_json::{Value, json};

use super::State;
use super::http::{Answer, parse, refused};
use crate::count::{Stage, Unit};
use crate::meter::chunks::{chunks, entry_bytes};

pub(super) fn answer(state: &mut State, operation: &str, body: &[u8]) -> Answer {
    if operation != "PutEvents" {
        return refused("UnknownOperationException");
    }
    let request = match parse(body) {
        Ok(request) => request,
        Err(answer) => return answer,
    };
    let entries = request.get("Entries").and_then(Value::as_array);
    let entries = entries.cloned().unwrap_or_default();
    let units = entries.iter().map(|entry| chunks(entry_bytes(entry)));
    let units = units.sum();
    state.tally.counts.add(Stage::FanOut, Unit::BusEvent, units);
    let taken: Vec<Value> = (0..entries.len())
        .map(|number| json!({ "EventId": format!("{number:032}") }))
        .collect();
    state.published.extend(entries);
    (
        200,
        json!({ "FailedEntryCount": 0, "Entries": taken }).to_string(),
    )
}
