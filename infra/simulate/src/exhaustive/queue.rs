//! A queue of a few messages, as small as its promises allow.

use tributary_pipeline::apply::{Fate, Fates};

use super::WORKERS;

/// Where each message is. It may be in sight and in a worker's hands at once.
#[derive(Debug, Clone, Hash)]
pub(super) struct Queue {
    visible: Vec<bool>,
    held: [Vec<bool>; WORKERS],
}

impl Queue {
    pub(super) fn new(messages: usize) -> Self {
        Self {
            visible: vec![true; messages],
            held: std::array::from_fn(|_| vec![false; messages]),
        }
    }

    /// Every batch that a worker could get, one bit for each message.
    pub(super) fn batches(&self) -> impl Iterator<Item = u8> {
        let bits = self.visible.iter().enumerate();
        let visible = bits.fold(0_u8, |bits, (n, visible)| bits | u8::from(*visible) << n);
        (1..=visible).filter(move |batch| batch & !visible == 0)
    }

    /// The messages that are in somebody's hands and not in sight.
    pub(super) fn held(&self) -> impl Iterator<Item = usize> {
        (0..self.visible.len()).filter(|&n| {
            let is = |flags: &Vec<bool>| flags.get(n) == Some(&true);
            self.held.iter().any(is) && !is(&self.visible)
        })
    }

    pub(super) fn take(&mut self, worker: usize, batch: u8) -> Vec<usize> {
        let taken: Vec<usize> = (0..self.visible.len())
            .filter(|n| batch >> n & 1 == 1)
            .collect();
        for &n in &taken {
            set(&mut self.visible, n, false);
            if let Some(held) = self.held.get_mut(worker) {
                set(held, n, true);
            }
        }
        taken
    }

    /// A worker is gone: what it had is seen again in time.
    pub(super) fn give_back(&mut self, worker: usize) {
        for n in 0..self.visible.len() {
            if self.drop_hold(worker, n) {
                set(&mut self.visible, n, true);
            }
        }
    }

    pub(super) fn show(&mut self, message: usize) {
        set(&mut self.visible, message, true);
    }

    /// Deletes what was not named as failed. What was shown again meanwhile stays.
    pub(super) fn settle(&mut self, worker: usize, fates: &Fates) {
        for (id, fate) in fates {
            let Ok(n) = id.parse() else { continue };
            if self.drop_hold(worker, n) && *fate == Fate::Failed {
                set(&mut self.visible, n, true);
            }
        }
    }

    fn drop_hold(&mut self, worker: usize, n: usize) -> bool {
        let held = self.held.get_mut(worker).and_then(|held| held.get_mut(n));
        held.is_some_and(std::mem::take)
    }
}

fn set(flags: &mut [bool], n: usize, to: bool) {
    if let Some(flag) = flags.get_mut(n) {
        *flag = to;
    }
}
