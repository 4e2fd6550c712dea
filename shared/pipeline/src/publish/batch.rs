//! What goes onto the bus in one call.

use super::BusEntry;
use crate::ports::SendError;

/// Most entries of one call.
const ENTRIES_MAX: usize = 10;
/// Most bytes of one call; the bus takes 1 MB, of which this leaves a tenth.
const BATCH_BYTES_MAX: usize = 900 * 1024;

/// Entries of one call, each with the position of the step that it comes from.
#[derive(Debug, Default)]
pub(super) struct Batch {
    positions: Vec<usize>,
    entries: Vec<BusEntry>,
    bytes: usize,
}

/// Fills batches in order.
pub(super) fn split(entries: Vec<(usize, BusEntry)>) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    for (position, entry) in entries {
        match batches.last_mut() {
            Some(batch) if batch.has_room_for(&entry) => batch.push(position, entry),
            _ => {
                let mut batch = Batch::default();
                batch.push(position, entry);
                batches.push(batch);
            }
        }
    }
    batches
}

impl Batch {
    fn has_room_for(&self, entry: &BusEntry) -> bool {
        self.entries.len() < ENTRIES_MAX && self.bytes + entry.size_bytes() <= BATCH_BYTES_MAX
    }

    fn push(&mut self, position: usize, entry: BusEntry) {
        self.bytes += entry.size_bytes();
        self.positions.push(position);
        self.entries.push(entry);
    }

    pub(super) fn entries(&self) -> &[BusEntry] {
        &self.entries
    }

    pub(super) fn positions(self) -> Vec<usize> {
        self.positions
    }

    pub(super) fn into_singles(self) -> impl Iterator<Item = Self> {
        let parts = self.positions.into_iter().zip(self.entries);
        parts.map(|(position, entry)| {
            let mut single = Self::default();
            single.push(position, entry);
            single
        })
    }

    /// Keeps what may be tried again and gives the positions of what may not.
    /// An entry without an answer may.
    pub(super) fn settle(&mut self, answers: Vec<Result<(), SendError>>) -> Vec<usize> {
        let mut refused = Vec::new();
        let tried = std::mem::take(self);
        let mut answers = answers.into_iter();
        for (position, entry) in tried.positions.into_iter().zip(tried.entries) {
            match answers.next() {
                Some(Ok(())) => {}
                Some(Err(error @ SendError::Invalid(_))) => {
                    tributary_telemetry::error!("refused", code = "event_refused", error = error);
                    refused.push(position);
                }
                Some(Err(SendError::Transient(_))) | None => self.push(position, entry),
            }
        }
        refused
    }
}
