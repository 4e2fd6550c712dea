//! DynamoDB: dynoxide does what is asked, and this counts what it would cost.

use std::collections::{BTreeMap, VecDeque};

use dynoxide::Database as Engine;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::http::{Answer, parse, refused};
use crate::count::{ItemWrite, Stage, Tally, Unit};
use crate::error::CostError;
use crate::meter::dynamodb::{
    Item, failed_write_units, item_bytes, read_half_units, transacted, write_units,
};

/// The hash key of every table.
const KEY: &str = "pk";
/// What DynamoDB adds to each item that it keeps.
const KEPT_OVERHEAD: u64 = 100;

/// A change of an item, as a stream with both images shows it.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its number in the stream.
    pub sequence: u64,
    /// The item before.
    pub old: Option<Item>,
    /// The item after.
    pub new: Option<Item>,
}

/// The tables.
pub(super) struct Database {
    engine: Engine,
    streams: BTreeMap<String, VecDeque<Change>>,
    /// Size of every item that is there.
    sizes: BTreeMap<(String, String), u64>,
    sequence: u64,
}

/// One item that a request is about.
struct Target {
    table: String,
    key: Item,
    /// What is to be put, if it is known before.
    put: Option<Item>,
}

impl Database {
    pub(super) fn with_tables(tables: &[&str]) -> Result<Self, CostError> {
        let wrong = |error: &dyn std::fmt::Display| CostError::Store(error.to_string());
        let engine = Engine::memory().map_err(|error| wrong(&error))?;
        for table in tables {
            let request = json!({
                "TableName": table,
                "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [{ "AttributeName": KEY, "KeyType": "HASH" }],
                "AttributeDefinitions": [{ "AttributeName": KEY, "AttributeType": "S" }],
            });
            let request = serde_json::from_value(request)?;
            engine
                .create_table(request)
                .map_err(|error| wrong(&error))?;
        }
        Ok(Self {
            engine,
            streams: BTreeMap::new(),
            sizes: BTreeMap::new(),
            sequence: 0,
        })
    }

    pub(super) fn answer(&mut self, tally: &mut Tally, operation: &str, body: &[u8]) -> Answer {
        let request = match parse(body) {
            Ok(request) => request,
            Err(answer) => return answer,
        };
        match operation {
            "PutItem" | "UpdateItem" | "DeleteItem" => {
                self.write(tally, operation, &[target(&request)], &request, |units| {
                    units
                })
            }
            "TransactWriteItems" => {
                let targets = transaction(&request);
                self.write(tally, operation, &targets, &request, transacted)
            }
            "GetItem" => self.get(tally, &request),
            "BatchGetItem" => self.batch_get(tally, &request),
            // For whoever looks afterwards whether all is right; no function scans.
            "Scan" => call(&request, |request| self.engine.scan(request)),
            _ => refused("UnknownOperationException"),
        }
    }

    pub(super) fn changes(&mut self, table: &str, most: usize) -> Vec<Change> {
        let stream = self.streams.entry(table.to_owned()).or_default();
        stream.drain(..most.min(stream.len())).collect()
    }

    pub(super) fn stored_bytes(&self) -> u64 {
        self.sizes.values().map(|bytes| bytes + KEPT_OVERHEAD).sum()
    }

    fn write(
        &mut self,
        tally: &mut Tally,
        operation: &str,
        targets: &[Target],
        request: &Value,
        charged: fn(u64) -> u64,
    ) -> Answer {
        let read = |target: &Target| self.item(&target.table, &target.key);
        let before: Vec<_> = targets.iter().map(read).collect();
        let engine = &self.engine;
        let answer = match operation {
            "PutItem" => call(request, |request| engine.put_item(request)),
            "UpdateItem" => call(request, |request| engine.update_item(request)),
            "DeleteItem" => call(request, |request| engine.delete_item(request)),
            _ => call(request, |request| engine.transact_write_items(request)),
        };
        for (target, old) in targets.iter().zip(before) {
            if answer.0 != 200 {
                let units = failed_write_units(old.as_ref(), target.put.as_ref());
                tally
                    .counts
                    .add(Stage::Writes, Unit::WriteUnit, charged(units));
                continue;
            }
            let new = self.item(&target.table, &target.key);
            let units = charged(write_units(old.as_ref(), new.as_ref()));
            tally.counts.add(Stage::Writes, Unit::WriteUnit, units);
            tally.writes.extend(new.as_ref().map(|new| ItemWrite {
                table: target.table.clone(),
                kind: kind(new),
                bytes: item_bytes(new),
                units,
            }));
            self.changed(target, old, new);
        }
        answer
    }

    /// Keeps the sizes, and adds to the stream what is another item than before.
    fn changed(&mut self, target: &Target, old: Option<Item>, new: Option<Item>) {
        let name = (target.table.clone(), key_text(&target.key));
        match &new {
            Some(new) => self.sizes.insert(name, item_bytes(new)),
            None => self.sizes.remove(&name),
        };
        if old != new {
            self.sequence += 1;
            let sequence = self.sequence;
            let stream = self.streams.entry(target.table.clone()).or_default();
            stream.push_back(Change { sequence, old, new });
        }
    }

    fn get(&mut self, tally: &mut Tally, request: &Value) -> Answer {
        let target = target(request);
        let item = self.item(&target.table, &target.key);
        let units = read_half_units(item.as_ref(), is_consistent(request));
        tally.counts.add(Stage::Reads, Unit::ReadHalfUnit, units);
        call(request, |request| self.engine.get_item(request))
    }

    fn batch_get(&mut self, tally: &mut Tally, request: &Value) -> Answer {
        let tables = request.get("RequestItems").and_then(Value::as_object);
        for (table, wanted) in tables.into_iter().flatten() {
            let keys = wanted.get("Keys").and_then(Value::as_array);
            for key in keys.into_iter().flatten().filter_map(Value::as_object) {
                let item = self.item(table, key);
                let units = read_half_units(item.as_ref(), is_consistent(wanted));
                tally.counts.add(Stage::Reads, Unit::ReadHalfUnit, units);
            }
        }
        call(request, |request| self.engine.batch_get_item(request))
    }

    /// The whole item, read on nobody's account.
    fn item(&self, table: &str, key: &Item) -> Option<Item> {
        let request = json!({ "TableName": table, "Key": key, "ConsistentRead": true });
        let request = serde_json::from_value(request).ok()?;
        let item = self.engine.get_item(request).ok()?.item?;
        serde_json::to_value(item).ok()?.as_object().cloned()
    }
}

fn call<Q: DeserializeOwned, R: Serialize>(
    request: &Value,
    operation: impl FnOnce(Q) -> dynoxide::Result<R>,
) -> Answer {
    let Ok(request) = serde_json::from_value(request.clone()) else {
        return refused("com.amazon.coral.service#SerializationException");
    };
    match operation(request) {
        Ok(answer) => (200, serde_json::to_string(&answer).unwrap_or_default()),
        Err(error) => (error.status_code(), error.to_json()),
    }
}

fn is_consistent(request: &Value) -> bool {
    request.get("ConsistentRead").and_then(Value::as_bool) == Some(true)
}

/// The item that a request, or a part of a transaction, is about.
fn target(request: &Value) -> Target {
    let object = |name: &str| request.get(name).and_then(Value::as_object).cloned();
    let put = object("Item");
    let key = object("Key").or_else(|| {
        let key = put.as_ref()?.get(KEY)?.clone();
        Some(Item::from_iter([(KEY.to_owned(), key)]))
    });
    let table = request.get("TableName").and_then(Value::as_str);
    Target {
        table: table.unwrap_or_default().to_owned(),
        key: key.unwrap_or_default(),
        put,
    }
}

fn transaction(request: &Value) -> Vec<Target> {
    let parts = request.get("TransactItems").and_then(Value::as_array);
    let parts = parts.into_iter().flatten().filter_map(Value::as_object);
    parts.flat_map(|part| part.values().map(target)).collect()
}

fn key_text(key: &Item) -> String {
    let text = key
        .get(KEY)
        .and_then(|value| value.get("S"))
        .and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

/// An event's type, or else the kind in an object's key.
fn kind(item: &Item) -> String {
    let kind = item
        .get("type")
        .and_then(|value| value.get("S"))
        .and_then(Value::as_str);
    let kind = kind.map(str::to_owned);
    kind.unwrap_or_else(|| {
        key_text(item)
            .split('#')
            .nth(2)
            .unwrap_or("other")
            .to_owned()
    })
}

#[cfg(test)]
mod tests;
