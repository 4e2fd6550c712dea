//! The mirror's change feed, and how far it has been published.

use tributary_domain::Row;
use tributary_domain::change::{RowChange, Sequence};

/// Steps in the order in which they were written. Lambda reads each shard by one
/// consumer at a time, from the first record that was not finished.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    shards: [Shard; SHARDS],
    /// For each step whether a consumer could see that something changed.
    visible: Vec<bool>,
}

#[derive(Debug, Default)]
struct Shard {
    steps: Vec<RowChange>,
    finished: usize,
}

/// How many shards the feed has.
pub(crate) const SHARDS: usize = 2;

impl Feed {
    /// Takes a step of a row, into a shard or, if it is skipped, into none. Its
    /// sequence number is its place among all steps.
    pub(crate) fn push(&mut self, mut step: RowChange, shard: Option<usize>) {
        step.sequence = Sequence::new(&self.visible.len().to_string());
        self.visible
            .push(is_visible(step.old.as_ref(), step.new.as_ref()));
        if let Some(shard) = shard.and_then(|shard| self.shards.get_mut(shard % SHARDS)) {
            shard.steps.push(step);
        }
    }

    /// The next steps of a shard, at most so many, and where they begin.
    pub(crate) fn batch(&self, shard: usize, most: usize) -> (usize, Vec<RowChange>) {
        let Some(shard) = self.shards.get(shard) else {
            return (0, Vec::new());
        };
        let rest = shard.steps.get(shard.finished..).unwrap_or_default();
        (shard.finished, rest.iter().take(most).cloned().collect())
    }

    /// Notes that a shard is done up to a place.
    pub(crate) fn finish(&mut self, shard: usize, up_to: usize) {
        if let Some(shard) = self.shards.get_mut(shard) {
            shard.finished = shard.finished.max(up_to);
        }
    }

    /// Whether a shard has steps that are not done.
    pub(crate) fn is_waiting(&self, shard: usize) -> bool {
        let shard = self.shards.get(shard);
        shard.is_some_and(|shard| shard.finished < shard.steps.len())
    }

    /// For each step whether a consumer could see that something changed.
    pub(crate) fn visible(&self) -> &[bool] {
        &self.visible
    }
}

/// Whether a step changes what an object says: its content, or whether it lives.
fn is_visible(old: Option<&Row>, new: Option<&Row>) -> bool {
    let says = |row: Option<&Row>| {
        let state = row?.resolve()?;
        let body = (!state.deleted).then(|| state.winner.body.as_str().to_owned());
        Some(body)
    };
    says(old) != says(new)
}
