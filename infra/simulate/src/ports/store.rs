//! The store: the testkit's, with a change feed, and with what a later version may
//! leave in it.

use tributary_domain::change::{RowChange, Sequence};
use tributary_domain::{EventKey, Fingerprint, ObjectKey, Row};
use tributary_pipeline::ports::{Loaded, Store, StoreError};
use tributary_pipeline::receipt::{Outcome, Receipt};

use super::{Port, at_once, nothing};
use crate::flaw::Flaw;
use crate::world::World;

impl Store for Port {
    async fn load(&self, events: &[EventKey], objects: &[ObjectKey]) -> Result<Loaded, StoreError> {
        self.call("store.load", nothing, |world| {
            let mut loaded = at_once(world.store.load(events, objects))?;
            if !self.is_next {
                self.hide_newer(&mut loaded);
            }
            Ok(loaded)
        })
        .await
    }

    async fn write_row(
        &self,
        key: &ObjectKey,
        row: &Row,
        expected: Option<&Fingerprint>,
    ) -> Result<(), StoreError> {
        self.call(
            "store.write_row",
            || row.to_json(),
            |world| self.put_row(world, key, row, expected),
        )
        .await
    }

    async fn write_receipt(&self, receipt: &Receipt) -> Result<(), StoreError> {
        self.call(
            "store.write_receipt",
            || receipt.raw.to_string(),
            |world| put_receipt(world, receipt),
        )
        .await
    }
}

impl Port {
    /// What the next version wrote in its own format is there and cannot be read.
    fn hide_newer(&self, loaded: &mut Loaded) {
        let shared = self.world.lock();
        if shared.newer.is_empty() {
            return;
        }
        let newer: Vec<ObjectKey> = loaded
            .rows
            .keys()
            .filter(|key| shared.newer.contains(&key.to_string()))
            .cloned()
            .collect();
        for key in newer {
            let row = loaded.rows.remove(&key);
            match row.filter(|_| shared.newer_is_readable) {
                Some(row) => {
                    loaded.rows.insert(key, with_a_later_field(&row));
                }
                None => {
                    loaded.damaged_rows.insert(key);
                }
            }
        }
    }

    fn cannot_read(&self, name: &String) -> bool {
        let shared = self.world.lock();
        !shared.newer_is_readable && shared.newer.contains(name)
    }

    fn put_row(
        &self,
        world: &World,
        key: &ObjectKey,
        row: &Row,
        expected: Option<&Fingerprint>,
    ) -> Result<(), StoreError> {
        if world.flaw == Flaw::StoreLosesARow && world.chance.per_mille(5) {
            return Ok(());
        }
        let name = key.to_string();
        if !self.is_next && self.cannot_read(&name) {
            return Err(StoreError::Invalid(
                "stored with the unknown codec".to_owned(),
            ));
        }
        let old = world.store.row(key);
        let current = match world.flaw {
            Flaw::StoreIgnoresTokens => old.as_ref().map(Row::token),
            _ => expected.cloned(),
        };
        world.trace.detail(|| format!("{name}: {}", row.to_json()));
        let written = at_once(world.store.write_row(key, row, current.as_ref()));
        if matches!(written, Err(StoreError::Conflict(_))) {
            world.lock().counts.conflicts += 1;
        }
        if written.is_ok() && old.as_ref() != Some(row) {
            let mut shared = world.lock();
            let is_skipped = world.flaw == Flaw::FeedSkipsAStep && world.chance.per_mille(5);
            let shard = name.len();
            let step = RowChange {
                key: key.clone(),
                sequence: Sequence::new("0"),
                old,
                new: Some(row.clone()),
            };
            shared.feed.push(step, (!is_skipped).then_some(shard));
            if self.is_next {
                shared.newer.push(name);
            }
        }
        written
    }
}

fn put_receipt(world: &World, receipt: &Receipt) -> Result<(), StoreError> {
    if world.flaw == Flaw::StoreLosesAReceipt && world.chance.per_mille(5) {
        return Ok(());
    }
    if receipt.outcome == Outcome::Applied && !is_in_place(world, receipt) {
        world.accuse(|| {
            let key = &receipt.facts.key;
            format!("the receipt of {key} is written before its effect")
        });
    }
    world
        .trace
        .detail(|| format!("{}: {:?}", receipt.facts.key, receipt.outcome));
    at_once(world.store.write_receipt(receipt))
}

/// Whether the mirror shows what a receipt vouches for, or something newer.
fn is_in_place(world: &World, receipt: &Receipt) -> bool {
    let shows = |row: Option<&Row>| {
        let state = row.and_then(Row::resolve);
        state.is_some_and(|state| state.deleted || state.winner.at >= receipt.facts.created)
    };
    let object = receipt.object.as_ref();
    object.is_some_and(|key| world.store.look(key, shows))
}

/// A row as a later version would have written it: with a field more, which this
/// one has to pass over.
fn with_a_later_field(row: &Row) -> Row {
    let text = row.to_json().replacen('{', "{\"later\":{\"a\":[1]},", 1);
    Row::from_json(&text).unwrap_or_default()
}
