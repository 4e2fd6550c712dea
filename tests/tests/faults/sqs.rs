//! A model of a standard queue with a dead-letter queue, and of what Lambda does
//! with a response.

use std::collections::BTreeSet;

use crate::world::Record;

/// As in template.yaml.
pub(crate) const VISIBILITY_S: u64 = 180;
pub(crate) const RECEIVES_MAX: u32 = 5;

struct Held {
    record: Record,
    receives: u32,
    visible_at: u64,
}

/// A queue, its dead letters, and its clock.
#[derive(Default)]
pub(crate) struct Queue {
    messages: Vec<Held>,
    dead: Vec<Record>,
    now_s: u64,
}

impl Queue {
    /// A queue that holds messages.
    pub(crate) fn of(records: impl IntoIterator<Item = Record>) -> Self {
        let mut queue = Self::default();
        records.into_iter().for_each(|record| queue.send(record));
        queue
    }

    pub(crate) fn send(&mut self, record: Record) {
        self.messages.push(Held {
            record,
            receives: 0,
            visible_at: self.now_s,
        });
    }

    /// Up to `most` messages, hidden from others for a while. What was received
    /// too often becomes a dead letter instead. If all are hidden, time passes.
    pub(crate) fn receive(&mut self, most: usize) -> Vec<Record> {
        if let Some(soonest) = self.messages.iter().map(|held| held.visible_at).min() {
            self.now_s = self.now_s.max(soonest);
        }
        let mut batch = Vec::new();
        let mut kept = Vec::new();
        for mut held in std::mem::take(&mut self.messages) {
            if held.visible_at <= self.now_s && batch.len() < most {
                if held.receives == RECEIVES_MAX {
                    self.dead.push(held.record);
                    continue;
                }
                held.receives += 1;
                held.visible_at = self.now_s + VISIBILITY_S;
                batch.push(held.record.clone());
            }
            kept.push(held);
        }
        self.messages = kept;
        batch
    }

    /// Deletes what a response leaves out. An empty or unknown name in it fails the
    /// whole batch, as does no response at all.
    pub(crate) fn settle(&mut self, batch: &[Record], failed: Option<&[String]>) {
        let ids: BTreeSet<&str> = batch.iter().map(|record| record.id.as_str()).collect();
        let Some(failed) = failed else { return };
        if failed
            .iter()
            .any(|id| id.is_empty() || !ids.contains(id.as_str()))
        {
            return;
        }
        self.messages.retain(|held| {
            !ids.contains(held.record.id.as_str()) || failed.contains(&held.record.id)
        });
    }

    /// Moves the dead letters back, as new messages.
    pub(crate) fn redrive(&mut self) {
        for record in std::mem::take(&mut self.dead) {
            self.send(record);
        }
    }

    pub(crate) fn dead(&self) -> Vec<String> {
        self.dead.iter().map(|record| record.id.clone()).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }
}
