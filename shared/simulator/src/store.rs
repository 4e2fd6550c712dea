//! The objects of the world as they are now, and the tombstones of those that are gone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::refs::{ObjectRef, Owner};

#[derive(Debug)]
struct Stored {
    reference: ObjectRef,
    json: Value,
}

/// Every object by owner and id, in a deterministic order.
#[derive(Debug, Default)]
pub(crate) struct Store {
    owners: BTreeMap<Owner, BTreeMap<String, Stored>>,
    deleted: BTreeSet<ObjectRef>,
}

impl Store {
    pub(crate) fn put(&mut self, reference: ObjectRef, json: Value) {
        let objects = self.owners.entry(reference.owner.clone()).or_default();
        objects.insert(reference.id.clone(), Stored { reference, json });
    }

    pub(crate) fn get(&self, owner: &Owner, id: &str) -> Option<&Value> {
        self.owners.get(owner)?.get(id).map(|stored| &stored.json)
    }

    pub(crate) fn reference(&self, owner: &Owner, id: &str) -> Option<&ObjectRef> {
        self.owners
            .get(owner)?
            .get(id)
            .map(|stored| &stored.reference)
    }

    pub(crate) fn edit(&mut self, owner: &Owner, id: &str, change: impl FnOnce(&mut Value)) {
        if let Some(stored) = self
            .owners
            .get_mut(owner)
            .and_then(|objects| objects.get_mut(id))
        {
            change(&mut stored.json);
        }
    }

    pub(crate) fn remove(&mut self, owner: &Owner, id: &str) {
        if let Some(gone) = self
            .owners
            .get_mut(owner)
            .and_then(|objects| objects.remove(id))
        {
            self.deleted.insert(gone.reference);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&ObjectRef, &Value)> {
        self.owners.values().flat_map(|objects| {
            objects
                .values()
                .map(|stored| (&stored.reference, &stored.json))
        })
    }

    /// Ids of one kind on one owner, in id order.
    pub(crate) fn ids<'a>(&'a self, owner: &Owner, kind: &'a str) -> impl Iterator<Item = &'a str> {
        self.owners
            .get(owner)
            .into_iter()
            .flat_map(BTreeMap::values)
            .filter(move |stored| stored.reference.kind == kind)
            .map(|stored| stored.reference.id.as_str())
    }

    pub(crate) fn deleted(&self) -> impl Iterator<Item = &ObjectRef> {
        self.deleted.iter()
    }
}
